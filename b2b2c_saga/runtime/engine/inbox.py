"""What has been fetched for a writer and waits, up to a bound; and how long to gather before a batch."""

import asyncio
from collections import deque
from collections.abc import Callable

from b2b2c_saga.runtime.engine.labels import Fetched

LONGEST_WINDOW = 0.025
"""Seconds: beyond that, gathering costs more latency than larger batches save."""
QUIET = 4
"""Commits' lengths without a batch after which a writer counts as idle."""


class Inbox:
    """A queue with a high and a low mark: above the one the places are held, below the other let go."""

    def __init__(self, high: int, hold: Callable[[bool], None]) -> None:
        self._high = high
        self._hold = hold
        self._queue: deque[Fetched] = deque()
        self._arrived = asyncio.Event()
        self.events = 0
        self.held = False

    def put(self, fetched: Fetched) -> None:
        """Take in what was fetched. Never waits: a full inbox stops the fetching, not the delivery to others."""
        self._queue.append(fetched)
        self.events += len(fetched.records)
        self._arrived.set()
        if self.events >= self._high and not self.held:
            self.held = True
            self._hold(True)

    def wake(self) -> None:
        """End a wait at once."""
        self._arrived.set()

    def clear(self) -> None:
        """Forget everything: it will be asked for again."""
        self._queue.clear()
        self.events = 0
        self._let_go()

    async def gather(self, at_most: int, window: float, patience: float) -> list[Fetched]:
        """What came, after gathering for `window` seconds; an empty list if nothing did within `patience` seconds.

        May hold more than `at_most` events: what was fetched together stays together.
        """
        if not self._queue:
            await self._wait(patience)
            if not self._queue:
                return []
        if window and self.events < at_most:
            until = asyncio.get_running_loop().time() + window
            while self.events < at_most and (left := until - asyncio.get_running_loop().time()) > 0:
                if not await self._wait(left):
                    break
        gathered: list[Fetched] = []
        events = 0
        while self._queue and events < at_most:
            fetched = self._queue.popleft()
            gathered.append(fetched)
            events += len(fetched.records)
        self.events -= events
        if self.events < self._high // 2:
            self._let_go()
        return gathered

    async def _wait(self, seconds: float) -> bool:
        self._arrived.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return True

    def _let_go(self) -> None:
        if self.held:
            self.held = False
            self._hold(False)


class Window:
    """How long to gather: nothing when idle, more the longer commits take, which is how load shows."""

    def __init__(self) -> None:
        self._commit = 0.0
        self._ended = 0.0

    def committed(self, began: float, ended: float) -> None:
        """A batch was committed; monotonic seconds."""
        self._commit = (self._commit + ended - began) / 2
        self._ended = ended

    def length(self, now: float) -> float:
        """Seconds to gather before the next batch."""
        if now - self._ended > QUIET * self._commit:
            return 0.0
        return min(LONGEST_WINDOW, self._commit / QUIET)
