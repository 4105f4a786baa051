"""Messages: what they are called, where they belong, and that each broken field is refused by name."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import parse
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import BY_TYPE, Command, Message
from b2b2c_saga.model.messages.answers import InvoiceUnanswered
from b2b2c_saga.model.messages.base import OrderCommand, StockCommand
from b2b2c_saga.model.messages.commands import RegisterInvoice
from b2b2c_saga.model.messages.upstream import OrderPlaced, PackConfirmed, StockCounted
from b2b2c_saga.saga.check.samples import count, order, pack
from b2b2c_saga.saga.check.worlds import WORLDS
from b2b2c_saga.steps import ORDERS

SENT = {type(event): event for setting in WORLDS.values() for event in (*setting.events, *setting.after_handover)}
WRONG: dict[type, list[object]] = {
    str: [7, None, "", True],
    int: ["7", 1.5, True, None],
    list: ["x", {}],
    dict: ["x", []],
}
FREE_TEXTS = {"name", "phone", "email", "line", "city", "reason", "correctedBy", "gatePassCode", "transporter"}
"""Nothing is decided by these."""

Json = Any


def broken(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every field of a message's JSON with a wrong value in it."""
    if path:
        yield from ((path, bad) for bad in WRONG.get(type(value), []))
    inside: Json = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield from broken(part, (*path, name))


def put(value: Json, path: tuple[str | int, ...], bad: object) -> Json:
    """A copy with `bad` at the path."""
    copy: Json = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], bad) if len(path) > 1 else bad
    return copy


@pytest.mark.parametrize("message", SENT.values(), ids=lambda message: type(message).__name__)
def test_every_field_with_a_wrong_value_is_refused_by_name(message: Message):
    data = json.loads(message.model_dump_json(exclude_none=True))
    named = []
    for path, bad in broken(data):
        text = json.dumps(put(data, path, bad))
        try:
            taken = parse(type(message), text)
        except BadInput as refused:
            named.append((".".join(map(str, path)), refused.field or "nothing"))
        else:
            amount = path[-1] in ("sellingPricePerUnit", "discount")  # may be a JSON number
            free = path[-1] in FREE_TEXTS
            assert bad is None or free or (amount and bad == 7), f"{path} = {bad!r} was taken as {taken}"
    assert len(named) > 10
    assert [pair for pair in named if not pair[0].startswith(pair[1])] == []


@pytest.mark.parametrize("message", SENT.values(), ids=lambda message: type(message).__name__)
def test_a_required_field_that_is_missing_is_named(message: Message):
    data = json.loads(message.model_dump_json(by_alias=True))
    for name, field in type(message).model_fields.items():
        alias = field.alias or name
        if field.is_required():
            with pytest.raises(BadInput) as refused:
                parse(type(message), json.dumps({n: v for n, v in data.items() if n != alias}))
            assert refused.value.field == alias


@pytest.mark.parametrize("twice", ["orderItemCode", "channelSkuCode"])
def test_a_line_or_sku_may_appear_once_in_an_order(twice: str):
    data = json.loads(order(K=1, L=1).model_dump_json())
    data["items"][1][twice] = data["items"][0][twice]
    with pytest.raises(BadInput, match="appears twice"):
        parse(OrderPlaced, json.dumps(data))


def test_an_order_has_a_line_and_at_most_2500():
    data = json.loads(order().model_dump_json())
    item = data["items"][0]
    many = [{**item, "orderItemCode": f"L{n}", "channelSkuCode": f"S{n}"} for n in range(2501)]
    assert len(parse(OrderPlaced, json.dumps({**data, "items": many[:2500]})).items) == 2500
    for items in ([], many):
        with pytest.raises(BadInput) as refused:
            parse(OrderPlaced, json.dumps({**data, "items": items}))
        assert refused.value.field == "items"


def test_messages_are_frozen():
    with pytest.raises(ValidationError):
        pack("A").shipment_id = "B"  # type: ignore[misc]


@pytest.mark.parametrize("kind", BY_TYPE.values(), ids=lambda kind: kind.__name__)
def test_each_type_belongs_to_one_declared_topic_and_has_a_key(kind: type[Message]):
    declared = load_topics("")
    assert declared.name(kind.topic)
    assert kind.ce_type() == f"b2b2c.{kind.__name__}.v1"
    assert BY_TYPE[kind.ce_type()] is kind


def test_keys_and_subjects():
    assert (order().key, order().subject) == ("ACC/O", "")
    assert (pack("A").key, pack("A").subject) == ("ACC/O", "A")
    assert count(1, 5).key == "ACC/W/SKU"
    assert (count(1, 5).subject, StockCounted.topic) == ("", "inventory")
    with pytest.raises(NotImplementedError):
        _ = Message().key


@pytest.mark.parametrize(
    "kind", [k for k in BY_TYPE.values() if issubclass(k, Command)], ids=lambda kind: kind.__name__
)
def test_a_call_without_an_answer_is_an_event_that_a_step_learns(kind: type[Command]):
    assert issubclass(kind, OrderCommand | StockCommand)
    gates = {gate.name for step in ORDERS.steps for gate in step.gates} | {"update_omni_stock", "offer_stock"}
    assert kind.call() in gates
    assert {"call", "attempt"} <= set(kind.unanswered_as.model_fields)


def test_the_unanswered_event_names_call_attempt_and_shipment():
    made = RegisterInvoice.model_construct(account="ACC", order_code="O", shipment_id="A", attempt=3)
    said = made.unanswered()
    assert said == InvoiceUnanswered(account="ACC", order_code="O", shipment_id="A", call="register_invoice", attempt=3)


def test_a_pack_confirmation_counts_its_lines():
    twice = PackConfirmed.model_validate(
        {
            **pack("A").model_dump(),
            "items": ({"order_item_code": "L", "quantity": 1}, {"order_item_code": "L", "quantity": 2}),
        }
    )
    assert twice.quantities["L"] == 3
