"""Marketplace, Omni and warehouse: what goes out for a command, and what each answer means."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from talk import CLIENT_X, CLIENT_Y, CONSUMER, ORDER, REVERSAL, SHIPMENT, Answer, means, talk

from b2b2c_saga.connectors.exchange import Heard, Request, short
from b2b2c_saga.connectors.stock import ask_stock, hear_stock
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages import answers as told
from b2b2c_saga.model.messages.answers import Label, Refusal, StockLevel
from b2b2c_saga.model.messages.commands import (
    B2BOrderLine,
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
from b2b2c_saga.model.messages.fiscal import EwayBillNumber
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine, LineQuantity

ABOUT = {"account": "A", "orderCode": "O", "shipmentId": "S"}
OF_ORDER = {"account": "A", "orderCode": "O"}
ITEMS = (LineQuantity(order_item_code="i", quantity=2),)
WIRE_ITEMS = [{"orderItemCode": "i", "quantity": 2}]
PACK = PackOnMarketplace(**SHIPMENT, attempt=3, items=ITEMS)
DATE = "2026-04-01T10:00:00Z"
LABEL = {"transporter": "EXPRESS", "awbNumber": "AWB1", "url": "https://labels.example/AWB1.pdf"}
PAPERS = {"invoiceCode": "B2C-1", "invoiceDate": DATE, "shippingLabel": LABEL}
AT = datetime(2026, 4, 1, 10, tzinfo=UTC)


def packed(*, label: bool = True, **more: int) -> Event:
    known = Label(transporter="EXPRESS", awb_number="AWB1", url="https://labels.example/AWB1.pdf")
    about = SHIPMENT | {"invoice_code": "B2C-1", "invoice_date": AT, "label": known if label else None}
    return told.MarketplacePacked(**about, **more)


def no(code: str, status: int = 409, **more: str) -> Answer:
    return status, {"code": code, "reason": "no"} | more


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        ((200, PAPERS), packed(attempt=3)),
        ((200, PAPERS | {"shippingLabel": None}), packed(attempt=3, label=False)),
        (
            no("CANCELLED"),
            told.MarketplacePackRefused(**SHIPMENT, attempt=3, refusal=Refusal.CANCELLED, reason="no"),
        ),
        (
            no("INVALID", 422),
            told.MarketplacePackRefused(**SHIPMENT, attempt=3, refusal=Refusal.PERMANENT, reason="no"),
        ),
    ],
)
def test_a_pack_is_done_with_or_without_a_label_or_refused(answer: Answer, event: Event):
    assert talk(PACK, answer) == ([Request("/packs", ABOUT | {"items": WIRE_ITEMS})], (event,))


@pytest.mark.parametrize("label", [True, False])
def test_a_label_is_asked_for_until_it_is_there(*, label: bool):
    answer = (200, PAPERS | ({} if label else {"shippingLabel": None}))
    polled = packed(label=label, poll=5)
    assert talk(FetchLabel(**SHIPMENT, attempt=5), answer) == ([Request("/labels", query=ABOUT)], (polled,))


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        ((200, {"handedOverAt": DATE}), told.HandedOver(**SHIPMENT, attempt=2, handed_over_at=AT)),
        (no("ALREADY_DISPATCHED", handedOverAt=DATE), told.HandedOver(**SHIPMENT, attempt=2, handed_over_at=AT)),
        (no("CANCELLED"), told.HandoverRefused(**SHIPMENT, attempt=2, reason="no")),
    ],
)
def test_a_parcel_leaves_has_left_or_is_pulled_back(answer: Answer, event: Event):
    command = HandOverOnMarketplace(**SHIPMENT, attempt=2, gate_pass_code="GP")
    assert talk(command, answer) == ([Request("/handovers", ABOUT | {"gatePassCode": "GP"})], (event,))


def test_the_e_way_bills_go_with_the_parcel():
    bill = EwayBillNumber(document_number="B1", number="191", valid_until=AT)
    [asked], _ = talk(HandOverOnMarketplace(**SHIPMENT, eway_bills=(bill,)), (200, {"handedOverAt": DATE}))
    wire = {"documentNumber": "B1", "number": "191", "validUntil": DATE}
    assert asked == Request("/handovers", ABOUT | {"ewayBills": [wire]})


def test_a_seller_cancel_comes_back_as_a_cancellation():
    command = CancelOnMarketplace(**ORDER, items=ITEMS, reason="late")
    cancelled = CancelledLine(order_item_code="i", cancelled_quantity=3)
    posted = CancellationPosted(**ORDER, items=(cancelled,), reason="late")
    asked = Request("/cancellations", OF_ORDER | {"items": WIRE_ITEMS, "reason": "late"})
    assert talk(command, (200, {"items": [{"orderItemCode": "i", "quantity": 3}]})) == ([asked], (posted,))


GOODS = (GoodsLine(order_item_code="i", sku="K", quantity=2, disposition=Disposition.RESTOCK),)
WIRE_GOODS = [{"orderItemCode": "i", "sku": "K", "quantity": 2, "disposition": "RESTOCK"}]
COUNTED = {"counted": [{"sku": "K", "quantity": 12, "version": 4}]}
LEVELS = (StockLevel(sku="K", quantity=12, version=4),)
RELEASED = {"release": "first", "location": "L", "goods": WIRE_GOODS}


@pytest.mark.parametrize(
    ("command", "path", "body", "event"),
    [
        (
            ReleaseStock(**ORDER, release="first", attempt=2, location="L", goods=GOODS),
            "/releases",
            OF_ORDER | RELEASED,
            told.StockReleased(**ORDER, release="first", attempt=2, counted=LEVELS),
        ),
        (
            CancelB2BOrder(**ORDER, release="first", attempt=2, b2b_order_code="WB1", location="L", goods=GOODS),
            "/b2b-cancellations",
            OF_ORDER | RELEASED | {"b2bOrderCode": "WB1"},
            told.B2BOrderCancelled(**ORDER, release="first", attempt=2, counted=LEVELS),
        ),
        (
            PutGoodsAway(**REVERSAL, attempt=2, location="L", goods=GOODS),
            "/put-aways",
            ABOUT | {"reversal": "R1", "location": "L", "goods": WIRE_GOODS},
            told.GoodsPutAway(**REVERSAL, attempt=2, counted=LEVELS),
        ),
        (
            PutGoodsAway(**REVERSAL, attempt=2, location="L", goods=GOODS, b2b_order_code="WB1"),
            "/put-aways",
            ABOUT | {"reversal": "R1", "location": "L", "goods": WIRE_GOODS, "b2bOrderCode": "WB1"},
            told.GoodsPutAway(**REVERSAL, attempt=2, counted=LEVELS),
        ),
    ],
)
def test_the_warehouse_says_what_it_has_after_a_movement(
    command: Command, path: str, body: dict[str, Any], event: Event
):
    assert talk(command, (200, COUNTED)) == ([Request(path, body)], (event,))


def test_the_warehouse_may_refuse_goods():
    refused = told.ReversalRefused(**REVERSAL, attempt=1, call="put_goods_away", reason="no")
    assert means(PutGoodsAway(**REVERSAL, location="L", goods=GOODS), no("INVALID", 422)) == (refused,)


B2B_ORDER = CreateB2BOrder(
    **ORDER,
    attempt=2,
    location="L",
    seller=CLIENT_X,
    buyer=CLIENT_Y,
    lines=(B2BOrderLine(order_item_code="i", sku="K", quantity=2, cost_price=Decimal("80.00")),),
    recipient=CONSUMER,
)


def test_a_b2b_order_is_billed_to_y_and_shipped_to_the_consumer():
    [asked], events = talk(B2B_ORDER, (200, {"b2bOrderCode": "WB1"}))
    assert events == (told.B2BOrderCreated(**ORDER, attempt=2, b2b_order_code="WB1"),)
    assert asked == Request(
        "/b2b-orders",
        OF_ORDER
        | {
            "location": "L",
            "seller": {"legalName": "Kurta House", "gstin": CLIENT_X.gstin, "accountCode": "X-1000"},
            "buyer": {"legalName": "Yellow Retail", "gstin": CLIENT_Y.gstin, "accountCode": "Y-2000"},
            "billedTo": {"line": "7 Dock Street", "city": "Mumbai", "pin": "400001", "state": "27"},
            "shipTo": {"name": "Asha Rao", "line": "1 Lake View", "city": "Pune", "pin": "411001", "state": "27"},
            "lines": [{"orderItemCode": "i", "sku": "K", "quantity": 2, "costPrice": "80.00"}],
        },
    )
    for personal in ("9900000000", "asha@"):
        assert personal not in json.dumps(asked.body)
    [asked], _ = talk(B2B_ORDER.model_copy(update={"recipient": None}), (200, {"b2bOrderCode": "WB1"}))
    assert "shipTo" not in (asked.body or {})


def test_the_warehouse_may_refuse_a_b2b_order():
    for reason, shown in (("no such SKU", "no such SKU"), ("Asha Rao lives nowhere", "*** lives nowhere")):
        [refused] = means(B2B_ORDER, no("INVALID", 422, reason=reason))
        assert refused == told.B2BOrderRefused(**ORDER, attempt=2, reason=shown)


def offer(sku: str, version: int = 5, quantity: int = 7) -> OfferStock:
    return OfferStock(account="A", location="L", sku=sku, quantity=quantity, version=version)


def test_each_sku_of_a_message_is_answered_by_itself():
    commands = [offer(f"K{n}") for n in range(7)]
    became: list[dict[str, Any]] = [
        {"sku": "K6", "status": "BUSY", "code": "BUSY", "reason": "later"},
        {"sku": "K5", "status": "TAKEN", "version": 4},  # an older one than ours: it says nothing of ours
        {"sku": "K0", "status": "TAKEN", "version": 5},
        {"sku": "K1", "status": "OLDER", "version": 9},
        {"sku": "K2", "status": "REFUSED", "code": "UNKNOWN_SKU", "reason": "no such SKU"},
        {"sku": "K3", "status": "REFUSED", "reason": None},
    ]
    place = {"account": "A", "location": "L"}
    asked = ask_stock(commands)
    items = [{"sku": f"K{n}", "quantity": 7, "version": 5} for n in range(7)]
    assert asked == Request("/stock/bulk", place | {"items": items})
    answer = Heard(200, json.dumps({"items": became}).encode())
    assert hear_stock("marketplace", commands, answer) == (
        told.StockTaken(**place, sku="K0", system="marketplace", version=5),
        told.StockTaken(**place, sku="K1", system="marketplace", version=5),
        told.StockRefused(**place, sku="K2", system="marketplace", version=5, reason="no such SKU"),
        told.StockRefused(**place, sku="K3", system="marketplace", version=5, reason="no reason given"),
        *(told.StockUnanswered(**place, sku=f"K{n}", call="offer_stock", attempt=1) for n in (4, 5, 6)),
    )


@pytest.mark.parametrize(("kind", "system"), [(OfferStock, "marketplace"), (UpdateOmniStock, "omni")])
def test_a_sku_by_itself_is_a_message_of_one(kind: type[Command], system: str):
    command = kind(**offer("K").model_dump())
    answer = (200, {"items": [{"sku": "K", "status": "TAKEN", "version": 5}]})
    taken = told.StockTaken(account="A", location="L", sku="K", system=system, version=5)
    assert talk(command, answer) == ([ask_stock([offer("K")])], (taken,))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"reason": None}, "no reason given"),
        ({}, "no reason given"),
        ({"reason": " \n"}, "no reason given"),
        ({"reason": "x" * 500}, "x" * 200),
        ({"reason": "two\r\nlines\x00"}, "two lines"),
        ({"reason": 17}, "17"),
        ({"reason": {"text": "no"}}, '{"text":"no"}'),
    ],
    ids=lambda value: repr(value)[:25],
)
def test_a_refusal_is_one_whatever_reason_is_given_for_it(given: dict[str, Any], kept: str):
    (refused,) = means(PACK, (422, {"code": "INVALID", **given}))

    assert refused == told.MarketplacePackRefused(**SHIPMENT, attempt=3, refusal=Refusal.PERMANENT, reason=kept)


@pytest.mark.parametrize(
    ("given", "kept"), [("", "not stated"), (None, "not stated"), ("A\nB " * 99, ("A B " * 99)[:199])]
)
def test_a_label_is_one_whoever_brings_the_parcel(given: str | None, kept: str):
    (packed,) = talk(PACK, (200, PAPERS | {"shippingLabel": LABEL | {"transporter": given}}))[1]

    assert isinstance(packed, told.MarketplacePacked)
    assert packed.label == Label(transporter=kept, awb_number="AWB1", url="https://labels.example/AWB1.pdf")


def test_an_answer_with_a_letter_that_is_none_is_understood():
    refused = Heard(422, b'{"code": "INVALID", "reason": "caf\xe9\n\\ud83d"}').problem

    assert (refused.code, refused.reason) == ("INVALID", "caf\ufffd \ufffd")


def test_of_a_long_reason_nothing_personal_is_left_where_it_is_cut():
    long = "x" * 192 + " " + CONSUMER.name + " lives there"

    assert short(long, CONSUMER) == "x" * 192 + " *** liv"
    assert short("Asha\nRao has moved", CONSUMER) == "*** has moved"
    assert short("not sent, nothing stated", replace(CONSUMER, name="not stated", phone="not stated")) == (
        "not sent, nothing stated"
    )
