"""What a connector publishes when Kafka won't take an answer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from talk import NUMBER, SHIPMENT

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.connectors.connector import Connector
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.run import SYSTEMS
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event, Message
from b2b2c_saga.model.messages.answers import InvoiceNumberGiven, InvoiceUnanswered

TOPICS = load_topics()
FITS = 2_000
TOO_LARGE = BadInput("record too large for the topic", rule="no more than it takes")
MISSING = BadInput("no such topic", field="topic", value="b2b2c.invoice.v1", rule="create it")


class Kafka:
    """Keeps what it takes; of what it doesn't take it says why."""

    def __init__(self, why: BadInput) -> None:
        self._why = why
        self.told: list[Message] = []

    async def publish_all(self, records: Sequence[Outgoing]) -> None:
        for record in records:
            if len(record.value or b"") > FITS:
                raise self._why
            self.told.append(decode(Record(record.topic, 0, 0, record.key, record.value, record.headers, 0)).message)


class Asked:
    """A system that gives so many numbers."""

    limits = Limits(_env_file=None)

    def __init__(self, count: int) -> None:
        self._numbers = tuple(f"INV/{n}" for n in range(count))

    async def converse(self, *_: object) -> Sequence[Event]:
        return (InvoiceNumberGiven(**SHIPMENT, attempt=1, invoice_attempt=2, numbers=self._numbers),)


async def carried(count: int, why: BadInput) -> list[Message]:
    """What is told of an answer with so many numbers."""
    kafka: Any = Kafka(why)
    system: Any = Asked(count)
    connector = Connector("erp", SYSTEMS["erp"], system, kafka, TOPICS)
    said = Envelope(NUMBER, "id", "test", datetime(2026, 4, 1, tzinfo=UTC), idempotency_key="key")
    await connector.carry(Record(TOPICS.name("commands.erp"), 0, 0, said.key, said.value, said.headers, 0))
    told: list[Message] = kafka.told
    return told


async def test_an_answer_that_no_record_can_hold_is_no_answer_and_stops_nobody():
    [given] = await carried(3, TOO_LARGE)
    assert isinstance(given, InvoiceNumberGiven)
    unheard = InvoiceUnanswered(**SHIPMENT, call="request_invoice_number", attempt=1)
    assert await carried(1_000, TOO_LARGE) == [unheard]


async def test_without_its_topic_nothing_can_be_told():
    with pytest.raises(BadInput, match="no such topic"):
        await carried(1_000, MISSING)
