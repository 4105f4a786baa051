"""Alarms of one table's rows: a heap in memory, derived from the rows again whenever a partition is taken over."""

import heapq
from collections.abc import Iterable

SLACK = 1_000
"""Outdated entries that the heap may hold beyond four for each alarm, before it is built anew."""


class Alarms:
    """One alarm a key; times in milliseconds since the epoch."""

    def __init__(self) -> None:
        self._due: dict[bytes, int] = {}
        self._heap: list[tuple[int, bytes]] = []

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: bytes, due: int | None) -> None:
        """Set a key's alarm in place of the one before; None takes it back."""
        if due is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due:
            self._due[key] = due
            heapq.heappush(self._heap, (due, key))
            if len(self._heap) > 4 * len(self._due) + SLACK:
                self._heap = [(at, k) for k, at in self._due.items()]
                heapq.heapify(self._heap)

    def of(self, key: bytes) -> int | None:
        """A key's alarm."""
        return self._due.get(key)

    def next(self) -> int | None:
        """When the next alarm is due."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: int, at_most: int) -> list[tuple[bytes, int]]:
        """Take out what is due, the earliest first. It is for the caller to set it again, or to give it back."""
        taken: list[tuple[bytes, int]] = []
        while len(taken) < at_most and (due := self.next()) is not None and due <= now:
            _, key = heapq.heappop(self._heap)
            del self._due[key]
            taken.append((key, due))
        return taken

    def give_back(self, taken: Iterable[tuple[bytes, int]]) -> None:
        """What was taken did not take effect: it rings again."""
        for key, due in taken:
            if key not in self._due:
                self.set(key, due)
