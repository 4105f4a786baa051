"""The B2C pack, steps 3 and 3.4: what was packed goes to the marketplace once the B2B leg lets it.

In the WMS variant the warehouse packs for the B2B order first (steps 8 to 10), then the packing station for the
consumer (11 and 12): one shipment, of the same units.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from b2b2c_saga.model.invoice import Invoice
from b2b2c_saga.model.messages import Message, Reply
from b2b2c_saga.model.messages.answers import MarketplacePacked, MarketplacePackRefused, PackUnanswered, Refusal
from b2b2c_saga.model.messages.commands import FetchLabel, PackOnMarketplace
from b2b2c_saga.model.messages.replies import B2BInvoice, PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import B2BPacked, PackConfirmed, PackFixed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Documents, Shipment
from b2b2c_saga.saga.steps import After, Refuses, Step, Wrong
from b2b2c_saga.steps.documents import line_quantities
from b2b2c_saga.steps.scopes import (
    ORDER_KNOWN,
    SHIPMENT,
    SHIPMENT_KNOWN,
    first,
    heard_nothing,
    of_shipment,
    too_many,
)

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


def _with_other_units(order: Order, event: Any, now: datetime) -> Wrong | None:  # noqa: ANN401 - of either packing
    s = order.shipment(event.shipment_id)
    if s is None or s.quantities == event.quantities:
        return None
    different = (line for line, _ in (*event.quantities, *s.quantities) if event.quantities[line] != s.quantities[line])
    line = next(different)
    return Wrong(f"items.quantity of {line}", event.quantities[line], f"{s.quantities[line]}, as it was packed first")


WRONG_UNITS: dict[str, Refuses] = {
    "more packed than is open": lambda o, e, now: (
        too_many("items.quantity", e.quantities, o.open) if o.shipment(e.shipment_id) is None else None
    ),
    "this shipment was packed with other units": _with_other_units,
}


def _shipment(order: Order, event: PackConfirmed | B2BPacked) -> Shipment:
    fresh = Shipment(
        event.shipment_id,
        event.quantities,
        Invoice(needed=order.terms.b2b_leg),
        b2b_packed=not order.terms.b2b_order,
        confirmed=False,
    )
    return order.shipment(event.shipment_id) or fresh


@pack.learns(PackConfirmed, waits_for=ORDER_KNOWN, refused_when=WRONG_UNITS, refusal=_refusal)
def pack_confirmed(order: Order, event: PackConfirmed, now: datetime) -> Order:
    """The quantities are fixed by the first confirmation; a repeat only asks again."""
    shipment = _shipment(order, event)
    requests = shipment.pack_requests | ({event.request_id} if event.request_id else set())
    return order.with_shipment(replace(shipment, confirmed=True, pack_requests=requests))


@pack.learns(
    B2BPacked,
    waits_for={"B2B order created": lambda o, e: o.b2b_order_code is not None},
    refused_when=WRONG_UNITS,
)
def b2b_packed(order: Order, event: B2BPacked, now: datetime) -> Order:
    """WMS variant: the e-invoice is for what the warehouse packed."""
    return order.with_shipment(replace(_shipment(order, event), b2b_packed=True))


@pack.learns(MarketplacePacked, SHIPMENT_KNOWN)
@of_shipment
def marketplace_packed(s: Shipment, event: MarketplacePacked, now: datetime) -> Shipment:
    """The first documents stay: the marketplace answers a repeat with the same ones. The label may come later."""
    known = s.documents or Documents(event.invoice_code, event.invoice_date, None)
    return replace(
        s,
        documents=replace(known, label=known.label or event.label),
        labels_answered=max(s.labels_answered, event.poll),
        packed_at=first(s.packed_at, now),
    )


@pack.learns(MarketplacePackRefused, SHIPMENT_KNOWN)
@of_shipment
def marketplace_refused_pack(s: Shipment, event: MarketplacePackRefused, now: datetime) -> Shipment:
    """Cancelled there: the units are taken back. Permanent: somebody must put it right."""
    told = replace(s, pack_problem=s.pack_problem or event.reason)
    if event.refusal is Refusal.CANCELLED:
        return replace(told, pack_cancelled=True)
    return told.having_been_refused("pack_on_marketplace", event.attempt)


@pack.learns(
    PackFixed,
    waits_for={
        "pack refused": lambda o, e: (
            (s := o.shipment(e.shipment_id)) is not None and s.refused_at("pack_on_marketplace") >= e.attempt
        )
    },
)
@of_shipment
def pack_fixed(s: Shipment, event: PackFixed, now: datetime) -> Shipment:
    """The marketplace is asked once more."""
    return s.having_been_fixed("pack_on_marketplace", event.attempt)


pack.learns(PackUnanswered, SHIPMENT_KNOWN)(of_shipment(heard_nothing))


def _may_be_packed(order: Order, s: Shipment) -> bool:
    """A refused pack is sent again when it was put right, and only for units that are still to stay sold."""
    return not s.pack_answered or bool(s.pack_refused and not s.pack_stopped and s.left)


@pack.gate(
    SHIPMENT,
    calls=True,
    packed_for_the_consumer=lambda o, s: s.confirmed,
    invoice_acknowledged=lambda o, s: s.invoice_acknowledged or s.pack_sent,
    something_left_to_sell=lambda o, s: s.left or s.pack_sent,
    marketplace_has_not_answered=_may_be_packed,
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


@pack.gate(
    SHIPMENT,
    times=lambda o, s: 1 + max(s.labels_answered, s.unanswered("fetch_label")),
    packed_without_a_label=lambda o, s: s.documents and not s.label,
    something_left_to_sell=lambda o, s: s.left,
    not_asked_for_a_while=After(lambda o, s: s.label_asked_at or s.packed_at, lambda o, s: o.terms.patience.answer),
)
def fetch_label(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """The documents are pending: without its label the parcel can't leave."""
    return replace(s, label_asked_at=now), [
        FetchLabel(account=order.account, order_code=order.code, shipment_id=s.id, attempt=s.times("fetch_label") + 1)
    ]


