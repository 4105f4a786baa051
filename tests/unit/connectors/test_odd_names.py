"""What other systems call their things is theirs: taken as it comes, and handed on as it came."""

from datetime import UTC, datetime
from typing import Any

import pytest
from talk import CLIENT_X, CLIENT_Y, EWAY_BILL, NUMBER, ORDER, REGISTER, SHIPMENT, TOLD, means, of_registry, talk

from b2b2c_saga.connectors.exchange import MeaninglessAnswer
from b2b2c_saga.model.messages.answers import (
    B2BOrderCancelled,
    B2BOrderCreated,
    EwayBillIssued,
    InvoiceDiffers,
    InvoiceNumberGiven,
    InvoiceRegistered,
    Label,
    MarketplacePacked,
    StockLevel,
)
from b2b2c_saga.model.messages.commands import (
    CancelB2BOrder,
    CancelOnMarketplace,
    CreateB2BOrder,
    Disposition,
    FetchLabel,
    GoodsLine,
    PackOnMarketplace,
)
from b2b2c_saga.model.messages.integration import ReturnExpected
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine, LineQuantity

AT = datetime(2026, 4, 1, 10, tzinfo=UTC)
PRESIGNED = f"https://labels.example/a b.pdf?X-Amz-Signature={'0123456789abcdef' * 40}&x=%2F#1"
ODD = ["FAB/25-26/0001", "WH/OUT/00012", "№ 7 [red] & ?x=1#2", "दिल्ली-१", "'; --", "a=b c", "x" * 200]
ITEMS = (LineQuantity(order_item_code="OD 12/1", quantity=1),)
GOODS = (GoodsLine(order_item_code="OD 12/1", sku="K", quantity=2, disposition=Disposition.PUT_AWAY),)
LABEL = {"transporter": "EXPRESS", "awbNumber": "A", "url": PRESIGNED}
PAPERS = {"invoiceCode": "I", "invoiceDate": "2026-04-01T10:00:00Z", "shippingLabel": LABEL}


def packed(**papers: Any) -> MarketplacePacked:  # noqa: ANN401 - of any answer
    (event,) = means(PackOnMarketplace(**SHIPMENT, items=ITEMS), (200, PAPERS | papers))
    assert isinstance(event, MarketplacePacked)
    return event


@pytest.mark.parametrize("name", ODD)
def test_a_pack_is_known_by_the_marketplaces_own_names(name: str):
    label = Label(transporter="EXPRESS", awb_number=name, url=PRESIGNED)
    about = SHIPMENT | {"invoice_code": name, "invoice_date": AT, "label": label}
    said = PAPERS | {"invoiceCode": name, "shippingLabel": LABEL | {"awbNumber": name}}
    assert packed(**said) == MarketplacePacked(**about)
    assert means(FetchLabel(**SHIPMENT, attempt=2), (200, said)) == (MarketplacePacked(**about, poll=2),)


def test_a_name_may_be_a_number_and_a_transporter_may_be_talkative():
    said = packed(invoiceCode=4711, shippingLabel=LABEL | {"awbNumber": 36984510023, "transporter": "Fast " * 100})
    assert (said.invoice_code, said.label and said.label.awb_number) == ("4711", "36984510023")
    assert said.label is not None
    assert said.label.transporter == ("Fast " * 40).rstrip()


