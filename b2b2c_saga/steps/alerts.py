"""Alerts: what goes no further until somebody puts it right, or waits for longer than it should. Each is told once."""

from dataclasses import replace
from datetime import datetime

from b2b2c_saga.model.early import Early
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.integration import AlertRaised, Trouble
from b2b2c_saga.model.messages.upstream import Delivered, HandoverRequested, ReturnReceived
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.saga.steps import After, Step
from b2b2c_saga.steps.scopes import ORDER, SHIPMENT

alerts = Step("alerts")
UNEXPECTED_EARLY = (HandoverRequested, Delivered, ReturnReceived)
"""Events that hardly ever come before what they need."""


@alerts.gate(
    SHIPMENT,
    times=None,
    trouble_not_told=lambda o, s: any(_told(*trouble) not in s.alerted for trouble in s.troubles),
)
def alert_about_shipment(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """Refused, contradicted, revoked, or stuck in a reversal: each attempt by itself."""
    new = [trouble for trouble in s.troubles if _told(*trouble) not in s.alerted]
    told, why = replace(s, alerted=s.alerted | {_told(*trouble) for trouble in new}), dict(s.not_understood)
    return told, [
        _alert(order, kind, about, now, s.id, why.get(about) if kind is Trouble.ANSWER_NOT_UNDERSTOOD else None)
        for kind, about in new
    ]


@alerts.gate(
    ORDER,
    times=None,
    answer_not_understood_and_nobody_told=lambda o: any(_puzzling(o)),
)
def alert_about_answer(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """A call about the order as a whole goes on and on, since no answer to it is understood."""
    new = _puzzling(order)
    told = replace(order, alerted=order.alerted | {_told(Trouble.ANSWER_NOT_UNDERSTOOD, about) for about in new})
    return told, [_alert(order, Trouble.ANSWER_NOT_UNDERSTOOD, about, now, reason=why) for about, why in new.items()]


@alerts.gate(
    ORDER,
    b2b_order_refused=lambda o: o.b2b_order_refused,
)
def alert_about_b2b_order(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """WMS variant: without it nothing can be packed."""
    return order, [_alert(order, Trouble.B2B_ORDER_REFUSED, None, now)]


@alerts.gate(
    ORDER,
    times=None,
    an_event_waits_for_long=After(
        lambda o: min((early.since for early in _unexpected(o)), default=None), lambda o: o.terms.patience.answer
    ),
)
def alert_about_early_event(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """Buffered, and what it needs has not come; it is parked when its time is over."""
    due = [early for early in _unexpected(order) if now >= early.since + order.terms.patience.answer]
    names = sorted({_name(early) for early in due})
    told = replace(order, alerted=order.alerted | set(names))
    return told, [_alert(order, Trouble.EARLY_EVENT, name, now) for name in names]


def _unexpected(order: Order) -> list[Early]:
    return [
        early
        for early in order.early
        if order.is_known and isinstance(early.event, UNEXPECTED_EARLY) and _name(early) not in order.alerted
    ]


def _name(early: Early) -> str:
    return f"{type(early.event).__name__} {early.event.subject}"


def _puzzling(order: Order) -> dict[str, str]:
    """What nobody was told of yet: calls, and what of their answers is not understood."""
    said = order.not_understood
    return {about: why for about, why in said if _told(Trouble.ANSWER_NOT_UNDERSTOOD, about) not in order.alerted}


def _told(kind: Trouble, about: str) -> str:
    return f"{kind} {about}"


def _alert(  # noqa: PLR0913, PLR0917 - all that an alert says
    order: Order,
    kind: Trouble,
    about: str | None,
    now: datetime,
    shipment_id: str | None = None,
    reason: str | None = None,
) -> AlertRaised:
    return AlertRaised(
        account=order.account,
        order_code=order.code,
        trouble=kind,
        shipment_id=shipment_id,
        about=about,
        reason=reason,
        at=now,
    )
