"""What is known is never forgotten: of each learning, whatever the order in which events arrive."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from operator import eq, ge, le
from typing import Any

from b2b2c_saga.model.facts import Silence
from b2b2c_saga.model.invoice import Invoice
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.saga.check.tally import Broken, said
from b2b2c_saga.saga.decide import Alarm

GROWS: dict[type, Callable[[Any, Any], bool]] = {
    bool: le,
    int: le,
    frozenset: le,
    datetime: ge,
    Quantities: Quantities.fits_in,
}
"""What a later value of a fact may be: numbers and sets grow, the first moment stays. Of any other the first stays."""

NOT_FACTS = ("early", "terms", "at")
"""Events that wait are let in; `at` is the moment of the last silence."""


def of_learning(before: Any, after: Any, event: Event | Alarm) -> Broken:  # noqa: ANN401 - an order or stock
    """An event adds to what is known and takes nothing back."""
    if after is before or isinstance(event, Alarm):
        return ()
    lost = ", ".join(forgotten(before, after))
    return said(lost, f"{type(event).__name__} took back what was known: {lost}")


def forgotten(before: Any, after: Any, where: str = "") -> Iterator[str]:  # noqa: ANN401 - any part of a row
    """Where less is known than before, by the names of fields."""
    if before is None or before is after or (isinstance(before, str) and not before):
        return
    if isinstance(before, tuple) or (is_dataclass(before) and type(before) not in GROWS):
        had, has = _parts(before), _parts(after)
        newer = _NEWER.get(type(before), ((), lambda *_: False))
        for name, part in had.items():
            if name not in NOT_FACTS and not (name in newer[0] and newer[1](before, after)):
                yield from forgotten(part, has.get(name), f"{where}.{name}" if where else str(name))
    elif not _grows(before, after):
        yield where


def _is_corrected(before: Order, after: Order) -> bool:
    return after.correction is not None and (before.correction is None or before.correction.at < after.correction.at)


_NEWER: dict[type, tuple[Collection[str], Callable[[Any, Any], bool]]] = {
    Stock: (("quantity",), lambda before, after: before.version < after.version),
    Order: (("recipient", "correction"), _is_corrected),
    Invoice: (("problem",), lambda before, after: after.problem is not None),
    Reversal: (("problem",), lambda before, after: after.problem is not None),
    Silence: (("not_understood",), lambda before, after: after is not None and before.attempt < after.attempt),
}
"""Facts of which the newest counts: the fields, and what tells that the later value is newer."""


def _grows(before: Any, after: Any) -> bool:  # noqa: ANN401
    grows: Callable[[Any, Any], bool] = GROWS.get(type(before), eq)
    return after is not None and bool(grows(before, after))


def _parts(of: Any) -> dict[Any, Any]:  # noqa: ANN401 - any part of a row
    """By what tells them apart: fields, the halves of pairs, subjects by their names."""
    if of is None:
        return {}
    if not isinstance(of, tuple):
        return {field.name: getattr(of, field.name) for field in fields(of)}
    return dict(part if isinstance(part, tuple) else (_name(part), part) for part in of)


def _name(part: Any) -> Any:  # noqa: ANN401
    return next((getattr(part, name) for name in ("call", "id", "code", "sku") if hasattr(part, name)), part)
