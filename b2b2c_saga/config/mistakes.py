"""A mistake in the configuration: where it stands, what was found there, and what the rule is."""

from dataclasses import dataclass
from typing import TypeAlias

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of fields, and numbers of list items from 0."""


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file, from 1; 0 means the file or folder as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Mistake:
    """One broken rule. `value` is what is written there, None where there is nothing or a whole part."""

    place: Place
    where: Where
    rule: str
    value: str | None = None

    @property
    def field(self) -> str:
        """The way in dots, list items by their number from 0; empty for a file as a whole."""
        return ".".join(map(str, self.where))

    def __str__(self) -> str:
        found = self.field if self.value is None else f"{self.field} = {self.value!r}"
        return f"{self.place}: {found}: {self.rule}" if found else f"{self.place}: {self.rule}"

    def as_json(self) -> dict[str, object]:
        """For a machine."""
        return {
            "file": self.place.file,
            "line": self.place.line or None,
            "field": self.field,
            "value": self.value,
            "rule": self.rule,
        }
