"""Whatever is answered to whatever command: events that travel, or what is not understood; never anything else."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talk import (
    ALL,
    CARRIER,
    CLIENT_X,
    CLIENT_Y,
    CONSUMER,
    CREDIT,
    CREDIT_NUMBER,
    EWAY_BILL,
    LOOK_UP,
    NUMBER,
    ORDER,
    PERSONAL,
    REGISTER,
    REVERSAL,
    SHIPMENT,
    TOLD,
    VOID,
    of_registry,
)

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.connectors.exchange import Heard, MeaninglessAnswer
from b2b2c_saga.connectors.not_understood import NotUnderstood
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.commands import (
    CancelB2BOrder,
    CancelOnMarketplace,
    CreateB2BOrder,
    Disposition,
    FetchLabel,
    GoodsLine,
    HandOverOnMarketplace,
    OfferStock,
    PackOnMarketplace,
    PutGoodsAway,
    ReleaseStock,
    UpdateOmniStock,
)
from b2b2c_saga.model.messages.upstream import LineQuantity

AT = datetime(2026, 4, 1, 10, tzinfo=UTC)
TIME = "2026-04-01T10:00:00Z"
ITEMS = (LineQuantity(order_item_code="i", quantity=1),)
GOODS = (GoodsLine(order_item_code="i", sku="K", quantity=1, disposition=Disposition.PUT_AWAY),)
STOCK = {"account": "A", "location": "L", "sku": "K", "quantity": 1, "version": 5}
LABEL = {"transporter": "EXPRESS", "awbNumber": "AWB1", "url": "https://labels.example/1.pdf"}
PAPERS = {"invoiceCode": "I", "invoiceDate": TIME, "shippingLabel": LABEL}
COUNTED = {"counted": [{"sku": "K", "quantity": 7, "version": 2}]}
BECAME = {"items": [{"sku": "K", "status": "TAKEN", "version": 5}]}
BILL = {"documentNumber": "B1", "number": "191", "validUntil": TIME}
CREDITED = TOLD | {"documentNumber": "C1", "total": "160.00", "documents": [of_registry("C1", "CRN")]}
NO = {"code": "REFUSED", "reason": f"{CONSUMER.name} moved", "voidedFor": "R2"}
GOOD: list[tuple[Command, dict[str, Any]]] = [
    (PackOnMarketplace(**SHIPMENT, items=ITEMS), PAPERS),
    (FetchLabel(**SHIPMENT), PAPERS),
    (HandOverOnMarketplace(**SHIPMENT), {"handedOverAt": TIME}),
    (CancelOnMarketplace(**ORDER, items=ITEMS, reason="r"), {"items": [{"orderItemCode": "i", "quantity": 1}]}),
    (CreateB2BOrder(**ORDER, location="L", seller=CLIENT_X, buyer=CLIENT_Y, lines=()), {"b2bOrderCode": "W"}),
    (CancelB2BOrder(**ORDER, release="r", b2b_order_code="W", location="L", goods=GOODS), COUNTED),
    (PutGoodsAway(**REVERSAL, location="L", goods=GOODS), COUNTED),
    (ReleaseStock(**ORDER, release="r", location="L", goods=GOODS), COUNTED),
    (NUMBER, {"documentNumbers": ["N1", "N2"], "orderNumber": "SO-1"}),
    (CREDIT_NUMBER, {"documentNumbers": ["N1"]}),
    (REGISTER.model_copy(update={"transport": CARRIER}), TOLD),
    (LOOK_UP, TOLD),
    (EWAY_BILL, {"ewayBills": [BILL]}),
    (VOID, {"documentNumber": "B1", "cancelled": ["191"]}),
    (CREDIT, CREDITED),
    (OfferStock(**STOCK), BECAME),
    (UpdateOmniStock(**STOCK), BECAME),
]
ODD = st.one_of(
    st.sampled_from(
        [None, True, 0, -1, 4711, 1.5, 10**30, "", " ", "x" * 201, "x" * 5_000, "a\nb", "\x1b[31m", "№/1 2"]
    ),
    st.sampled_from([[], {}, [None], "9999-12-31T23:59:59-05:30", "0001-01-01T00:00:00+14:00", "20260105", "NaN"]),
    st.text(max_size=80),
)
STATUSES = st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 409, 418, 422])


def heard(command: Command, status: int, body: bytes) -> tuple[Event, ...]:
    """What it means if each request that is made for it is answered so."""
    talk = ALL[type(command)](command)
    next(talk)
    try:
        for _ in range(5):
            talk.send(Heard(status, body))
    except StopIteration as end:
        return tuple(end.value)
    raise AssertionError("asks and asks")


def check(command: Command, status: int, body: bytes) -> None:
    """Events that survive the wire, or what is told after three such answers, and nobody's name in either."""
    try:
        events = heard(command, status, body)
    except MeaninglessAnswer as error:
        count = NotUnderstood()
        for attempt in (1, 2, 3):
            events = count.events(command.model_copy(update={"attempt": attempt}), "key", error)
    assert events
    for event in events:
        said = Envelope(event, "id", "test", AT)
        assert decode(Record("t", 0, 0, said.key, said.value, said.headers, 0)).message == event


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401 - JSON
    """Every field of a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield (*path, name)
        yield from places(part, (*path, name))


def put(value: Any, path: tuple[str | int, ...], odd: object) -> Any:  # noqa: ANN401 - JSON
    """A copy with something odd at the place."""
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], odd) if len(path) > 1 else odd
    return copy


def test_every_command_is_tried():
    assert {type(command) for command, _ in GOOD} == set(ALL)
    for command, good in GOOD:
        assert not any(
            isinstance(event, command.unanswered_as) for event in heard(command, 200, json.dumps(good).encode())
        )


@pytest.mark.parametrize(("command", "good"), GOOD, ids=lambda one: one.call() if isinstance(one, Command) else "")
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_field_may_be_anything(command: Command, good: dict[str, Any], data: st.DataObject):
    status = data.draw(STATUSES)
    body = data.draw(st.sampled_from([good, NO, NO | good]))
    odd = put(body, data.draw(st.sampled_from(list(places(body)))), data.draw(ODD))
    check(command, status, json.dumps(odd).encode())


@pytest.mark.parametrize("command", [command for command, _ in GOOD], ids=lambda command: command.call())
@given(status=STATUSES, body=st.one_of(st.binary(max_size=60), ODD.map(lambda odd: json.dumps(odd).encode())))
@settings(max_examples=30, deadline=None)
def test_a_whole_answer_may_be_anything(command: Command, status: int, body: bytes):
    check(command, status, body)


@pytest.mark.parametrize(("command", "good"), GOOD, ids=lambda one: one.call() if isinstance(one, Command) else "")
def test_what_is_told_of_it_names_nobody(command: Command, good: dict[str, Any]):
    """Not in our words about an answer that is not understood, whatever stands in it."""
    says = []
    for status in (200, 404, 409, 418):
        try:
            heard(command, status, json.dumps(dict.fromkeys(good, CONSUMER.name) | {"code": CONSUMER.name}).encode())
        except MeaninglessAnswer as error:
            says.append(str(error))
    assert [part for part in PERSONAL if any(part in said for said in says)] == []
