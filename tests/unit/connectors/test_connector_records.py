"""Commands as records: which are parked, what their answers carry, and when their offsets are committed."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from talk import REGISTER, SHIPMENT

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.connectors import connector as connectors
from b2b2c_saga.connectors.connector import Connector
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.run import SYSTEMS
from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.answers import InvoiceAcknowledged, InvoiceRegistered
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.settings import Settings

TOPICS = load_topics()
COMMANDS = TOPICS.name("commands.erp")
LIMITS = Limits(_env_file=None)
TRACE = ("traceparent", b"00-1")
Offsets = dict[tuple[str, int], int]


class System:
    """Registers at once; remembers the keys and headers that it was called with."""

    limits = LIMITS

    def __init__(self) -> None:
        self.called: list[tuple[str, object]] = []

    async def converse(self, _: object, __: Command, key: str, carried: object) -> Sequence[Event]:
        self.called.append((key, carried))
        return (
            InvoiceAcknowledged(**SHIPMENT),
            InvoiceRegistered(**SHIPMENT, document_number="B1", registration="r"),
        )


class Kafka:
    """Keeps what is published, but for what is larger than it takes; gives commands, and keeps their offsets."""

    def __init__(self, *commands: Record, largest: int = 1_000_000) -> None:
        self.published: list[Outgoing] = []
        self.committed: list[Offsets] = []
        self.failures: list[Exception] = []
        self.commands = list(commands)
        self.idle = asyncio.Event()
        self._largest = largest

    async def publish_all(self, records: Sequence[Outgoing]) -> None:
        if any(len(record.value or b"") > self._largest for record in records):
            raise BadInput("record too large for the topic")
        self.published += records

    @asynccontextmanager
    async def consume(self, *_: object) -> AsyncIterator["Kafka"]:
        yield self

    async def batch(self, _: float, at_most: int) -> list[Record]:
        given, self.commands = self.commands[:at_most], self.commands[at_most:]
        await asyncio.sleep(0.001)
        return given

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.committed.append(dict(offsets))
        if list(offsets.values()) == [1]:
            self.idle.set()


def command(message: Command = REGISTER, key: str | None = "key") -> Record:
    said = Envelope(message, "id", "test", START, idempotency_key=key, carried=(TRACE,))
    return Record(COMMANDS, 0, 0, said.key, said.value, said.headers, 0)


def connecting(kafka: Kafka, system: Any = None) -> Connector:  # noqa: ANN401 - a double
    publisher: Any = kafka
    return Connector("erp", SYSTEMS["erp"], system or System(), publisher, TOPICS)


def why(parked: Outgoing) -> tuple[str, dict[str, bytes]]:
    return parked.topic, dict(parked.headers)


async def test_a_call_has_the_key_and_the_trace_of_its_command_and_so_has_each_answer():
    kafka, system = Kafka(), System()
    await connecting(kafka, system).carry(command())
    assert system.called == [("key", (TRACE,))]
    assert all(TRACE in answer.headers for answer in kafka.published)


async def test_the_answers_to_one_command_have_ids_of_their_own_and_the_same_when_it_comes_again():
    kafka = Kafka()
    for _ in range(2):
        await connecting(kafka).carry(command())
    ids = [dict(answer.headers)["ce_id"] for answer in kafka.published]
    assert len(set(ids[:2])) == 2
    assert ids[:2] == ids[2:]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (command(key=None), b"CloudEvents attribute missing: ce_idempotencykey"),
        (replace(command(), value=b"{"), b"value is not JSON: message"),
        (replace(command(), key=b"A/another"), b"key and message disagree: key"),
    ],
)
async def test_a_command_that_cannot_be_read_is_parked_and_nobody_is_called(record: Record, message: bytes):
    kafka, system = Kafka(), System()
    await connecting(kafka, system).carry(record)
    (parked,) = kafka.published
    topic, told = why(parked)
    assert (topic, parked.key, parked.value) == (TOPICS.name("parked"), record.key, record.value)
    assert told["__dlq.errors.message"].startswith(message)
    assert system.called == []


async def test_one_that_is_too_large_with_its_reason_is_parked_without_its_value():
    kafka = Kafka(largest=10)
    await connecting(kafka).carry(replace(command(), value=b"{" * 11))
    (parked,) = kafka.published
    assert (parked.value, why(parked)[1]["__dlq.errors.omitted"]) == (None, b"11")


async def ran(kafka: Kafka, monkeypatch: pytest.MonkeyPatch, system: Any = None, *, until: asyncio.Event) -> None:  # noqa: ANN401
    """The connector, until something has happened."""
    monkeypatch.setattr(connectors, "consume", kafka.consume)
    stop = asyncio.Event()
    running = asyncio.create_task(connecting(kafka, system).run(Settings(_env_file=None), LIMITS, stop))
    async with asyncio.timeout(5):
        await until.wait()
        stop.set()
        await running


async def test_an_offset_that_could_not_be_committed_is_committed_later(monkeypatch: pytest.MonkeyPatch):
    kafka = Kafka(command())
    kafka.failures = [Unavailable("away")] * 3
    await ran(kafka, monkeypatch, until=kafka.idle)
    assert kafka.committed[-1] == {(COMMANDS, 0): 1}


async def test_what_was_begun_before_the_stop_is_ended_and_committed(monkeypatch: pytest.MonkeyPatch):
    called = asyncio.Event()

    class Slow(System):
        async def converse(self, *call: Any) -> Sequence[Event]:  # noqa: ANN401
            called.set()
            await asyncio.sleep(0.05)
            return await super().converse(*call)

    kafka = Kafka(command())
    await ran(kafka, monkeypatch, Slow(), until=called)
    assert len(kafka.published) == 2
    assert kafka.committed[-1] == {(COMMANDS, 0): 1}


async def test_no_offset_is_committed_before_the_answers_are_there(monkeypatch: pytest.MonkeyPatch):
    kafka = Kafka(command())
    at_commit: list[tuple[Offsets, int]] = []
    commit = kafka.commit

    async def committing(offsets: Mapping[tuple[str, int], int]) -> None:
        at_commit.append((dict(offsets), len(kafka.published)))
        await commit(offsets)

    monkeypatch.setattr(kafka, "commit", committing)
    await ran(kafka, monkeypatch, until=kafka.idle)
    assert at_commit[-1] == ({(COMMANDS, 0): 1}, 2)
    assert all(offsets == {(COMMANDS, 0): 0} for offsets, _ in at_commit[:-1])
