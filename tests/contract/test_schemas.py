"""What we write, read by others: CloudEvents' own library, and JSON Schema's."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from generated_messages import message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import TypeAdapter, ValidationError

from b2b2c_saga.bus.event_lines import read_lines
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.schemas import schema_files, schema_of
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.messages import BY_TYPE, Command, Event, IntegrationEvent, Message, Reply
from b2b2c_saga.model.messages.fiscal import Rate, RoundOff
from b2b2c_saga.model.messages.integration import OrderProgressed
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.saga.check.history import Sagas, events
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.steps import ORDERS, STOCK

ROOT = Path(__file__).parents[2]
KINDS = tuple(BY_TYPE.values())
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def record(envelope: Envelope) -> Record:
    return Record("any", 0, 0, envelope.key, envelope.value, envelope.headers, 0)


def test_the_exported_schemas_are_those_of_the_models():
    exported = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "schemas").glob("*.json")}
    assert exported == dict(schema_files()), "run `b2b2c-saga schemas`"


def test_each_message_has_a_file_named_by_its_type():
    assert [name for name, _ in schema_files()] == sorted(f"{kind.__name__}.v1.json" for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_schema_is_a_schema_and_says_where_its_message_travels(kind: type[Message]):
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:b2b2c:schema:{kind.__name__}:v1"
    assert schema["title"] == kind.__name__
    topics = " or ".join(sorted(kind.travels_on()))
    assert schema["description"].endswith(f" CloudEvents type {kind.ce_type()}, topic {topics}.")


def test_a_document_may_be_issued_by_two_systems():
    both = schema_of(BY_TYPE["b2b2c.RegisterInvoice.v1"])["description"]
    assert both.endswith("CloudEvents type b2b2c.RegisterInvoice.v1, topic commands.erp or commands.rms.")


def test_topics_yaml_names_each_message_on_its_topic():
    declared = {(name, short) for short, t in load_topics().declared.items() for name in t.messages}
    bytes_only = {("any", "parked"), ("any", "released"), ("rows", "changelog.orders"), ("rows", "changelog.stock")}
    assert declared - bytes_only == {(kind.__name__, topic) for kind in KINDS for topic in kind.travels_on()}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
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
    assert said.destination in kind.travels_on()
    assert decode(record(written), said.destination) == written


def test_what_the_saga_sends_in_the_histories_others_can_read():
    at, seen = datetime(2026, 1, 5, tzinfo=UTC), set()
    validators = {kind: Draft202012Validator(schema_of(kind), format_checker=FormatChecker()) for kind in KINDS}
    for file in sorted((ROOT / "tests/histories").glob("*.txt")):
        row, happened = events(file.read_text(encoding="utf-8"))
        for one in happened:
            assert one.event is not None
            decision = Sagas(ORDERS, STOCK).of(row).decide(row, one.event, one.at, PRICES)
            row = decision.row
            for said in (output.message for output in decision.outputs):
                written = Envelope(said, "id-1", "tests", at)
                broken = [error.message for error in validators[type(said)].iter_errors(json.loads(written.value))]
                assert (file.stem, type(said).__name__, broken) == (file.stem, type(said).__name__, [])
                assert decode(record(written), said.destination).message == said
                seen.add(type(said))
    sent = {kind for kind in KINDS if issubclass(kind, (Command, Reply, IntegrationEvent, StockCounted))}
    assert sent - seen == {OrderProgressed}  # the worker tells it, of the row before and after


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


def test_free_text_is_wide_where_we_read_it_and_narrow_where_we_write_it():
    def of_recipient(name: str) -> dict[str, Any]:
        schema: dict[str, Any] = schema_of(BY_TYPE[name])["$defs"]["Recipient"]["properties"]["name"]
        return schema

    for told in ("", None, "x" * 201):
        assert Draft202012Validator(of_recipient("b2b2c.OrderPlaced.v1")).is_valid(told)
        assert not Draft202012Validator(of_recipient("b2b2c.RegisterInvoice.v1")).is_valid(told)
    assert "200 characters" in of_recipient("b2b2c.OrderPlaced.v1")["description"]
    written = {kind.__name__: json.dumps(schema_of(kind)) for kind in KINDS if not issubclass(kind, Event)}
    assert [name for name, schema in written.items() if "Free text" in schema] == []


@pytest.mark.parametrize("amount", ["1.005", "-1", "1234567890123.00", "1e3", "a"])
def test_an_amount_has_two_places(amount: str):
    schema = schema_of(BY_TYPE["b2b2c.OrderPlaced.v1"])["$defs"]["OrderItem"]["properties"]["sellingPricePerUnit"]
    assert not Draft202012Validator(schema).is_valid(amount)
    assert Draft202012Validator(schema).is_valid("799.00")


def is_taken(value: str | float, schema: dict[str, Any], model: Any) -> bool:  # noqa: ANN401 - any annotation
    """Whether it is taken: schema and model are of one mind, and the model writes it so that both read it again."""
    try:
        read = TypeAdapter(model).validate_json(json.dumps(value))
    except ValidationError:
        assert not Draft202012Validator(schema).is_valid(value)
        return False
    assert Draft202012Validator(schema).is_valid(value)
    assert Draft202012Validator(schema).is_valid(TypeAdapter(model).dump_python(read, mode="json"))
    return True


@pytest.mark.parametrize(
    ("value", "taken"),
    [("0", True), ("5", True), ("0.125", True), ("100.000", True), (18, True), (100, True),
     ("-5", False), ("1.0005", False), ("1000", False), (-5, False), (100.5, False)],
)  # fmt: skip
def test_a_rate_is_percent_to_three_places(value: str | float, taken: bool):  # noqa: FBT001
    schema = schema_of(BY_TYPE["b2b2c.B2CReturnRequired.v1"])["$defs"]["DocumentLine"]["properties"]["gstRate"]
    assert is_taken(value, schema, Rate) is taken


@pytest.mark.parametrize(
    ("value", "taken"),
    [("0", True), ("-0.47", True), ("0.50", True), ("-99.99", True), (-0.25, True),
     ("0.005", False), ("-100.00", False), ("a", False), (-100, False), (100, False)],
)  # fmt: skip
def test_rounding_adds_or_takes_less_than_a_hundred_rupees(value: str | float, taken: bool):  # noqa: FBT001
    schema = schema_of(BY_TYPE["b2b2c.IssueCreditNote.v1"])["$defs"]["FiscalDocument"]["properties"]["roundOff"]
    assert is_taken(value, schema, RoundOff) is taken


@pytest.mark.parametrize("file", sorted((ROOT / "examples").glob("*.jsonl")), ids=lambda file: file.name)
def test_the_examples_can_be_published(file: Path):
    assert len(read_lines(file.read_bytes().splitlines())) == len(_json(file))


def _json(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]
