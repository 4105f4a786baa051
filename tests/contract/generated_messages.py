"""Any message there is, for tests: hypothesis strategies made from the models' own annotations."""

import dataclasses
from datetime import UTC, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import BaseModel

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.fiscal import Rate, RegisteredDocument, RoundOff
from b2b2c_saga.model.messages.upstream import OrderItem
from b2b2c_saga.model.words import (
    Address,
    Code,
    Count,
    FreeText,
    Identifier,
    Moment,
    Money,
    OptionalFreeText,
    PartCode,
    Party,
    Quantity,
    Recipient,
    Text,
    Url,
    cut,
    one_line,
)

CODES = st.text("ABCXYZabcxyz0123456789._:#-", min_size=1, max_size=64)
ANYTHING = st.none() | st.text(max_size=300) | st.integers()
PRINTABLE = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffd")


def printable(at_most: int) -> st.SearchStrategy[str]:
    """What another system may call a thing of its own: not blank."""
    return st.text(PRINTABLE, min_size=1, max_size=at_most).filter(lambda text: bool(text.strip(" ")))


WORDS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Code, CODES),
    (Identifier, printable(200)),
    (PartCode, printable(64)),
    (Url, printable(4_000)),
    (Text, st.text(min_size=1, max_size=200)),
    (FreeText, ANYTHING),
    (OptionalFreeText, ANYTHING),
    (Quantity, st.integers(1, 1_000_000)),
    (Count, st.integers(0, 1_000_000_000)),
    (Money, st.decimals(0, 10**11, places=2)),
    (Rate, st.decimals(0, 100, places=3)),
    (RoundOff, st.decimals("-99.99", "99.99", places=2)),
    (Moment, st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
    (int, st.integers(1, 50)),
    (str, st.text(max_size=40)),
    (bool, st.booleans()),
]
LINES = st.text(min_size=1).map(lambda text: cut(one_line(text)) or "-")
"""Free texts as they are once they are read: consumers are made without a look at them."""
BUILT: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    Address: {"line": LINES, "city": LINES, "pin": st.just("560001"), "state": st.sampled_from(["29", "97"])},
    Recipient: {"name": LINES, "phone": LINES, "email": LINES},
    RegisteredDocument: {"signed_qr_code": st.none() | st.text(min_size=1, max_size=40)},
    Party: {"gstin": st.just("29AABCK1234M1ZG")},
}


def message(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Any message of that kind."""
    return _built(kind)


def _value(annotation: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - an annotation may be anything
    for word, strategy in WORDS:
        if annotation == word:
            return strategy
    if get_origin(annotation) is Annotated:
        return _value(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return st.one_of(*(st.none() if a is type(None) else _value(a) for a in get_args(annotation)))
    if get_origin(annotation) is tuple:
        item = get_args(annotation)[0]
        once = (lambda i: i.order_item_code, lambda i: i.channel_sku_code) if item is OrderItem else None
        return st.lists(_value(item), min_size=1, max_size=4, unique_by=once).map(tuple)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    return _built(annotation)


def _built(kind: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, include_extras=True)
    if issubclass(kind, BaseModel):
        names = list(kind.model_fields)
    else:
        names = [field.name for field in dataclasses.fields(kind)]
    built = BUILT.get(kind, {})
    values = {name: built[name] if name in built else _value(hints[name]) for name in names}
    return st.fixed_dictionaries(values).map(lambda drawn: kind(**drawn))
