"""The numbers that are used: once by a seller, for a type of document, in a financial year."""

from decimal import Decimal
from typing import Any

from b2b2c_saga.sandbox.documents import Whole, rupees
from b2b2c_saga.sandbox.system import Desk


def taken(desk: Desk, whole: Whole) -> dict[str, Any] | None:
    """One of a document's numbers that is used already."""
    found = (desk.book.find("_numbers", **_place(whole), type=part.type, number=part.number) for part in whole.parts)
    return next((row for row in found if row), None)


def take(desk: Desk, whole: Whole) -> None:
    """From now on its numbers are used."""
    for part, shown in zip(whole.parts, whole.row["parts"], strict=True):
        number = {"type": part.type, "number": part.number, "registration": shown["registration"]}
        desk.book.add("_numbers", _place(whole) | number)


def free(desk: Desk, row: dict[str, Any]) -> None:
    """The registry did not take an invoice after all: its numbers may be sent again."""
    place = {name: row[name] for name in ("seller_gstin", "financial_year", "type")}
    for part in row["parts"]:
        desk.book.remove("_numbers", **place, number=part["document_number"])


def add_foreign(desk: Desk, whole: Whole) -> dict[str, Any]:
    """Somebody else had used the number already, for the same buyer and another amount: that document."""
    first, total = whole.parts[0], Decimal(whole.row["total"]) + 1
    named = {"type": first.type, "registration": whole.row["registration"]}
    row = _place(whole) | named | {"document_number": first.number, "buyer": first.buyer, "total": rupees(total)}
    desk.book.add("foreign_documents", row)
    desk.book.add("_numbers", _place(whole) | named | {"number": first.number})
    return row


def _place(whole: Whole) -> dict[str, str]:
    return {"seller_gstin": whole.seller_gstin, "financial_year": whole.financial_year}