@pytest.mark.parametrize("length", [640, 4_000])
def test_an_address_is_as_long_as_it_is(length: int):
    url = "https://labels.example/1.pdf?sig=".ljust(length, "a")
    said = packed(shippingLabel=LABEL | {"url": url})
    assert said.label is not None
    assert said.label.url == url


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[31m", "x" * 201, None, ["I"], True])
def test_what_is_no_printable_name_is_not_understood(name: object):
    with pytest.raises(MeaninglessAnswer, match="status 200, not as agreed: invoiceCode"):
        packed(invoiceCode=name)


@pytest.mark.parametrize("name", [*ODD, 12])
def test_a_b2b_order_is_known_by_the_warehouses_own_name(name: str | int):
    asked = CreateB2BOrder(**ORDER, location="L", seller=CLIENT_X, buyer=CLIENT_Y, lines=())
    (created,) = means(asked, (200, {"b2bOrderCode": name}))
    assert created == B2BOrderCreated(**ORDER, b2b_order_code=str(name))
    cancel = CancelB2BOrder(**ORDER, release="r", b2b_order_code=str(name), location="L", goods=GOODS)
    counted = [{"sku": "K", "quantity": 7, "version": 2}, {"sku": "of others/№", "quantity": 1, "version": 1}]
    [request], events = talk(cancel, (200, {"counted": counted}))
    assert request.body is not None
    assert request.body["b2bOrderCode"] == str(name)
    levels = (StockLevel(sku="K", quantity=7, version=2),)
    assert events == (B2BOrderCancelled(**ORDER, release="r", counted=levels),)


@pytest.mark.parametrize("name", ODD)
def test_the_issuers_own_names_go_along(name: str):
    (given,) = means(NUMBER, (200, {"documentNumbers": ["N1", "N2"], "orderNumber": name}))
    assert isinstance(given, InvoiceNumberGiven)
    assert given.order_number == name
    (issued,) = means(EWAY_BILL, (200, {"ewayBills": [{"documentNumber": "B1", "number": name}]}))
    assert isinstance(issued, EwayBillIssued)
    assert [bill.number for bill in issued.eway_bills] == [name]
    parts = [of_registry(n) | {"ackNumber": name} for n in ("B1", "B12")]
    _, registered = means(REGISTER, (200, TOLD | {"documents": parts}))
    assert isinstance(registered, InvoiceRegistered)
    assert [part.ack_number for part in registered.documents] == [name, name]


def test_an_orders_number_may_be_a_number():
    (given,) = means(NUMBER, (200, {"documentNumbers": ["N1", "N2"], "orderNumber": 4711}))
    assert isinstance(given, InvoiceNumberGiven)
    assert given.order_number == "4711"


@pytest.mark.parametrize("theirs", ["x" * 5_000, "line\nbreak", 4711])
def test_of_another_document_anything_may_be_told(theirs: str | int):
    """It is held against ours, and kept nowhere."""
    differs = (200, TOLD | {"orderCode": theirs})
    (event,) = means(REGISTER, differs)
    assert event == InvoiceDiffers(**SHIPMENT, reason="2150: the number belongs to another document: order differ")


def test_a_line_is_known_by_the_marketplaces_own_name():
    command = CancelOnMarketplace(**ORDER, items=ITEMS, reason="late")
    [request], events = talk(command, (200, {"items": [{"orderItemCode": "OD 12/1", "quantity": 1}]}))
    assert request.body is not None
    assert request.body["items"] == [{"orderItemCode": "OD 12/1", "quantity": 1}]
    line = CancelledLine(order_item_code="OD 12/1", cancelled_quantity=1)
    assert events == (CancellationPosted(**ORDER, items=(line,), reason="late"),)


def test_a_shipment_is_known_by_the_stations_own_name():
    odd = ORDER | {"shipment_id": "WH/OUT/00012 №1"}
    [request], (event,) = talk(FetchLabel(**odd), (200, PAPERS))
    assert request.query["shipmentId"] == odd["shipment_id"]
    assert event.subject == odd["shipment_id"]


def test_odd_lines_are_told_apart_and_usual_ones_as_ever():
    """An id is derived from it: that of what was told before must stay the same."""

    def effect(**units: int) -> str:
        items = tuple(LineQuantity(order_item_code=line, quantity=n) for line, n in units.items())
        return ReturnExpected(**ORDER, items=items, at=AT).effect

    assert effect(**{"A-1.b_2:c#D": 2, "B": 1}) == "A-1.b_2:c#D=2 B=1"
    assert effect(**{"A=1 B": 2}) != effect(A=1, B=2)
