"""Which stories have ended as they should, and what the others wait for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from b2b2c_saga.demo.story import Story
from b2b2c_saga.model.messages.integration import Cause
from b2b2c_saga.model.order import Order, reversals
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.steps import ORDERS

CAME_BACK = (Cause.CUSTOMER_RETURN, Cause.RETURN_TO_ORIGIN)


class End(StrEnum):
    """How a story stands."""

    CLOSED = "closed"
    HELD = "held"
    OPEN = "open"


@dataclass(frozen=True)
class Verdict:
    """One story: how it stands, and why if it isn't closed."""

    story: Story
    end: End
    reason: str = ""


def judge(story: Story, order: Order | None, now: datetime) -> Verdict:
    """Closed, with all that was cancelled and returned known; or held, with the reason; or still on its way."""
    if order is None or not order.is_known:
        return Verdict(story, End.OPEN, "the order is not taken in")
    if missing := _not_heard_of(story, order):
        return Verdict(story, End.OPEN, f"{missing}; {waiting_for(order, now)}")
    if order.fulfilment is Fulfilment.CLOSED:
        return Verdict(story, End.CLOSED)
    for s in order.shipments:
        if s.pack_stopped and s.left:
            return Verdict(story, End.HELD, f"the marketplace refuses to pack {s.id}: {s.pack_problem}")
    return Verdict(story, End.OPEN, waiting_for(order, now))


def _not_heard_of(story: Story, order: Order) -> str:
    """What the story said and the row doesn't know: a row may look closed while a return is on its way to it."""
    if order.cancel_asked != story.cancelled:
        return f"cancelled: {dict(story.cancelled)} posted, {dict(order.cancel_asked)} known"
    came_back = Quantities.of(pair for _, r in reversals(order) if r.cause in CAME_BACK for pair in r.quantities)
    if came_back != story.comes_back:
        return f"returned: {dict(story.comes_back)} sent back, {dict(came_back)} known"
    return ""


def waiting_for(order: Order, now: datetime) -> str:
    """What its closed gates wait for, in words."""
    gates = [f"{gate} waits for {' and '.join(unmet)}" for gate, unmet in ORDERS.waiting(order, now).items() if unmet]
    return f"{order.fulfilment} / {order.invoice_state}: " + ("; ".join(gates) or "nothing")


def judge_all(stories: Iterable[Story], orders: dict[str, Order], now: datetime) -> list[Verdict]:
    """The verdict on each story."""
    return [judge(story, orders.get(story.key), now) for story in stories]
