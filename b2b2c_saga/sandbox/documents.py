"""How ERP and RMS read a request for B2B documents: all parts of one, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType
from typing import Annotated, Any

from pydantic import Field

from b2b2c_saga.sandbox import en16931, inv01
from b2b2c_saga.sandbox.india_time import day_in_india
from b2b2c_saga.sandbox.payloads import TOLERANCE, Document, Wrong
from b2b2c_saga.sandbox.system import Asked, Desk, OfOrder
from b2b2c_saga.sandbox.tables import BILL_OF_SUPPLY, INVOICE

REGISTRIES: dict[str, ModuleType] = {"india-inv01": inv01, "en16931": en16931}


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
    for name in ("seller", "buyer", "dated", "type", "ship_to", "transport"):
        if any(getattr(part, name) != getattr(first, name) for part in parts):
            raise Wrong(f"documents.{name}", "the same in all parts")
    if first.number != asked.document_number or len({part.number for part in parts}) < len(parts):
        raise Wrong("documents.documentNumber", "the first part bears the document's number, each its own")
    total = sum((part.total for part in parts), Decimal(0))
    if abs(total - asked.total) > TOLERANCE:
        raise Wrong("total", "the sum over the parts")
    if registry.HAS_REGISTRY:
        _check_taxed(parts)
    named = None if first.type == BILL_OF_SUPPLY else registry.registration
    shown = [
        {"document_number": part.number, "registration": named and named(part), "total": rupees(part.total)}
        for part in parts
    ]
    row = asked.model_dump(include={"account", "order_code", "shipment_id", "document_number", "provider"}) | {
        "seller_gstin": first.seller["gstin"],
        "financial_year": inv01.year_of(first.dated),
        "type": first.type,
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


def check_date(desk: Desk, whole: Whole, *, is_reported: bool) -> None:
    """Its date is one that the registry takes today.

    Raises:
        Wrong: it isn't.
    """
    registry = REGISTRIES[whole.row["provider"]]
    if registry.HAS_REGISTRY:
        registry.check_date(whole.parts[0].dated, day_in_india(desk.now), is_reported=is_reported)


def rupees(amount: Decimal) -> str:
    """As the books write it: with both places of the paise."""
    return f"{amount:.2f}"


def _check_taxed(parts: Sequence[Document]) -> None:
    """An invoice has taxed goods; what is nil-rated or exempt as a whole goes with a bill of supply.

    The portal would take such an invoice, but the brand's ERP makes none (CGST Act, s. 31(3)(c)).
    """
    is_taxed = any(line.gst_rate for part in parts for line in part.lines)
    if parts[0].type == INVOICE and not is_taxed:
        raise Wrong("documents.payload.DocDtls.Typ", "BIL: nil-rated or exempt goods alone need no e-invoice")
    if parts[0].type == BILL_OF_SUPPLY and is_taxed:
        raise Wrong("documents.payload.DocDtls.Typ", "INV: a bill of supply has no taxed goods")


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
            "description": line.description,
            "sku": line.sku,
            "hsn_code": line.hsn_code,
            "unit": line.unit,
            "quantity": line.quantity,
            "taxable_value": rupees(line.taxable_value),
            "gst_rate": str(line.gst_rate),
            "tax": None if line.tax is None else rupees(line.tax),
            "total": None if line.total is None else rupees(line.total),
        }
        for code, line in zip(asked.order_item_codes, document.lines, strict=True)
    ]
