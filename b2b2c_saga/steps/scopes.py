"""Where the subjects of gates live in the row, and merges about one of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from b2b2c_saga.model.admission import CLOCKS_DIFFER_BY
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.saga.steps import Scope, Wrong

ORDER = Scope("order", lambda o: iter([(o,)]), lambda path, new: new)
SHIPMENT = Scope("shipment", lambda o: ((o, s) for s in o.shipments), lambda path, new: path[0].with_shipment(new))
REVERSAL = Scope(
    "reversal",
    lambda o: ((o, s, r) for s in o.shipments for r in s.reversals),
    lambda path, new: path[0].with_shipment(path[1].with_reversal(new)),
)
RELEASE = Scope("release", lambda o: ((o, r) for r in o.releases), lambda path, new: path[0].with_release(new))
STOCK_ITEM = Scope("stock", lambda s: iter([(s,)]), lambda path, new: new)

ORDER_KNOWN: dict[str, Callable[..., Any]] = {"order known": lambda o, e: o.is_known}
SHIPMENT_KNOWN: dict[str, Callable[..., Any]] = {"shipment known": lambda o, e: o.shipment(e.shipment_id) is not None}
REVERSAL_KNOWN: dict[str, Callable[..., Any]] = {
    "reversal known": lambda o, e: (s := o.shipment(e.shipment_id)) is not None and s.reversal(e.reversal) is not None
}

Merge = Callable[[Order, Any, datetime], Order]


def of_shipment(change: Callable[[Shipment, Any, datetime], Shipment]) -> Merge:
    """An event about one shipment, as a merge of the row."""

    def merge(order: Order, event: Any, now: datetime) -> Order:  # noqa: ANN401 - any event that names a shipment
        shipment = order.shipment(event.shipment_id)
        return order if shipment is None else order.with_shipment(change(shipment, event, now))

    return merge


def of_reversal(change: Callable[[Reversal, Any, datetime], Reversal]) -> Merge:
    """An event about one reversal of a shipment, as a merge of the row."""

    def in_shipment(shipment: Shipment, event: Any, now: datetime) -> Shipment:  # noqa: ANN401
        reversal = shipment.reversal(event.reversal)
        return shipment if reversal is None else shipment.with_reversal(change(reversal, event, now))

    return of_shipment(in_shipment)


def first(known: datetime | None, now: datetime) -> datetime:
    """The earlier of what is known and now: a merge by minimum."""
    return now if known is None else min(known, now)


def too_late(field: str, time: Callable[[Any], datetime]) -> Callable[[object, Any, datetime], Wrong | None]:
    """Refuses an event whose time has not come yet."""

    def refuses(row: object, event: Any, now: datetime) -> Wrong | None:  # noqa: ANN401 - any event that has the field
        rule = f"at most {CLOCKS_DIFFER_BY.seconds // 60} minutes after now, {now.isoformat(timespec='seconds')}"
        return Wrong(field, time(event).isoformat(), rule) if time(event) > now + CLOCKS_DIFFER_BY else None

    return refuses


def too_many(field: str, units: Quantities, at_most: Quantities) -> Wrong | None:
    """The first line of which there are more units than there may be; such a line may be unknown altogether."""
    much = ((line, n) for line, n in units if n > at_most[line])
    return next((Wrong(f"{field} of {line}", n, f"at most {at_most[line]}") for line, n in much), None)


def heard_nothing(subject: Any, event: Any, now: datetime) -> Any:  # noqa: ANN401 - any subject, any unanswered event
    """The merge of an unanswered call, for any subject. Of stock nobody is told what was not understood."""
    return subject.having_heard_nothing(event.call, event.attempt, now, getattr(event, "not_understood", None))


__all__ = [
    "ORDER",
    "ORDER_KNOWN",
    "RELEASE",
    "REVERSAL",
    "REVERSAL_KNOWN",
    "SHIPMENT",
    "SHIPMENT_KNOWN",
    "STOCK_ITEM",
    "first",
    "heard_nothing",
    "of_reversal",
    "of_shipment",
    "too_late",
    "too_many",
]
