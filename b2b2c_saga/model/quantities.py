"""Units by line: what is ordered, packed, cancelled or returned, with the arithmetic that keeps lines apart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Quantities:
    """So many units of each line; lines without any are left out, so equal amounts are equal values."""

    by_line: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, units: Mapping[str, int] | Iterable[tuple[str, int]]) -> "Quantities":
        """From pairs of line and units; pairs of the same line add up."""
        total: dict[str, int] = {}
        for line, n in units.items() if isinstance(units, Mapping) else units:
            total[line] = total.get(line, 0) + n
        return cls(tuple(sorted((line, n) for line, n in total.items() if n)))

    def __getitem__(self, line: str) -> int:
        return next((n for known, n in self.by_line if known == line), 0)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self.by_line)

    def __bool__(self) -> bool:
        return bool(self.by_line)

    def __add__(self, other: "Quantities") -> "Quantities":
        return Quantities.of((*self.by_line, *other.by_line)) if other.by_line else self

    def __sub__(self, other: "Quantities") -> "Quantities":
        """May go below zero: that is how a broken balance shows."""
        return Quantities.of((*self.by_line, *((line, -n) for line, n in other.by_line))) if other.by_line else self

    def at_most(self, other: "Quantities") -> "Quantities":
        """The smaller of the two, line by line."""
        limit = dict(other.by_line)
        return Quantities.of((line, min(n, limit.get(line, 0))) for line, n in self.by_line)

    def or_more(self, other: "Quantities") -> "Quantities":
        """The larger of the two, line by line: the merge of absolute quantities."""
        mine, theirs = dict(self.by_line), dict(other.by_line)
        return Quantities.of({line: max(mine.get(line, 0), theirs.get(line, 0)) for line in mine | theirs})

    def fits_in(self, other: "Quantities") -> bool:
        """No line has more than `other` has of it."""
        limit = dict(other.by_line)
        return all(n <= limit.get(line, 0) for line, n in self.by_line)

    @property
    def total(self) -> int:
        """Units over all lines."""
        return sum(n for _, n in self.by_line)

    @property
    def is_short(self) -> bool:
        """A line is below zero."""
        return any(n < 0 for _, n in self.by_line)


NOTHING = Quantities()
