"""Who released or skipped what, when and why: written in the transaction that does it; by it one knows what is done."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages.operators import Action, ParkedRecord, ParkedRedriven
from b2b2c_saga.replay.parked import Parked, Place

SOURCE = "b2b2c-saga/replay"


@dataclass(frozen=True)
class Act:
    """One action of an operator: a command of theirs, however many records it takes."""

    action: Action
    operator: str
    reason: str | None = None
    id: str = field(default_factory=lambda: f"replay-{uuid4()}")

    def record(self, part: int, parked: Iterable[Parked], topics: Topics) -> Outgoing:
        """What the audit topic keeps of one part of it."""
        now = datetime.now(UTC)
        message = ParkedRedriven(
            action_id=self.id,
            part=part,
            action=self.action,
            operator=self.operator,
            reason=self.reason,
            at=now,
            records=tuple(_named(one) for one in parked),
        )
        said = Envelope(message, derived_id(self.id, part), SOURCE, now)
        return Outgoing(topics.name("audit"), said.key, said.value, said.headers)


def done_in(record: Record) -> Iterator[Place]:
    """The places of the parked records that a record of the audit topic says are done."""
    try:
        message = decode(record, "audit").message
    except BadInput:
        return  # something else that is audited
    if isinstance(message, ParkedRedriven):
        for one in message.records:
            yield one.partition, one.offset


def _named(one: Parked) -> ParkedRecord:
    key = one.record.key
    return ParkedRecord(
        partition=one.record.partition,
        offset=one.record.offset,
        key=None if key is None else key.decode(errors="replace"),
    )
