"""Planted differences about a document's kind, its rates, what is sold, and what the registry gave for it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bookkeeping import Bookkeeping, Day, here
from planted import Plant, accuse, both, day, entry, invoice, line, row
from said_upstream import DERIVED, ERP, EU, HOME_STATE, WMS, packed, placed

from b2b2c_saga.model.messages.fiscal import DocumentType
from b2b2c_saga.reconcile.differences import Kind

__all__ = ["day", "here"]
SOLD, RETURNED, REVOKED, NIL, MIXED = (f"{ERP}/{code}" for code in ("SOLD", "RETURNED", "REVOKED", "NIL", "MIXED"))
SPLIT, W_SOLD, ODD, EUROPEAN = f"{ERP}/SPLIT", f"{WMS}/W-SOLD", f"{HOME_STATE}/ODD", f"{EU}/EU"
FIVE, TWELVE = Decimal(5), Decimal(12)
PRICE, PAISA = Decimal("399.21"), Decimal("0.01")


def parts(nth: int = 0, **changes: Any) -> dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]]:  # noqa: ANN401
    return {"parts": line(nth, **changes)}


def test_what_was_played(day: Day) -> None:
    """Goods without tax alone go with a bill of supply, and have no registration; with others they have."""
    (bill,), (note,) = day.entries("erp", "invoices", NIL), day.entries("erp", "credit_notes", NIL)
    assert (bill["type"], bill["status"], bill["registration"]) == ("BIL", "ISSUED", None)
    assert (note["type"], note["status"], note["registration"]) == ("CRN", "ISSUED", None)
    (mixed,) = day.entries("erp", "invoices", MIXED)
    assert (mixed["type"], {Decimal(one["gst_rate"]) for one in mixed["lines"]}) == ("INV", {0, 5})
    (elsewhere,) = day.entries("erp", "invoices", f"{EU}/EU-NIL")
    assert (elsewhere["type"], elsewhere["status"]) == ("INV", "REGISTERED")
    (odd,) = day.entries("erp", "invoices", ODD)
    assert (odd["total"], odd["lines"][0]["total"]) == ("1197.63", "1197.64"), "no value comes to it with two halves"
    assert [(told.total, told.round_off) for told in day.returns[ODD]] == [(PRICE, -PAISA), (PRICE, PAISA)]


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (entry("erp", "invoices", NIL, type="INV"), Kind.PARTIES, NIL),
        (entry("erp", "invoices", SOLD, type="BIL"), Kind.PARTIES, SOLD),
        (entry("erp", "invoices", EUROPEAN, type="BIL"), Kind.PARTIES, EUROPEAN),
        (entry("erp", "invoices", REVOKED, type="BIL"), Kind.PARTIES, REVOKED),
        (entry("erp", "credit_notes", RETURNED, type="INV"), Kind.PARTIES, RETURNED),
        (invoice(NIL, type=DocumentType.INVOICE), Kind.INVOICED, NIL),
        (invoice(SOLD, type=DocumentType.BILL_OF_SUPPLY), Kind.INVOICED, SOLD),
        (invoice(NIL, registration="irn"), Kind.INVOICED, NIL),
        (entry("erp", "invoices", NIL, registered_at=None), Kind.HANDED_OVER, NIL),
        (entry("erp", "invoices", NIL, status="REVOKED"), Kind.INVOICED, NIL),
        (entry("erp", "invoices", NIL, **parts(registration="irn")), Kind.PARTS, NIL),
        (entry("erp", "credit_notes", NIL, **parts(registration="irn")), Kind.PARTS, NIL),
        (entry("erp", "credit_notes", NIL, lines=line(quantity=2)), Kind.REVERSED, NIL),
    ],
)
def test_kinds_of_documents(day: Day, plant: Plant, kind: Kind, order: str) -> None:
    accuse(day, plant, kind, order)


@pytest.mark.parametrize(
    ("plant", "order"),
    [
        (entry("erp", "invoices", SOLD, **parts(ack_number="112600000000099")), SOLD),
        (entry("erp", "invoices", SOLD, **parts(ack_date="2026-01-01T00:00:00+05:30")), SOLD),
        (entry("erp", "invoices", SOLD, **parts(signed_qr_code="a.b.c")), SOLD),
        (entry("erp", "invoices", SPLIT, **parts(1, ack_number=None)), SPLIT),
        (entry("rms", "invoices", W_SOLD, **parts(ack_date=None)), W_SOLD),
        (invoice(SOLD, documents=()), SOLD),
        (invoice(NIL, documents=()), NIL),
        (invoice(EUROPEAN, documents=()), EUROPEAN),
        (row(SPLIT, lambda o: _without_part(o, 1)), SPLIT),
    ],
)
def test_what_the_registry_gave(day: Day, plant: Plant, order: str) -> None:
    accuse(day, plant, Kind.REGISTERED, order)


def _without_part(order: Any, nth: int) -> Any:  # noqa: ANN401 - a row
    s = order.shipments[0]
    kept = tuple(one for place, one in enumerate(s.invoice.documents) if place != nth)
    return order.with_shipment(replace(s, invoice=replace(s.invoice, documents=kept)))


def test_a_long_code_is_not_told(day: Day) -> None:
    entry("erp", "invoices", SOLD, **parts(signed_qr_code="a.b.c"))(day)
    assert [dict(one.says) for one in day.proof.differences] == [{}]


def test_a_row_of_a_version_that_did_not_keep_them_needs_none(day: Day) -> None:
    invoice(f"{DERIVED}/DERIVED", documents=())(day)
    assert day.proof.differences == ()


@pytest.mark.parametrize(
    ("plant", "order", "note"),
    [
        (entry("erp", "invoices", SOLD, lines=line(gst_rate="12")), SOLD, "that of the invoice"),
        (invoice(SOLD, rates=(("L1", FIVE), ("L2", TWELVE))), SOLD, "that of the invoice"),
        (entry("erp", "credit_notes", RETURNED, lines=line(gst_rate="12")), RETURNED, "that of the invoice"),
        (entry("erp", "credit_notes", REVOKED, lines=line(gst_rate="12")), REVOKED, "that of the invoice"),
        (entry("erp", "invoices", REVOKED, lines=line(gst_rate="19")), REVOKED, "there is no such rate"),
        (
            both(
                entry("erp", "invoices", SOLD, lines=line(gst_rate="12")),
                invoice(SOLD, rates=(("L1", TWELVE), ("L2", FIVE))),
            ),
            SOLD,
            "one rate for HSN 621142 at 400.00",
        ),
    ],
)
def test_rates(day: Day, plant: Plant, order: str, note: str) -> None:
    accuse(day, plant, Kind.RATE, order)
    assert note in {one.note for one in day.proof.differences if one.kind is Kind.RATE}


def test_what_was_refused_bears_the_rates_of_its_own_day(here: Bookkeeping) -> None:
    """It may be sent again under its number much later: the row has the rates of that day then."""
    here.fault(SOLD, erp={"refuse": 1})
    here.tell(placed("SOLD", {"L1": 1, "L2": 1}), packed("SOLD", {"L1": 1, "L2": 1}))
    end = here.end()
    (refused,) = end.entries("erp", "invoices", SOLD)
    assert refused["status"] == "REFUSED"
    invoice(SOLD, rates=(("L1", TWELVE), ("L2", TWELVE)))(end)
    assert end.proof.differences == ()
    end.rows.append(("erp", refused | {"financial_year": "2025-26", "document_date": "2026-03-31"}))
    refused |= {"status": "PENDING"}
    assert {one.place for one in end.proof.differences if one.kind is Kind.RATE} == {
        f"S1 {refused['document_number']} {code}" for code in ("L1", "L2")
    }


def test_elsewhere_there_are_other_rates(day: Day) -> None:
    (found,) = day.entries("erp", "invoices", EUROPEAN)
    for one in found["lines"]:
        one["gst_rate"] = "19"
    (note,) = day.entries("erp", "credit_notes", EUROPEAN)
    note["lines"][0]["gst_rate"] = "19"
    nineteen = tuple((one["order_item_code"], Decimal(19)) for one in found["lines"])
    invoice(EUROPEAN, rates=nineteen)(day)
    assert Kind.RATE not in {one.kind for one in day.proof.differences}


@pytest.mark.parametrize(
    ("plant", "order"),
    [
        (entry("erp", "invoices", SOLD, lines=line(hsn_code="610910")), SOLD),
        (entry("erp", "invoices", SOLD, lines=line(description="SKU-L1")), SOLD),
        (entry("erp", "invoices", EUROPEAN, lines=line(sku="SKU-L9")), EUROPEAN),
    ],
)
def test_what_is_sold(day: Day, plant: Plant, order: str) -> None:
    accuse(day, plant, Kind.INVOICED, order)


def test_a_name_is_told_without_the_marks_that_a_registry_does_not_take(day: Day) -> None:
    row(SOLD, lambda o: replace(o, lines=(replace(o.lines[0], name='Kurta, "of the tests"'), *o.lines[1:])))(day)
    assert day.proof.differences == ()


def test_an_order_of_a_version_that_kept_no_names(day: Day) -> None:
    row(SOLD, lambda o: replace(o, lines=(replace(o.lines[0], name=""), *o.lines[1:])))(day)
    assert day.proof.differences == ()
