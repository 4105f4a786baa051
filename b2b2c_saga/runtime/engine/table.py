"""The rows of one partition number of one table, as its changelog tells them."""

from collections.abc import Iterable

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.runtime.engine.alarms import Alarms
from b2b2c_saga.runtime.engine.job import Logic

PARKED = "parked"
BLOCKED = "blocked"
SOURCES = "sources"
NO_ROW = b""
"""Value of the changelog record of a parked key without a row. A tombstone would lose the flag in compaction."""


class Table:
    """Rows as bytes, counts of parked records of parked keys, and alarms. Changed only by what is committed."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.parked: dict[bytes, int] = {}
        """How many records wait, of each parked key: those of the parked topic, and those on their way back."""
        self.blocked: dict[bytes, int] = {}
        """Of a parked key whose released record failed again: that record's place in line. None behind it is tried."""
        self.alarms = Alarms()

    def replay(self, key: bytes, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> None:
        """Take over one record of the changelog."""
        told = tuple(headers)
        self.store(key, value or None, parked_in(told), blocked_in(told))

    def store(self, key: bytes, row: bytes | None, parked: int, blocked: int | None = None) -> None:
        """Put a row, the count of parked records and the place that blocks them in place of those before."""
        if row is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = row
        if parked:
            self.parked[key] = parked
        else:
            self.parked.pop(key, None)
        if parked and blocked is not None:
            self.blocked[key] = blocked
        else:
            self.blocked.pop(key, None)

    def derive_alarms(self, logic: Logic) -> None:
        """Ask the logic for the alarm of each row; parked keys don't ring."""
        for key, row in self.rows.items():
            if key not in self.parked:
                self.alarms.set(key, alarm_of(logic, key, row))


def alarm_of(logic: Logic, key: bytes, row: bytes) -> int | None:
    """When the logic says that a row's alarm is due; at once, if it fails to say: if that fails too, the key parks."""
    try:
        return logic.alarm(key, row)
    except Exception:  # noqa: BLE001 - a bug met by one row must not stop the others
        return 0


def parked_in(headers: Iterable[tuple[str, bytes | None]]) -> int:
    """The count of parked records that a changelog record's headers tell; 0 for a key that goes on.

    Raises:
        Bug: it is no number. No writer wrote that: whether the key goes on, nobody can tell.
    """
    return next((_number(name, value) for name, value in headers if name == PARKED), 0)


def blocked_in(headers: Iterable[tuple[str, bytes | None]]) -> int | None:
    """The place in line that blocks those behind it, if one does.

    Raises:
        Bug: as `parked_in`.
    """
    return next((_number(name, value) for name, value in headers if name == BLOCKED), None)


def _number(name: str, value: bytes | None) -> int:
    try:
        return int(value or b"")
    except ValueError:
        raise Bug(f"header {name} of a changelog record is no number") from None


def changelog_line(
    row: bytes | None, parked: int, sources: Iterable[str], blocked: int | None = None
) -> tuple[bytes | None, list[tuple[str, bytes | None]]]:
    """Value and headers of a changelog record. Topic names need no JSON escapes."""
    headers: list[tuple[str, bytes | None]] = [
        (SOURCES, ('["' + '","'.join(sources) + '"]').encode() if sources else b"[]")
    ]
    if parked:
        headers.append((PARKED, b"%d" % parked))
        if blocked is not None:
            headers.append((BLOCKED, b"%d" % blocked))
        return (NO_ROW if row is None else row), headers
    return row, headers
