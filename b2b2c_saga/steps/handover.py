"""Handover, step 4: a parcel leaves only when its B2B invoice is registered."""

from dataclasses import replace
from datetime import datetime

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import HandedOver, HandoverRefused, HandoverUnanswered
from b2b2c_saga.model.messages.commands import HandOverOnMarketplace
from b2b2c_saga.model.messages.replies import HandoverAnswered, HandoverOutcome
from b2b2c_saga.model.messages.upstream import Delivered, HandoverRequested
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.saga.steps import Gate, Step
from b2b2c_saga.steps.pack import b2b_invoice
from b2b2c_saga.steps.scopes import SHIPMENT, SHIPMENT_KNOWN, first, heard_nothing, of_shipment, too_late

handover = Step("handover")


@handover.learns(HandoverRequested, SHIPMENT_KNOWN)
@of_shipment
def handover_requested(s: Shipment, event: HandoverRequested, now: datetime) -> Shipment:
    """Asked once is asked; a request that waits for an answer is kept until it has one."""
    requests = s.handover_requests | ({event.request_id} if event.request_id else set())
    return replace(s, handover_asked=True, gate_pass=s.gate_pass or event.gate_pass_code, handover_requests=requests)


@handover.learns(HandedOver, SHIPMENT_KNOWN)
@of_shipment
def handed_over(s: Shipment, event: HandedOver, now: datetime) -> Shipment:
    """It left."""
    return replace(s, handed_over_at=first(s.handed_over_at, event.handed_over_at))


@handover.learns(HandoverRefused, SHIPMENT_KNOWN)
@of_shipment
def handover_refused(s: Shipment, event: HandoverRefused, now: datetime) -> Shipment:
    """The marketplace had cancelled it already."""
    return replace(s, handover_refused=True)


@handover.learns(
    Delivered,
    SHIPMENT_KNOWN,
    refused_when={"delivered in the future": too_late("deliveredAt", lambda e: e.delivered_at)},
)
@of_shipment
def delivered(s: Shipment, event: Delivered, now: datetime) -> Shipment:
    """The consumer has it."""
    return replace(s, delivered_at=first(s.delivered_at, event.delivered_at))


handover.learns(HandoverUnanswered, SHIPMENT_KNOWN)(of_shipment(heard_nothing))


@handover.gate(
    SHIPMENT,
    calls=True,
    handover_requested=lambda o, s: s.handover_asked,
    invoice_registered=lambda o, s: s.invoice.is_registered,
    eway_bill_if_needed=lambda o, s: s.may_move,
    marketplace_documents=lambda o, s: s.label,
    something_left_to_sell=lambda o, s: s.left,
    marketplace_has_not_answered=lambda o, s: not s.handover_answered,
)
def hand_over_on_marketplace(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """Seed 4.2: only orders whose e-invoice is created."""
    return s, [
        HandOverOnMarketplace(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            attempt=s.times("hand_over_on_marketplace") + 1,
            gate_pass_code=s.gate_pass,
            eway_bills=s.invoice.eway_bills,
        )
    ]


HAND_OVER: Gate = handover.gates[-1]


def handover_outcome(s: Shipment) -> HandoverOutcome | None:
    """The answer to a handover, read off the facts; None while the marketplace is asked."""
    if s.handed_over_at is not None:
        return HandoverOutcome.HANDED_OVER
    if not s.left:
        return HandoverOutcome.CANCELLED
    return None if s.leaving else HandoverOutcome.HELD


@handover.gate(
    SHIPMENT,
    times=None,
    a_request_waits=lambda o, s: s.handover_requests,
    answer_known=lambda o, s: handover_outcome(s),
)
def answer_handover(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """HELD names what it waits for; the parcel goes by itself once nothing is missing."""
    outcome = handover_outcome(s) or HandoverOutcome.HELD
    waits_for = tuple(HAND_OVER.unmet((order, s), now)) if outcome is HandoverOutcome.HELD else ()
    return replace(s, handover_requests=frozenset()), [
        HandoverAnswered(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            request_id=request,
            outcome=outcome,
            waits_for=waits_for,
            b2b_invoice=b2b_invoice(s) if outcome is HandoverOutcome.HANDED_OVER else None,
        )
        for request in sorted(s.handover_requests)
    ]
