"""The rows of one partition number of one table, as its changelog tells them."""

from collections.abc import Iterable

from b2b2c_saga.runtime.engine.alarms import Alarms
from b2b2c_saga.runtime.engine.job import Logic

PARKED = "parked"
SOURCES = "sources"
NO_ROW = b""
"""Value of the changelog record of a parked key without a row. A tombstone would lose the flag in compaction."""


class Table:
    """Rows as bytes, counts of parked records of parked keys, and alarms. Changed only by what is committed."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.parked: dict[bytes, int] = {}
        self.alarms = Alarms()

    def replay(self, key: bytes, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> None:
        """Take over one record of the changelog."""
        self.store(key, value or None, parked_in(headers))

    def store(self, key: bytes, row: bytes | None, parked: int) -> None:
        """Put a row and the count of parked records in place of those before."""
        if row is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = row
        if parked:
            self.parked[key] = parked
        else:
            self.parked.pop(key, None)

    def derive_alarms(self, logic: Logic) -> None:
        """Ask the logic for the alarm of each row; parked keys don't ring."""
        for key, row in self.rows.items():
            if key in self.parked:
                continue
            try:
                due = logic.alarm(key, row)
            except Exception:  # noqa: BLE001 - a bug met by one row must not stop the others
                due = 0  # it rings at once: if that fails too, its key is parked
            self.alarms.set(key, due)


def parked_in(headers: Iterable[tuple[str, bytes]]) -> int:
    """The count of parked records that a changelog record's headers tell; 0 for a key that goes on."""
    return next((int(value) for name, value in headers if name == PARKED), 0)


def changelog_line(
    row: bytes | None, parked: int, sources: Iterable[str]
) -> tuple[bytes | None, list[tuple[str, bytes]]]:
    """Value and headers of a changelog record. Topic names need no JSON escapes."""
    headers = [(SOURCES, ('["' + '","'.join(sources) + '"]').encode() if sources else b"[]")]
    if parked:
        headers.append((PARKED, b"%d" % parked))
        return (NO_ROW if row is None else row), headers
    return row, headers
