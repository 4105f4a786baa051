"""Ways to the fields of a row: which an event has written, what is there, and a row with something else there."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from typing import Any

from b2b2c_saga.model.facts import Subject
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.quantities import Quantities

Way = tuple[str, ...]
"""Names of fields, from the row on; through a list of subjects it leads to the one that the event is about."""

ABOUT = ("shipment_id", "reversal", "release")
WAITING = "early"
"""What is no fact: events that wait are let in by the mechanism."""


def written(before: Any, after: Any, way: Way = ()) -> Iterator[Way]:  # noqa: ANN401 - any part of a row
    """The fields that differ, as far in as they have a value to begin with."""
    for one in fields(before):
        old, new, here = getattr(before, one.name), getattr(after, one.name), (*way, one.name)
        if one.name == WAITING or old is new or old == new:
            continue
        if _are_subjects(old) and {part.name for part in old} == {part.name for part in new}:
            for part, other in zip(old, new, strict=True):
                yield from written(part, other, here)
        elif _has_parts(old) and type(old) is type(new) and (inner := list(written(old, new, here))):
            yield from inner
        elif _default(one) is not MISSING:
            yield here


def at(row: Any, way: Way, event: Event) -> Any:  # noqa: ANN401
    """What is there; None if there is no such part."""
    return getattr(_holder(row, way, event), way[-1], None)


def default_at(row: Any, way: Way, event: Event) -> Any:  # noqa: ANN401
    """What is there to begin with; None if there is no such part."""
    holder = _holder(row, way, event)
    return next((_default(one) for one in fields(holder) if one.name == way[-1]), None) if holder else None


def put(part: Any, way: Way, event: Event, value: object) -> Any:  # noqa: ANN401
    """With this value there; as it is if there is no such part."""
    name, *rest = way
    if not rest:
        return replace(part, **{name: value})
    held = getattr(part, name)
    if isinstance(held, tuple):
        mine = _about(held, event)
        inner: Any = tuple(put(one, tuple(rest), event, value) if one is mine else one for one in held)
    else:
        inner = None if held is None else put(held, tuple(rest), event, value)
    return replace(part, **{name: inner})


def _holder(part: Any, way: Way, event: Event) -> Any:  # noqa: ANN401
    for name in way[:-1]:
        part = None if part is None else _about(getattr(part, name), event)
    return part


def _about(held: Any, event: Event) -> Any:  # noqa: ANN401
    if not isinstance(held, tuple):
        return held
    names = {getattr(event, name, None) for name in ABOUT}
    return next((one for one in held if one.name in names), None)


def _are_subjects(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, tuple) and bool(value) and all(isinstance(one, Subject) for one in value)


def _has_parts(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, Quantities)


def _default(one: "Field[Any]") -> Any:  # noqa: ANN401
    return one.default_factory() if one.default_factory is not MISSING else one.default
