"""Work in order per key, in parallel among keys; and the offsets up to which everything is done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

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
    """Runs `work` for each record: those of a key one after the other, at most `parallel` at a time.

    `full` once `waiting` records are not done. What `work` raises ends all: `failure` hears the first.
    """

    def __init__(self, work: Callable[[Record], Awaitable[None]], parallel: int, waiting: int) -> None:
        self._work = work
        self._slots = asyncio.Semaphore(parallel)
        self._waiting = waiting
        self._last: dict[bytes | None, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.offsets = Offsets()

    @property
    def room(self) -> int:
        """How many more records may come."""
        return max(0, self._waiting - len(self._tasks))

    def put(self, record: Record) -> None:
        """Behind the others of its key."""
        self.offsets.begun(record)
        task = asyncio.create_task(self._run(record, self._last.get(record.key)))
        self._last[record.key] = task
        self._tasks.add(task)

    async def wait(self, seconds: float) -> None:
        """Until one is done, or the time is over.

        Raises:
            Exception: what `work` raised.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        self._clear()

    async def drain(self, seconds: float) -> None:
        """Until all are done; those that are not in time are dropped, and come again to the next consumer."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._clear()

    async def _run(self, record: Record, before: asyncio.Task[None] | None) -> None:
        if before is not None and not before.done():
            await asyncio.wait([before])
        if before is not None and (before.cancelled() or before.exception()):
            return  # not done either: both come again, in order, to the next consumer
        async with self._slots:
            await self._work(record)
        self.offsets.done(record)

    def _clear(self) -> None:
        done = {task for task in self._tasks if task.done()}
        self._tasks -= done
        self._last = {key: task for key, task in self._last.items() if task not in done}
        for task in done:
            if not task.cancelled() and (error := task.exception()):
                raise error
