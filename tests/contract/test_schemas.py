"""What we write, read by others: CloudEvents' own library, and JSON Schema's."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from generated_messages import message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from b2b2c_saga.bus.event_lines import read_lines
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.schemas import schema_files, schema_of
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.messages import BY_TYPE, Message

ROOT = Path(__file__).parents[2]
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def record(envelope: Envelope) -> Record:
    return Record("any", 0, 0, envelope.key, envelope.value, envelope.headers, 0)


def test_the_exported_schemas_are_those_of_the_models():
    exported = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "schemas").glob("*.json")}
    assert exported == dict(schema_files()), "run `b2b2c-saga schemas`"


def test_each_message_has_a_file_named_by_its_type():
    assert [name for name, _ in schema_files()] == sorted(f"{kind.__name__}.v1.json" for kind in BY_TYPE.values())


@pytest.mark.parametrize("kind", BY_TYPE.values(), ids=lambda kind: kind.__name__)
def test_each_schema_is_a_schema_and_says_where_its_message_travels(kind: type[Message]):
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:b2b2c:schema:{kind.__name__}:v1"
    assert schema["title"] == kind.__name__
    assert schema["description"].endswith(f"CloudEvents type {kind.ce_type()}, topic {kind.topic}.")


def test_topics_yaml_names_each_message_on_its_topic():
    declared = {(name, short) for short, t in load_topics().declared.items() for name in t.messages}
    assert declared - {("any", "parked"), ("rows", "changelog.orders"), ("rows", "changelog.stock")} == {
        (kind.__name__, kind.topic) for kind in BY_TYPE.values()
    }


@pytest.mark.parametrize("kind", BY_TYPE.values(), ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_we_write_others_can_read(kind: type[Message], data: st.DataObject):
    said = data.draw(message(kind))
    at = datetime(2026, 1, 5, 9, 30, 0, 250_000, tzinfo=UTC)
    written = Envelope(said, "id-1", "tests", at, "once-1", (("traceparent", TRACE.encode()),))

    event = from_binary(KafkaMessage(dict(written.headers), written.key, written.value), JSONFormat(), CloudEvent)

    attributes = event.get_attributes()
    assert {name: attributes[name] for name in ("specversion", "id", "source", "type", "time", "datacontenttype")} == {
        "specversion": "1.0",
        "id": "id-1",
        "source": "tests",
        "type": f"b2b2c.{kind.__name__}.v1",
        "time": at,
        "datacontenttype": "application/json",
    }
    assert attributes["partitionkey"] == said.key
    assert attributes["idempotencykey"] == "once-1"
    broken = Draft202012Validator(schema_of(kind), format_checker=FormatChecker()).iter_errors(event.get_data())
    assert [error.message for error in broken] == []
    assert decode(record(written), kind.topic) == written


@pytest.mark.parametrize(
    ("name", "field", "bad"),
    [
        ("b2b2c.PackConfirmed.v1", "items", []),
        ("b2b2c.PackConfirmed.v1", "account", "with/slash"),
        ("b2b2c.PackConfirmed.v1", "items", [{"orderItemCode": "A", "quantity": 0}]),
        ("b2b2c.StockCounted.v1", "quantity", -1),
        ("b2b2c.OrderPlaced.v1", "paymentMethod", "BARTER"),
    ],
)
def test_what_the_model_refuses_the_schema_refuses(name: str, field: str, bad: object):
    good = {line["type"]: line["data"] for file in sorted((ROOT / "examples").glob("*.jsonl")) for line in _json(file)}
    validator = Draft202012Validator(schema_of(BY_TYPE[name]))
    assert validator.is_valid(good[name])
    assert not validator.is_valid({**good[name], field: bad})


@pytest.mark.parametrize("amount", ["1.005", "-1", "1234567890123.00", "1e3", "a"])
def test_an_amount_has_two_places(amount: str):
    schema = schema_of(BY_TYPE["b2b2c.OrderPlaced.v1"])["$defs"]["OrderItem"]["properties"]["sellingPricePerUnit"]
    assert not Draft202012Validator(schema).is_valid(amount)
    assert Draft202012Validator(schema).is_valid("799.00")


@pytest.mark.parametrize("file", sorted((ROOT / "examples").glob("*.jsonl")), ids=lambda file: file.name)
def test_the_examples_can_be_published(file: Path):
    assert len(read_lines(file.read_bytes().splitlines())) == len(_json(file))


def _json(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]
