"""Which writers this process has: settled when partitions are called back, started when they are given."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable

import structlog

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.runtime.engine.labels import Fetched, Place
from b2b2c_saga.runtime.engine.writer import Writer

log = structlog.get_logger(__name__)


class Owners:
    """One writer for each partition number assigned to this process.

    A writer that keeps its partition through a rebalance keeps what it knows: if anyone wrote in between, its
    producer is fenced, and it reads everything again.
    """

    def __init__(self, steps: Iterable[str], writer: Callable[[int], Writer]) -> None:
        self._steps = frozenset(steps)
        self._writer = writer
        self._writers: dict[int, Writer] = {}
        self._active = False

    def submit(self, fetched: Fetched) -> None:
        """Give what was fetched to its writer; what has none is read again by its owner."""
        writer = self._writers.get(fetched.place.partition)
        if writer is not None and self._active:
            writer.submit(fetched)

    async def revoked(self) -> None:
        """Return when no writer has a batch in hand."""
        self._active = False
        await asyncio.gather(*(writer.settle() for writer in self._writers.values()))

    async def assigned(self, places: Iterable[Place]) -> None:
        """Go on with these partitions and no others.

        Raises:
            Bug: a partition number was given without all of its step topics: its rows would have two writers.
        """
        topics: dict[int, set[str]] = defaultdict(set)
        for place in places:
            topics[place.partition].add(place.topic)
        await self.revoked()
        if split := {number: sorted(self._steps - found) for number, found in topics.items() if found != self._steps}:
            raise Bug(f"partitions assigned without all step topics (number: missing): {split}")
        gone = [self._writers.pop(number) for number in self._writers.keys() - topics.keys()]
        await asyncio.gather(*(writer.close() for writer in gone))
        self._active = True
        for number in sorted(topics):
            if number not in self._writers:
                self._writers[number] = self._writer(number)
            self._writers[number].start()
        log.info("assigned", partitions=sorted(topics))

    async def close(self) -> None:
        """Settle and let go of all."""
        self._active = False
        writers, self._writers = list(self._writers.values()), {}
        await asyncio.gather(*(writer.close() for writer in writers))
