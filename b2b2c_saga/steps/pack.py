"""The B2C pack, steps 3 and 3.4: what the packing station packed goes to the marketplace once the B2B leg lets it."""

from dataclasses import replace
from datetime import datetime

from b2b2c_saga.model.messages import Message, Reply
from b2b2c_saga.model.messages.answers import MarketplacePacked, MarketplacePackRefused, PackUnanswered
from b2b2c_saga.model.messages.commands import PackOnMarketplace
from b2b2c_saga.model.messages.replies import PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import PackConfirmed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Documents, Invoice, Shipment
from b2b2c_saga.saga.steps import Step
from b2b2c_saga.steps.documents import line_quantities
from b2b2c_saga.steps.scopes import ORDER_KNOWN, SHIPMENT, SHIPMENT_KNOWN, heard_nothing, of_shipment

pack = Step("pack")


def _refusal(event: PackConfirmed, reason: str) -> Reply | None:
    if event.request_id is None:
        return None
    return PackAnswered(
        account=event.account,
        order_code=event.order_code,
        shipment_id=event.shipment_id,
        request_id=event.request_id,
        outcome=PackOutcome.REFUSED,
        reason=reason,
    )


@pack.learns(
    PackConfirmed,
    waits_for=ORDER_KNOWN,
    refused_when={
        "more packed than is open": lambda o, e: o.shipment(e.shipment_id) is None and not e.quantities.fits_in(o.open),
        "this shipment was packed with other units": lambda o, e: (
            (s := o.shipment(e.shipment_id)) is not None and s.quantities != e.quantities
        ),
    },
    refusal=_refusal,
)
def pack_confirmed(order: Order, event: PackConfirmed, now: datetime) -> Order:
    """The quantities are fixed by the first confirmation; a repeat only asks again."""
    fresh = Shipment(event.shipment_id, event.quantities, Invoice(needed=order.terms.b2b_leg))
    shipment = order.shipment(event.shipment_id) or fresh
    requests = shipment.pack_requests | ({event.request_id} if event.request_id else set())
    return order.with_shipment(replace(shipment, pack_requests=requests))


@pack.learns(MarketplacePacked, SHIPMENT_KNOWN)
@of_shipment
def marketplace_packed(s: Shipment, event: MarketplacePacked, now: datetime) -> Shipment:
    """The first documents stay: the marketplace answers a repeat with the same ones."""
    return replace(s, documents=s.documents or Documents(event.invoice_code, event.invoice_date, event.label))


@pack.learns(MarketplacePackRefused, SHIPMENT_KNOWN)
@of_shipment
def marketplace_refused_pack(s: Shipment, event: MarketplacePackRefused, now: datetime) -> Shipment:
    """Cancelled there: the units are taken back. Permanent: an operator must look."""
    return replace(s, pack_refused=s.pack_refused or event.refusal, pack_refusal=s.pack_refusal or event.reason)


pack.learns(PackUnanswered, SHIPMENT_KNOWN)(of_shipment(heard_nothing))


@pack.gate(
    SHIPMENT,
    calls=True,
    invoice_acknowledged=lambda o, s: s.invoice_acknowledged or s.pack_sent,
    something_left_to_sell=lambda o, s: s.left or s.pack_sent,
    marketplace_has_not_answered=lambda o, s: not s.pack_answered,
)
def pack_on_marketplace(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """Seed 3.4: the B2B sale is done, the B2C sale may go on. Once asked, it is asked until there is an answer."""
    sent = s.sent or s.left
    return replace(s, sent=sent), [
        PackOnMarketplace(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            attempt=s.times("pack_on_marketplace") + 1,
            items=line_quantities(sent),
        )
    ]


def pack_outcome(s: Shipment) -> PackOutcome | None:
    """The answer to a pack confirmation, read off the facts: so a repeat gets the same. None: not known yet."""
    if s.documents:
        return PackOutcome.PACKED
    if s.pack_refused:
        return PackOutcome.PACK_REFUSED
    if s.invoice_refused and not s.pack_sent:
        return PackOutcome.INVOICE_REFUSED
    return PackOutcome.CANCELLED if not s.left and not s.pack_sent else None


@pack.gate(
    SHIPMENT, times=None, a_request_waits=lambda o, s: s.pack_requests, answer_known=lambda o, s: pack_outcome(s)
)
def answer_pack(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """The synchronous answer that Omni waits for."""
    outcome, documents = pack_outcome(s), s.documents
    reasons = {PackOutcome.PACK_REFUSED: s.pack_refusal, PackOutcome.INVOICE_REFUSED: s.invoice.refusal}
    return replace(s, pack_requests=frozenset()), [
        PackAnswered(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            request_id=request,
            outcome=outcome or PackOutcome.REFUSED,
            invoice_code=documents.invoice_code if documents else None,
            invoice_date=documents.invoice_date if documents else None,
            label=documents.label if documents else None,
            reason=reasons.get(outcome) if outcome else None,
        )
        for request in sorted(s.pack_requests)
    ]
