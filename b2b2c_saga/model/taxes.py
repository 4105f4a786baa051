"""The tax in a price that includes it, and how its paise fall on the units of a line.

Every amount is allotted by cumulative rounding: the tax in the first k units is rounded once, and a unit bears what it
adds to that. So however the units are parted over an invoice and its credit notes, the parts add up to the paisa.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from b2b2c_saga.model.messages.fiscal import DocumentLine
from b2b2c_saga.model.words import PAISA, Party

_ONE = Decimal(1)


class Priced(Protocol):
    """A line as the order keeps it: `unit_price` is in rupees, tax included, `gst_rate` in percent."""

    @property
    def code(self) -> str:
        """The order item code."""

    @property
    def sku(self) -> str:
        """Which goods."""

    @property
    def hsn(self) -> str:
        """Their class."""

    @property
    def unit_price(self) -> Decimal:
        """Rupees per unit, tax included, to the paisa."""

    @property
    def gst_rate(self) -> Decimal:
        """Percent of the value without tax."""


def document_line(line: Priced, invoiced: int, units: range, *, within_state: bool) -> DocumentLine:
    """The line of a document for some of the units that the invoice has of it.

    Within a state CGST and SGST are half of the tax each, and the odd paisa stays in the taxable value; else the tax is
    IGST. No amount is negative.

    Args:
        line: What was taken in.
        invoiced: Units of the line on the invoice.
        units: `range(0, invoiced)` for the invoice; `range(k, k + n)` for a credit note of n after k were credited.
        within_state: See `supplied_within_state`.

    Raises:
        ValueError: no units, or units that the invoice doesn't have.
    """
    if not (0 <= units.start < units.stop <= invoiced and units.step == 1):
        raise ValueError(f"{units} of {invoiced} units of {line.code}")
    tax_up_to = _half_tax if within_state else _tax
    total = len(units) * line.unit_price
    tax = tax_up_to(line, units.stop) - tax_up_to(line, units.start)
    none = Decimal("0.00")
    return DocumentLine(
        order_item_code=line.code,
        sku=line.sku,
        hsn_code=line.hsn,
        quantity=len(units),
        unit_price=line.unit_price,
        gst_rate=line.gst_rate,
        taxable_value=total - (2 * tax if within_state else tax),
        igst=none if within_state else tax,
        cgst=tax if within_state else none,
        sgst=tax if within_state else none,
        total=total,
    )


def supplied_within_state(seller: Party, buyer: Party) -> bool:
    """The place of supply is the state of the buyer's GSTIN: bill to, ship to, IGST Act section 10(1)(b)."""
    return seller.gstin[:2] == buyer.gstin[:2]


def _tax(line: Priced, units: int) -> Decimal:
    """In the first so many units, in rupees."""
    return _paise(line, units) * PAISA


def _half_tax(line: Priced, units: int) -> Decimal:
    """Whole paise twice. A unit of one paisa, such as a gift's, has no two of them to spare, and bears no tax."""
    return _paise(line, units) // 2 * PAISA if line.unit_price > PAISA else Decimal("0.00")


def _paise(line: Priced, units: int) -> Decimal:
    tax = units * line.unit_price * line.gst_rate / (100 + line.gst_rate)
    return (tax / PAISA).quantize(_ONE, ROUND_HALF_UP)
