"""How a document is undone: voided as a whole, credited, cancelled by hand at the portal, or taken back by it."""

from typing import Any

from b2b2c_saga.sandbox.answers import dead, duplicate, invalid, invoice_of, refused
from b2b2c_saga.sandbox.crediting import check_credit, credited
from b2b2c_saga.sandbox.documents import Documented, check_date, read
from b2b2c_saga.sandbox.eway_bills import TOO_LATE, active_bills, are_too_old, cancel_bills
from b2b2c_saga.sandbox.payloads import Wrong
from b2b2c_saga.sandbox.registration import TAKEN_BACK, registered, take_back
from b2b2c_saga.sandbox.series import check_numbers
from b2b2c_saga.sandbox.system import Answer, Desk, OfOrder
from b2b2c_saga.sandbox.tables import BILL_OF_SUPPLY, CREDIT_NOTE, LIVE, REGISTERED, VOIDED
from b2b2c_saga.sandbox.told import told
from b2b2c_saga.sandbox.used_numbers import take, taken

NO_VOIDS = Answer({"code": "NO_VOIDS", "reason": "a document of this kind can't be voided"}, 422)
WINDOW_OVER = Answer({"code": "WINDOW_OVER", "reason": "the document can be voided no more"}, 409)
CREDITED = Answer({"code": "CREDITED", "reason": "a part of the document is credited"}, 409)
EWAY_BILL = Answer({"code": "EWAY_BILL", "reason": "an e-way bill of the document is active: cancel it first"}, 409)
BY_HAND = {"code": VOIDED, "reason": "9999: the document is not active: it was cancelled at the portal"}


class CreditNote(Documented):
    """Undo a part of a document, or all of it."""

    reversal: str
    preceding_document: str


class Void(OfOrder):
    """Undo all of a document."""

    document_number: str
    reversal: str


class PortalCancellation(OfOrder):
    """A person cancels a registered document at the portal."""

    document_number: str
    reason: str = "cancelled at the portal"


class Revocation(OfOrder):
    """The registry takes a document back."""

    document_number: str
    reason: str = TAKEN_BACK


def void(desk: Desk, asked: Void) -> Answer:
    """All of a document, inside its window, with nothing of it credited and no active e-way bill."""
    known = invoice_of(desk, asked, asked.document_number)
    if isinstance(known, Answer):
        return known
    if no := _can_not_be_voided(desk, known):
        return no
    if active_bills(desk, known):
        return EWAY_BILL
    return _voided(desk, known, voided_for=asked.reversal)


def cancel_at_portal(desk: Desk, asked: PortalCancellation) -> Answer:
    """By the same rules as a void; the person cancels the e-way bill first."""
    known = invoice_of(desk, asked, asked.document_number)
    if isinstance(known, Answer):
        return known
    if known["type"] == BILL_OF_SUPPLY:
        return dead(known, "cancel: the portal has no bills of supply")
    if no := _can_not_be_voided(desk, known):
        return no
    bills = active_bills(desk, known).values()
    if are_too_old(desk, bills):
        return TOO_LATE
    cancel_bills(desk, bills)
    return _voided(desk, known, reason=asked.reason)


def credit(desk: Desk, asked: CreditNote) -> Answer:
    """All parts of it, or none; never more than was invoiced, line by line, in units or in money."""
    known = invoice_of(desk, asked, asked.preceding_document)
    if isinstance(known, Answer):
        return known
    is_reported = known["type"] != BILL_OF_SUPPLY
    try:
        whole = read(asked, (CREDIT_NOTE,))
        check_numbers(desk, whole, asked.reversal)
        if before := taken(desk, whole):
            return duplicate(before)
        check_date(desk, whole, is_reported=is_reported)
        check_credit(desk, whole, known)
    except Wrong as wrong:
        return invalid(wrong)
    if known["status"] not in LIVE:
        return dead(known, "credit")
    if desk.faults(asked.account, asked.order_code).refuse > desk.chance("refuse", asked.document_number):
        return refused("the credit note's reason is missing in the brand's books")
    row = whole.row | {"reversal": asked.reversal, "preceding_document": asked.preceding_document}
    row["order_number"] = known["order_number"]
    if not is_reported:
        row |= {"registration": None, "parts": [part | {"registration": None} for part in row["parts"]]}
    take(desk, whole)
    row |= registered(desk, row)
    desk.book.add("credit_notes", row)
    return Answer(told(desk, row))


def revoke(desk: Desk, asked: Revocation) -> Answer:
    """Played by whoever wants to see it: the registry's word comes from outside."""
    known = invoice_of(desk, asked, asked.document_number)
    if isinstance(known, Answer):
        return known
    if known["status"] == REGISTERED:
        take_back(desk, known | {"revoke_at": None}, asked.reason)
    return Answer({"documentNumber": asked.document_number})


def _voided(desk: Desk, known: dict[str, Any], **why: str) -> Answer:
    desk.book.add("invoices", known | why | {"status": VOIDED, "voided_at": desk.now, "revoke_at": None})
    return Answer({"documentNumber": known["document_number"], "status": VOIDED})


def _can_not_be_voided(desk: Desk, known: dict[str, Any]) -> Answer | None:
    """Why; None if it can be."""
    if known["status"] == VOIDED and known["voided_for"] is None:
        return Answer(BY_HAND, 409)
    if known["status"] == VOIDED:
        already = {"code": VOIDED, "reason": "the document is voided already"}
        return Answer(already | {"voidedFor": known["voided_for"]}, 409)
    if known["provider"] != "india-inv01":
        return NO_VOIDS
    if known["status"] not in LIVE:
        return dead(known, "void")
    if desk.now > known["registered_at"] + desk.faults(known["account"], known["order_code"]).void_window_s:
        return WINDOW_OVER
    return CREDITED if credited(desk, known) else None
