"""The ERP Integration layer with the brand's ERP behind it: identifiers, the e-invoice X -> Y, and its reversal.

An invoice is acknowledged at once and registered (or refused) some time later; time alone changes it, so `settle` is
called before anything looks.
"""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from typing import Any

from pydantic import AwareDatetime

from b2b2c_saga.sandbox.faults import within
from b2b2c_saga.sandbox.system import Answer, Asked, Desk, OfOrder, System

INDIA = timezone(timedelta(hours=5, minutes=30))
APRIL = 4
PENDING, REGISTERED, REFUSED, VOIDED = "PENDING", "REGISTERED", "REFUSED", "VOIDED"
NOT_THERE = Answer({"code": "UNKNOWN_DOCUMENT", "reason": "no such document"}, 404, is_final=False)
NOT_YET = Answer({"code": "PENDING", "reason": "the document is not registered yet"}, 425, is_final=False)


def settle(desk: Desk) -> None:
    """Register, or refuse, what is due."""
    for row in desk.book.find_all("invoices", status=PENDING):
        faults = desk.faults(row["account"], row["order_code"])
        if row["due_at"] > desk.now or faults.hold_registration:
            continue
        if row["refused_later"]:
            row |= {"status": REFUSED, "reason": "3028: the buyer's GSTIN is not active"}
        else:
            row |= {"status": REGISTERED, "registration": _irn(row, "INV"), "registered_at": desk.now}
        desk.book.add("invoices", row)


erp = System(
    "erp",
    """
CREATE TABLE IF NOT EXISTS invoices (
    document_number TEXT PRIMARY KEY, account TEXT, order_code TEXT, shipment_id TEXT, document_time TEXT, seller JSON,
    buyer JSON, lines JSON, total TEXT, order_identifier TEXT, invoice_identifier TEXT, ship_to JSON, status TEXT,
    reason TEXT, registration TEXT, asked_at REAL, due_at REAL, refused_later INTEGER,
    registered_at REAL, voided_at REAL
);
CREATE INDEX IF NOT EXISTS pending ON invoices (status) WHERE status = 'PENDING';
CREATE INDEX IF NOT EXISTS invoices_of_order ON invoices (account, order_code);
CREATE TABLE IF NOT EXISTS credit_notes (
    document_number TEXT PRIMARY KEY, account TEXT, order_code TEXT, shipment_id TEXT, reversal TEXT,
    preceding_document TEXT, lines JSON, total TEXT, registration TEXT
);
CREATE INDEX IF NOT EXISTS credit_notes_of_order ON credit_notes (account, order_code);
CREATE INDEX IF NOT EXISTS credit_notes_of_invoice ON credit_notes (preceding_document);
""",
    before_reading=settle,
)


class Line(Asked):
    """One line of a document."""

    order_item_code: str
    sku: str
    quantity: int
    unit_price: Decimal


class Place(Asked):
    """An address."""

    line: str
    city: str
    pin: str
    state: str


class Party(Asked):
    """A company, with its account in the brand's books."""

    legal_name: str
    gstin: str
    account_code: str
    billing_address: Place
    shipping_address: Place


class Region(Asked):
    """Where the goods go, as far as tax needs it."""

    city: str
    pin: str
    state: str


class Identify(OfOrder):
    """Step 3.1: which numbers does the brand's system use for this shipment?"""

    shipment_id: str


class Invoice(OfOrder):
    """Step 3.2: the pack confirmation; step 3.3 follows from it."""

    shipment_id: str
    document_number: str
    document_time: AwareDatetime
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    total: Decimal
    order_identifier: str
    invoice_identifier: str
    ship_to: Region | None = None


class Which(Asked):
    """A document, by its number."""

    document_number: str


class Void(OfOrder):
    """Undo all of a document."""

    document_number: str


class CreditNote(OfOrder):
    """Undo a part of a document, or all of it."""

    shipment_id: str
    reversal: str
    document_number: str
    preceding_document: str
    lines: tuple[Line, ...]
    total: Decimal


@erp.effect("identifiers", Identify)
def identify(_: Desk, asked: Identify) -> Answer:
    """Derived from the shipment: the brand's system gives a shipment its numbers once."""
    code = sha256(f"{asked.account}/{asked.order_code}/{asked.shipment_id}".encode()).hexdigest().upper()[:10]
    return Answer({"orderIdentifier": f"SO{code}", "invoiceIdentifier": f"IV{code}"})


