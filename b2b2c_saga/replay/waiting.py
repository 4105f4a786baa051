"""What waits together: an order (or an SKU) with all its parked records, or a record that was parked alone."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from b2b2c_saga.replay.parked import Parked, Place

Name = tuple[str, bytes, Place | None]
"""Of what waits: its table, its key, and of a record parked alone its place."""


@dataclass(frozen=True)
class Waiting:
    """Parked records in the order in which they are to be decided; never empty."""

    table: str
    """The changelog of the key's table; empty if no step reads the topic that the record came from."""
    key: bytes
    records: tuple[Parked, ...]
    failure: Parked
    """The last that failed: what the others wait for, or waited for before it was released."""
    alone: bool

    @property
    def name(self) -> Name:
        """What tells it from the others."""
        return self.table, self.key, self.records[0].place if self.alone else None

    @property
    def since(self) -> datetime:
        """How long it waits."""
        return min(parked.since for parked in self.records)

    @property
    def redrives(self) -> int:
        """How often its first record was released and failed again."""
        return self.records[0].redrives

    @property
    def obstacle(self) -> str | None:
        """Why it can't be released, but only skipped; None: it can."""
        if not self.key:
            return "it has no key"
        if not self.table:
            return "no step of the worker reads the topic that it came from"
        if any(parked.omitted and (parked.offset is None or parked.offset < 0) for parked in self.records):
            return "its value was too large to be kept"
        return None


def waiting(parked: Iterable[Parked], done: Container[Place], tables: Mapping[str, str]) -> list[Waiting]:
    """All that waits, the oldest first.

    Args:
        parked: Every record of the parked topic, in order per partition.
        done: The places of those that were released or skipped.
        tables: Step topic -> changelog of the table that it changes.
    """
    lines: defaultdict[tuple[str, bytes], list[Parked]] = defaultdict(list)
    failures: dict[tuple[str, bytes], Parked] = {}
    found: list[Waiting] = []
    for one in parked:
        key = one.record.key or b""
        table = one.origin if one.is_alarm else tables.get(one.origin, "")
        if one.counted and (one.failed or (table, key) not in failures):
            failures[table, key] = one
        if one.place in done:
            continue
        if one.counted:
            lines[table, key].append(one)
        else:
            found.append(Waiting(table, key, (one,), one, alone=True))
    for (table, key), records in lines.items():
        in_line = tuple(sorted(records, key=lambda one: one.line))
        found.append(Waiting(table, key, in_line, failures[table, key], alone=False))
    return sorted(found, key=lambda one: one.since)
