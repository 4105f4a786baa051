"""Which writers this process has: settled when partitions are called back, started when they are given."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable

import structlog

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.runtime.engine.labels import Fetched, Place
from b2b2c_saga.runtime.engine.writer import Writer
from b2b2c_saga.telemetry import metrics

log = structlog.get_logger(__name__)


class Owners:
    """One writer for each partition number assigned to this process.

    A rebalance is `revoked`, then `assigned`, whatever the group's protocol: an eager one calls back everything and
    gives most of it again, an incremental one calls back what goes elsewhere. A writer that was not called back goes on
    without a break. One that was, and gets its partition again, keeps what it knows: if anyone wrote in between, its
    producer is fenced, and it reads everything again.
    """

    def __init__(self, steps: Iterable[str], writer: Callable[[int], Writer]) -> None:
        self._steps = frozenset(steps)
        self._writer = writer
        self._writers: dict[int, Writer] = {}
        self._called_back: set[int] = set()
        self._paused_at: float | None = None
        """Monotonic seconds, from the first call back to the assignment that follows."""

    def submit(self, fetched: Fetched) -> None:
        """Give what was fetched to its writer; what has none at work is read again by its owner."""
        number = fetched.place.partition
        writer = self._writers.get(number)
        if writer is not None and number not in self._called_back:
            writer.submit(fetched)

    async def revoked(self, places: Iterable[Place] | None = None) -> None:
        """Return when no writer of these partitions has a batch in hand; None: of any."""
        numbers = set(self._writers) if places is None else {place.partition for place in places}
        called_back = (numbers & self._writers.keys()) - self._called_back
        self._called_back |= called_back
        if called_back and self._paused_at is None:
            self._paused_at = time.monotonic()
        await asyncio.gather(*(self._writers[number].settle() for number in called_back))

    async def assigned(self, places: Iterable[Place]) -> None:
        """Go on with these partitions and no others: all that this process has from now on, not only what is new.

        Raises:
            Bug: a partition number was given without all of its step topics: its rows would have two writers.
        """
        topics: dict[int, set[str]] = defaultdict(set)
        for place in places:
            topics[place.partition].add(place.topic)
        if split := {number: sorted(self._steps - found) for number, found in topics.items() if found != self._steps}:
            await self.revoked()
            raise Bug(f"partitions assigned without all step topics (number: missing): {split}")
        gone = [self._writers.pop(number) for number in self._writers.keys() - topics.keys()]
        await asyncio.gather(*(writer.close() for writer in gone))
        for number in sorted(topics):
            if number not in self._writers:
                self._writers[number] = self._writer(number)
            elif number not in self._called_back:
                continue
            self._writers[number].start()
        self._called_back.clear()
        paused = 0.0 if self._paused_at is None else time.monotonic() - self._paused_at
        self._paused_at = None
        metrics.REBALANCE_SECONDS.observe(paused)
        log.info("assigned", partitions=sorted(topics), paused_seconds=round(paused, 3))

    async def close(self) -> None:
        """Settle and let go of all."""
        writers, self._writers = list(self._writers.values()), {}
        self._called_back.clear()
        await asyncio.gather(*(writer.close() for writer in writers))
