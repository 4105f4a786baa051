"""From what is written to entries: each entry by itself, so that one mistake hides no other."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from b2b2c_saga.config.entries import AccountEntry, PartyEntry, PatienceEntry, PriceListEntry, ProductEntry, TaxEntry
from b2b2c_saga.config.merge import BY_NAME
from b2b2c_saga.config.mistakes import Mistake, Where
from b2b2c_saga.config.texts import CODE, CODE_RULE, HSN_PREFIX, HSN_PREFIX_RULE, Version
from b2b2c_saga.config.written import Value, Written

WORDS = {
    "missing": "is missing",
    "model_type": "must be fields by name",
    "tuple_type": "must be a list",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "rule": "{rule}",
}
"""A mistake in our words, by pydantic's type of error."""


@dataclass
class Entries:
    """What is well written by itself. `named` are all names of a section, those of bad entries included."""

    version: int = 0
    gstin_check: str = "full"
    patience: PatienceEntry = field(default_factory=PatienceEntry)
    parties: Mapping[str, PartyEntry] = field(default_factory=dict)
    accounts: Mapping[str, AccountEntry] = field(default_factory=dict)
    products: Mapping[str, ProductEntry] = field(default_factory=dict)
    price_lists: Mapping[str, PriceListEntry] = field(default_factory=dict)
    taxes: Mapping[str, tuple[TaxEntry, ...]] = field(default_factory=dict)
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Reading:
    """One pass over a set; gathers mistakes."""

    def __init__(self, written: Written) -> None:
        self.written = written
        self.mistakes: list[Mistake] = []

    def section(self, name: str, kind: object, names: str = CODE, rule: str = CODE_RULE) -> Any:  # noqa: ANN401
        """The good entries of a section, by name."""
        entries: dict[str, object] = {}
        for key, value in self.named(name).items():
            if not re.fullmatch(names, key):
                self.mistakes.append(self.written.wrong((name, key), f"its name {rule}"))
            elif (entry := self.one((name, key), kind, value)) is not None:
                entries[key] = entry
        return entries

    def whole(self, name: str, kind: object, usual: object) -> Any:  # noqa: ANN401 - of that kind
        """A section that is one entry; the usual one if it isn't there or is bad."""
        values = self.written.values
        entry = self.one((name,), kind, values[name]) if name in values else None
        return usual if entry is None else entry

    def one(self, where: Where, kind: object, value: Value) -> object:
        """An entry; None if something is wrong with it."""
        try:
            return _adapter(kind).validate_python(value)
        except ValidationError as error:
            self.mistakes += (self._told(where, kind, one) for one in error.errors(include_url=False))
            return None

    def named(self, section: str) -> dict[str, Value]:
        """All that is written in a section, by name."""
        names = self.written.values[section]
        assert isinstance(names, dict)
        return names

    def _told(self, where: Where, kind: object, error: ErrorDetails) -> Mistake:
        at = (*where, *error["loc"])
        if error["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(at[-1]), _fields(kind, error["loc"][:-1]), 1)
            rule = f"is no field here; did you mean {near[0]}?" if near else "is no field here"
        else:
            rule = WORDS.get(error["type"], error["msg"]).format_map(error.get("ctx", {}))
        return self.written.wrong(at, rule)


def read_entries(written: Written) -> tuple[Entries, list[Mistake]]:
    """The good entries, and what is wrong with the others."""
    reading = Reading(written)
    if "version" not in written.values:
        reading.mistakes.append(written.wrong(("version",), "is missing: write `version: 1` in one of the files"))
    entries = Entries(
        version=reading.whole("version", Version, 0),
        gstin_check=reading.whole("gstin_check", Literal["full", "form"], "full"),
        patience=reading.whole("patience", PatienceEntry, PatienceEntry()),
        parties=reading.section("parties", PartyEntry),
        accounts=reading.section("accounts", AccountEntry),
        products=reading.section("products", ProductEntry),
        price_lists=reading.section("price_lists", PriceListEntry),
        taxes=reading.section("taxes", tuple[TaxEntry, ...], HSN_PREFIX, HSN_PREFIX_RULE),
        named={section: frozenset(reading.named(section)) for section in BY_NAME},
    )
    return entries, reading.mistakes


@cache
def _adapter(kind: Any) -> TypeAdapter[object]:  # noqa: ANN401 - a type
    return TypeAdapter(kind)


def _fields(kind: Any, loc: tuple[int | str, ...]) -> list[str]:  # noqa: ANN401 - a type
    """The fields of the entry found there."""
    for name in (part for part in loc if isinstance(part, str)):
        kind = _model(kind).model_fields[name].annotation
    return list(_model(kind).model_fields)


def _model(kind: Any) -> Any:  # noqa: ANN401 - a type
    """Of an entry, perhaps, or of a list of entries."""
    return next((one for one in get_args(kind) if hasattr(one, "model_fields")), kind)
