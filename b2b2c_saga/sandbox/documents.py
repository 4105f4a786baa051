"""What ERP and RMS keep of B2B documents, and how they read a request for some: all parts of one, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from b2b2c_saga.sandbox import en16931, inv01
from b2b2c_saga.sandbox.payloads import TOLERANCE, Document, Wrong
from b2b2c_saga.sandbox.system import Answer, Asked, Desk, OfOrder

REGISTRIES = {"india-inv01": inv01, "en16931": en16931}
PENDING, REGISTERED, REFUSED, REVOKED, VOIDED = "PENDING", "REGISTERED", "REFUSED", "REVOKED", "VOIDED"

TABLES = """
CREATE TABLE IF NOT EXISTS invoices (
    document_number TEXT, seller_gstin TEXT, financial_year TEXT, document_date TEXT, account TEXT, order_code TEXT,
    shipment_id TEXT, attempt INTEGER, provider TEXT, seller JSON, buyer JSON, ship_to JSON, lines JSON, parts JSON,
    total TEXT, order_identifier TEXT, invoice_identifier TEXT, status TEXT, reason TEXT, registration TEXT,
    asked_at REAL, due_at REAL, refused_later INTEGER, registered_at REAL, revoke_at REAL, revoked_at REAL,
    voided_at REAL, voided_for TEXT, PRIMARY KEY (seller_gstin, financial_year, document_number)
);
CREATE INDEX IF NOT EXISTS pending ON invoices (status) WHERE status = 'PENDING';
CREATE INDEX IF NOT EXISTS to_be_revoked ON invoices (revoke_at) WHERE revoke_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS invoices_of_order ON invoices (account, order_code);
CREATE TABLE IF NOT EXISTS credit_notes (
    document_number TEXT, seller_gstin TEXT, financial_year TEXT, document_date TEXT, account TEXT, order_code TEXT,
    shipment_id TEXT, reversal TEXT, provider TEXT, preceding_document TEXT, seller JSON, buyer JSON, ship_to JSON,
    lines JSON, parts JSON, total TEXT, status TEXT, registration TEXT, registered_at REAL,
    PRIMARY KEY (seller_gstin, financial_year, document_number)
);
CREATE INDEX IF NOT EXISTS credit_notes_of_order ON credit_notes (account, order_code);
CREATE TABLE IF NOT EXISTS foreign_documents (
    document_number TEXT, seller_gstin TEXT, financial_year TEXT, type TEXT, buyer JSON, total TEXT, registration TEXT
);
CREATE TABLE IF NOT EXISTS _numbers (
    seller_gstin TEXT, financial_year TEXT, type TEXT, number TEXT, registration TEXT,
    PRIMARY KEY (seller_gstin, financial_year, type, number)
);
"""
"""`_numbers` are all that the registry has, of parts and of foreign documents too; a refused one is free again."""


class Part(Asked):
    """One document: its number, the order's lines that its own stand for, and the e-invoice itself."""

    document_number: str
    order_item_codes: tuple[str, ...]
    payload: dict[str, Any]


class Documented(OfOrder):
    """A document in one or more parts, of which the first bears its number."""

    shipment_id: str
    document_number: str
    provider: str
    seller_account_code: str
    buyer_account_code: str
    documents: Annotated[tuple[Part, ...], Field(min_length=1)]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Whole:
    """A document as it was read, all its parts."""

    parts: tuple[Document, ...]
    seller_gstin: str
    financial_year: str
    row: dict[str, Any]
    """What both tables keep."""


def read(asked: Documented, types: Sequence[str]) -> Whole:
    """The document, if each part is right and they add up.

    Raises:
        Wrong: a field that isn't.
    """
    if asked.provider not in REGISTRIES:
        raise Wrong("provider", f"one of {', '.join(REGISTRIES)}")
    registry = REGISTRIES[asked.provider]
    parts = tuple(_part(part, types, registry.read(part.payload)) for part in asked.documents)
    first = parts[0]
    for name in ("seller", "buyer", "dated", "type", "ship_to"):
        if any(getattr(part, name) != getattr(first, name) for part in parts):
            raise Wrong(f"documents.{name}", "the same in all parts")
    if first.number != asked.document_number or len({part.number for part in parts}) < len(parts):
        raise Wrong("documents.documentNumber", "the first part bears the document's number, each its own")
    total = sum((part.total for part in parts), Decimal(0))
    if abs(total - asked.total) > TOLERANCE:
        raise Wrong("total", "the sum over the parts")
    shown = [
        {"document_number": part.number, "registration": registry.registration(part), "total": rupees(part.total)}
        for part in parts
    ]
    row = asked.model_dump(include={"account", "order_code", "shipment_id", "document_number", "provider"}) | {
        "seller_gstin": first.seller["gstin"],
        "financial_year": inv01.year_of(first.dated),
        "document_date": first.dated.isoformat(),
        "seller": first.seller | {"account_code": asked.seller_account_code},
        "buyer": first.buyer | {"account_code": asked.buyer_account_code},
        "ship_to": first.ship_to,
        "lines": [line for of, part in zip(asked.documents, parts, strict=True) for line in _lines(of, part)],
        "parts": shown,
        "total": rupees(total),
        "registration": shown[0]["registration"],
    }
    return Whole(parts, row["seller_gstin"], row["financial_year"], row)


