"""Is every partition served? Before the day begins, and again after a worker is killed: how long did that take?

The warehouse counts one SKU of each partition; a partition is served when a worker has passed its count on to Omni.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from b2b2c_saga.bus.records import partition_of
from b2b2c_saga.demo.story import Count
from b2b2c_saga.demo.watch import Watch


@dataclass
class Outage:
    """From a kill to its recovery."""

    watch: Watch
    counted: dict[str, int] = field(default_factory=dict)
    """Versions of counts that were made after the kill, one of each partition; empty until then."""
    killed_at: float = field(default_factory=time.monotonic)
    recovered_after: float | None = None
    """Seconds; None while a partition still waits."""

    def look(self) -> bool:
        """Whether it is over now, and was not when asked before."""
        if self.recovered_after is not None or not self.counted or not are_served(self.watch, self.counted):
            return False
        self.recovered_after = time.monotonic() - self.killed_at
        return True


def are_served(watch: Watch, counted: dict[str, int]) -> bool:
    """Each of these versions, or a newer one, was passed on."""
    return all(watch.passed_on.get(key, -1) >= version for key, version in counted.items())


def one_for_each_partition(counts: Iterable[Count], partitions: int) -> tuple[Count, ...]:
    """To be counted and told at once: of each partition number that the day's SKUs have, one SKU."""
    found: dict[int, Count] = {}
    for count in counts:
        anew = Count(-1, count.account, count.location, count.sku, count.quantity)
        found.setdefault(partition_of(count.key.encode(), partitions), anew)
    return tuple(found.values())
