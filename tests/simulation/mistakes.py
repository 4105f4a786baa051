"""Mistakes planted in the engine, one at a time. A simulation, or a chaos run, that misses one proves nothing else."""

import contextlib
import itertools
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from b2b2c_saga.runtime.engine import recovery, transaction, writer
from b2b2c_saga.runtime.engine.alarms import Alarms
from b2b2c_saga.runtime.engine.batch import Batch
from b2b2c_saga.runtime.engine.labels import Fetched, Place, Sequel, Verdict
from b2b2c_saga.runtime.engine.transaction import Aborted, Answers, Refused, Transactions, Unknown
from b2b2c_saga.runtime.engine.writer import Writer

Patch = tuple[object, str, Any]
MISTAKES: dict[str, Callable[[], list[Patch]]] = {}
_numbers = itertools.count()


def mistake(make: Callable[[], list[Patch]]) -> Callable[[], list[Patch]]:
    """Register one, by its name."""
    MISTAKES[make.__name__] = make
    return make


@contextlib.contextmanager
def planted(name: str) -> Iterator[None]:
    """The engine with a mistake, for the length of a block."""
    patches = MISTAKES[name]()
    before = [(owner, attribute, vars(owner)[attribute]) for owner, attribute, _ in patches]
    try:
        for owner, attribute, value in patches:
            setattr(owner, attribute, value)
        yield
    finally:
        for owner, attribute, value in before:
            setattr(owner, attribute, value)


@mistake
def apply_before_commit() -> list[Patch]:
    original = Batch.of

    def of(*arguments: Any) -> Batch:
        batch = original(*arguments)
        batch.apply()
        return batch

    return [(Batch, "of", staticmethod(of))]


@mistake
def overlay_kept_on_abort() -> list[Patch]:
    fold, original = Batch.of, Transactions.commit
    folded: deque[Batch] = deque(maxlen=100)

    def of(*arguments: Any) -> Batch:
        folded.append(fold(*arguments))
        return folded[-1]

    async def commit(self: Transactions, outputs: object, offsets: Mapping[Place, int]) -> None:
        try:
            await original(self, outputs, offsets)
        except (Aborted, Refused):
            next(batch for batch in folded if batch.outputs is outputs).apply()
            raise

    return [(Batch, "of", staticmethod(of)), (Transactions, "commit", commit)]


@mistake
def no_fencing() -> list[Patch]:
    original = Transactions.open

    async def opened(self: Transactions) -> bool:
        known = self._epoch is not None
        self._id = f"{os.getpid()}-{next(_numbers)}"
        await original(self)
        return known

    return [(Transactions, "open", opened)]


@mistake
def recover_before_fencing() -> list[Patch]:
    original = Writer._own

    async def own(self: Writer) -> object:
        if self._ground is not None:
            return await original(self)
        early = await self._recover()

        async def known() -> object:
            return early

        recover, self._recover = self._recover, known
        try:
            return await original(self)
        finally:
            self._recover = recover

    return [(Writer, "_own", own)]


@mistake
def unknown_taken_for_aborted() -> list[Patch]:
    original = Transactions.commit

    async def commit(self: Transactions, *what: Any) -> None:
        try:
            await original(self, *what)
        except Unknown as error:
            raise Aborted(str(error)) from error

    return [(Transactions, "commit", commit)]


@mistake
def unanswered_requests_ignored() -> list[Patch]:
    async def listen(self: Answers, *request: Any, **options: Any) -> Any:
        return await self._send(*request, **options)

    return [(Answers, "_listen", listen)]


@mistake
def holes_ignored() -> list[Patch]:
    def judge(self: Sequel, fetched: Fetched) -> Verdict:
        ask, _ = self._state.get(fetched.place, (-1, None))
        self._state[fetched.place] = (ask, fetched.records[-1].offset)
        return Verdict.NEXT if fetched.ask == ask else Verdict.STALE

    return [(Sequel, "judge", judge)]


@mistake
def holes_at_the_end_ignored() -> list[Patch]:
    return [(Sequel, "lacks", lambda *_: False)]


@mistake
def offsets_outside_the_transaction() -> list[Patch]:
    original = Transactions.commit

    async def commit(self: Transactions, outputs: object, offsets: Mapping[Place, int]) -> None:
        await original(self, outputs, {})
        await original(self, {}, offsets)

    return [(Transactions, "commit", commit)]


@mistake
def offset_plus_one() -> list[Patch]:
    original = Batch.of

    def of(*arguments: Any) -> Batch:
        batch = original(*arguments)
        batch.offsets = {place: offset + 1 for place, offset in batch.offsets.items()}
        return batch

    return [(Batch, "of", staticmethod(of))]


@mistake
def no_waiting_for_the_batch_in_hand() -> list[Patch]:
    async def settle(self: Writer) -> None:
        self._settling.set()
        self._inbox.clear()

    return [(Writer, "settle", settle)]


@mistake
def rows_kept_when_fenced() -> list[Patch]:
    def forget(self: Writer) -> None:
        self._open = False
        self._transactions.discard()

    async def own(self: Writer) -> object:
        ground = self._ground
        found = await original(self)
        self._ground = ground or found
        return self._ground

    original = Writer._own
    return [(Writer, "_forget", forget), (Writer, "_own", own)]


@mistake
def deliveries_unchecked() -> list[Patch]:
    return [(transaction, "_check", lambda _: None)]


@mistake
def alarms_not_given_back() -> list[Patch]:
    return [(Alarms, "give_back", lambda *_: None)]


@mistake
def recovery_ends_early() -> list[Patch]:
    original = recovery._bounds

    async def earlier(*arguments: Any) -> Any:
        starts, ends = await original(*arguments)
        return starts, {place: max(0, end - 2) for place, end in ends.items()}

    return [(recovery, "_bounds", earlier)]


@mistake
def committed_records_taken_again() -> list[Patch]:
    async def accepted(self: Writer, fetched: Fetched) -> Sequence[Any]:
        verdict = self._sequel.judge(fetched)
        if verdict is Verdict.HOLE:
            await self._heal(fetched.place)
        return () if verdict is Verdict.HOLE else fetched.records

    return [(writer.Writer, "_accepted", accepted)]