def taken(desk: Desk, whole: Whole) -> dict[str, Any] | None:
    """One of its numbers, if the registry has it: a number is used once by a seller, for a type, in a year."""
    place = {"seller_gstin": whole.seller_gstin, "financial_year": whole.financial_year}
    found = (desk.book.find("_numbers", **place, type=part.type, number=part.number) for part in whole.parts)
    return next((row for row in found if row), None)


def take(desk: Desk, whole: Whole) -> None:
    """From now on the numbers are used."""
    place = {"seller_gstin": whole.seller_gstin, "financial_year": whole.financial_year}
    for part, shown in zip(whole.parts, whole.row["parts"], strict=True):
        number = {"type": part.type, "number": part.number, "registration": shown["registration"]}
        desk.book.add("_numbers", place | number)


def free(desk: Desk, row: dict[str, Any]) -> None:
    """The registry did not take an invoice after all: its numbers may be sent again."""
    place = {"seller_gstin": row["seller_gstin"], "financial_year": row["financial_year"], "type": "INV"}
    for part in row["parts"]:
        desk.book.remove("_numbers", **place, number=part["document_number"])


def add_foreign(desk: Desk, whole: Whole) -> None:
    """Somebody else had used the number already, for the same buyer and another amount."""
    first, total = whole.parts[0], Decimal(whole.row["total"]) + 1
    place = {"seller_gstin": whole.seller_gstin, "financial_year": whole.financial_year}
    row = place | {"document_number": first.number, "type": first.type, "registration": whole.row["registration"]}
    desk.book.add("foreign_documents", row | {"buyer": first.buyer, "total": rupees(total)})
    number = {"type": first.type, "number": first.number, "registration": whole.row["registration"]}
    desk.book.add("_numbers", place | number)


def duplicate(row: dict[str, Any]) -> Answer:
    """The registry's word for a number that it has."""
    reason = "2150: duplicate IRN"
    return Answer({"code": "DUPLICATE", "reason": reason, "registration": row["registration"]}, 409)


def invalid(wrong: Wrong) -> Answer:
    """The field and the rule."""
    return Answer({"code": "INVALID", "reason": str(wrong)}, 422)


def told(row: dict[str, Any]) -> dict[str, Any]:
    """What is said of a document: whose it is, what became of it, and what the registry calls its parts."""
    named = {camel: row.get(name) for camel, name in _TOLD.items()}
    known = row["status"] not in {PENDING, REFUSED}
    parts = [
        {"documentNumber": part["document_number"], "registration": part["registration"] if known else None}
        for part in row["parts"]
    ]
    whole = named | {"sellerGstin": row["seller_gstin"], "buyerGstin": row["buyer"]["gstin"], "documents": parts}
    return {name: value for name, value in whole.items() if value is not None}


def rupees(amount: Decimal) -> str:
    """As the books write it: with both places of the paise."""
    return f"{amount:.2f}"


def year_of(day: date) -> str:
    """The financial year that the books go by."""
    return inv01.year_of(day)


_TOLD = {
    "documentNumber": "document_number",
    "status": "status",
    "reason": "reason",
    "attempt": "attempt",
    "account": "account",
    "orderCode": "order_code",
    "shipmentId": "shipment_id",
    "reversal": "reversal",
    "precedingDocument": "preceding_document",
    "total": "total",
    "voidedFor": "voided_for",
}


def _part(asked: Part, types: Sequence[str], document: Document) -> Document:
    if document.number != asked.document_number:
        raise Wrong("documents.documentNumber", "the payload's own number")
    if document.type not in types:
        raise Wrong("documents.payload", f"of type {' or '.join(types)}")
    if len(asked.order_item_codes) != len(document.lines):
        raise Wrong("documents.orderItemCodes", "one for each line")
    return document


def _lines(asked: Part, document: Document) -> list[dict[str, Any]]:
    return [
        {
            "document_number": document.number,
            "order_item_code": code,
            "sku": line.sku,
            "quantity": line.quantity,
            "taxable_value": rupees(line.taxable_value),
            "gst_rate": str(line.gst_rate),
            "tax": None if line.tax is None else rupees(line.tax),
            "total": None if line.total is None else rupees(line.total),
        }
        for code, line in zip(asked.order_item_codes, document.lines, strict=True)
    ]
