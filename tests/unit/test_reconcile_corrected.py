"""What people do by hand: an address that is put right, a document that is cancelled at the registry's portal."""

import pytest
from bookkeeping import Day
from planted import Plant, accuse, both, day, entry, invoice, reversal, twice
from said_upstream import ERP, HOME, MOVED, WMS

from b2b2c_saga.model.words import Address
from b2b2c_saga.reconcile.differences import Kind

__all__ = ["day"]
FIRST, LATER, REFUSED = (f"{ERP}/{code}" for code in ("MOVED", "MOVED-2", "MOVED-3"))
B2B_ORDERED = f"{WMS}/W-MOVED"
BY_HAND, AGAIN, REVOKED = f"{ERP}/BY-HAND", f"{ERP}/BY-HAND-2", f"{ERP}/REVOKED"


def region(of: Address) -> dict[str, str]:
    return {"city": of.city, "pin": of.pin, "state": of.state}


OLD, NEW = region(HOME), region(MOVED.shipping_address)


def test_what_was_played(day: Day) -> None:
    """Goods go where the consumer was known to live when the document was sent."""
    shown = [
        day.entries(system, table, key)[0]["ship_to"]
        for system, table, key in (
            ("erp", "invoices", FIRST),
            ("erp", "invoices", LATER),
            ("erp", "credit_notes", LATER),
            ("wms", "b2b_orders", B2B_ORDERED),
            ("rms", "invoices", B2B_ORDERED),
        )
    ]
    assert shown == [NEW, OLD, NEW, OLD, NEW]


@pytest.mark.parametrize(
    ("plant", "order"),
    [
        (entry("erp", "invoices", FIRST, ship_to=OLD), FIRST),
        (entry("erp", "invoices", REFUSED, ship_to=OLD), REFUSED),
        (entry("erp", "credit_notes", FIRST, ship_to=OLD), FIRST),
        (entry("erp", "credit_notes", LATER, ship_to=OLD), LATER),
        (entry("rms", "invoices", B2B_ORDERED, ship_to=OLD), B2B_ORDERED),
        (invoice(LATER, outdated=frozenset()), LATER),
    ],
)
def test_what_was_sent_after_a_correction_bears_the_new_address(day: Day, plant: Plant, order: str) -> None:
    accuse(day, plant, Kind.PARTIES, order)


def test_a_credit_note_that_was_sent_before_it_may_bear_the_old_one(day: Day) -> None:
    both(entry("erp", "credit_notes", LATER, ship_to=OLD), reversal(LATER, outdated=(("issue_credit_note", 1),)))(day)
    assert day.proof.differences == ()


def test_a_document_that_was_cancelled_by_hand_needs_no_credit_note(day: Day) -> None:
    (invoice,) = day.entries("erp", "invoices", BY_HAND)
    assert (invoice["status"], invoice["voided_for"]) == ("VOIDED", None)
    assert day.orders[BY_HAND].shipments[0].invoice.is_revoked
    assert day.entries("erp", "credit_notes", BY_HAND) == []
    dead, living = day.entries("erp", "invoices", AGAIN)
    assert [note["preceding_document"] for note in day.entries("erp", "credit_notes", AGAIN)] == [
        living["document_number"]
    ]
    assert dead["status"] == "VOIDED"


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (invoice(BY_HAND, revoked=frozenset()), Kind.REVERSED, BY_HAND),
        (entry("erp", "invoices", BY_HAND, status="REGISTERED", voided_at=None), Kind.INVOICED, BY_HAND),
        (twice("erp", "credit_notes", AGAIN, reversal="return-9"), Kind.REVERSED, AGAIN),
        (entry("erp", "credit_notes", REVOKED, registered_at=lambda at: at + 3600), Kind.CREDITED, REVOKED),
    ],
)
def test_documents_that_were_cancelled_by_hand(day: Day, plant: Plant, kind: Kind, order: str) -> None:
    accuse(day, plant, kind, order)


def test_a_credit_note_for_a_document_that_was_cancelled_by_hand_before(day: Day) -> None:
    dead, _ = day.entries("erp", "invoices", AGAIN)
    (note,) = day.entries("erp", "credit_notes", AGAIN)
    note["preceding_document"] = dead["document_number"]
    assert (Kind.CREDITED, "credited when it was dead already") in {(d.kind, d.note) for d in day.proof.differences}
