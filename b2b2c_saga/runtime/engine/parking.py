"""Records that can't be decided, as they go to the parked topic: bytes as they came, and why, in headers.

A key's parked records are a line: each waits for those before it. A record's place in line is the offset at which it
was parked first; one that is released in vain and parked again keeps its place, by then a header.
"""

import traceback
from dataclasses import dataclass, replace

from b2b2c_saga.bus.records import Record
from b2b2c_saga.model.errors import BadInput, Unreadable

Line = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]], int | None]
"""Key, value, headers and timestamp (None: now) of a record to send."""

PREFIX = "__dlq.errors."
KEY_PARKED = "KeyParked"
TOO_LARGE = "TooLarge"
NOT_RELEASED = "NotReleased"
UNDECODABLE = "Undecodable"
SCOPE_KEY, SCOPE_RECORD = b"key", b"record"
"""Whether a key waits with its record, which is counted then, or the record was parked alone."""
ALARM = -1
"""The offset of an alarm: no record brought it."""
LONGEST = 1_000
"""Characters of a reason that go into a header."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a record that was released carries on, if it is parked again."""

    place: int
    """Its place in line."""
    since: int
    """When it was parked first, in milliseconds since the epoch."""
    redrives: int
    """How often it was released and failed."""
    release: str
    """The id of the operator's action that released it last."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be decided."""

    reason: str
    """Its class."""
    message: str
    alone: bool = False
    """Whether the key goes on without it."""

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """What an error comes to.

        What `BadInput` says is meant to be read. Any other message may quote the record, and with it a consumer's name:
        of these only the type and the place in the code go on.
        """
        if isinstance(error, BadInput):
            return cls(type(error).__name__, str(error)[:LONGEST], isinstance(error, Unreadable))
        frames = traceback.extract_tb(error.__traceback__)
        where = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
        return cls("Bug", f"{type(error).__name__}{where}")


NO_KEY = Failure("NoKey", "a record without a key belongs to no order", alone=True)
WAITS = Failure(KEY_PARKED, "waits behind an earlier record of its key")


def parked(record: Record, failure: Failure, *, whole: bool = True, past: Past | None = None) -> Line:
    """A record as it is parked; if not `whole`, without its value and headers, which are found at its origin.

    That is for one whose parked copy, larger by the reason, is more than the topic takes.
    """
    told = _reason(record.topic, record.partition, record.offset, failure)
    if past is not None:
        told += _past(past)
    if whole:
        return record.key or None, record.value, [*record.headers, *told], record.timestamp
    size = 0 if record.value is None else len(record.value)
    return record.key or None, None, [*told, (f"{PREFIX}omitted", b"%d" % size)], record.timestamp


def parked_alarm(changelog: str, number: int, key: bytes, failure: Failure) -> Line:
    """An alarm that could not be decided: no record brought it, so the origin is the table, at offset -1."""
    return key, None, _reason(changelog, number, ALARM, replace(failure, alone=False)), None


def _reason(topic: str, partition: int, offset: int, failure: Failure) -> list[tuple[str, bytes | None]]:
    return [
        (f"{PREFIX}topic", topic.encode()),
        (f"{PREFIX}partition", b"%d" % partition),
        (f"{PREFIX}offset", b"%d" % offset),
        (f"{PREFIX}class", failure.reason.encode()),
        (f"{PREFIX}message", failure.message.encode()),
        (f"{PREFIX}scope", SCOPE_RECORD if failure.alone else SCOPE_KEY),
    ]


def _past(past: Past) -> list[tuple[str, bytes | None]]:
    return [
        (f"{PREFIX}place", b"%d" % past.place),
        (f"{PREFIX}since", b"%d" % past.since),
        (f"{PREFIX}redrives", b"%d" % past.redrives),
        (f"{PREFIX}release", past.release.encode()),
    ]
