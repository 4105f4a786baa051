"""E-way bills: goods may move under one. A document whose e-way bill is active can't be voided.

One comes with the registration where it was asked for along with it; or it is asked for alone.
"""

import re
from collections.abc import Iterable
from typing import Any

from b2b2c_saga.sandbox.answers import dead, invalid, invoice_of, refused
from b2b2c_saga.sandbox.india_time import iso_in_india
from b2b2c_saga.sandbox.inv01 import TRANSPORTER
from b2b2c_saga.sandbox.payloads import Wrong
from b2b2c_saga.sandbox.system import Answer, Asked, Desk, OfOrder
from b2b2c_saga.sandbox.tables import LIVE

VALID_FOR_S = 5 * 24 * 3600
"""A day for each 200 km, in truth; the sandbox knows no distances."""
LEADING = {"erp": "18", "rms": "19"}
TOO_LATE = Answer({"code": "TOO_LATE", "reason": "an e-way bill can be cancelled within its first 24 hours only"}, 409)
Bill = dict[str, Any]


class Transport(Asked):
    """Who moves the goods."""

    transporter_id: str
    transporter_name: str


class BillRequest(OfOrder):
    """An e-way bill for a document that was registered without one."""

    shipment_id: str
    document_number: str
    transport: Transport


class BillCancellation(OfOrder):
    """All e-way bills of a document."""

    document_number: str


def ask_for_bills(desk: Desk, asked: BillRequest) -> Answer:
    """One for each part of the document; asked again, the same."""
    known = invoice_of(desk, asked, asked.document_number)
    if isinstance(known, Answer):
        return known
    if known["status"] not in LIVE:
        return dead(known, "move goods with")
    if not re.fullmatch(TRANSPORTER, asked.transport.transporter_id):
        return invalid(Wrong("transport.transporterId", f"a text like {TRANSPORTER}"))
    if not active_bills(desk, known):
        if is_refused(desk, known):
            return refused("the transporter is not enrolled at the e-way bill portal")
        issue_bills(desk, known)
    bills = active_bills(desk, known)
    given = [
        {"documentNumber": part["document_number"]} | bill_told(bills[part["document_number"]])
        for part in known["parts"]
    ]
    return Answer({"ewayBills": given})


def cancel_for_document(desk: Desk, asked: BillCancellation) -> Answer:
    """All that are active, or none of them; within 24 hours after they were issued."""
    known = invoice_of(desk, asked, asked.document_number)
    if isinstance(known, Answer):
        return known
    bills = active_bills(desk, known).values()
    if are_too_old(desk, bills):
        return TOO_LATE
    return Answer({"cancelled": cancel_bills(desk, bills)})


def issue_with_registration(desk: Desk, row: dict[str, Any]) -> None:
    """Where the invoice asked for it, and nothing is wrong with it."""
    apart = desk.faults(row["account"], row["order_code"]).eway_bill_apart
    comes_apart = apart > desk.chance("eway_bill_apart", row["document_number"])
    if row["transport"] and not comes_apart and not is_refused(desk, row):
        issue_bills(desk, row)


def is_refused(desk: Desk, row: dict[str, Any]) -> bool:
    """The e-way bill portal won't have it, until somebody puts it right."""
    share = desk.faults(row["account"], row["order_code"]).refuse_eway_bill
    return share > desk.chance("refuse_eway_bill", row["document_number"])


def issue_bills(desk: Desk, row: dict[str, Any]) -> None:
    """One for each part of a document that has none."""
    for part in row["parts"]:
        serial = desk.book.next_serial("e-way bills")
        bill = {name: row[name] for name in ("account", "order_code", "shipment_id")}
        bill |= {"document_number": part["document_number"], "number": f"{LEADING[desk.system]}{serial:010}"}
        desk.book.add("eway_bills", bill | {"issued_at": desk.now, "valid_until": desk.now + VALID_FOR_S})


def active_bills(desk: Desk, row: dict[str, Any]) -> dict[str, Bill]:
    """Those of a document's parts that are not cancelled, by the part's number."""
    if "order_code" not in row:
        return {}  # somebody else's document
    numbers = {part["document_number"] for part in row["parts"]}
    of_order = desk.book.find_all("eway_bills", account=row["account"], order_code=row["order_code"])
    return {
        bill["document_number"]: bill
        for bill in of_order
        if bill["document_number"] in numbers and bill["cancelled_at"] is None
    }


def are_too_old(desk: Desk, bills: Iterable[Bill]) -> bool:
    """One of them can be cancelled no more."""
    return any(
        desk.now > bill["issued_at"] + desk.faults(bill["account"], bill["order_code"]).eway_bill_window_s
        for bill in bills
    )


def cancel_bills(desk: Desk, bills: Iterable[Bill]) -> list[str]:
    """These; their numbers."""
    cancelled = [bill | {"cancelled_at": desk.now} for bill in bills]
    for bill in cancelled:
        desk.book.add("eway_bills", bill)
    return [bill["number"] for bill in cancelled]


def bill_told(bill: Bill) -> dict[str, str]:
    """Number and validity."""
    return {"number": bill["number"], "validUntil": iso_in_india(bill["valid_until"])}
