"""What units are worth on a B2B document, worked out anew: from the price of intake and the document's rate.

In fractions and whole paise, and not with the code that made the documents. The rule is that of docs/money.md: value
and tax in the first so many units of a line are rounded once, and a unit bears what it adds to that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

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


def worth(price: Decimal, rate: Decimal, units: range, *, within_state: bool) -> Amounts:
    """Of these units of what was invoiced of a line: `range(0, n)` for all, `range(k, k + n)` for n after k others.

    Args:
        price: Rupees per unit, tax included, to the paisa.
        rate: Percent.
        units: Which of those that were invoiced.
        within_state: The tax is CGST and SGST, which are equal; else IGST.
    """
    split = _halves if within_state else _whole
    paise = int(price * 100)
    (value, tax), (value_before, tax_before) = (split(n * paise, Fraction(rate)) for n in (units.stop, units.start))
    value, tax = value - value_before, tax - tax_before
    return Amounts(len(units), _rupees(value), _rupees(tax), _rupees(value + tax))


def written(line: Mapping[str, Any]) -> Amounts:
    """What a line of a book says."""
    tax, total = (None if line.get(name) is None else Decimal(line[name]) for name in ("tax", "total"))
    return Amounts(line["quantity"], Decimal(line["taxable_value"]), tax, total)


def rounded(total: Decimal, to: Decimal) -> Decimal:
    """A document's total, to a multiple of so many rupees, half up."""
    return floor(Fraction(total) / Fraction(to) + HALF) * to


def _whole(total: int, rate: Fraction) -> tuple[int, int]:
    """Value and IGST in a total, in paise."""
    tax = floor(total * rate / (100 + rate) + HALF)
    return total - tax, tax


def _halves(total: int, rate: Fraction) -> tuple[int, int]:
    """Value, and CGST and SGST together, in a total in paise; where there are none, in a paisa less or more."""
    for near in (total, total - 1, total + 1):
        half = _half(near, rate)
        if half is not None:
            return near - 2 * half, 2 * half
    raise AssertionError(f"no value near {total} paise has two halves of {rate} percent")


def _half(total: int, rate: Fraction) -> int | None:
    """The h that is half of the rate of total - 2h, rounded half up, in paise; None: there is none.

    Unrounded it is h = total x rate / (200 + 2 rate). Rounding moves h by half a paisa at most, and what h is taken of
    by twice that the other way: so all that h can be lies within 50 / (100 + rate), and it is one whole number or none.
    """
    middle, reach = total * rate / (200 + 2 * rate), Fraction(50) / (100 + rate)
    half = floor(middle + reach)
    return half if half > middle - reach else None


def _rupees(paise: int) -> Decimal:
    return Decimal(paise) / 100