@erp.effect("invoices", Invoice)
def invoice(desk: Desk, asked: Invoice) -> Answer:
    """Take it and register it later. A number is used once: for the same shipment it is the same invoice."""
    settle(desk)
    if known := desk.book.find("invoices", document_number=asked.document_number):
        is_same = all(known[name] == getattr(asked, name) for name in ("account", "order_code", "shipment_id"))
        if not (is_same and known["total"] == str(asked.total)):
            return Answer({"code": "DUPLICATE", "reason": "2150: the number belongs to another document"}, 409)
        return _told(known)
    faults = desk.faults(asked.account, asked.order_code)
    row = asked.model_dump(mode="json") | {
        "status": PENDING,
        "asked_at": desk.now,
        "due_at": desk.now + within(faults.registration_delay_s, desk.chance("delay", asked.document_number)),
        "refused_later": faults.refuse_later > desk.chance("refuse_later", asked.document_number),
    }
    if faults.refuse > desk.chance("refuse", asked.document_number):
        row |= {"status": REFUSED, "reason": "2189: the total does not fit the lines' tax"}
    desk.book.add("invoices", row)
    settle(desk)
    return _told(desk.book.find("invoices", document_number=asked.document_number) or row)


@erp.question("look-ups", Which)
def look_up(desk: Desk, asked: Which) -> Answer:
    """Step 4.1: is the e-invoice created?"""
    settle(desk)
    known = desk.book.find("invoices", document_number=asked.document_number)
    return _told(known, looked_up=True) if known else NOT_THERE


@erp.effect("voids", Void)
def void(desk: Desk, asked: Void) -> Answer:  # noqa: PLR0911 - a rule, a return
    """All of a document, inside its window, and nothing of it credited."""
    settle(desk)
    known = desk.book.find("invoices", document_number=asked.document_number)
    if known is None or (known["account"], known["order_code"]) != (asked.account, asked.order_code):
        return NOT_THERE
    if known["status"] == VOIDED:
        return Answer({"documentNumber": asked.document_number})
    if known["status"] == PENDING:
        return NOT_YET
    if known["status"] == REFUSED:
        return Answer({"code": "REFUSED_DOCUMENT", "reason": "the document was never registered"}, 422)
    if desk.now > known["registered_at"] + desk.faults(asked.account, asked.order_code).void_window_s:
        return Answer({"code": "WINDOW_OVER", "reason": "the document can be voided no more"}, 409)
    if desk.book.find("credit_notes", preceding_document=asked.document_number):
        return Answer({"code": "CREDITED", "reason": "a part of the document is credited"}, 409)
    desk.book.add("invoices", known | {"status": VOIDED, "voided_at": desk.now})
    return Answer({"documentNumber": asked.document_number})


@erp.effect("credit-notes", CreditNote)
def credit(desk: Desk, asked: CreditNote) -> Answer:  # noqa: PLR0911 - a rule, a return
    """Never more than was invoiced, line by line; a number is used once."""
    settle(desk)
    if known := desk.book.find("credit_notes", document_number=asked.document_number):
        if (known["preceding_document"], known["reversal"]) != (asked.preceding_document, asked.reversal):
            return Answer({"code": "DUPLICATE", "reason": "2150: the number belongs to another document"}, 409)
        return Answer({"documentNumber": asked.document_number, "registration": known["registration"]})
    preceding = desk.book.find("invoices", document_number=asked.preceding_document)
    if preceding is None or (preceding["account"], preceding["order_code"]) != (asked.account, asked.order_code):
        return NOT_THERE
    if preceding["status"] == PENDING:
        return NOT_YET
    if preceding["status"] != REGISTERED:
        return Answer({"code": preceding["status"], "reason": "there is no live document to credit"}, 422)
    earlier = desk.book.find_all("credit_notes", preceding_document=asked.preceding_document)
    left = _units(preceding["lines"])
    for line in [*(li for note in earlier for li in note["lines"]), *asked.model_dump()["lines"]]:
        left[line["order_item_code"]] = left.get(line["order_item_code"], 0) - line["quantity"]
    if any(units < 0 for units in left.values()):
        return Answer({"code": "TOO_MUCH", "reason": "more credited than invoiced"}, 422)
    row = asked.model_dump(mode="json")
    desk.book.add("credit_notes", row | {"registration": _irn(preceding | row, "CRN")})
    return Answer({"documentNumber": asked.document_number, "registration": _irn(preceding | row, "CRN")})


def _told(row: dict[str, Any], *, looked_up: bool = False) -> Answer:
    number = {"documentNumber": row["document_number"]}
    if row["status"] == REFUSED:
        return Answer(number | {"status": REFUSED, "reason": row["reason"]}, 200 if looked_up else 422)
    if row["status"] == PENDING:
        return Answer(number | {"status": PENDING if looked_up else "ACKNOWLEDGED"})
    return Answer(number | {"status": REGISTERED, "registration": row["registration"]})


def _units(lines: list[dict[str, Any]]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        units[line["order_item_code"]] = units.get(line["order_item_code"], 0) + line["quantity"]
    return units


def _irn(row: dict[str, Any], kind: str) -> str:
    """SHA-256 of seller, financial year (April to March), kind and number: the registry's formula (INV-01)."""
    at = datetime.fromisoformat(row["document_time"]).astimezone(INDIA)
    first = at.year if at.month >= APRIL else at.year - 1
    named = f"{row['seller']['gstin']}{first}-{(first + 1) % 100:02}{kind}{row['document_number'].upper()}"
    return sha256(named.encode()).hexdigest()
