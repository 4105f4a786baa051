"""A difference: where two sides that should say the same don't."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Units = Counter[str]
"""Units by line."""


class Kind(StrEnum):
    """What does not agree."""

    UNKNOWN_ORDER = "unknown order"
    ORDERED = "ordered"
    CANCELLED = "cancelled"
    BALANCE = "balance"
    B2B_ORDER = "b2b order"
    PACKED = "packed"
    HANDED_OVER = "handed over"
    RETURNED = "returned"
    RELEASED = "released"
    PUT_AWAY = "put away"
    INVOICED = "invoiced"
    REGISTERED = "registered"
    NUMBER = "number"
    PARTIES = "parties"
    PARTS = "parts"
    RATE = "rate"
    MONEY = "money"
    EWAY_BILL = "e-way bill"
    TWO_LIVE_INVOICES = "two live invoices"
    REVERSED = "reversed"
    CREDITED = "credited"
    STAYED_SOLD = "stayed sold"
    B2C_RETURN = "b2c return"
    STOCK = "stock"


@dataclass(frozen=True)
class Difference:
    """One difference, with what each side says."""

    kind: Kind
    order: str
    """`account/orderCode`; for stock, `account/location/sku`."""
    place: str
    """The line, shipment, reversal or document it is about; empty for the whole order."""
    says: Mapping[str, Any]
    note: str = ""

    @property
    def account(self) -> str:
        """The seller account."""
        return self.order.split("/")[0]

    def as_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "kind": self.kind.value,
            "order": self.order,
            "place": self.place,
            "says": dict(self.says),
            "note": self.note,
        }


@dataclass
class Findings:
    """The differences of one order, gathered."""

    order: str
    found: list[Difference] = field(default_factory=list)

    def same(self, kind: Kind, place: str, note: str = "", **says: object) -> None:
        """All sides must say the same."""
        values = list(says.values())
        if any(value != values[0] for value in values[1:]):
            self.found.append(Difference(kind, self.order, place, says, note))

    def same_units(self, kind: Kind, place: str, note: str = "", **says: Units) -> None:
        """All sides must say the same for each line."""
        for line in sorted({line for units in says.values() for line in units}):
            self.same(kind, of(place, line), note, **{side: units[line] for side, units in says.items()})

    def at_most(self, kind: Kind, place: str, note: str, less: tuple[str, Units], more: tuple[str, Units]) -> None:
        """One side may not say more than the other, line by line."""
        for line in sorted(set(less[1]) | set(more[1])):
            if less[1][line] > more[1][line]:
                says = {less[0]: less[1][line], more[0]: more[1][line]}
                self.found.append(Difference(kind, self.order, of(place, line), says, note))

    def wrong(self, kind: Kind, place: str, note: str, **says: object) -> None:
        """Something that may not be at all."""
        self.found.append(Difference(kind, self.order, place, says, note))


def of(*parts: str) -> str:
    """A place within a place, such as a line of a shipment."""
    return " ".join(filter(None, parts))


def units_of(pairs: Iterable[tuple[str, int]]) -> Units:
    """Units by line, added up."""
    units: Units = Counter()
    for line, n in pairs:
        units[line] += n
    return units


def units_in(lines: Iterable[Mapping[str, Any]]) -> Units:
    """Units by line of a book's list of lines or goods."""
    return units_of((line["order_item_code"], line["quantity"]) for line in lines)
