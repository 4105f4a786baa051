"""The issuer of B2B documents, with the registry behind it: the same for the brand's ERP and for RMS.

It holds every payload against the registry's rules by itself. An invoice is acknowledged at once and registered (or
refused) some time later, and may be taken back after that. A document's number tells a repeat, whatever its
idempotency key: one that the registry has is a duplicate (2150) and may be looked up; one that it refused may be sent
again. A bill of supply is issued at once, and no registry hears of it.
"""

from typing import Any, Literal

from pydantic import AwareDatetime

from b2b2c_saga.sandbox.answers import NOT_THERE, duplicate, invalid
from b2b2c_saga.sandbox.documents import REGISTRIES, Documented, Whole, check_date, read
from b2b2c_saga.sandbox.eway_bills import (
    BillCancellation,
    BillRequest,
    Transport,
    ask_for_bills,
    cancel_for_document,
    issue_with_registration,
)
from b2b2c_saga.sandbox.india_time import day_in_india
from b2b2c_saga.sandbox.inv01 import year_of
from b2b2c_saga.sandbox.payloads import Wrong
from b2b2c_saga.sandbox.registration import registered, settle
from b2b2c_saga.sandbox.series import NumbersWanted, check_numbers, check_order_number, give_numbers
from b2b2c_saga.sandbox.system import Answer, Asked, Desk, System
from b2b2c_saga.sandbox.tables import (
    BILL_OF_SUPPLY,
    CREDIT_NOTE,
    INVOICE,
    ISSUED,
    PENDING,
    REFUSED,
    REGISTERED,
    TABLES,
)
from b2b2c_saga.sandbox.told import told
from b2b2c_saga.sandbox.undoing import (
    CreditNote,
    PortalCancellation,
    Revocation,
    Void,
    cancel_at_portal,
    credit,
    revoke,
    void,
)
from b2b2c_saga.sandbox.used_numbers import add_foreign, take, taken


class Invoice(Documented):
    """Step 3.2: the pack confirmation; step 3.3 follows from it. `attempt` counts how often it was sent."""

    attempt: int = 1
    order_number: str | None = None
    transport: Transport | None = None
    """Asks for an e-way bill along with the registration."""


class Which(Asked):
    """A document: a number is a seller's own, of a type, in a financial year."""

    type: Literal["INV", "BIL", "CRN"]
    document_number: str
    seller_gstin: str
    document_time: AwareDatetime


def issuer(name: str) -> System:
    """A system that issues documents, with books of its own."""
    system = System(name, TABLES, catch_up=settle)
    system.effect("numbers", NumbersWanted)(give_numbers)
    system.effect("invoices", Invoice, is_keyed=False)(register)
    system.question("look-ups", Which)(look_up)
    system.effect("eway-bills", BillRequest, is_keyed=False)(ask_for_bills)
    system.effect("eway-bill-cancellations", BillCancellation, is_keyed=False)(cancel_for_document)
    system.effect("voids", Void, is_keyed=False)(void)
    system.effect("credit-notes", CreditNote, is_keyed=False)(credit)
    system.effect("revocations", Revocation, is_keyed=False)(revoke)
    system.effect("portal-cancellations", PortalCancellation, is_keyed=False)(cancel_at_portal)
    return system


def register(desk: Desk, asked: Invoice) -> Answer:
    """Take all parts of it and register them later, or none."""
    try:
        whole = _read(desk, asked)
        if before := taken(desk, whole):
            return duplicate(before)
        check_date(desk, whole, is_reported=whole.row["type"] != BILL_OF_SUPPLY)
    except Wrong as wrong:
        return invalid(wrong)
    number, faults = asked.document_number, desk.faults(asked.account, asked.order_code)
    if faults.differs > desk.chance("differs", number):
        return duplicate(add_foreign(desk, whole))
    row = whole.row | asked.model_dump(include={"attempt", "order_number", "transport"})
    if refused := desk.book.find("invoices", **_place(row)):
        # A request that comes late may be an older one than was refused already.
        row["attempt"] = max(row["attempt"], refused["attempt"])
    row |= {"status": PENDING, "asked_at": desk.now}
    row["due_at"] = desk.later(faults.registration_delay_s, "delay", number)
    row["refused_later"] = faults.refuse_later > desk.chance("refuse_later", number)
    if (pin := (row["ship_to"] or {}).get("pin")) in faults.unknown_pins:
        row |= {"status": REFUSED, "reason": f"3039: the PIN code {pin} does not exist"}
    elif faults.refuse > desk.chance("refuse", number):
        row |= {"status": REFUSED, "reason": "2189: the total does not fit the lines' tax"}
    else:
        take(desk, whole)
    if row["status"] == PENDING and row["type"] == BILL_OF_SUPPLY:
        row |= registered(desk, row)
        issue_with_registration(desk, row)
    desk.book.add("invoices", row)
    settle(desk)
    row = desk.book.find("invoices", **_place(row)) or row
    said = told(desk, row)
    return Answer({"code": REFUSED} | said, 422) if row["status"] == REFUSED else Answer(said)


def look_up(desk: Desk, asked: Which) -> Answer:
    """Step 4.1: is the e-invoice created?"""
    place = {
        "document_number": asked.document_number,
        "seller_gstin": asked.seller_gstin,
        "financial_year": year_of(day_in_india(asked.document_time.timestamp())),
        "type": asked.type,
    }
    if foreign := desk.book.find("foreign_documents", **place):
        part = {"document_number": asked.document_number, "registration": foreign["registration"]}
        status = REGISTERED if foreign["registration"] else ISSUED
        return Answer(told(desk, foreign | {"status": status, "parts": [part]}))
    if known := desk.book.find("credit_notes" if asked.type == CREDIT_NOTE else "invoices", **place):
        return Answer(told(desk, known))
    return NOT_THERE


def _read(desk: Desk, asked: Invoice) -> Whole:
    """What is to be registered, if nothing about it is wrong.

    Raises:
        Wrong: something is.
    """
    whole = read(asked, (INVOICE, BILL_OF_SUPPLY))
    wanted = asked.transport and asked.transport.model_dump()
    if REGISTRIES[asked.provider].HAS_REGISTRY and whole.parts[0].transport != wanted:
        raise Wrong("documents.payload.EwbDtls", "the transporter of `transport`; and only with it")
    check_numbers(desk, whole)
    check_order_number(desk, asked, asked.order_number)
    return whole


def _place(row: dict[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("seller_gstin", "financial_year", "type", "document_number")}
