"""The B2B documents of a shipment: their numbers, lines and totals, always at the prices and rates of intake."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal

from b2b2c_saga.model.invoices import credit_documents, invoice_documents
from b2b2c_saga.model.messages.fiscal import DocumentLine, FiscalDocument
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.taxes import document_line, supplied_within_state
from b2b2c_saga.model.words import Moment

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def document_number(kind: str, *identity: str) -> str:
    """A number in the form of INV-01 (`^[A-Z1-9][A-Z0-9/-]{0,15}$`), derived from what it is for; 15 characters.

    The same document always gets the same number, so no crash can give it a second one. Fourteen base-36 digits of
    a SHA-256: two of a hundred million documents share a number with a probability below one in a million.
    """
    rest = int.from_bytes(hashlib.sha256("\x1f".join((kind, *identity)).encode()).digest()[:16])
    digits = []
    for _ in range(14):
        rest, digit = divmod(rest, 36)
        digits.append(_DIGITS[digit])
    return kind + "".join(digits)


def invoice_of(order: Order, s: Shipment) -> tuple[FiscalDocument, ...]:
    """The shipment's invoice, in as many parts as it takes."""
    lines = _lines(order, s, NOTHING, s.invoice.quantities)
    return invoice_documents(s.invoice.number or "", _dated(s.invoice.dated), lines, order.terms.documents)


def credit_note_of(order: Order, s: Shipment, r: Reversal, number: str) -> tuple[FiscalDocument, ...]:
    """The credit note for a reversal's units."""
    return credit_documents(
        number,
        _dated(r.dated),
        reversal_lines(order, s, r),
        order.terms.documents,
        invoice_number=s.invoice.number or "",
        invoice_dated=_dated(s.invoice.dated),
        invoice_lines=[code for code, _ in s.invoice.quantities],
    )


def reversal_lines(order: Order, s: Shipment, r: Reversal) -> tuple[DocumentLine, ...]:
    """What these units are on the invoice: to the paisa, whatever else was credited before."""
    return _lines(order, s, r.credited_before, r.quantities)


def total(of: Sequence[DocumentLine] | Sequence[FiscalDocument]) -> Decimal:
    """The sum over lines, or over the parts of a document."""
    return sum((one.total for one in of), Decimal("0.00"))


def line_quantities(quantities: Quantities) -> tuple[LineQuantity, ...]:
    """Units by line, as messages carry them."""
    return tuple(LineQuantity(order_item_code=code, quantity=units) for code, units in quantities)


def _lines(order: Order, s: Shipment, before: Quantities, quantities: Quantities) -> tuple[DocumentLine, ...]:
    within = supplied_within_state(order.terms.client_x, order.terms.client_y)
    return tuple(
        document_line(
            order.line(code),
            s.invoice.quantities[code],
            range(before[code], before[code] + units),
            within_state=within,
        )
        for code, units in quantities
    )


def _dated(at: Moment | None) -> Moment:
    assert at is not None  # written by the gate that opens before anything is made of it
    return at
