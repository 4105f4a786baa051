"""The sole writer of one partition number, across all step topics and tables.

Its life: become the owner (fence), recover, ask for records from the committed offsets, then batch after batch.
A failure ends that life and, after a pause, begins the next one in place; other writers go on.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from b2b2c_saga.model.errors import Bug, Unavailable
from b2b2c_saga.runtime.engine.batch import Batch, Force, Ground, Ring, Unit
from b2b2c_saga.runtime.engine.inbox import Inbox, Window
from b2b2c_saga.runtime.engine.job import Job
from b2b2c_saga.runtime.engine.labels import Fetched, Place, Sequel, Source, Verdict
from b2b2c_saga.runtime.engine.recovery import Recovered
from b2b2c_saga.runtime.engine.setbacks import Setbacks
from b2b2c_saga.runtime.engine.transaction import Aborted, Fenced, Refused, Transactions
from b2b2c_saga.telemetry import metrics

log = structlog.get_logger(__name__)

MAX_EVENTS = 500
"""Units of one transaction: more of them cost latency and save little."""
WAITING_EVENTS = 16 * MAX_EVENTS
"""Fetched and waiting, per writer, before fetching for it stops; it goes on at half of that."""
IDLE_SECONDS = 1.0
"""An idle writer looks this often whether records were taken for it that never came."""
SETTLE_SECONDS = 8.0
"""A batch in hand gets this long when its partition is called back; then its next owner ends it."""


class Writer:
    """One partition number's writer: `start`, `settle` (keeping what it knows), `close`."""

    def __init__(  # noqa: PLR0913 - what a writer is made of
        self,
        job: Job,
        number: int,
        *,
        transactions: Transactions,
        recover: Callable[[], Awaitable[Recovered]],
        source: Source,
        notice_seconds: float,
    ) -> None:
        self._job = job
        self._number = number
        self._transactions = transactions
        self._recover = recover
        self._source = source
        self._notice = notice_seconds
        """A fenced writer waits this long: the group's notice that the partition is another's comes first, if it is."""
        self._log = log.bind(partition=number)
        self._places = frozenset(Place(topic, number) for topic in job.inputs)
        self._inbox = Inbox(WAITING_EVENTS, lambda held: source.hold(self._places, held))
        self._window = Window()
        self._sequel = Sequel()
        self._ground: Ground | None = None
        """What is known to be committed; None: to be read."""
        self._committed: dict[Place, int] = {}
        self._open = False
        """Whether the producer is there."""
        self._settling = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._setbacks = Setbacks()
        self._lacking: set[Place] = set()
        self._ringing: set[Ring] = set()
        """Alarms taken out whose effect is not committed yet: they may be committed in parts."""

    def submit(self, fetched: Fetched) -> None:
        """Take in what was fetched; it is judged later."""
        self._inbox.put(fetched)

    def start(self) -> None:
        """Begin, or go on after `settle`."""
        self._settling.clear()
        self._task = asyncio.create_task(self._live(), name=f"writer-{self._number}")

    async def settle(self) -> None:
        """Finish the batch in hand and do nothing more."""
        self._settling.set()
        self._inbox.wake()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=SETTLE_SECONDS)
            if not done:
                self._log.warning("batch in hand is left to the next owner")
                self._task.cancel()
                await asyncio.wait([self._task])
                self._forget()
            self._task = None
            metrics.WRITER_READY.labels(self._number).set(0)
        self._inbox.clear()

    async def close(self) -> None:
        """Settle and let go of everything."""
        await self.settle()
        await self._transactions.close()
        metrics.forget_partition(self._number)

    async def _live(self) -> None:
        while not self._settling.is_set():
            try:
                await self._work()
            except Fenced:
                metrics.FENCED.labels(self._number).inc()
                pause = self._failed("a newer owner has this partition", at_least=self._notice)
                self._forget()
            except Aborted as error:
                metrics.ABORTS.labels(self._number).inc()
                pause = self._failed("batch aborted, asking again", reason=str(error))
                self._open = False
            except Exception as error:  # noqa: BLE001 - whatever it is, the process and the other writers go on
                metrics.RESTARTS.labels(self._number).inc()
                ours = isinstance(error, Bug | Unavailable)
                reason = f"{type(error).__name__}: {error}" if ours else type(error).__name__
                pause = self._failed("writer failed, starting again", reason=reason)
                self._log.debug("of which", exc_info=error)
                self._forget()
            else:
                return
            self._inbox.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._settling.wait()

    def _failed(self, event: str, at_least: float = 0.0, **more: str) -> float:
        """Tell of a failure; returns the seconds to pause."""
        metrics.WRITER_READY.labels(self._number).set(0)
        setback = self._setbacks.failed(time.monotonic(), at_least)
        tell = self._log.error if setback.is_long else self._log.warning
        tell(event, **more, retry_seconds=round(setback.pause, 2), failing_seconds=round(setback.lasting))
        return setback.pause

    def _forget(self) -> None:
        """What was known may be outdated: fence and read again before anything else."""
        self._ground = None
        self._open = False
        self._transactions.discard()

    async def _work(self) -> None:
        ground = await self._own()
        for place in sorted(self._places):
            await self._ask(place)
        self._log.info("ready", rows=sum(len(table.rows) for table in ground.tables.values()))
        metrics.WRITER_READY.labels(self._number).set(1)
        while not self._settling.is_set():
            length = self._window.length(time.monotonic())
            gathered = await self._inbox.gather(MAX_EVENTS, length, self._patience(ground))
            if self._settling.is_set():
                return
            units: list[Unit] = [unit for fetched in gathered for unit in await self._accepted(fetched)]
            for start in range(0, len(units), MAX_EVENTS):
                if self._settling.is_set():
                    return
                await self._commit(ground, units[start : start + MAX_EVENTS])
            rings = self._due(ground)
            if rings:
                await self._commit_rings(ground, rings)
            if units or rings or not gathered:
                self._setbacks.worked()
            if not (gathered or rings):
                await self._look_for_lacking()

    async def _own(self) -> Ground:
        """Fence, and recover unless nobody else can have written since we knew."""
        if not self._open:
            unbroken = await self._transactions.open()
            self._open = True
            if not unbroken:
                self._ground = None
        if self._ground is None:
            began = time.monotonic()
            partitions = await self._transactions.partitions([*self._job.inputs, *self._job.logics, self._job.parked])
            recovered = await self._recover()
            self._ground = Ground(self._job, self._number, partitions, recovered.tables)
            self._committed = recovered.committed
            self._log.info("recovered", seconds=round(time.monotonic() - began, 3))
            self._gauge(self._ground)
        return self._ground

    async def _ask(self, place: Place) -> None:
        self._sequel.asked(place, await self._source.ask_from(place, self._committed[place]))
        self._lacking.discard(place)

    async def _accepted(self, fetched: Fetched) -> Sequence[Unit]:
        """The records of a batch that come next and are not committed yet."""
        verdict = self._sequel.judge(fetched)
        if verdict is Verdict.HOLE:
            await self._heal(fetched.place)
        if verdict is not Verdict.NEXT:
            return ()
        committed = self._committed[fetched.place]
        if fetched.records[0].offset >= committed:
            return fetched.records
        return [record for record in fetched.records if record.offset >= committed]

    async def _heal(self, place: Place) -> None:
        metrics.HOLES.labels(place.topic).inc()
        self._log.warning("hole, asking again", topic=place.topic, offset=self._committed[place])
        await self._ask(place)

    async def _look_for_lacking(self) -> None:
        """A hole after which nothing came: seen when it lasts from one idle look to the next."""
        lacking = {place for place in self._places if self._sequel.lacks(place, self._source.taken(place))}
        for place in sorted(lacking & self._lacking):
            await self._heal(place)
        self._lacking = lacking

    def _patience(self, ground: Ground) -> float:
        coming = [due for table in ground.tables.values() if (due := table.alarms.next()) is not None]
        if not coming:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(0.001, (min(coming) - _now()) / 1000))

    def _due(self, ground: Ground) -> list[Ring]:
        now = _now()
        return [
            Ring(changelog, key, due, now)
            for changelog, table in ground.tables.items()
            for key, due in table.alarms.take(now, MAX_EVENTS)
        ]

    async def _commit_rings(self, ground: Ground, rings: list[Ring]) -> None:
        self._ringing.update(rings)
        try:
            await self._commit(ground, rings)
        finally:
            for ring in self._ringing:
                ground.tables[ring.changelog].alarms.give_back([(ring.key, ring.due)])
            self._ringing.clear()

    async def _commit(self, ground: Ground, units: Sequence[Unit], forced: Mapping[Unit, Force] | None = None) -> None:
        """Commit units in one transaction; those that the cluster refuses, in halves, until each stands alone."""
        began = time.monotonic()
        batch = Batch.of(units, ground, forced or {})
        try:
            if batch.outputs or batch.offsets:
                await self._transactions.commit(batch.outputs, batch.offsets)
        except Refused as error:
            metrics.ABORTS.labels(self._number).inc()
            await self._reopen()
            await self._apart(ground, units, forced or {}, error)
            return
        batch.apply()
        self._committed.update(batch.offsets)
        if self._ringing:
            self._ringing.difference_update(units)
        self._window.committed(began, time.monotonic())
        self._count(batch, time.monotonic() - began)
        self._gauge(ground)

    async def _reopen(self) -> None:
        self._open = False
        if not await self._transactions.open():
            raise Fenced("another owner came between")
        self._open = True

    async def _apart(self, ground: Ground, units: Sequence[Unit], forced: Mapping[Unit, Force], error: Refused) -> None:
        if len(units) > 1:
            middle = len(units) // 2
            await self._commit(ground, units[:middle])
            await self._commit(ground, units[middle:])
            return
        force = Force(forced.get(units[0], 0) + 1)
        self._log.warning("refused alone, parked", reason=str(error), whole=force is Force.PARK)
        await self._commit(ground, units, {units[0]: force})

    def _count(self, batch: Batch, seconds: float) -> None:
        metrics.BATCHES.labels(self._number).inc()
        metrics.BATCH_EVENTS.observe(batch.events.total() + batch.rung.total())
        metrics.COMMIT_SECONDS.observe(seconds)
        for counter, counted in (
            (metrics.EVENTS, batch.events),
            (metrics.PARKED, batch.parked),
            (metrics.MOVED, batch.moved),
            (metrics.ALARMS, batch.rung),
            (metrics.RELEASED, batch.released),
        ):
            for label, count in counted.items():
                counter.labels(label).inc(count)
        if batch.parked or batch.moved:
            self._log.warning("not decided here", parked=dict(batch.parked), moved=dict(batch.moved))

    def _gauge(self, ground: Ground) -> None:
        for changelog, table in ground.tables.items():
            metrics.ROWS.labels(changelog, self._number).set(len(table.rows))
            metrics.PARKED_KEYS.labels(changelog, self._number).set(len(table.parked))


def _now() -> int:
    return time.time_ns() // 1_000_000
