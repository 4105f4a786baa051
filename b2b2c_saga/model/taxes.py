"""The tax in a price that includes it, and how its paise fall on the units of a line.

Every amount is allotted by cumulative rounding: the tax in the first k units is rounded once, and a unit bears what it
adds to that. So however the units are parted over an invoice and its credit notes, the parts add up to the paisa.

Between states the tax is IGST: the price less its tax is the taxable value. Within a state CGST and SGST are half of
the rate of the taxable value each, rounded half up, so the value is worked out that comes to the price with both. Of
some prices there is none: then it comes to a paisa more or less, and the document is rounded off by that.
"""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Protocol

from b2b2c_saga.model.messages.fiscal import DocumentLine
from b2b2c_saga.model.words import PAISA, Party


class Split(StrEnum):
    """How the tax within a state is parted. Documents keep theirs, and so do their credit notes."""

    HALF_OF_RATE = "half_of_rate"
    EVEN_TAX = "even_tax"
    """The tax of the whole rate in two equal parts, the odd paisa left in the taxable value: rows of schema 1."""


class Priced(Protocol):
    """A line as the order keeps it: `unit_price` is in rupees, tax included."""

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
    def name(self) -> str:
        """What they are called; empty where nobody knows."""

    @property
    def unit(self) -> str:
        """What they are counted in: a unit quantity code."""

    @property
    def unit_price(self) -> Decimal:
        """Rupees per unit, tax included, to the paisa."""


def document_line(  # noqa: PLR0913 - a line is known by all of them
    line: Priced,
    rate: Decimal,
    invoiced: int,
    units: range,
    *,
    within_state: bool,
    split: Split = Split.HALF_OF_RATE,
) -> DocumentLine:
    """The line of a document for some of the units that the invoice has of it. No amount is negative.

    Args:
        line: What was taken in.
        rate: Percent of the value without tax.
        invoiced: Units of the line on the invoice.
        units: `range(0, invoiced)` for the invoice; `range(k, k + n)` for a credit note of n after k were credited.
        within_state: See `supplied_within_state`.
        split: How the tax is parted, within a state.

    Raises:
        ValueError: no units, or units that the invoice doesn't have.
    """
    if not (0 <= units.start < units.stop <= invoiced and units.step == 1):
        raise ValueError(f"{units} of {invoiced} units of {line.code}")
    part = (_halves if split is Split.HALF_OF_RATE else _even) if within_state else _whole
    price = int(line.unit_price / PAISA)
    (value, *taxes), before = part(units.stop * price, rate), part(units.start * price, rate)
    taxable, igst, half = ((to - since) * PAISA for to, since in zip((value, *taxes), before, strict=True))
    return DocumentLine(
        order_item_code=line.code,
        sku=line.sku,
        description=line.name or None,
        unit=line.unit,
        hsn_code=line.hsn,
        quantity=len(units),
        unit_price=line.unit_price,
        gst_rate=rate,
        taxable_value=taxable,
        igst=igst,
        cgst=half,
        sgst=half,
        total=taxable + igst + 2 * half,
    )


def supplied_within_state(seller: Party, buyer: Party) -> bool:
    """The place of supply is the state of the buyer's GSTIN: bill to, ship to, IGST Act section 10(1)(b)."""
    return seller.gstin[:2] == buyer.gstin[:2]


def _whole(total: int, rate: Decimal) -> tuple[int, int, int]:
    """Taxable value, IGST and nothing else in a total, all in paise."""
    tax = int((total * rate / (100 + rate)).quantize(Decimal(1), ROUND_HALF_UP))
    return total - tax, tax, 0


def _halves(total: int, rate: Decimal) -> tuple[int, int, int]:
    """Taxable value, no IGST, and CGST (SGST is the same) in a total, all in paise, or in the nearest that there is."""
    value = int(total * 100 / (100 + rate))  # rounded halves add a paisa at most: only the next one can come nearer
    taxable = min((value, value + 1), key=lambda value: abs(value + 2 * _half(value, rate) - total))
    return taxable, 0, _half(taxable, rate)


def _even(total: int, rate: Decimal) -> tuple[int, int, int]:
    half = _whole(total, rate)[1] // 2
    return total - 2 * half, 0, half


def _half(value: int, rate: Decimal) -> int:
    return int((value * rate / 200).quantize(Decimal(1), ROUND_HALF_UP))
