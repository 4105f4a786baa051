"""How ERP and RMS say no, and how they find the document that they are asked about."""

from typing import Any

from b2b2c_saga.sandbox.payloads import Wrong
from b2b2c_saga.sandbox.system import Answer, Desk, OfOrder
from b2b2c_saga.sandbox.tables import PENDING, REFUSED

NOT_THERE = Answer({"code": "UNKNOWN_DOCUMENT", "reason": "no such document"}, 404)
NOT_YET = Answer({"code": PENDING, "reason": "the document is not registered yet"}, 425)


def invalid(wrong: Wrong) -> Answer:
    """The field and the rule."""
    return Answer({"code": "INVALID", "reason": str(wrong)}, 422)


def refused(reason: str) -> Answer:
    """For good, until somebody puts it right."""
    return Answer({"code": REFUSED, "reason": reason}, 422)


def duplicate(row: dict[str, Any]) -> Answer:
    """The registry's word for a number that it has; a bill of supply has no IRN."""
    if not row["registration"]:
        return Answer({"code": "DUPLICATE", "reason": "the number is used"}, 409)
    return Answer({"code": "DUPLICATE", "reason": "2150: duplicate IRN", "registration": row["registration"]}, 409)


def dead(row: dict[str, Any], what_for: str) -> Answer:
    """It stands no more, or never did; the code says why, and `voidedFor` which reversal had it voided."""
    said = {"code": row["status"], "reason": f"there is no live document to {what_for}"}
    return Answer(said | ({"voidedFor": row["voided_for"]} if row["voided_for"] else {}), 422)


def invoice_of(desk: Desk, asked: OfOrder, number: str) -> dict[str, Any] | Answer:
    """The order's invoice or bill of supply of that number, with an outcome; or why there is none."""
    order = {"account": asked.account, "order_code": asked.order_code}
    known = list(desk.book.find_all("invoices", **order, document_number=number))
    if not known:
        return NOT_THERE
    # a refused number may have been sent again, with another date or as another type
    latest = next((row for row in known if row["status"] != REFUSED), known[-1])
    return NOT_YET if latest["status"] == PENDING else latest
