"""What operators did, for the audit topic: kept for ever, written in the transaction that did it."""

from enum import StrEnum

from b2b2c_saga.model.messages.base import Message, Part
from b2b2c_saga.model.words import Code, Count, Moment, Text


class Action(StrEnum):
    """What was done to parked records."""

    RELEASE = "RELEASE"
    SKIP = "SKIP"


class ParkedRecord(Part):
    """A record of the parked topic, by its place there; `key` is the order's (stock: account/location/sku)."""

    partition: Count
    offset: Count
    key: str | None = None


class ParkedRedriven(Message):
    """An operator released parked records, or skipped them; an action of many records is told in several parts."""

    topic = "audit"
    action_id: Code
    part: Count
    action: Action
    operator: Text
    reason: Text | None = None
    at: Moment
    records: tuple[ParkedRecord, ...]

    @property
    def key(self) -> str:
        """The action's id."""
        return self.action_id
