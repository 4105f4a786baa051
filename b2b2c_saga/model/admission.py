"""What every way in asks of an event before it is published: what can be said without a row."""

from datetime import datetime, timedelta

from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.upstream import Delivered, OrderPlaced, RecipientCorrected

CLOCKS_DIFFER_BY = timedelta(minutes=10)
"""What may be said of the time to come: the clocks of senders and of ours are not one."""


def admit(account: str, event: Event | None, catalogue: Catalogue, now: datetime) -> None:
    """Nothing, if what is said about a seller account may come in.

    Raises:
        BadInput: nobody has set up the account, or the event tells of a time to come.
    """
    catalogue.account(account)
    field, time = _told_time(event)
    if time is not None and time > now + CLOCKS_DIFFER_BY:
        rule = f"at most {CLOCKS_DIFFER_BY.seconds // 60} minutes after now, {now.isoformat(timespec='seconds')}"
        raise BadInput("a time to come", field=field, value=time.isoformat(), rule=rule)


def order_event_id(order: OrderPlaced) -> str:
    """The id of an order's event: however often it comes, pulled or pushed, it is the same event."""
    return derived_id("order", order.account, order.order_code)


def _told_time(event: Event | None) -> tuple[str, datetime | None]:
    match event:
        case OrderPlaced():
            return "orderTime", event.order_time
        case Delivered():
            return "deliveredAt", event.delivered_at
        case RecipientCorrected():
            return "correctedAt", event.corrected_at
    return "", None
