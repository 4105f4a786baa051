"""Planted differences about e-way bills: goods that moved without one, and bills that should not be there."""

from dataclasses import replace
from decimal import Decimal

import pytest
from bookkeeping import Day
from planted import Plant, accuse, day, entry, invoice, lost, row, twice
from said_upstream import ERP, HEAVY

from b2b2c_saga.reconcile.differences import Kind

__all__ = ["day"]
SOLD, LIGHT, VOIDED, REVOKED, APART, TWICE = (
    f"{HEAVY}/H-{code}" for code in ("SOLD", "LIGHT", "VOIDED", "REVOKED", "APART", "TWICE")
)


def test_what_was_played(day: Day) -> None:
    """A bill for each part; with the registration, or asked for; of a voided document it is cancelled."""
    bills = {key: day.entries("erp", "eway_bills", key) for key in (SOLD, APART, LIGHT, VOIDED, REVOKED)}
    assert {key: len(of_order) for key, of_order in bills.items()} == {
        SOLD: 2,
        APART: 2,
        LIGHT: 0,
        VOIDED: 1,
        REVOKED: 2,
    }
    assert [bill["cancelled_at"] is not None for bill in bills[VOIDED]] == [True]
    assert day.orders[APART].shipments[0].has("request_eway_bill")
    assert not day.orders[SOLD].shipments[0].has("request_eway_bill")


def _above(rupees: int) -> Plant:
    """The account's own threshold."""
    return row(
        SOLD,
        lambda o: replace(o, terms=replace(o.terms, eway_bill=replace(o.terms.eway_bill, above=Decimal(rupees)))),
    )


@pytest.mark.parametrize(
    ("plant", "order"),
    [
        (lost("erp", "eway_bills", SOLD), SOLD),
        (lost("erp", "eway_bills", SOLD, 1), SOLD),
        (entry("erp", "eway_bills", SOLD, number="180000000099"), SOLD),
        (entry("erp", "eway_bills", SOLD, document_number="E/00-00/00000009"), SOLD),
        (entry("erp", "eway_bills", SOLD, issued_at=lambda at: at + 60), SOLD),
        (entry("erp", "eway_bills", SOLD, cancelled_at=1.0), SOLD),
        (entry("erp", "eway_bills", SOLD, shipment_id="S9"), SOLD),
        (twice("erp", "eway_bills", SOLD, number="180000000099"), SOLD),
        (twice("erp", "eway_bills", SOLD, number="180000000099", issued_at=1.0), SOLD),
        (twice("erp", "eway_bills", SOLD, number="180000000099", order_code="H-LIGHT"), LIGHT),
        (entry("erp", "eway_bills", VOIDED, cancelled_at=None), VOIDED),
        (entry("erp", "eway_bills", REVOKED, issued_at=lambda at: at + 60), REVOKED),
        (invoice(SOLD, eway_bills=()), SOLD),
        (invoice(SOLD, needs_eway_bill=False), SOLD),
        (invoice(LIGHT, needs_eway_bill=True), LIGHT),
        (_above(3000), SOLD),
    ],
)
def test_eway_bills(day: Day, plant: Plant, order: str) -> None:
    accuse(day, plant, Kind.EWAY_BILL, order)


def test_two_that_are_active_for_a_document_are_both_named(day: Day) -> None:
    first = day.entries("erp", "eway_bills", SOLD)[0]["number"]
    twice("erp", "eway_bills", SOLD, number="180000000099")(day)
    says = [(one.place, one.says) for one in day.proof.differences if one.note == "more than one active"]
    both = {"erp": [first, "180000000099"]}
    assert says == [(f"S1 {first}", both), ("S1 180000000099", both)]


def test_one_that_was_cancelled_when_the_goods_had_moved(day: Day) -> None:
    for bill in day.entries("erp", "eway_bills", SOLD):
        bill["cancelled_at"] = bill["issued_at"] + 3600
    assert day.proof.differences == ()


def test_what_was_dead_before_the_goods_moved_needs_none(day: Day) -> None:
    """They moved with the next document, which has its own."""
    lost("erp", "eway_bills", TWICE)(day)
    assert day.proof.differences == ()
    lost("erp", "eway_bills", TWICE)(day)
    assert {(one.kind, one.order) for one in day.proof.differences} == {(Kind.EWAY_BILL, TWICE)}


def test_one_of_an_order_that_nobody_knows_or_at_another_system(day: Day) -> None:
    twice("erp", "eway_bills", SOLD, order_code="NOBODYS")(day)
    day.rows.append(("rms", dict(day.entries("erp", "eway_bills", APART)[0])))
    assert {(one.kind, one.order) for one in day.proof.differences} == {
        (Kind.UNKNOWN_ORDER, f"{HEAVY}/NOBODYS"),
        (Kind.INVOICED, APART),
    }


def test_an_account_that_asks_for_none(day: Day) -> None:
    twice("erp", "eway_bills", SOLD, account=ERP, order_code="SOLD")(day)
    found = day.proof
    assert {(one.kind, one.order, one.note) for one in found.differences} == {
        (Kind.EWAY_BILL, f"{ERP}/SOLD", "for a document that is not there")
    }
    measures = next(account for account in found.accounts if account.name == ERP).measures
    assert {one.name: one.differences for one in measures}["e-way bills"] == 1
