"""One exchange of names, done to all that a state of a small world is made of."""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from pydantic import BaseModel

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.prices import PriceBook
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.model.words import Recipient
from b2b2c_saga.saga.check.outside import World

NAMES = {
    "order_item_code", "line", "code", "by_line", "channel_sku_code", "sku", "shipment_id", "shipment", "unit_code",
    "id", "request_id", "return_order_code", "reversal", "release", "subject", "pack_requests", "handover_requests",
    "alerted", "rates", *World._fields,
}  # fmt: skip
"""The fields in which names stand, alone or among other words. In no other field is a word a name."""

NUMBERS = {"document_number", "preceding_document", "document", "number", "numbers", "given", "bills", "undone_by"}
"""The fields in which numbers of documents stand, which are derived from names, or made of them."""

NAMED_BY = ("id", "code", "order_item_code", "sku", "unit_code")
"""By which of its fields a list is sorted."""

WITHOUT_NAMES = (Terms, Recipient, PriceBook)


class Unknown(Exception):  # noqa: N818 - not an error of anybody
    """A number of a document of which it is not known what it is derived from."""


class Renaming:
    """Old names and their new ones; numbers of documents are learned as they come up."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self._numbers: dict[str, str] = {}
        self._known: dict[Any, Any] = {}

    def __str__(self) -> str:
        return ", ".join(f"{old} for {new}" for old, new in sorted(self.names.items()))

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - a row, an event, an alarm
        """The same with other names.

        Raises:
            Unknown: it names a document whose number is not learned yet.
        """
        return self._renamed(value, "")

    def world(self, w: World) -> World:
        """A whole state with other names.

        Raises:
            Unknown: it names a document whose number is not learned yet.
        """
        return World(*(self._renamed(value, field) for field, value in zip(World._fields, w, strict=True)))

    def misses(self, message: Message) -> bool:
        """It names a document whose number is not learned yet."""
        number = getattr(message, "document_number", None)
        return number is not None and number not in self._numbers

    def learn(self, message: Message, twins: Iterable[Message]) -> None:
        """The numbers of a command are renamed to those of its twin, the command that the renamed row sends."""
        for twin in twins:
            if type(twin) is type(message) and twin.subject == self._words(message.subject):
                pairs = zip(_numbers(message), _numbers(twin), strict=False)
                self._numbers |= dict(pairs)

    def _renamed(self, value: Any, field: str) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            return self._text(value, field) if value and not isinstance(value, Enum) else value
        if isinstance(value, frozenset):
            return frozenset([self._renamed(one, field) for one in value]) if value else value
        if isinstance(value, tuple) and not hasattr(value, "_fields"):
            return self._in_order(value, field) if value else value
        if value is None or isinstance(value, int) or not _is_made_of_fields(value):
            return value
        if (known := self._known.get(value)) is None:
            known = self._known[value] = self._rebuilt(value)
        return known

    def _rebuilt(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, tuple):
            names: tuple[str, ...] = value._fields  # type: ignore[attr-defined]  # a plain one doesn't come here
            return type(value)(*(self._renamed(held, name) for name, held in zip(names, value, strict=True)))
        model = isinstance(value, BaseModel)
        every = type(value).model_fields if model else [field.name for field in fields(value)]
        held = {name: (before := getattr(value, name), self._renamed(before, name)) for name in every}
        changed = {name: after for name, (before, after) in held.items() if after is not before and after != before}
        if not changed:
            return value
        return value.model_copy(update=changed) if model else replace(value, **changed)

    def _in_order(self, values: tuple[Any, ...], field: str) -> tuple[Any, ...]:
        """What was sorted by names is sorted by the new ones."""
        renamed = [self._renamed(one, field) for one in values]
        names = [_name(one) for one in values]
        if field != "early" and None not in names and names == sorted(names):
            renamed.sort(key=_name)
        return tuple(renamed)

    def _text(self, text: str, field: str) -> str:
        return self._words(text) if field in NAMES or field in NUMBERS else text

    def _words(self, text: str) -> str:
        if (known := self._known.get(text)) is None:
            known = self._known[text] = _WORD.sub(lambda word: self.names.get(word[0]) or self._number(word[0]), text)
        return known

    def _number(self, number: str) -> str:
        if (known := self._numbers.get(number)) is not None:
            return known
        if _NUMBER.fullmatch(number):
            raise Unknown(number)
        return number


def _is_made_of_fields(value: object) -> bool:
    return isinstance(value, BaseModel | tuple) or (is_dataclass(value) and not isinstance(value, WITHOUT_NAMES))


def _name(one: Any) -> Any:  # noqa: ANN401 - a part of anything; None if it has no name
    if isinstance(one, tuple):
        return one
    return next((getattr(one, field) for field in NAMED_BY if hasattr(one, field)), None)


def _numbers(command: Any) -> list[str]:  # noqa: ANN401 - a command about documents
    return [command.document_number, *(document.number for document in getattr(command, "documents", ()))]


_WORD = re.compile(r"[A-Za-z0-9]+")
_NUMBER = re.compile(r"[A-Z][0-9A-Z]{14,}")
