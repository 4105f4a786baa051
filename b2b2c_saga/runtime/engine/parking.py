"""Records that can't be decided, as they go to the parked topic: bytes as they came, and why, in headers."""

import traceback

from b2b2c_saga.bus.records import Record
from b2b2c_saga.model.errors import BadInput

Line = tuple[bytes | None, bytes | None, list[tuple[str, bytes]], int | None]
"""Key, value, headers and timestamp (None: now) of a record to send."""

PREFIX = "__dlq.errors."
NO_KEY = "NoKey"
KEY_PARKED = "KeyParked"
TOO_LARGE = "TooLarge"
LONGEST = 1_000
"""Characters of a reason that go into a header."""


def parked(record: Record, reason: str, message: str, *, whole: bool = True) -> Line:
    """A record as it is parked; if not `whole`, without its value and headers, which are found at its origin.

    That is for one whose parked copy, larger by the reason, is more than the topic takes.
    """
    told = _reason(record.topic, record.partition, record.offset, reason, message)
    if whole:
        return record.key or None, record.value, [*record.headers, *told], record.timestamp
    size = 0 if record.value is None else len(record.value)
    return record.key or None, None, [*told, (f"{PREFIX}omitted", b"%d" % size)], record.timestamp


def parked_alarm(changelog: str, number: int, key: bytes, reason: str, message: str) -> Line:
    """An alarm that could not be decided: no record brought it, so the origin is the table, at offset -1."""
    return key, None, _reason(changelog, number, -1, reason, message), None


def why(error: Exception) -> tuple[str, str]:
    """Class and message for the headers.

    What `BadInput` says is meant to be read. Any other message may quote the record, and with it a consumer's name:
    of these only the type and the place in the code go on.
    """
    if isinstance(error, BadInput):
        return type(error).__name__, str(error)[:LONGEST]
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return "Bug", f"{type(error).__name__}{where}"


def _reason(topic: str, partition: int, offset: int, reason: str, message: str) -> list[tuple[str, bytes]]:
    return [
        (f"{PREFIX}topic", topic.encode()),
        (f"{PREFIX}partition", b"%d" % partition),
        (f"{PREFIX}offset", b"%d" % offset),
        (f"{PREFIX}class", reason.encode()),
        (f"{PREFIX}message", message.encode()),
    ]
