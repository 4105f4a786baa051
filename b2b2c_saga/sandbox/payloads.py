"""An e-invoice as a registry reads it: field by field, refused at the first that is wrong; and what is left of it."""

import re
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

CONTROL_CHARACTERS = r"\x00-\x1f\x7f-\x9f"
TOLERANCE = Decimal(1)
"""Rupees that a sum or a product may be off."""
DAYS = {
    "DD/MM/YYYY": r"(?P<d>[0-9]{2})/(?P<m>[0-9]{2})/(?P<y>[0-9]{4})",
    "YYYY-MM-DD": r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})",
}


class Wrong(Exception):  # noqa: N818 - what is wrong, not our error
    """A payload that the registry won't have: names the field and the rule, never the value."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document, in rupees; what a kind of document doesn't tell by line is None."""

    description: str
    unit: str
    quantity: int
    taxable_value: Decimal
    gst_rate: Decimal
    hsn_code: str | None = None
    sku: str | None = None
    tax: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What a registry keeps of a payload. Of the place the goods go to it keeps the region, and no name."""

    type: str
    number: str
    dated: date
    seller: dict[str, str]
    """`gstin` and `legal_name`."""
    buyer: dict[str, str]
    lines: tuple[Line, ...]
    total: Decimal
    ship_to: dict[str, str] | None
    preceding: tuple[str, date] | None
    """Number and date of the document that a credit note undoes."""
    transport: dict[str, str] | None = None
    """`transporter_id` and `transporter_name`, where an e-way bill is asked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """An object of a payload, and where it stands there."""

    path: str
    fields: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """It has that field."""
        return self.fields.get(name) is not None

    def text(self, name: str, pattern: str = r".{1,300}") -> str:
        """A text, or a whole number, of that pattern.

        Raises:
            Wrong: it is not there, or something else.
        """
        found = self._found(name)
        if isinstance(found, bool) or not isinstance(found, str | int) or not re.fullmatch(pattern, str(found)):
            raise self.wrong(name, f"a text like {pattern}")
        return str(found)

    def amount(self, name: str, *, usually: str | None = None) -> Decimal:
        """An amount, never negative unless it stands for nothing; `usually` is what a missing one means.

        Raises:
            Wrong: it is not there, or no amount.
        """
        found = self._found(name) if usually is None or self.has(name) else usually
        try:
            amount = Decimal(str(found))
        except InvalidOperation:
            amount = Decimal("NaN")
        if isinstance(found, bool) or not amount.is_finite():
            raise self.wrong(name, "an amount")
        return amount

    def units(self, name: str) -> int:
        """So many pieces.

        Raises:
            Wrong: not a whole number above zero.
        """
        found = self.amount(name)
        if found < 1 or found != int(found):
            raise self.wrong(name, "a whole number of units")
        return int(found)

    def one_of(self, name: str, known: Container[str], rule: str) -> str:
        """A text of a list.

        Raises:
            Wrong: it is not there, or not in the list.
        """
        found = self.text(name)
        if found not in known:
            raise self.wrong(name, rule)
        return found

    def part(self, name: str) -> "Part":
        """An object in it.

        Raises:
            Wrong: it is not there, or no object.
        """
        found = self._found(name)
        if not isinstance(found, dict):
            raise self.wrong(name, "an object")
        return Part(self._at(name), found)

    def rows(self, name: str, *, at_most: int) -> list["Part"]:
        """Its objects in a list of that name.

        Raises:
            Wrong: none, too many, or no objects.
        """
        found = self._found(name)
        if not isinstance(found, list) or not found or not all(isinstance(row, dict) for row in found):
            raise self.wrong(name, "a list of objects")
        if len(found) > at_most:
            raise self.wrong(name, f"{at_most} at most")
        return [Part(f"{self._at(name)}.{place}", row) for place, row in enumerate(found)]

    def about(self, name: str, found: Decimal, due: Decimal, rule: str, by: Decimal = TOLERANCE) -> None:
        """That field is what it should be, give or take a rupee.

        Raises:
            Wrong: it isn't.
        """
        if abs(found - due) > by:
            raise self.wrong(name, rule)

    def wrong(self, name: str, rule: str) -> Wrong:
        """What to raise about one of its fields."""
        return Wrong(self._at(name), rule)

    def _found(self, name: str) -> Any:  # noqa: ANN401 - JSON
        if not self.has(name):
            raise self.wrong(name, "required")
        return self.fields[name]

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def check_texts(found: object, without: str, rule: str, path: str = "") -> None:
    """No text has one of these characters, a pattern such as `a-z`, however deep it stands.

    Raises:
        Wrong: the first that does.
    """
    if isinstance(found, str) and re.search(f"[{without}]", found):
        raise Wrong(path, rule)
    inside = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for name, value in inside:
        check_texts(value, without, rule, f"{path}.{name}" if path else str(name))


def day(part: Part, name: str, form: str) -> date:
    """A date, written `DD/MM/YYYY` or `YYYY-MM-DD`.

    Raises:
        Wrong: it isn't.
    """
    matched = re.fullmatch(DAYS[form], part.text(name))
    if matched:
        with suppress(ValueError):
            return date(*(int(matched[of]) for of in "ymd"))
    raise part.wrong(name, f"a date {form}")


def total_of(parts: Iterable[Part], name: str) -> Decimal:
    """The sum over rows."""
    return sum((part.amount(name) for part in parts), Decimal(0))
