"""The issuer of B2B documents, with the registry behind it: the same for the brand's ERP and for RMS.

It holds every payload against the registry's rules by itself. An invoice is acknowledged at once and registered (or
refused) some time later, and may be taken back after that; time alone changes it, so `settle` is called before
anything looks. A document's number tells a repeat, whatever its idempotency key: one that the registry has is a
duplicate (2150) and may be looked up; one that it refused may be sent again.
"""

from collections import defaultdict
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime

from b2b2c_saga.sandbox.documents import (
    PENDING,
    REFUSED,
    REGISTERED,
    REVOKED,
    TABLES,
    VOIDED,
    Documented,
    Whole,
    add_foreign,
    duplicate,
    free,
    invalid,
    read,
    take,
    taken,
    told,
    year_of,
)
from b2b2c_saga.sandbox.payloads import TOLERANCE, Wrong
from b2b2c_saga.sandbox.system import Answer, Asked, Desk, OfOrder, System

INDIA = timezone(timedelta(hours=5, minutes=30))
NOT_THERE = Answer({"code": "UNKNOWN_DOCUMENT", "reason": "no such document"}, 404)
NOT_YET = Answer({"code": "PENDING", "reason": "the document is not registered yet"}, 425)
NO_VOIDS = Answer({"code": "NO_VOIDS", "reason": "a document of this kind can't be voided"}, 422)
WINDOW_OVER = Answer({"code": "WINDOW_OVER", "reason": "the document can be voided no more"}, 409)
CREDITED = Answer({"code": "CREDITED", "reason": "a part of the document is credited"}, 409)


class Invoice(Documented):
    """Step 3.2: the pack confirmation; step 3.3 follows from it. `attempt` counts how often it was sent."""

    attempt: int = 1
    order_identifier: str | None = None
    invoice_identifier: str | None = None


class CreditNote(Documented):
    """Undo a part of a document, or all of it."""

    reversal: str
    preceding_document: str


class Which(Asked):
    """A document: a number is a seller's own, of a type, in a financial year."""

    type: Literal["INV", "CRN"]
    document_number: str
    seller_gstin: str
    document_time: AwareDatetime


class Void(OfOrder):
    """Undo all of a document."""

    document_number: str
    reversal: str


class Revocation(OfOrder):
    """The registry takes a document back."""

    document_number: str
    reason: str = "the registry found the buyer's registration cancelled"


def issuer(name: str) -> System:
    """A system that issues documents, with books of its own."""
    system = System(name, TABLES, before_reading=settle)
    system.effect("invoices", Invoice, is_keyed=False)(register)
    system.question("look-ups", Which)(look_up)
    system.effect("voids", Void, is_keyed=False)(void)
    system.effect("credit-notes", CreditNote, is_keyed=False)(credit)
    system.effect("revocations", Revocation, is_keyed=False)(revoke)
    return system


def settle(desk: Desk) -> None:
    """Register, or refuse, what is due; take back what is due after that."""
    for row in desk.book.find_all("invoices", status=PENDING):
        faults = desk.faults(row["account"], row["order_code"])
        if row["due_at"] > desk.now or faults.hold_registration:
            continue
        if row["refused_later"]:
            row |= {"status": REFUSED, "reason": "3028: the buyer's GSTIN is not active"}
            free(desk, row)
        else:
            row |= {"status": REGISTERED, "registered_at": desk.now}
            if faults.revoke > desk.chance("revoke", row["document_number"]):
                row["revoke_at"] = desk.later(faults.revoke_after_s, "revoke_after", row["document_number"])
        desk.book.add("invoices", row)
    for row in desk.book.find_up_to("invoices", "revoke_at", desk.now, status=REGISTERED):
        _take_back(desk, row, "the registry found the buyer's registration cancelled")


def register(desk: Desk, asked: Invoice) -> Answer:
    """Take all parts of it and register them later, or none."""
    settle(desk)
    try:
        whole = read(asked, ("INV",))
    except Wrong as wrong:
        return invalid(wrong)
    number, faults = asked.document_number, desk.faults(asked.account, asked.order_code)
    if not taken(desk, whole) and faults.differs > desk.chance("differs", number):
        add_foreign(desk, whole)
    if before := taken(desk, whole):
        return duplicate(before)
    row = whole.row | asked.model_dump(include={"attempt", "order_identifier", "invoice_identifier"})
    if refused := desk.book.find("invoices", **_place(row)):
        # A request that comes late may be an older one than was refused already.
        row["attempt"] = max(row["attempt"], refused["attempt"])
    row |= {"status": PENDING, "asked_at": desk.now}
    row["due_at"] = desk.later(faults.registration_delay_s, "delay", number)
    row["refused_later"] = faults.refuse_later > desk.chance("refuse_later", number)
    if faults.refuse > desk.chance("refuse", number):
        row |= {"status": REFUSED, "reason": "2189: the total does not fit the lines' tax"}
    else:
        take(desk, whole)
    desk.book.add("invoices", row)
    settle(desk)
    row = desk.book.find("invoices", **_place(row)) or row
    return Answer({"code": REFUSED} | told(row), 422) if row["status"] == REFUSED else Answer(told(row))


def look_up(desk: Desk, asked: Which) -> Answer:
    """Step 4.1: is the e-invoice created?"""
    settle(desk)
    place = {
        "document_number": asked.document_number,
        "seller_gstin": asked.seller_gstin,
        "financial_year": year_of(asked.document_time.astimezone(INDIA).date()),
    }
    if foreign := desk.book.find("foreign_documents", **place, type=asked.type):
        part = {"document_number": asked.document_number, "registration": foreign["registration"]}
        return Answer(told(foreign | {"status": REGISTERED, "parts": [part]}))
    if known := desk.book.find("invoices" if asked.type == "INV" else "credit_notes", **place):
        return Answer(told(known))
    return NOT_THERE


