"""What `order show` says of an order, from rows that the saga itself decided."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic_core import to_jsonable_python
from rich.console import Console

from b2b2c_saga.bus.event_lines import read_lines
from b2b2c_saga.bus.records import Record
from b2b2c_saga.cli.order_facts import Facts, facts, summary
from b2b2c_saga.cli.order_page import show_order, show_orders
from b2b2c_saga.config import load_catalogue
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    CancelUnanswered,
    EwayBillIssued,
    HandedOver,
    HandoverUnanswered,
    InvoiceAcknowledged,
    InvoiceNumberGiven,
    InvoiceRegistered,
    Label,
    MarketplacePacked,
)
from b2b2c_saga.model.messages.fiscal import EwayBillNumber, RegisteredDocument
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine, LineQuantity, RecipientCorrected
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import encode_order
from b2b2c_saga.model.terms import EwayBill, Terms
from b2b2c_saga.steps import ORDERS

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ORDER = {"account": "YELLOW-MKT", "order_code": "FIRST-ORDER"}
SHIPMENT = {**ORDER, "shipment_id": "SHIPMENT-1"}
PLACED, PACKED, HANDOVER, DELIVERED = (
    e.message for e in read_lines((ROOT / "examples/first-order.jsonl").read_bytes().splitlines())
)
LABEL = Label(transporter="Fast", awb_number="AWB-1", url="https://labels.invalid/[1]")
DOCUMENTS = MarketplacePacked(**SHIPMENT, invoice_code="B2C-1", invoice_date=AT, label=LABEL)
REGISTERED = InvoiceRegistered(**SHIPMENT, document_number="B1", registration="IRN-1")
CANCELLED = CancellationPosted(
    **ORDER,
    items=(
        CancelledLine(order_item_code="LINE-1", cancelled_quantity=2),
        CancelledLine(order_item_code="LINE-2", cancelled_quantity=1),
    ),
)


CATALOGUE = load_catalogue(ROOT / "config")
NUMBERS = InvoiceNumberGiven(**SHIPMENT, invoice_attempt=1, numbers=("2526-000007",), order_number="SO-12")


TERMS = CATALOGUE.account("YELLOW-MKT").terms
HEAVY = replace(TERMS, eway_bill=EwayBill(Decimal(100), "29AAACT1234K1Z5", "Fast Carriers"))


def row_after(*events: Event, parked: bytes = b"", terms: Terms = TERMS) -> Record:
    order = Order("YELLOW-MKT", "FIRST-ORDER", terms)
    for n, event in enumerate(events):
        order = ORDERS.decide(order, event, AT + timedelta(minutes=n), CATALOGUE.book("YELLOW-MKT")).row
    headers = (("parked", parked),) if parked else ()
    return Record("changelog", 0, 0, order.key.encode(), encode_order(order), headers, 0)


def told(*events: Event, parked: bytes = b"", terms: Terms = TERMS) -> Facts:
    return facts(row_after(*events, parked=parked, terms=terms), AT + timedelta(hours=1))


def page(*events: Event, parked: bytes = b"", timeline: list[Facts] | None = None) -> str:
    out = io.StringIO()
    show_order(Console(file=out, width=160), told(*events, parked=parked), timeline or [])
    return out.getvalue()


def test_an_order_just_taken_in():
    said = told(PLACED)
    assert (said["fulfilment"], said["invoice"], said["units"], said["shipments"]) == ("OPEN", "NONE", 3, [])
    assert said["lines"] == [
        {"code": "LINE-1", "sku": "KURTA-BLUE-M", "ordered": 2, "open": 2, "packed": 0, "cancelled": 0, "returned": 0},
        {"code": "LINE-2", "sku": "KURTA-RED-L", "ordered": 1, "open": 1, "packed": 0, "cancelled": 0, "returned": 0},
    ]


def test_a_handover_that_is_held_says_for_what():
    said = told(PLACED, PACKED, NUMBERS, InvoiceAcknowledged(**SHIPMENT), DOCUMENTS, HANDOVER)
    assert (said["fulfilment"], said["invoice"]) == ("PACKED", "ACKNOWLEDGED")
    assert said["waiting"]["hand over on marketplace SHIPMENT-1"] == ["invoice registered"]
    (shipment,) = said["shipments"]
    assert (shipment["handoverAsked"], shipment["handedOverAt"]) == (True, None)
    assert shipment["b2cInvoice"] == {"code": "B2C-1", "date": AT}
    assert shipment["label"] == {"transporter": "Fast", "awbNumber": "AWB-1", "url": "https://labels.invalid/[1]"}
    shown = page(PLACED, PACKED, NUMBERS, InvoiceAcknowledged(**SHIPMENT), DOCUMENTS, HANDOVER)
    assert "asked for, not handed over yet" in shown
    assert "AWB-1 https://labels.invalid/[1]" in shown


def test_a_call_whose_answers_are_not_understood_is_shown_and_odd_names_are_no_markup():
    odd = MarketplacePacked(**SHIPMENT, invoice_code="FAB/[red]/1", invoice_date=AT, label=LABEL)
    why = "status 200, not as agreed: handedOverAt"
    puzzling = HandoverUnanswered(**SHIPMENT, call="hand_over_on_marketplace", attempt=3, not_understood=why)
    item = PLACED.items[0].model_copy(update={"order_item_code": "OD/[/] 1"})
    placed = PLACED.model_copy(update={"items": (item, PLACED.items[1])})
    packed = PACKED.model_copy(
        update={"items": (LineQuantity(order_item_code="OD/[/] 1", quantity=2), PACKED.items[1])}
    )
    events = (placed, packed, NUMBERS, InvoiceAcknowledged(**SHIPMENT), REGISTERED, odd, HANDOVER, puzzling)
    (shipment,) = told(*events)["shipments"]
    assert shipment["notUnderstood"] == {"hand_over_on_marketplace": why}
    assert shipment["troubles"] == ["ANSWER_NOT_UNDERSTOOD hand_over_on_marketplace"]
    shown = page(*events)
    for words in ("OD/[/] 1", "FAB/[red]/1", "answer not understood", f"hand_over_on_marketplace: {why}"):
        assert words in shown
    cancelled = CancelUnanswered(**ORDER, call="cancel_on_marketplace", attempt=3, not_understood=why)
    assert f"cancel_on_marketplace: {why}" in page(PLACED, cancelled)


def test_an_order_on_its_way():
    left = HandedOver(**SHIPMENT, handed_over_at=AT)
    arrived = DELIVERED.model_copy(update={"delivered_at": AT})
    said = told(
        PLACED, PACKED, NUMBERS, InvoiceAcknowledged(**SHIPMENT), REGISTERED, DOCUMENTS, HANDOVER, left, arrived
    )
    (shipment,) = said["shipments"]
    assert (said["fulfilment"], said["invoice"]) == ("DELIVERED", "REGISTERED")
    assert (shipment["b2bInvoice"]["registration"], shipment["handedOverAt"]) == ("IRN-1", AT)
    assert shipment["b2bInvoice"]["number"]
    assert [line["packed"] for line in said["lines"]] == [2, 1]


def test_an_invoice_shows_its_number_its_rates_and_what_the_registry_gave():
    document = RegisteredDocument(
        number="2526-000007", registration="IRN-1", ack_number="112010", ack_date=AT, signed_qr_code="ey.J.w"
    )
    events = (PLACED, PACKED, NUMBERS, InvoiceAcknowledged(**SHIPMENT))
    registered = REGISTERED.model_copy(update={"documents": (document,)})

    (waiting,) = told(PLACED, PACKED)["shipments"]
    (numbered,) = told(*events)["shipments"]
    (known,) = told(*events, registered)["shipments"]

    assert waiting["b2bInvoice"]["number"] is None
    assert (numbered["b2bInvoice"]["number"], numbered["b2bInvoice"]["orderNumber"]) == ("2526-000007", "SO-12")
    assert numbered["b2bInvoice"]["rates"] == {"LINE-1": "5", "LINE-2": "5"}
    assert known["b2bInvoice"]["documents"] == [
        {
            "number": "2526-000007",
            "registration": "IRN-1",
            "ackNumber": "112010",
            "ackDate": "2026-01-05T09:00:00Z",
            "signedQrCode": "ey.J.w",
        }
    ]
    shown = page(*events, registered)
    for words in ("2526-000007 of 2026-01-05", "SO-12", "LINE-1 5 %", "ack 112010 of 2026-01-05", "signed QR code"):
        assert words in shown
    assert "ey.J.w" not in shown
    assert "not asked for yet" in page(PLACED, PACKED)


def test_a_number_that_no_document_bears_is_shown():
    """Cancelled while it was asked for."""
    cancelled = CANCELLED.model_copy(update={"shipment_id": SHIPMENT["shipment_id"]})
    (shipment,) = told(PLACED, PACKED, cancelled, NUMBERS)["shipments"]
    assert shipment["b2bInvoice"]["unusedNumbers"] == ["2526-000007"]
    assert "2526-000007" in page(PLACED, PACKED, cancelled, NUMBERS)


def test_an_e_way_bill_is_shown_or_that_it_is_needed():
    asked = (PLACED, PACKED, NUMBERS, InvoiceAcknowledged(**SHIPMENT))
    bill = EwayBillNumber(document_number="2526-000007", number="181000000001", valid_until=AT)

    def last(*events: Event, terms: Terms = HEAVY) -> tuple[object, str]:
        out = io.StringIO()
        show_order(Console(file=out, width=160), told(*events, terms=terms), [])
        return told(*events, terms=terms)["shipments"][0]["b2bInvoice"]["ewayBill"], out.getvalue()

    assert last(*asked, terms=TERMS)[0] is None
    needed, shown = last(*asked)
    assert needed == "needed, not there yet"
    assert needed in shown
    issued, shown = last(*asked, REGISTERED, EwayBillIssued(**SHIPMENT, eway_bills=(bill,)))
    assert [one["number"] for one in issued] == ["181000000001"]
    assert "181000000001" in shown


def test_a_correction_shows_when_by_whom_and_why_and_nothing_of_the_consumer():
    moved = RecipientCorrected(
        **ORDER, recipient=PLACED.recipient, corrected_at=AT, corrected_by="care desk", reason="PIN"
    )
    assert told(PLACED, moved)["recipientCorrected"] == {"at": AT, "by": "care desk", "reason": "PIN"}
    assert "put right 2026-01-05 09:00:00 by care desk: PIN" in page(PLACED, moved)


def test_a_reversal_shows_each_of_its_steps():
    said = told(PLACED, PACKED, NUMBERS, InvoiceAcknowledged(**SHIPMENT), REGISTERED, DOCUMENTS, CANCELLED)
    assert said["fulfilment"] == "REVERSING"
    (reversal,) = said["shipments"][0]["reversals"]
    assert reversal["units"] == {"LINE-1": 2, "LINE-2": 1}
    assert (reversal["cause"], reversal["settled"]) == ("CANCELLATION", False)
    assert reversal["steps"] == {
        "b2cReturn": "required",
        "document": "void asked for",
        "goods": "asked for",
        "inventory": "not yet",
    }
    assert [line["cancelled"] for line in said["lines"]] == [2, 1]
    shown = page(PLACED, PACKED, NUMBERS, InvoiceAcknowledged(**SHIPMENT), REGISTERED, DOCUMENTS, CANCELLED)
    assert all(words in shown for words in ("reversal", "B2C return", "void asked for", "settled"))


def test_what_came_early_waits_and_is_told():
    said = told(PACKED)
    assert (said["takenIn"], said["early"]) == (False, [{"type": "PackConfirmed", "since": AT}])
    shown = page(PACKED)
    assert "not taken in yet" in shown
    assert "early: PackConfirmed of 2026-01-05 09:00:00 waits in the row" in shown


def test_parked_records_are_counted():
    assert (told(PLACED)["parked"], told(PLACED, parked=b"3")["parked"], told(PLACED, parked=b"x")["parked"]) == (
        0,
        3,
        0,
    )
    assert "3 records" in page(PLACED, parked=b"3")
    assert summary(row_after(PLACED, parked=b"1"), "Bug: KeyError")["parkedBecause"] == "Bug: KeyError"


@pytest.mark.parametrize(
    "events", [(PLACED,), (PLACED, PACKED, NUMBERS, InvoiceAcknowledged(**SHIPMENT), REGISTERED, DOCUMENTS)]
)
def test_nothing_personal_is_shown(events: tuple[Event, ...]):
    shown = page(*events) + json.dumps(to_jsonable_python(told(*events)))
    for personal in ("Asha", "00000 00000", "asha@", "Example Lane", "Chennai", "600001"):
        assert personal not in shown


def test_what_others_wrote_is_no_markup():
    said = {"time": AT, "topic": "pack", "type": "PackConfirmed", "about": "[bold]S[/bold]", "detail": "reason [/]"}
    shown = page(PLACED, timeline=[said])
    assert "[bold]S[/bold]" in shown
    assert "reason [/]" in shown


def test_a_list_of_orders():
    out = io.StringIO()
    show_orders(Console(file=out, width=160), [summary(row_after(PLACED))])
    assert "YELLOW-MKT/FIRST-ORDER" in out.getvalue()
    assert "1 order\n" in out.getvalue()


def test_an_order_of_which_only_parked_records_are_known_is_listed():
    row = Record("changelog", 0, 0, b"YELLOW-MKT/O1", b"", (("parked", b"2"),), 0)

    listed = summary(row)

    assert (listed["account"], listed["order"], listed["fulfilment"], listed["parked"]) == (
        "YELLOW-MKT",
        "O1",
        "PARKED",
        2,
    )
    with pytest.raises(BadInput, match="all its 2 records are parked"):
        facts(row, datetime.now(UTC))