def pack_outcome(s: Shipment) -> PackOutcome | None:
    """The answer to a pack confirmation, read off the facts: so a repeat gets the same. None: not known yet."""
    if s.label:
        return PackOutcome.PACKED
    if s.pack_cancelled or s.pack_stopped:
        return PackOutcome.PACK_REFUSED
    if not s.left and (not s.pack_sent or s.pack_answered):
        return PackOutcome.CANCELLED
    return PackOutcome.INVOICE_REFUSED if s.invoice_failed and not s.pack_sent else None


def b2b_invoice(s: Shipment) -> B2BInvoice | None:
    """What is printed on the B2B invoice; None until it is registered. What went with a parcel stays told."""
    known = s.invoice
    if known.registered_at is None:
        return None
    return B2BInvoice(number=known.numbers[0], documents=known.documents, eway_bills=known.eway_bills)


@pack.gate(
    SHIPMENT, times=None, a_request_waits=lambda o, s: s.pack_requests, answer_known=lambda o, s: pack_outcome(s)
)
def answer_pack(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """The synchronous answer that Omni waits for, and the same for a repeat: what is registered later is not in it."""
    outcome, documents = pack_outcome(s), s.documents if s.label else None
    if documents and s.invoice.registered_at is None:
        s = replace(s, answered_before=s.invoice.first_attempt)
    printed = b2b_invoice(s) if documents and s.answered_before < s.invoice.first_attempt else None
    reasons = {PackOutcome.PACK_REFUSED: s.pack_problem, PackOutcome.INVOICE_REFUSED: s.invoice.problem}
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
            b2b_invoice=printed and printed.model_copy(update={"eway_bills": ()}),
            reason=reasons.get(outcome) if outcome else None,
        )
        for request in sorted(s.pack_requests)
    ]
