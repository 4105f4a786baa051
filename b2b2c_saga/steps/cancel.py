"""Cancellation, step 5: whatever has not left yet stays; what was invoiced already is reversed on both legs."""

from dataclasses import replace
from datetime import datetime, timedelta

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import B2BOrderCancelled, CancelUnanswered, StockReleased
from b2b2c_saga.model.messages.commands import CancelB2BOrder, CancelOnMarketplace, Disposition, GoodsLine, ReleaseStock
from b2b2c_saga.model.messages.integration import Cause, ReturnExpected
from b2b2c_saga.model.messages.upstream import CancellationPosted
from b2b2c_saga.model.order import Order, Release
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.saga.steps import After, Step
from b2b2c_saga.steps.documents import line_quantities
from b2b2c_saga.steps.scopes import ORDER, ORDER_KNOWN, RELEASE, heard_nothing, too_many
from b2b2c_saga.steps.stock import tell_inventory

cancel = Step("cancel")


@cancel.learns(
    CancellationPosted,
    waits_for=ORDER_KNOWN,
    refused_when={
        "more cancelled than ordered": lambda o, e, now: too_many("items.cancelledQuantity", e.quantities, o.ordered)
    },
)
def cancellation_posted(order: Order, event: CancellationPosted, now: datetime) -> Order:
    """Quantities are absolute: the highest seen counts."""
    return replace(order, cancel_asked=order.cancel_asked.or_more(event.quantities))


RELEASE_KNOWN = {"release known": lambda o, e: o.release(e.release) is not None}


@cancel.learns(StockReleased, RELEASE_KNOWN)
@cancel.learns(B2BOrderCancelled, RELEASE_KNOWN)
def released(order: Order, event: StockReleased | B2BOrderCancelled, now: datetime) -> Order:
    """The warehouse has let go of them; the first count stays, the warehouse tells newer ones itself."""
    release = order.release(event.release)
    if release is None:
        return order
    return order.with_release(replace(release, done=True, counted=release.counted or event.counted))


@cancel.learns(CancelUnanswered, waits_for=ORDER_KNOWN)
def cancel_unanswered(order: Order, event: CancelUnanswered, now: datetime) -> Order:
    """Of a seller-cancel the order heard nothing, of a release the release."""
    if event.release is None:
        return heard_nothing(order, event, now)  # type: ignore[no-any-return]
    release = order.release(event.release)
    return order if release is None else order.with_release(heard_nothing(release, event, now))


def _assigned(order: Order) -> Order:
    """Which units a cancellation takes.

    Open ones first, then of shipments the marketplace was not asked to pack, then packed shipments as a whole, where
    the channel lets them be cancelled, or where they can't leave anyway because their invoice failed: one whose lines
    are cancelled one after the other goes with the last of them.
    What has left is expected back, and so is a packed parcel of which a part is cancelled, or that may not be; nothing
    fiscal happens yet. Of a pack in flight the answer is awaited, where it may turn out either way.
    """
    unmet, named = order.cancel_unmet, f"cancel-{order.cancel_asked.total}"
    if not unmet:
        return order
    taken = unmet.at_most(order.open)
    after, unmet = order, unmet - taken
    if taken:
        after = replace(after, cancelled_open=after.cancelled_open + taken).with_release(Release(named, taken))
    awaited = NOTHING
    for s in sorted(order.shipments, key=lambda s: s.pack_sent):
        if _may_turn_out_either_way(order, s):
            awaited += s.left
        elif taken := _taken(order, s, unmet):
            after = after.with_shipment(s.with_reversal(Reversal(named, Cause.CANCELLATION, taken)))
            unmet -= taken
    expected = (unmet - awaited).or_more(NOTHING) if awaited else unmet
    return replace(after, expected_back=expected.or_more(order.expected_back.at_most(unmet)))


def _may_turn_out_either_way(order: Order, s: Shipment) -> bool:
    return s.pack_sent and not s.pack_answered and not order.terms.cancel_after_pack


