"""What upstream says with free texts in it, on the real path from bytes to the decision."""

import json
from datetime import timedelta
from typing import Any

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.model.catalogue import Account, Catalogue
from b2b2c_saga.model.messages import BY_TYPE, Event, upstream
from b2b2c_saga.model.messages.answers import InvoiceRevoked
from b2b2c_saga.model.words import to_epoch_ms
from b2b2c_saga.runtime.rows import saga_job
from b2b2c_saga.saga.check.lines import parse
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import PRICES, TERMS

TOPICS = load_topics()
JOB = saga_job("test", TOPICS, Catalogue({"ACC": Account(TERMS, PRICES)}))
LOGIC = JOB.logics[TOPICS.name("changelog.orders")]
PACKED = ("OrderPlaced L=2 K=1@250.00", "PackConfirmed A L=2", "InvoiceRegistered A", "MarketplacePacked A")

CONSUMER = frozenset(
    f"recipient.{text}"
    for text in (
        *("name", "phone", "email"),
        *(f"{address}.{text}" for address in ("shippingAddress", "billingAddress") for text in ("line", "city")),
    )
)
FREE: dict[str, frozenset[str]] = {
    "OrderPlaced": CONSUMER,
    "RecipientCorrected": CONSUMER | {"correctedBy", "reason"},
    "HandoverRequested": frozenset({"gatePassCode"}),
    "CancellationPosted": frozenset({"reason"}),
    "InvoiceRevoked": frozenset({"reason"}),
}
"""The free texts of all that upstream says, by their paths on the wire."""
DECIDED_BY = {"ReversalFixed": {"reversal"}}
"""Texts without a form of their own that something is decided by."""
FROM_UPSTREAM = {
    kind for kind in BY_TYPE.values() if kind.__module__ == upstream.__name__ or issubclass(kind, InvoiceRevoked)
}

SAID = {
    "OrderPlaced": "OrderPlaced L=2 K=1@250.00",
    "RecipientCorrected": "RecipientCorrected pin=560034 corrected_by=asha reason='PIN of the old flat'",
    "HandoverRequested": "HandoverRequested A gate_pass_code=GP-1",
    "CancellationPosted": "CancellationPosted L=1",
    "InvoiceRevoked": "InvoiceRevoked A reason='cancelled there'",
}
"""Each in plain words."""


def wire(line: str) -> tuple[Envelope, dict[str, Any]]:
    event = parse(line, START)
    assert isinstance(event, Event)
    envelope = Envelope(event, "id", "test", START)
    return envelope, json.loads(envelope.value)


def record(envelope: Envelope, value: bytes) -> Record:
    at = to_epoch_ms(START + timedelta(days=1))
    return Record(TOPICS.name(envelope.message.destination), 0, 0, envelope.key, value, envelope.headers, at)


def saying(kind: str, path: str, told: object, *, ascii_only: bool = True) -> Record:
    """The record in which one text says something else; halves of characters are written as JavaScript would."""
    envelope, said = wire(SAID[kind])
    *inner, last = path.split(".")
    place = said
    for part in inner:
        place = place[part]
    place[last] = told
    return record(envelope, json.dumps(said, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))


def row(*lines: str) -> bytes | None:
    kept: bytes | None = None
    for line in lines:
        envelope, _ = wire(line)
        kept = LOGIC.decide(envelope.key, kept, record(envelope, envelope.value)).row
    return kept
