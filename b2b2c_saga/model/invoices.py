"""B2B documents from their lines: numbers of the parts, totals, and which part a credit note undoes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from typing import TypedDict

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Preceding
from b2b2c_saga.model.terms import Capabilities
from b2b2c_saga.model.words import Moment

_NUMBER = re.compile(r"[A-Z1-9][A-Z0-9/-]{0,15}")


def part_number(number: str, n: int) -> str:
    """The number of the nth part, from 1, of a document: the first bears the document's own, later ones n behind it.

    Raises:
        Bug: it is not of the form that INV-01 wants, 16 characters at most.
    """
    part = number if n == 1 else f"{number}{n}"
    if n < 1 or not _NUMBER.fullmatch(part):
        raise Bug(f"{part!r} can't be the number of part {n}: {_NUMBER.pattern}")
    return part


def invoice_documents(
    number: str, dated: Moment, lines: Sequence[DocumentLine], can: Capabilities
) -> tuple[FiscalDocument, ...]:
    """The invoice, in as many parts as the provider's line limit makes of it."""
    parts = enumerate(_at_most(can.lines_at_most, lines), 1)
    return tuple(
        FiscalDocument(
            type=DocumentType.INVOICE,
            number=part_number(number, n),
            dated=dated,
            lines=of_part,
            **_totals(of_part, can),
        )
        for n, of_part in parts
    )


def credit_documents(  # noqa: PLR0913 - a credit note is known by its invoice
    number: str,
    dated: Moment,
    lines: Sequence[DocumentLine],
    can: Capabilities,
    *,
    invoice_number: str,
    invoice_dated: Moment,
    invoice_lines: Sequence[str],
) -> tuple[FiscalDocument, ...]:
    """The credit note, a part for each part of the invoice that it undoes something of.

    Args:
        number: Of the credit note.
        dated: Of the credit note.
        lines: What is credited.
        can: What the provider can do.
        invoice_number: Of the invoice's first part.
        invoice_dated: Of the invoice.
        invoice_lines: The order item codes of the invoice, in its order.

    Raises:
        Bug: a line that the invoice doesn't have.
    """
    part_of = {code: 1 + place // can.lines_at_most for place, code in enumerate(invoice_lines)}
    by_part: dict[int, list[DocumentLine]] = {}
    for line in lines:
        if line.order_item_code not in part_of:
            raise Bug(f"{line.order_item_code} is credited, and not on the invoice {invoice_number}")
        by_part.setdefault(part_of[line.order_item_code], []).append(line)
    return tuple(
        FiscalDocument(
            type=DocumentType.CREDIT_NOTE,
            number=part_number(number, n),
            dated=dated,
            lines=tuple(by_part[part]),
            preceding=Preceding(number=part_number(invoice_number, part), dated=invoice_dated),
            **_totals(by_part[part], can),
        )
        for n, part in enumerate(sorted(by_part), 1)
    )


class _Totals(TypedDict):
    round_off: Decimal
    total: Decimal


def _totals(lines: Sequence[DocumentLine], can: Capabilities) -> _Totals:
    exact = sum((line.total for line in lines), Decimal("0.00"))
    total = _to_multiple(exact, can.round_total_to)
    return _Totals(round_off=total - exact, total=total)


def _to_multiple(amount: Decimal, of: Decimal) -> Decimal:
    return ((amount / of).quantize(Decimal(1), ROUND_HALF_UP) * of).quantize(Decimal("0.01"))


def _at_most(n: int, lines: Iterable[DocumentLine]) -> Iterator[tuple[DocumentLine, ...]]:
    rest = iter(lines)
    while part := tuple(islice(rest, n)):
        yield part