def _taken(order: Order, s: Shipment, unmet: Quantities) -> Quantities:
    if s.leaving or (s.documents and not order.terms.cancel_after_pack and not s.invoice_failed):
        return NOTHING
    if s.pack_sent:
        return s.left if s.left.fits_in(unmet) else NOTHING
    return unmet.at_most(s.left)


@cancel.gate(ORDER, times=None, units_to_cancel=lambda o: _assigned(o) != o)
def assign_cancellation(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """Takes the units, and tells which of them can't be had any more: those are to come back to their origin."""
    after = _assigned(order)
    if after.expected_back.fits_in(order.return_told):
        return after, []
    items = line_quantities(after.expected_back)
    after = replace(after, return_told=order.return_told.or_more(after.expected_back))
    return after, [ReturnExpected(account=order.account, order_code=order.code, items=items, at=now)]


def _has_no_invoice_to_leave_with(order: Order) -> bool:
    """It was refused, or its number was, and not put right; or the warehouse refused the B2B order that it is for."""
    failed = any(s.invoice_failed and s.left and not s.leaving for s in order.shipments)
    return failed or bool(order.b2b_order_refused and order.open)


@cancel.gate(
    ORDER,
    calls=True,
    dispatch_is_overdue=After(lambda o: o.dispatch_by, lambda o: timedelta(0)),
    has_no_invoice_to_leave_with=_has_no_invoice_to_leave_with,
    something_not_cancelled_yet=lambda o: not o.not_leaving.fits_in(o.cancel_asked),
)
def cancel_on_marketplace(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """The promise to the consumer can't be kept: seller-cancel of all that is not leaving.

    The marketplace answers with a cancellation. It knows quantities, not shipments: what is still here goes together.
    """
    return order, [
        CancelOnMarketplace(
            account=order.account,
            order_code=order.code,
            attempt=order.times("cancel_on_marketplace") + 1,
            items=line_quantities(order.not_leaving),
            reason="there is no B2B invoice, and the dispatch is overdue",
        )
    ]


@cancel.gate(
    RELEASE,
    calls=True,
    not_kept_for_a_b2b_order=lambda o, r: not o.b2b_ordered or o.b2b_order_refused,
    not_released_yet=lambda o, r: not r.done,
)
def release_stock(order: Order, r: Release, now: datetime) -> tuple[Release, list[Message]]:
    """The warehouse need not keep them any longer."""
    return r, [
        ReleaseStock(
            account=order.account,
            order_code=order.code,
            release=r.id,
            attempt=r.times("release_stock") + 1,
            location=order.location,
            goods=_goods(order, r),
        )
    ]


@cancel.gate(
    RELEASE,
    calls=True,
    b2b_order_created=lambda o, r: o.b2b_order_code,
    not_released_yet=lambda o, r: not r.done,
)
def cancel_b2b_order(order: Order, r: Release, now: datetime) -> tuple[Release, list[Message]]:
    """WMS variant (seed): a cancel before the B2B invoice cancels the B2B order."""
    return r, [
        CancelB2BOrder(
            account=order.account,
            order_code=order.code,
            release=r.id,
            attempt=r.times("cancel_b2b_order") + 1,
            b2b_order_code=order.b2b_order_code or "",
            location=order.location,
            goods=_goods(order, r),
        )
    ]


def _goods(order: Order, r: Release) -> tuple[GoodsLine, ...]:
    return tuple(
        GoodsLine(order_item_code=code, sku=order.line(code).sku, quantity=units, disposition=Disposition.PUT_AWAY)
        for code, units in r.quantities
    )


@cancel.gate(RELEASE, stock_released=lambda o, r: r.done)
def update_inventory(order: Order, r: Release, now: datetime) -> tuple[Release, list[Message]]:
    """What is free again is offered again, by inventory sync."""
    return r, tell_inventory(order, r.counted)
