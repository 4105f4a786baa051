"""Work in order per key, in parallel among keys; and the offsets up to which everything is done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial

from b2b2c_saga.bus.records import Record

Place = tuple[str, int]
"""Topic and partition."""


class Offsets:
    """Which records of each partition are not done yet."""

    def __init__(self) -> None:
        self._open: dict[Place, set[int]] = {}
        self._next: dict[Place, int] = {}
        self._told: dict[Place, int] = {}

    def begun(self, record: Record) -> None:
        """It was fetched. An older offset than before comes when a partition was lost and came back."""
        place = (record.topic, record.partition)
        self._open.setdefault(place, set()).add(record.offset)
        self._next[place] = record.offset + 1

    def done(self, record: Record) -> None:
        """Its answers are acknowledged."""
        self._open[record.topic, record.partition].discard(record.offset)

    def not_committed(self, offsets: Mapping[Place, int]) -> None:
        """They were told, and could not be committed: they are to be told again."""
        for place in offsets:
            self._told.pop(place, None)

    def to_commit(self) -> dict[Place, int]:
        """The offset to read next, per partition where it moved since last told: everything before is done."""
        now = {place: min(self._open[place], default=behind) for place, behind in self._next.items()}
        moved = {place: offset for place, offset in now.items() if self._told.get(place) != offset}
        self._told |= moved
        return moved


class Lanes:
    """Runs `work` for each record: those of a key one after the other, but those that `orders_itself` at once.

    There is no `room` once `waiting` records are not done. What `work` raises ends all.
    """

    def __init__(
        self,
        work: Callable[[Record], Awaitable[None]],
        waiting: int,
        orders_itself: Callable[[Record], bool] = lambda _: False,
    ) -> None:
        self._work = work
        self._waiting = waiting
        self._orders_itself = orders_itself
        self._last: dict[bytes | None, asyncio.Task[bool]] = {}
        self._tasks: set[asyncio.Task[bool]] = set()
        self._one_ended = asyncio.Event()
        self._failure: BaseException | None = None
        self.offsets = Offsets()

    @property
    def room(self) -> int:
        """How many more records may come."""
        return max(0, self._waiting - len(self._tasks))

    def put(self, record: Record) -> None:
        """Behind the others of its key, unless it orders itself."""
        self.offsets.begun(record)
        before = None if self._orders_itself(record) else self._last.get(record.key)
        task = asyncio.create_task(self._run(record, before))
        if not self._orders_itself(record):
            self._last[record.key] = task
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, record.key))

    async def wait(self, seconds: float) -> None:
        """Until one is done, or the time is over.

        Raises:
            BaseException: what `work` raised first.
        """
        if self._tasks:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._one_ended.wait()
        self._one_ended.clear()
        self._raise()

    async def drain(self, seconds: float) -> None:
        """Until all are done; those that are not in time are dropped, and come again to the next consumer.

        Raises:
            BaseException: what `work` raised first.
        """
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._raise()

    async def _run(self, record: Record, before: asyncio.Task[bool] | None) -> bool:
        """Whether it was done. What comes behind one that was not is left: both come again, in order."""
        if before is not None:
            await asyncio.wait([before])
            if not _did(before):
                return False
        await self._work(record)
        self.offsets.done(record)
        return True

    def _ended(self, key: bytes | None, task: asyncio.Task[bool]) -> None:
        self._tasks.discard(task)
        self._one_ended.set()
        if not task.cancelled():
            self._failure = self._failure or task.exception()
        if _did(task) and self._last.get(key) is task:
            del self._last[key]  # one that was not done stays: nothing goes past it

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure


def _did(task: asyncio.Task[bool]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result()