def void(desk: Desk, asked: Void) -> Answer:  # noqa: PLR0911 - a rule, a return
    """All of a document, inside its window, and nothing of it credited."""
    known = _invoice(desk, asked, asked.document_number)
    if isinstance(known, Answer):
        return known
    if known["status"] == VOIDED:
        already = {"code": VOIDED, "reason": "the document is voided already"}
        return Answer(already | {"voidedFor": known["voided_for"]}, 409)
    if known["provider"] != "india-inv01":
        return NO_VOIDS
    if known["status"] != REGISTERED:
        return Answer({"code": known["status"], "reason": "there is no live document to void"}, 422)
    if desk.now > known["registered_at"] + desk.faults(asked.account, asked.order_code).void_window_s:
        return WINDOW_OVER
    if _credited(desk, asked, asked.document_number):
        return CREDITED
    gone = {"status": VOIDED, "voided_at": desk.now, "voided_for": asked.reversal, "revoke_at": None}
    desk.book.add("invoices", known | gone)
    return Answer({"documentNumber": asked.document_number, "status": VOIDED})


def credit(desk: Desk, asked: CreditNote) -> Answer:
    """All parts of it, or none; never more than was invoiced, line by line, in units or in money."""
    known = _invoice(desk, asked, asked.preceding_document)
    if isinstance(known, Answer):
        return known
    try:
        whole = read(asked, ("CRN",))
        if before := taken(desk, whole):
            return duplicate(before)
        _fits(desk, asked, whole, known)
    except Wrong as wrong:
        return invalid(wrong)
    faults = desk.faults(asked.account, asked.order_code)
    if known["status"] != REGISTERED:
        return Answer({"code": known["status"], "reason": "there is no live document to credit"}, 422)
    if faults.refuse > desk.chance("refuse", asked.document_number):
        return Answer({"code": REFUSED, "reason": "the credit note's reason is missing in the brand's books"}, 422)
    row = whole.row | asked.model_dump(include={"reversal", "preceding_document"})
    row |= {"status": REGISTERED, "registered_at": desk.now}
    take(desk, whole)
    desk.book.add("credit_notes", row)
    return Answer(told(row))


def revoke(desk: Desk, asked: Revocation) -> Answer:
    """Played by whoever wants to see it: the registry's word comes from outside."""
    known = _invoice(desk, asked, asked.document_number)
    if isinstance(known, Answer):
        return known
    if known["status"] == REGISTERED:
        _take_back(desk, known | {"revoke_at": None}, asked.reason)
    return Answer({"documentNumber": asked.document_number})


def _take_back(desk: Desk, row: dict[str, Any], reason: str) -> None:
    if row["revoke_at"] is not None and not desk.faults(row["account"], row["order_code"]).revoke:
        desk.book.add("invoices", row | {"revoke_at": None})  # put right in time
        return
    back = {"status": REVOKED, "reason": reason, "revoke_at": None, "revoked_at": desk.now}
    desk.book.add("invoices", row | back)


def _invoice(desk: Desk, asked: OfOrder, number: str) -> dict[str, Any] | Answer:
    """One of the order's, with an outcome; or why there is none."""
    settle(desk)
    known = desk.book.find("invoices", account=asked.account, order_code=asked.order_code, document_number=number)
    if known is None:
        return NOT_THERE
    return NOT_YET if known["status"] == PENDING else known


def _place(row: dict[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("seller_gstin", "financial_year", "document_number")}


def _credited(desk: Desk, asked: OfOrder, number: str) -> list[dict[str, Any]]:
    order = {"account": asked.account, "order_code": asked.order_code}
    return list(desk.book.find_all("credit_notes", **order, preceding_document=number))


def _fits(desk: Desk, asked: CreditNote, whole: Whole, invoice: dict[str, Any]) -> None:
    """It names the parts of the invoice, and with the credit notes before it undoes no more than there is.

    Raises:
        Wrong: it doesn't.
    """
    parts = {part["document_number"] for part in invoice["parts"]}
    undone = [part.preceding for part in whole.parts if part.preceding]
    if any(number not in parts or dated.isoformat() != invoice["document_date"] for number, dated in undone):
        raise Wrong("documents.payload", "names the part of the invoice that it undoes, and its date")
    if (whole.row["seller"], whole.row["buyer"]) != (invoice["seller"], invoice["buyer"]):
        raise Wrong("documents.payload", "the invoice's own seller and buyer")
    notes = [*_credited(desk, asked, asked.preceding_document), whole.row]
    units: dict[str, int] = defaultdict(int)
    money: dict[str, Decimal] = defaultdict(Decimal)
    for sign, row in ((1, invoice), *((-1, note) for note in notes)):
        for line in row["lines"]:
            units[line["order_item_code"]] += sign * line["quantity"]
            money[line["order_item_code"]] += sign * Decimal(line["taxable_value"])
    if min(units.values()) < 0:
        raise Wrong("documents.payload", "TOO_MUCH: no more units than were invoiced")
    credited = sum(Decimal(note["total"]) for note in notes)
    # the registry allows a rupee for each document's rounding, and lines have none
    if min(money.values()) < 0 or credited > Decimal(invoice["total"]) + TOLERANCE * len(notes):
        raise Wrong("documents.payload", "TOO_MUCH: no more money than was invoiced")
