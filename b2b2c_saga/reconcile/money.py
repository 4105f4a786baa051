"""What units are worth on a B2B document, worked out anew: from price and rate of intake, to the paisa.

In fractions and whole paise, and not with the code that made the documents. The rule is that of docs/money.md: the tax
in the first so many units of a line is rounded once, half up, and a unit bears what it adds to that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from b2b2c_saga.model.order import Line

HALF = Fraction(1, 2)
FIELDS = ("units", "taxable", "tax", "total")


@dataclass(frozen=True)
class Amounts:
    """Units of a line on a document, and rupees for all of them together; None: the book doesn't tell."""

    units: int
    taxable: Decimal
    tax: Decimal | None
    total: Decimal | None

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.units + other.units,
            self.taxable + other.taxable,
            None if self.tax is None or other.tax is None else self.tax + other.tax,
            None if self.total is None or other.total is None else self.total + other.total,
        )

    def told(self, other: "Amounts") -> list[tuple[str, Any, Any]]:
        """Field by field what either says, where both do."""
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in FIELDS)
        return [(name, mine, theirs) for name, mine, theirs in pairs if mine is not None and theirs is not None]


def worth(line: Line, units: range, *, within_state: bool) -> Amounts:
    """Of these units of what was invoiced of a line: `range(0, n)` for all, `range(k, k + n)` for n after k others."""
    total = _rupees(len(units) * _paise(line.unit_price))
    tax = _rupees(_tax(line, units.stop, within_state) - _tax(line, units.start, within_state))
    return Amounts(len(units), total - tax, tax, total)


def written(line: Mapping[str, Any]) -> Amounts:
    """What a line of a book says."""
    tax, total = (None if line.get(name) is None else Decimal(line[name]) for name in ("tax", "total"))
    return Amounts(line["quantity"], Decimal(line["taxable_value"]), tax, total)


def rounded(total: Decimal, to: Decimal) -> Decimal:
    """A document's total, to a multiple of so many rupees, half up."""
    return floor(Fraction(total) / Fraction(to) + HALF) * to


def _tax(line: Line, units: int, within_state: bool) -> int:  # noqa: FBT001 - of two private steps
    """In the first so many units, in paise: IGST; or CGST and SGST, which are equal."""
    price, rate = _paise(line.unit_price), Fraction(line.gst_rate)
    paise = floor(units * price * rate / (100 + rate) + HALF)
    if not within_state:
        return paise
    return paise // 2 * 2 if price > 1 else 0


def _paise(amount: Decimal) -> int:
    return int(amount * 100)


def _rupees(paise: int) -> Decimal:
    return Decimal(paise) / 100
