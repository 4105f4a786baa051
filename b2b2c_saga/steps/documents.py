"""The B2B documents of a shipment: their numbers, lines and totals, always at the prices of intake."""

import hashlib
from decimal import Decimal

from b2b2c_saga.model.messages.commands import DocumentLine
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.words import to_paisa

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def document_number(kind: str, *identity: str) -> str:
    """A number in the form of INV-01 (`^[A-Z1-9][A-Z0-9/-]{0,15}$`), derived from what it is for.

    The same document always gets the same number, so no crash can give it a second one. Fourteen base-36 digits of
    a SHA-256: two of a hundred million documents share a number with a probability below one in a million.
    """
    rest = int.from_bytes(hashlib.sha256("\x1f".join((kind, *identity)).encode()).digest()[:16])
    digits = []
    for _ in range(14):
        rest, digit = divmod(rest, 36)
        digits.append(_DIGITS[digit])
    return kind + "".join(digits)


def document_lines(order: Order, quantities: Quantities) -> tuple[DocumentLine, ...]:
    """The lines of an invoice or credit note for these units."""
    return tuple(
        DocumentLine(
            order_item_code=code, sku=(line := order.line(code)).sku, quantity=units, unit_price=line.unit_price
        )
        for code, units in quantities
    )


def total(lines: tuple[DocumentLine, ...]) -> Decimal:
    """The sum over the lines, to the paisa."""
    return to_paisa(sum((line.quantity * line.unit_price for line in lines), Decimal(0)))


def line_quantities(quantities: Quantities) -> tuple[LineQuantity, ...]:
    """Units by line, as messages carry them."""
    return tuple(LineQuantity(order_item_code=code, quantity=units) for code, units in quantities)
