"""Planted differences about B2B documents, their money, and B2C returns: each is named, and nobody else is accused."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bookkeeping import Day
from planted import Plant, accuse, day, entry, line, lost, moved, reversal, row, twice
from said_upstream import DERIVED, ERP, EU, HOME_STATE, PLAIN, WMS

from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.reconcile.differences import Kind

__all__ = ["day"]
SOLD, VOIDED, RETURNED, SPLIT = (f"{ERP}/{code}" for code in ("SOLD", "VOIDED", "RETURNED", "SPLIT"))
REVOKED, DIFFERS, ALL_BACK = (f"{ERP}/{code}" for code in ("REVOKED", "DIFFERS", "ALL-BACK"))
W_SOLD, W_RETURNED, W_VOIDED = (f"{WMS}/{code}" for code in ("W-SOLD", "W-RETURNED", "W-VOIDED"))
PASSED, NEAR, EUROPEAN = f"{PLAIN}/PLAIN", f"{HOME_STATE}/NEAR", f"{EU}/EU"


UNDOES = "a part for each part of the invoice that it undoes something of"


def other(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:  # noqa: ANN401 - a book's value
    return lambda was: was | changes


def without_parts(of: int) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda parts: parts[:of]


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (lost("erp", "invoices", SOLD), Kind.INVOICED, SOLD),
        (lost("erp", "invoices", SOLD), Kind.HANDED_OVER, SOLD),
        (lost("rms", "invoices", W_SOLD), Kind.INVOICED, W_SOLD),
        (moved("rms", "invoices", W_SOLD, "erp"), Kind.INVOICED, W_SOLD),
        (moved("erp", "credit_notes", RETURNED, "rms"), Kind.INVOICED, RETURNED),
        (twice("erp", "invoices", SOLD, shipment_id="S9"), Kind.INVOICED, SOLD),
        (twice("erp", "invoices", SOLD, account=PLAIN, order_code="PLAIN"), Kind.INVOICED, PASSED),
        (twice("erp", "invoices", SOLD, order_code="NOBODYS"), Kind.UNKNOWN_ORDER, f"{ERP}/NOBODYS"),
        (twice("erp", "invoices", SOLD, document_number="B2"), Kind.TWO_LIVE_INVOICES, SOLD),
        (twice("erp", "invoices", SOLD, status="PENDING"), Kind.TWO_LIVE_INVOICES, SOLD),
        (entry("erp", "invoices", SOLD, lines=line(quantity=1)), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", SOLD, lines=line(quantity=9)), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", SOLD, lines=line(description="SKU-L9")), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", SOLD, lines=line(order_item_code="L9")), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", REVOKED, lines=line(order_item_code="L9")), Kind.INVOICED, REVOKED),
        (entry("erp", "invoices", EUROPEAN, lines=line(quantity=9)), Kind.INVOICED, EUROPEAN),
        (entry("erp", "invoices", EUROPEAN, parts=without_parts(1)), Kind.PARTS, EUROPEAN),
        (entry("erp", "invoices", SOLD, registration="irn-other"), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", SOLD, registered_at=None), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", SOLD, registered_at=None), Kind.HANDED_OVER, SOLD),
        (entry("erp", "invoices", SOLD, registered_at=lambda at: at + 60), Kind.HANDED_OVER, SOLD),
        (entry("marketplace", "handovers", SOLD, handed_over_at="2026-01-01T00:00:00Z"), Kind.HANDED_OVER, SOLD),
        (entry("erp", "invoices", SOLD, status="REVOKED"), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", SOLD, status="REFUSED"), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", REVOKED, status="REGISTERED"), Kind.TWO_LIVE_INVOICES, REVOKED),
        (entry("erp", "invoices", SOLD, buyer=other(gstin="29AABCK1234M1ZG")), Kind.PARTIES, SOLD),
        (entry("erp", "invoices", SOLD, buyer=other(account_code="Y-9")), Kind.PARTIES, SOLD),
        (entry("erp", "invoices", SOLD, seller=other(legal_name="Somebody")), Kind.PARTIES, SOLD),
        (entry("erp", "invoices", SOLD, ship_to=other(pin="400001")), Kind.PARTIES, SOLD),
        (entry("erp", "invoices", SOLD, ship_to=other(state="29")), Kind.PARTIES, SOLD),
        (entry("erp", "invoices", SOLD, ship_to=None), Kind.PARTIES, SOLD),
        (entry("erp", "invoices", SOLD, provider="en16931"), Kind.PARTIES, SOLD),
        (entry("erp", "credit_notes", RETURNED, buyer=other(account_code="Y-9")), Kind.PARTIES, RETURNED),
        (entry("erp", "invoices", SPLIT, parts=without_parts(1)), Kind.PARTS, SPLIT),
        (entry("erp", "invoices", SPLIT, parts=line(1, document_number="B9")), Kind.PARTS, SPLIT),
        (entry("erp", "invoices", SPLIT, parts=line(1, registration="other")), Kind.PARTS, SPLIT),
        (entry("erp", "invoices", SPLIT, document_date="2019-04-01"), Kind.PARTS, SPLIT),
        (entry("erp", "invoices", f"{DERIVED}/D-REVOKED", parts=without_parts(1)), Kind.PARTS, f"{DERIVED}/D-REVOKED"),
        (entry("erp", "credit_notes", SPLIT, parts=without_parts(1)), Kind.PARTS, SPLIT),
        (entry("erp", "credit_notes", SPLIT, parts=line(1, registration="other")), Kind.PARTS, SPLIT),
    ],
)
def test_invoices(day: Day, plant: Plant, kind: Kind, order: str) -> None:
    accuse(day, plant, kind, order)


def test_a_part_with_too_many_lines(day: Day) -> None:
    (found,) = day.entries("erp", "invoices", SPLIT)
    for one in found["lines"]:
        one["document_number"] = found["document_number"]
    assert (Kind.PARTS, "2 lines at most") in {(one.kind, one.note) for one in day.proof.differences}


def test_a_part_of_a_credit_note_that_undoes_two_parts_of_the_invoice(day: Day) -> None:
    note = day.entries("erp", "credit_notes", SPLIT)[0]
    for one in note["lines"]:
        one["document_number"] = note["document_number"]
    assert UNDOES in {one.note for one in day.proof.differences if one.kind is Kind.PARTS}


def test_two_parts_of_a_credit_note_that_undo_one_of_the_invoice(day: Day) -> None:
    note = day.entries("erp", "credit_notes", RETURNED)[0]
    note["parts"].append(note["parts"][0] | {"document_number": "C9"})
    note["lines"][1]["document_number"] = "C9"
    reversal(RETURNED, numbers=(note["document_number"], "C9"))(day)
    assert {one.note for one in day.proof.differences if one.kind is Kind.PARTS} == {UNDOES, "IRN"}


def test_a_part_of_a_credit_note_under_another_number_than_the_row_has(day: Day) -> None:
    note = day.entries("erp", "credit_notes", SPLIT)[0]
    note["parts"][1]["document_number"] = note["lines"][1]["document_number"] = "C9"
    assert {one.note for one in day.proof.differences if one.kind is Kind.PARTS} == {"numbers of its parts", "IRN"}


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (entry("erp", "invoices", SOLD, lines=line(taxable_value="761.91")), Kind.MONEY, SOLD),
        (entry("erp", "invoices", SOLD, lines=line(tax="38.11")), Kind.MONEY, SOLD),
        (entry("erp", "invoices", SOLD, lines=line(total="800.01")), Kind.MONEY, SOLD),
        (entry("erp", "invoices", SOLD, total="1200.01"), Kind.MONEY, SOLD),
        (entry("erp", "invoices", SPLIT, parts=line(1, total="800.01")), Kind.MONEY, SPLIT),
        (entry("erp", "invoices", REVOKED, lines=line(tax="38.11")), Kind.MONEY, REVOKED),
        (entry("rms", "invoices", W_SOLD, lines=line(total="448.01")), Kind.MONEY, W_SOLD),
        (entry("erp", "invoices", NEAR, lines=line(tax="38.11")), Kind.MONEY, NEAR),
        (entry("erp", "invoices", EUROPEAN, lines=line(taxable_value="1142.87")), Kind.MONEY, EUROPEAN),
        (entry("erp", "credit_notes", EUROPEAN, total="400.01"), Kind.MONEY, EUROPEAN),
        (entry("erp", "credit_notes", RETURNED, total="1.00"), Kind.MONEY, RETURNED),
        (entry("erp", "credit_notes", RETURNED, lines=line(tax="19.04")), Kind.MONEY, RETURNED),
        (entry("erp", "credit_notes", ALL_BACK, nth=1, lines=line(tax="38.08")), Kind.MONEY, ALL_BACK),
        (entry("erp", "credit_notes", ALL_BACK, nth=1, lines=line(tax="38.08")), Kind.CREDITED, ALL_BACK),
        (entry("erp", "credit_notes", RETURNED, lines=line(taxable_value="800.00")), Kind.CREDITED, RETURNED),
        (entry("erp", "credit_notes", RETURNED, lines=line(quantity=3)), Kind.CREDITED, RETURNED),
        (entry("erp", "credit_notes", SPLIT, lines=line(order_item_code="L9")), Kind.CREDITED, SPLIT),
        (twice("erp", "credit_notes", RETURNED), Kind.CREDITED, RETURNED),
        (
            row(SOLD, lambda o: replace(o, lines=(replace(o.lines[0], unit_price=Decimal(1)), *o.lines[1:]))),
            Kind.MONEY,
            SOLD,
        ),
    ],
)
def test_money(day: Day, plant: Plant, kind: Kind, order: str) -> None:
    accuse(day, plant, kind, order)


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (entry("erp", "invoices", SOLD, status="VOIDED", voided_for="cancel-1"), Kind.STAYED_SOLD, SOLD),
        (entry("erp", "invoices", SOLD, status="VOIDED", voided_for="cancel-1"), Kind.REVERSED, SOLD),
        (entry("erp", "invoices", SOLD, status="VOIDED"), Kind.REVERSED, SOLD),
        (entry("erp", "invoices", VOIDED, status="REGISTERED"), Kind.REVERSED, VOIDED),
        (entry("rms", "invoices", W_VOIDED, status="REGISTERED"), Kind.STAYED_SOLD, W_VOIDED),
        (entry("erp", "invoices", VOIDED, voided_for="cancel-9"), Kind.REVERSED, VOIDED),
        (lost("erp", "credit_notes", RETURNED), Kind.REVERSED, RETURNED),
        (lost("erp", "credit_notes", RETURNED), Kind.STAYED_SOLD, RETURNED),
        (lost("rms", "credit_notes", W_RETURNED), Kind.STAYED_SOLD, W_RETURNED),
        (entry("erp", "credit_notes", RETURNED, lines=line(quantity=2)), Kind.REVERSED, RETURNED),
        (entry("erp", "credit_notes", RETURNED, document_number="C9"), Kind.REVERSED, RETURNED),
        (entry("erp", "credit_notes", RETURNED, preceding_document="B9"), Kind.REVERSED, RETURNED),
        (twice("erp", "credit_notes", RETURNED, reversal="return-9"), Kind.REVERSED, RETURNED),
        (twice("erp", "credit_notes", RETURNED, order_code="VOIDED", reversal="cancel-3"), Kind.REVERSED, VOIDED),
    ],
)
def test_voids_and_credit_notes(day: Day, plant: Plant, kind: Kind, order: str) -> None:
    accuse(day, plant, kind, order)


def test_a_credit_note_that_nobody_asked_for(day: Day) -> None:
    order = day.orders[RETURNED]
    s = order.shipments[0]
    never_asked = replace(s.reversals[0], undone_by=None, opened=(("require_b2c_return", 1),))
    day.orders[RETURNED] = order.with_shipment(s.with_reversal(never_asked))
    told = {(one.kind, one.note) for one in day.proof.differences}
    assert told == {(Kind.REVERSED, "undone, and the row doesn't know")}


def test_a_void_and_a_credit_note_of_one_document(day: Day) -> None:
    (note,) = day.entries("erp", "credit_notes", RETURNED)
    (invoice,) = day.entries("erp", "invoices", RETURNED)
    invoice |= {"status": "VOIDED", "voided_for": note["reversal"]}
    assert (Kind.CREDITED, "voided and credited") in {(one.kind, one.note) for one in day.proof.differences}


def test_a_credit_note_may_not_undo_a_dead_document_for_units_of_the_living_one(day: Day) -> None:
    dead, living = (one["document_number"] for one in day.entries("erp", "invoices", REVOKED))
    first, second = day.entries("erp", "credit_notes", REVOKED)
    assert (first["preceding_document"], second["preceding_document"]) == (dead, living)
    second["preceding_document"] = dead
    assert Kind.REVERSED in {one.kind for one in day.proof.differences}
    second["preceding_document"], first["preceding_document"] = living, living
    assert Kind.REVERSED in {one.kind for one in day.proof.differences}


def test_a_parcel_may_not_have_left_without_an_invoice_though_both_sides_say_so(day: Day) -> None:
    order = day.orders[SOLD]
    s = order.shipments[0]
    day.orders[SOLD] = order.with_shipment(replace(s, invoice=replace(s.invoice, registered_at=None)))
    day.rows = [(name, one) for name, one in day.rows if one["table"] != "invoices" or one["order_code"] != "SOLD"]
    assert [(one.kind, one.order) for one in day.proof.differences] == [(Kind.HANDED_OVER, SOLD)]


def test_what_was_invoiced_is_what_the_row_says_and_not_what_was_packed(day: Day) -> None:
    invoice = day.orders[DIFFERS].shipments[0].invoice
    assert (invoice.quantities, day.orders[DIFFERS].shipments[0].quantities.total) == (
        Quantities.of({"L1": 1, "L2": 1}),
        3,
    )
