"""Events from a file: one bad line, named by number, field and rule."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.bus.event_lines import read_line, read_lines
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages.upstream import CancellationPosted, StockCounted

DATA = {"account": "A", "location": "L", "sku": "S", "quantity": 5, "version": 1}
EVENT = {
    "specversion": "1.0",
    "id": "1",
    "type": "b2b2c.StockCounted.v1",
    "source": "tests",
    "time": "2026-01-05T09:30:00Z",
    "data": DATA,
}


def line(**changed: object) -> bytes:
    return json.dumps({name: value for name, value in {**EVENT, **changed}.items() if value is not None}).encode()


def test_a_line_becomes_the_event_it_says():
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    read = read_line(line(traceparent=trace))
    assert read.message == StockCounted(account="A", location="L", sku="S", quantity=5, version=1)
    assert (read.id, read.source, read.time.isoformat()) == ("1", "tests", "2026-01-05T09:30:00+00:00")
    assert read.carried == (("traceparent", trace.encode()),)
    assert read.key == b"A/L/S"


def test_a_letter_that_is_none_breaks_no_line():
    cancelled = {"account": "A", "orderCode": "O", "items": [{"orderItemCode": "1", "cancelledQuantity": 2}]}
    said = line(type="b2b2c.CancellationPosted.v1", data={**cancelled, "reason": "HERE"})

    read = read_line(said.replace(b"HERE", b"Zo\xeb \\ud83d")).message

    assert read == CancellationPosted.model_validate_json(json.dumps({**cancelled, "reason": "Zo\ufffd \ufffd"}))


def test_blank_lines_are_passed_over_and_counted():
    assert len(read_lines([line(), b"", b"  \n", line(id="2")])) == 2
    with pytest.raises(BadInput, match=r"^line 4: attribute missing: id: "):
        read_lines([line(), b"", line(), line(id=None)])


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (b"{", None),
        (b"\xff", None),
        (b"[1]", None),
        (b"[" * 100_000, None),
        (line(specversion="0.3"), "specversion"),
        (line(specversion=None), "specversion"),
        (line(id=""), "id"),
        (line(id=7), "id"),
        (line(source=None), "source"),
        (line(time=None), "time"),
        (line(time="today"), "time"),
        (line(time="2026-01-05T09:30:00"), "time"),
        (line(type="b2b2c.Nothing.v1"), "type"),
        (line(type="b2b2c.RegisterInvoice.v1"), "type"),
        (line(type="b2b2c.PackAnswered.v1"), "type"),
        (line(datacontenttype="text/xml"), "datacontenttype"),
        (line(data=None), "data"),
        (line(data="text"), "data"),
        (line(data={**DATA, "quantity": "5"}), "data.quantity"),
        (line(data={**DATA, "quantity": 5.5}), "data.quantity"),
        (line(data={"account": "A"}), "data.location"),
    ],
)
def test_a_bad_line_is_named_by_its_field(bad: bytes, field: str | None):
    with pytest.raises(BadInput) as caught:
        read_lines([line(), bad])
    assert caught.value.reason.startswith("line 2: ")
    assert caught.value.field == field
    assert caught.value.rule


def test_the_sagas_own_messages_are_not_published_by_others():
    with pytest.raises(BadInput, match="the saga alone sends it"):
        read_line(line(type="b2b2c.RegisterInvoice.v1"))


@given(st.decimals(0, 10**11, places=2))
def test_an_amount_written_as_a_number_keeps_its_paisa(amount: Decimal):
    order = {
        "account": "A",
        "orderCode": "O",
        "parentOrderCode": "P",
        "channel": "C",
        "location": "L",
        "orderTime": "2026-01-05T09:00:00Z",
        "dispatchByTime": "2026-01-05T09:00:00Z",
        "paymentMethod": "COD",
        "items": [{"channelSkuCode": "S", "orderItemCode": "L", "quantity": 1, "sellingPricePerUnit": 1}],
        "recipient": {"name": "n", "phone": "p", "email": "e"},
    }
    address = {"line": "l", "city": "c", "pin": "560001", "state": "29"}
    order["recipient"] |= {"shippingAddress": address, "billingAddress": address}
    text = line(type="b2b2c.OrderPlaced.v1", data=order).replace(b'PerUnit": 1', f'PerUnit": {amount}'.encode())
    assert read_line(text).message.items[0].selling_price_per_unit == amount
