"""Cancellation, step 5: whatever has not left yet stays; what was invoiced already is reversed on both legs."""

from dataclasses import replace
from datetime import datetime

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import CancelUnanswered, StockReleased
from b2b2c_saga.model.messages.commands import Disposition, GoodsLine, ReleaseStock
from b2b2c_saga.model.messages.integration import Cause
from b2b2c_saga.model.messages.upstream import CancellationPosted
from b2b2c_saga.model.order import Order, Release
from b2b2c_saga.model.quantities import NOTHING
from b2b2c_saga.model.shipment import Reversal
from b2b2c_saga.saga.steps import Step
from b2b2c_saga.steps.scopes import ORDER, ORDER_KNOWN, RELEASE, heard_nothing

cancel = Step("cancel")


@cancel.learns(
    CancellationPosted,
    waits_for=ORDER_KNOWN,
    refused_when={"more cancelled than ordered": lambda o, e: not e.quantities.fits_in(o.ordered)},
)
def cancellation_posted(order: Order, event: CancellationPosted, now: datetime) -> Order:
    """Quantities are absolute: the highest seen counts."""
    return replace(order, cancel_asked=order.cancel_asked.or_more(event.quantities))


@cancel.learns(StockReleased, waits_for={"release known": lambda o, e: o.release(e.release) is not None})
def stock_released(order: Order, event: StockReleased, now: datetime) -> Order:
    """The warehouse has let go of them."""
    release = order.release(event.release)
    return order if release is None else order.with_release(replace(release, done=True))


@cancel.learns(CancelUnanswered, waits_for=ORDER_KNOWN)
def cancel_unanswered(order: Order, event: CancelUnanswered, now: datetime) -> Order:
    """Of a seller-cancel the order heard nothing, of a release the release."""
    if event.release is None:
        return heard_nothing(order, event, now)  # type: ignore[no-any-return]
    release = order.release(event.release)
    return order if release is None else order.with_release(heard_nothing(release, event, now))


@cancel.gate(ORDER, times=None, units_to_cancel=lambda o: o.cancel_due)
def assign_cancellation(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """Which units a cancellation takes.

    Open ones first, then of shipments the marketplace was not asked to pack, then packed shipments as a whole: one
    whose lines are cancelled one after the other goes with the last of them. What has left is expected back, and
    nothing fiscal happens yet.
    """
    unmet, named = order.cancel_unmet, f"cancel-{order.cancel_asked.total}"
    taken = unmet.at_most(order.open)
    after, unmet = order, unmet - taken
    if taken:
        after = replace(after, cancelled_open=after.cancelled_open + taken).with_release(Release(named, taken))
    for s in sorted(order.shipments, key=lambda s: s.pack_sent):
        if s.leaving:
            continue
        whole = s.left if s.left.fits_in(unmet) else NOTHING
        taken = whole if s.pack_sent else unmet.at_most(s.left)
        if taken:
            after = after.with_shipment(s.with_reversal(Reversal(named, Cause.CANCELLATION, taken)))
            unmet -= taken
    return replace(after, expected_back=unmet), []


@cancel.gate(RELEASE, calls=True, not_released_yet=lambda o, r: not r.done)
def release_stock(order: Order, r: Release, now: datetime) -> tuple[Release, list[Message]]:
    """The warehouse need not keep them any longer."""
    goods = tuple(
        GoodsLine(order_item_code=code, sku=order.line(code).sku, quantity=units, disposition=Disposition.PUT_AWAY)
        for code, units in r.quantities
    )
    return r, [
        ReleaseStock(
            account=order.account,
            order_code=order.code,
            release=r.id,
            attempt=r.times("release_stock") + 1,
            location=order.location,
            goods=goods,
        )
    ]
