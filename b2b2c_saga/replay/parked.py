"""A record of the parked topic, and what parking said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from b2b2c_saga.bus.records import Record, header_values
from b2b2c_saga.model.words import from_epoch_ms
from b2b2c_saga.runtime.engine.parking import ALARM, KEY_PARKED, PREFIX
from b2b2c_saga.runtime.engine.released import is_counted

Place = tuple[int, int]
"""Partition and offset in the parked topic."""


@dataclass(frozen=True)
class Parked:
    """One parked record; whoever parked it may have left out much."""

    record: Record

    @cached_property
    def told(self) -> Mapping[str, bytes]:
        """The headers that have a value; where one stands twice, the last, which parking wrote."""
        return header_values(self.record.headers)

    @property
    def place(self) -> Place:
        """Where it lies."""
        return self.record.partition, self.record.offset

    @property
    def line(self) -> int:
        """Its place in line: where it was parked first."""
        place = self._number("place")
        return self.record.offset if place is None else place

    @property
    def since(self) -> datetime:
        """When it was parked first."""
        try:
            return from_epoch_ms(self._number("since") or self.record.timestamp)
        except (ValueError, OverflowError):  # no time that a calendar has: anybody may write such a header
            return from_epoch_ms(0)

    @property
    def origin(self) -> str:
        """The topic that it first came from; of an alarm, the table."""
        return self._text("topic")

    @property
    def offset(self) -> int | None:
        """Its offset there, if it ever lay there."""
        return self._number("offset")

    @property
    def is_alarm(self) -> bool:
        """Whether no record but an alarm was parked."""
        return self.offset == ALARM

    @property
    def reason(self) -> str:
        """The class of its failure."""
        return self._text("class") or "Unknown"

    @property
    def message(self) -> str:
        """What was wrong."""
        return self._text("message")

    @property
    def failed(self) -> bool:
        """Whether it was tried itself; others wait behind one that was."""
        return self.reason != KEY_PARKED

    @property
    def counted(self) -> bool:
        """Whether its key waits with it."""
        return is_counted(self.told)

    @property
    def redrives(self) -> int:
        """How often it was released and failed again."""
        return self._number("redrives") or 0

    @property
    def release(self) -> str:
        """The action that released it in vain; empty if none did."""
        return self._text("release")

    @property
    def omitted(self) -> bool:
        """Whether its value was too large to be kept here, and lies at its origin alone."""
        return f"{PREFIX}omitted" in self.told

    @property
    def type(self) -> str:
        """What kind of message it is, as far as it says."""
        if self.is_alarm:
            return "(alarm)"
        name = self.told.get("ce_type", b"").decode(errors="replace")
        return name.removeprefix("b2b2c.").removesuffix(".v1") or "(unknown)"

    def _text(self, name: str) -> str:
        return self.told.get(f"{PREFIX}{name}", b"").decode(errors="replace")

    def _number(self, name: str) -> int | None:
        try:
            return int(self.told[f"{PREFIX}{name}"])
        except (KeyError, ValueError):
            return None
