"""A writer's lives, with a cluster that is told what to answer at the one place where transactions end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from prometheus_client import REGISTRY

from b2b2c_saga.bus.records import Record, partition_of
from b2b2c_saga.runtime.engine import Decided, Job, Send
from b2b2c_saga.runtime.engine.labels import Labels, Place
from b2b2c_saga.runtime.engine.parking import Line
from b2b2c_saga.runtime.engine.recovery import Recovered
from b2b2c_saga.runtime.engine.table import Table
from b2b2c_saga.runtime.engine.transaction import Aborted, Fenced, Refused, Transactions, Unknown
from b2b2c_saga.runtime.engine.writer import Writer

HERE = Place("intake", 0)
KEYS = [key for key in (b"k%d" % n for n in range(99)) if partition_of(key, 2) == 0]
Outcome = Exception | None


class Appending:
    """A row is the values seen; each is sent on."""

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
        return Decided((row or b"") + (record.value or b""), (Send("out", key, record.value),))

    def ring(self, key: bytes, row: bytes, now: int) -> Decided:
        return Decided(row + b"!")

    def alarm(self, key: bytes, row: bytes) -> int | None:
        return 1 if row == b"due" else None


JOB = Job("test", {"intake": "orders"}, {"orders": Appending()}, "parked")


class Cluster(Transactions):
    """Input log, committed lines and offsets; `outcome` says how each commit ends."""

    def __init__(self, records: Sequence[Record], outcome: Callable[[Mapping[Place, Sequence[Line]]], Outcome]) -> None:
        self.log = list(records)
        self.outcome = outcome
        self.rows: dict[bytes, bytes] = {}
        self.parked: list[tuple[bytes | None, bytes | None]] = []
        self.out: list[bytes | None] = []
        self.position = 0
        self.attempts: list[int] = []
        self.opened = 0
        self.recovered = 0
        self.unbroken = True
        self.labels = Labels()
        self.writer: Writer | None = None
        self.lose: set[int] = set()
        """Numbers of deliveries that vanish on the way."""
        self._delivery = 0

    async def open(self) -> bool:
        self.opened += 1
        return self.opened > 1 and self.unbroken

    def discard(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def partitions(self, topics: object) -> int:
        return 2

    async def commit(self, outputs: Mapping[Place, Sequence[Line]], offsets: Mapping[Place, int]) -> None:
        self.attempts.append(len(outputs.get(Place("out", 0), ())))
        outcome = self.outcome(outputs)
        if outcome is None or isinstance(outcome, Unknown):  # unknown to the client: here, it happened
            for key, value, _, _ in outputs.get(Place("orders", 0), ()):
                self.rows[key or b""] = value or b""
            self.parked += [(line[0], line[1]) for line in outputs.get(Place("parked", 0), ())]
            self.out += [line[1] for line in outputs.get(Place("out", 0), ())]
            self.position = offsets.get(HERE, self.position)
        if outcome is not None:
            raise outcome

    async def recover(self) -> Recovered:
        self.recovered += 1
        table = Table()
        for key, row in self.rows.items():
            table.replay(key, row, ())
        table.derive_alarms(JOB.logics["orders"])
        return Recovered({"orders": table}, {HERE: self.position})

    async def ask_from(self, place: Place, offset: int) -> int:
        ask = self.labels.asked(place)
        asyncio.get_running_loop().call_soon(self._deliver, offset)
        return ask

    def _deliver(self, offset: int) -> None:
        for start in range(offset, len(self.log), 2):
            fetched = self.labels.label(HERE, self.log[start : start + 2])
            self._delivery += 1
            if self._delivery not in self.lose and self.writer is not None:
                self.writer.submit(fetched)

    def taken(self, place: Place) -> tuple[int, int | None]:
        return self.labels.taken(place)

    def hold(self, places: frozenset[Place], held: bool) -> None:  # noqa: FBT001
        pass


def _log(count: int) -> list[Record]:
    return [Record("intake", 0, n, KEYS[n % 4], b"%d" % n, (), n) for n in range(count)]


@asynccontextmanager
async def _running(cluster: Cluster) -> AsyncIterator[Writer]:
    writer = Writer(JOB, 0, transactions=cluster, recover=cluster.recover, source=cluster, notice_seconds=0.01)
    cluster.writer = writer
    writer.start()
    try:
        yield writer
    finally:
        await writer.close()


async def _done(cluster: Cluster) -> None:
    async with asyncio.timeout(15):
        while cluster.position < len(cluster.log):  # noqa: ASYNC110 - a fake has no event to wait for
            await asyncio.sleep(0.01)


def _once(*outcomes: Outcome) -> Callable[[object], Outcome]:
    left = list(outcomes)
    return lambda _: left.pop(0) if left else None


async def test_refused_records_are_bisected_until_they_stand_alone_and_their_keys_are_parked():
    def refuse_five(outputs: Mapping[Place, Sequence[Line]]) -> Outcome:
        return Refused("too large") if any(line[1] == b"5" for line in outputs.get(Place("out", 0), ())) else None

    cluster = Cluster(_log(12), refuse_five)
    async with _running(cluster):
        await _done(cluster)
    assert cluster.parked == [(KEYS[1], b"5"), (KEYS[1], b"9")]
    assert cluster.out == [b"%d" % n for n in range(12) if n not in {5, 9}]
    assert cluster.rows[KEYS[1]] == b"1"
    assert cluster.recovered == 1


async def test_what_even_parked_is_refused_is_parked_without_its_value():
    def refuse_value(outputs: Mapping[Place, Sequence[Line]]) -> Outcome:
        return Refused("too large") if any(line[1] == b"1" for lines in outputs.values() for line in lines) else None

    cluster = Cluster(_log(3), refuse_value)
    async with _running(cluster):
        await _done(cluster)
    assert cluster.parked == [(KEYS[1], None)]


async def test_bisection_ends_when_another_owner_came_between():
    cluster = Cluster(_log(4), _once(Refused("too large")))
    cluster.unbroken = False
    async with _running(cluster):
        await _done(cluster)
    assert cluster.recovered == 2
    assert cluster.out == [b"0", b"1", b"2", b"3"]


async def test_an_aborted_batch_leaves_the_rows_as_they_were_and_comes_again():
    cluster = Cluster(_log(6), _once(Aborted("no")))
    async with _running(cluster):
        await _done(cluster)
    assert cluster.out == [b"%d" % n for n in range(6)]
    assert cluster.rows[KEYS[0]] == b"04"
    assert (cluster.opened, cluster.recovered) == (2, 1)


async def test_an_aborted_batch_reads_everything_again_if_another_owner_came_between():
    cluster = Cluster(_log(6), _once(Aborted("no")))
    cluster.unbroken = False
    async with _running(cluster):
        await _done(cluster)
    assert (cluster.opened, cluster.recovered) == (2, 2)


async def test_an_unknown_outcome_is_looked_up_before_anything_else():
    cluster = Cluster(_log(6), _once(Unknown("silence")))
    async with _running(cluster), asyncio.timeout(15):
        while cluster.recovered < 2:  # noqa: ASYNC110 - a fake has no event to wait for
            await asyncio.sleep(0.01)
    assert cluster.out == [b"%d" % n for n in range(6)]
    assert cluster.rows[KEYS[0]] == b"04"
    assert (cluster.opened, cluster.recovered) == (2, 2)


async def test_a_fenced_writer_reads_everything_again():
    cluster = Cluster(_log(6), _once(Fenced("newer")))
    async with _running(cluster):
        await _done(cluster)
    assert cluster.out == [b"%d" % n for n in range(6)]
    assert cluster.recovered == 2


async def test_holes_are_healed_in_the_middle_and_at_the_end():
    cluster = Cluster(_log(8), _once())
    cluster.lose = {2, 8}  # of the first ask the second delivery; of the next ask (from record 2) the last
    async with _running(cluster):
        await _done(cluster)
    assert cluster.out == [b"%d" % n for n in range(8)]


async def test_of_a_batch_that_begins_before_what_is_committed_the_rest_is_taken():
    class Whole(Cluster):
        def _deliver(self, offset: int) -> None:
            super()._deliver(offset - offset % 2)

    cluster = Whole(_log(6), _once())
    cluster.position = 3
    async with _running(cluster):
        await _done(cluster)
    assert cluster.out == [b"3", b"4", b"5"]


async def test_a_settled_writer_goes_on_with_what_it_knows():
    cluster = Cluster(_log(4), _once())
    async with _running(cluster) as writer:
        await _done(cluster)
        await writer.settle()
        cluster.log += [Record("intake", 0, 4, KEYS[0], b"4", (), 4)]
        await asyncio.sleep(0.05)
        assert cluster.position == 4
        writer.start()
        await _done(cluster)
    assert cluster.rows[KEYS[0]] == b"04"
    assert (cluster.opened, cluster.recovered) == (1, 1)


async def test_settling_waits_for_the_batch_in_hand_and_begins_no_other():
    gate, in_hand = asyncio.Event(), asyncio.Event()

    class Slow(Cluster):
        async def commit(self, outputs: Mapping[Place, Sequence[Line]], offsets: Mapping[Place, int]) -> None:
            in_hand.set()
            await gate.wait()
            await super().commit(outputs, offsets)

    cluster = Slow(_log(4), _once())
    async with _running(cluster) as writer, asyncio.timeout(15):
        await in_hand.wait()
        settling = asyncio.create_task(writer.settle())
        writer.submit(cluster.labels.label(HERE, [Record("intake", 0, 4, KEYS[0], b"4", (), 4)]))
        await asyncio.sleep(0.05)
        assert not settling.done()
        gate.set()
        await settling
        assert cluster.position == 4
        assert len(cluster.attempts) == 1


async def test_an_alarm_whose_batch_is_aborted_rings_again():
    cluster = Cluster([], _once(Aborted("no"), Aborted("no")))
    cluster.rows[KEYS[0]] = b"due"
    async with _running(cluster), asyncio.timeout(15):
        while cluster.rows[KEYS[0]] != b"due!":  # noqa: ASYNC110 - a fake has no event to wait for
            await asyncio.sleep(0.01)


async def test_a_writer_that_fails_shows_until_it_works_again():
    def ready() -> float | None:
        return REGISTRY.get_sample_value("b2b2c_writer_ready", {"partition": "0"})

    failing = [True]
    cluster = Cluster(_log(2), lambda _: Aborted("no") if failing else None)
    async with _running(cluster), asyncio.timeout(15):
        while not cluster.attempts or ready() != 0:  # noqa: ASYNC110 - a fake has no event to wait for
            await asyncio.sleep(0.01)
        failing.clear()
        await _done(cluster)
        assert ready() == 1
    assert ready() is None


async def test_what_failed_counts_no_more_once_the_writer_has_worked():
    cluster = Cluster(_log(2), _once(Aborted("no")))
    async with _running(cluster) as writer:
        await _done(cluster)
        await asyncio.sleep(0.05)
        assert writer._setbacks.failed(time.monotonic()).lasting == 0


async def test_of_alarms_committed_in_halves_only_those_that_took_no_effect_ring_again():
    cluster = Cluster([], _once(Refused("too large"), None, Aborted("no")))
    cluster.rows.update({KEYS[0]: b"due", KEYS[1]: b"due"})
    async with _running(cluster), asyncio.timeout(15):
        while cluster.rows[KEYS[1]] != b"due!":  # noqa: ASYNC110 - a fake has no event to wait for
            await asyncio.sleep(0.01)
    assert cluster.rows == {KEYS[0]: b"due!", KEYS[1]: b"due!"}
