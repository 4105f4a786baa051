"""B2B documents from their lines: their parts, totals, and which part a credit note undoes."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Preceding
from b2b2c_saga.model.terms import Capabilities
from b2b2c_saga.model.words import Moment


def invoice_parts(lines: Sequence[str], can: Capabilities) -> list[Sequence[str]]:
    """The lines of each document that an invoice is cut into, by the provider's line limit."""
    return [lines[at : at + can.lines_at_most] for at in range(0, len(lines), can.lines_at_most)]


def credit_parts(lines: Sequence[str], invoice_lines: Sequence[str], can: Capabilities) -> list[tuple[int, list[str]]]:
    """The documents that a credit note is: of each the part of the invoice that it undoes, from 0, and its lines.

    Raises:
        Bug: a line that the invoice doesn't have.
    """
    part_of = {code: place // can.lines_at_most for place, code in enumerate(invoice_lines)}
    by_part: dict[int, list[str]] = {}
    for code in lines:
        if code not in part_of:
            raise Bug(f"{code} is credited, and not on the invoice")
        by_part.setdefault(part_of[code], []).append(code)
    return sorted(by_part.items())


def invoice_documents(
    numbers: Sequence[str],
    dated: Moment,
    lines: Sequence[DocumentLine],
    can: Capabilities,
    type_: DocumentType = DocumentType.INVOICE,
) -> tuple[FiscalDocument, ...]:
    """The invoice, in as many parts as the provider's line limit makes of it. Numbers that it does not need are left.

    Raises:
        Bug: there are fewer numbers than parts.
    """
    by_code = {line.order_item_code: line for line in lines}
    parts = invoice_parts(list(by_code), can)
    _enough(numbers, len(parts))
    return tuple(
        FiscalDocument(type=type_, number=number, dated=dated, **_of([by_code[code] for code in part], can))
        for number, part in zip(numbers, parts, strict=False)
    )


def credit_documents(  # noqa: PLR0913 - a credit note is known by its invoice
    numbers: Sequence[str],
    dated: Moment,
    lines: Sequence[DocumentLine],
    can: Capabilities,
    *,
    invoice: Sequence[str],
    invoice_dated: Moment,
    invoice_lines: Sequence[str],
    invoice_type: DocumentType = DocumentType.INVOICE,
) -> tuple[FiscalDocument, ...]:
    """The credit note, a part for each part of the invoice that it undoes something of.

    Args:
        numbers: Of the credit note's parts.
        dated: Of the credit note.
        lines: What is credited.
        can: What the provider can do.
        invoice: The numbers of the invoice's parts.
        invoice_dated: Of the invoice.
        invoice_lines: The order item codes of the invoice, in its order.
        invoice_type: What kind of document it is.

    Raises:
        Bug: a line that the invoice doesn't have, or there are fewer numbers than parts.
    """
    by_code = {line.order_item_code: line for line in lines}
    parts = credit_parts(list(by_code), invoice_lines, can)
    _enough(numbers, len(parts))
    return tuple(
        FiscalDocument(
            type=DocumentType.CREDIT_NOTE,
            number=number,
            dated=dated,
            preceding=Preceding(number=invoice[undone], dated=invoice_dated, type=invoice_type),
            **_of([by_code[code] for code in part], can),
        )
        for number, (undone, part) in zip(numbers, parts, strict=False)
    )


class _Amounts(TypedDict):
    lines: tuple[DocumentLine, ...]
    round_off: Decimal
    total: Decimal


def _of(lines: Sequence[DocumentLine], can: Capabilities) -> _Amounts:
    """The total is what the units come to at their prices, rounded as the provider has it."""
    due = sum((line.quantity * line.unit_price for line in lines), Decimal("0.00"))
    total = _to_multiple(due, can.round_total_to)
    return _Amounts(lines=tuple(lines), round_off=total - sum(line.total for line in lines), total=total)


def _enough(numbers: Sequence[str], parts: int) -> None:
    if len(numbers) < parts:
        raise Bug(f"a document of {parts} parts has {len(numbers)} numbers")


def _to_multiple(amount: Decimal, of: Decimal) -> Decimal:
    return ((amount / of).quantize(Decimal(1), ROUND_HALF_UP) * of).quantize(Decimal("0.01"))
