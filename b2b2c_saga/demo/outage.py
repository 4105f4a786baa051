"""Is every partition served? Before the day begins, and again after a worker is killed: how long did that take?

The warehouse counts one SKU of each partition; a partition is served when a worker has passed its count on to Omni.
"""

import time
from dataclasses import dataclass, field

from b2b2c_saga.bus.records import partition_of
from b2b2c_saga.demo.events import stock_counted
from b2b2c_saga.demo.story import Count
from b2b2c_saga.demo.watch import Watch

FIRST, RECOUNT = 0, 1_000
"""Versions of these counts: older than any of the day's, and newer."""


@dataclass
class Outage:
    """From a kill to its recovery."""

    watch: Watch
    counts: tuple[Count, ...]
    killed_at: float = field(default_factory=time.monotonic)
    recovered_after: float | None = None
    """Seconds; None while a partition still waits."""

    def look(self) -> bool:
        """Whether it is over now, and was not when asked before."""
        if self.recovered_after is not None or not are_served(self.watch, self.counts):
            return False
        self.recovered_after = time.monotonic() - self.killed_at
        return True


def are_served(watch: Watch, counts: tuple[Count, ...]) -> bool:
    """Each of these counts was passed on."""
    return all((stock_counted(count).key, count.version) in watch.counts_passed_on for count in counts)


def one_for_each_partition(counts: tuple[Count, ...], partitions: int, version: int) -> tuple[Count, ...]:
    """Counts of SKUs that the day knows, one SKU for each partition number that has any."""
    found: dict[int, Count] = {}
    for count in counts:
        number = partition_of(stock_counted(count).key.encode(), partitions)
        anew = Count(0, count.account, count.location, count.sku, count.quantity, version)
        found.setdefault(number, anew)
    return tuple(found.values())
