"""Parked records on their way back: how the operator's tool writes them to the released topic, how a writer reads them.

Key, value and headers are those of the record as it first came; what parking said of it, and what the release says,
stands in headers beside them. A record that is skipped comes as a note without its value.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from b2b2c_saga.bus.records import Headers, Record, header_values
from b2b2c_saga.model.errors import Unreadable
from b2b2c_saga.runtime.engine.parking import ALARM, PREFIX, SCOPE_RECORD, Past

RELEASED = "__released."
DECIDE, SKIP = b"decide", b"skip"


@dataclass(frozen=True, slots=True)
class Back:
    """A record that comes back."""

    record: Record
    """As it first came, with the place that it first came from; its time is that of its release."""
    past: Past
    counted: bool
    """Whether its key waits with it."""
    skipped: bool
    """It is done without being decided."""

    @property
    def is_alarm(self) -> bool:
        """Whether no record but an alarm was parked; `record.topic` is the changelog of its table then."""
        return self.record.offset == ALARM


def came(headers: Headers) -> Headers:
    """The headers that a record first came with."""
    return tuple(header for header in headers if not header[0].startswith((PREFIX, RELEASED)))


def released_headers(parked: Record, release: str, *, skipped: bool = False) -> Headers:
    """The headers under which a record of the parked topic comes back.

    Raises:
        Unreadable: it does not say which topic it first came from.
    """
    told = header_values(parked.headers)
    if not (topic := told.get(f"{PREFIX}topic")):
        raise Unreadable("parked without an origin", field=f"{PREFIX}topic", rule="skip it")
    # One that never lay on a topic by itself gets a negative place of its own there, which no other record has.
    offset = told.get(f"{PREFIX}offset", b"%d" % (ALARM - 1 - parked.offset))
    return (
        *(() if skipped else came(parked.headers)),
        (f"{PREFIX}topic", topic),
        (f"{PREFIX}partition", told.get(f"{PREFIX}partition", b"%d" % parked.partition)),
        (f"{PREFIX}offset", offset),
        (f"{RELEASED}id", release.encode()),
        (f"{RELEASED}do", SKIP if skipped else DECIDE),
        (f"{RELEASED}counted", b"1" if is_counted(told) else b"0"),
        (f"{RELEASED}partition", b"%d" % parked.partition),
        (f"{RELEASED}offset", b"%d" % parked.offset),
        (f"{RELEASED}place", told.get(f"{PREFIX}place", b"%d" % parked.offset)),
        (f"{RELEASED}since", told.get(f"{PREFIX}since", b"%d" % parked.timestamp)),
        (f"{RELEASED}redrives", told.get(f"{PREFIX}redrives", b"0")),
    )


def is_counted(told: Mapping[str, bytes]) -> bool:
    """Whether the key of a parked record waits with it. Others than the worker park records alone, and don't say so."""
    return told.get(f"{PREFIX}scope", SCOPE_RECORD) != SCOPE_RECORD


def came_back(record: Record) -> Back:
    """What a record of the released topic is.

    Raises:
        Unreadable: it was not written by the operator's tool.
    """
    told = header_values(record.headers)
    try:
        first = Record(
            told[f"{PREFIX}topic"].decode(),
            int(told[f"{PREFIX}partition"]),
            int(told[f"{PREFIX}offset"]),
            record.key,
            record.value,
            came(record.headers),
            record.timestamp,
        )
        past = Past(
            int(told[f"{RELEASED}place"]),
            int(told[f"{RELEASED}since"]),
            int(told[f"{RELEASED}redrives"]),
            told[f"{RELEASED}id"].decode(),
        )
        return Back(first, past, told[f"{RELEASED}counted"] == b"1", told[f"{RELEASED}do"] == SKIP)
    except (KeyError, ValueError) as error:
        raise Unreadable(
            "not a released record", field=str(error)[:80], rule="`b2b2c-saga replay` writes them"
        ) from None
