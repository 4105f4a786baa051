"""What must hold of each learning and opening, seen from the rows around it. `books` holds what the outside sees."""

from datetime import timedelta

from b2b2c_saga.model.messages import Command
from b2b2c_saga.model.messages.commands import (
    CancelB2BOrder,
    CancelOnMarketplace,
    CreateB2BOrder,
    FetchLabel,
    HandOverOnMarketplace,
    LookUpInvoice,
    PackOnMarketplace,
    PutGoodsAway,
    RegisterInvoice,
    ReleaseStock,
)
from b2b2c_saga.model.messages.integration import AlertRaised, Cause, ReturnExpected, Trouble
from b2b2c_saga.model.messages.replies import HandoverAnswered, HandoverOutcome, PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import OrderPlaced, StockCounted
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check.books import acts, at_rest, not_learned, of_acts
from b2b2c_saga.saga.check.outside import units_of
from b2b2c_saga.saga.check.papers import of_documents
from b2b2c_saga.saga.check.tally import Broken, said
from b2b2c_saga.saga.decide import Happening, Refused

__all__ = ["acts", "at_rest", "not_learned", "of_acts", "of_opening", "of_row"]


def of_opening(before: Order, happening: Happening[Order], now: Moment) -> list[str]:
    """What one learning or opening may not do, seen from the rows around it."""
    found = []
    for message in happening.messages:
        found += [*of_documents(before, happening.row, message, now), *_of_calls(before, happening.row, message, now)]
        found += _of_goods(before, happening.row, message)
        found += [*_of_kept_units(before, happening.row, message), *_of_news(before, happening.row, message, now)]
    found += [f"{broken}: {r.reason}" for r in happening.refused for broken in _of_refusal(before, r, now)]
    if happening.gate == "close":
        found += _of_close(happening.row, now)
    return [*found, *_of_cancellation(before, happening.row), *_of_time(happening.row, now), *of_row(happening.row)]


def _of_time(o: Order, now: Moment) -> Broken:
    """What is said to have happened can't be still to come; clocks may differ by ten minutes."""
    soon = now + timedelta(minutes=10)
    if o.ordered_at is not None:
        yield from said(o.ordered_at > soon, "took an order of the future")
        yield from said(o.dispatch_by is not None and o.dispatch_by < o.ordered_at, "dispatch was due before the order")
    yield from said(o.correction is not None and o.correction.at > soon, "corrected in the future")
    for s in o.shipments:
        if s.delivered_at is not None:
            yield from said(s.delivered_at > soon, "delivered in the future")


def _of_refusal(before: Order, refused: Refused, now: Moment) -> Broken:
    waited = next((early for early in before.early if early.event == refused.event), None)
    patient = waited is not None and now >= waited.since + before.terms.patience.early_event
    early = not before.is_known and not isinstance(refused.event, OrderPlaced)
    yield from said(early and not patient, "refused for good what a later event could make right")


def of_row(o: Order) -> Broken:
    """What no row may show."""
    if o.is_known:
        yield from said(o.open.is_short, "more packed and cancelled than ordered")
        yield from said(not o.cancel_asked.fits_in(o.ordered), "more cancelled than ordered")
    for s in o.shipments:
        yield from said(s.left.is_short, "more units went back than were packed")
        yield from said(not s.invoice.quantities.fits_in(s.quantities), "more invoiced than packed")
        unneeded = not s.invoice.needed and s.invoice.registered_at is not None
        yield from said(unneeded, "knows of a B2B invoice where there is no B2B leg")
        codes = [unit.code for r in s.reversals for unit in r.units]
        yield from said(len(set(codes)) < len(codes), "one unit came back twice")
        returned = [r for r in s.reversals if r.units]
        pulled = any(r.cause is Cause.PULLED for r in s.reversals)
        if pulled:
            told = s.handover_refused or s.pack_cancelled
            yield from said(not told, "pulled back although nobody said so")
        if returned:
            yield from said(s.handed_over_at is None, "came back before it left")
            apart = any(r.quantities != Quantities.of((unit.line, 1) for unit in r.units) for r in returned)
            yield from said(apart, "a return and its units disagree")


def _of_cancellation(before: Order, o: Order) -> Broken:
    """What a cancellation may take."""
    if o is before or not o.shipments:
        return
    known = {(s.id, r.id) for s in before.shipments for r in s.reversals}
    for s in o.shipments:
        for r in s.reversals:
            if (s.id, r.id) not in known and r.cause is Cause.CANCELLATION:
                firm = not o.terms.cancel_after_pack
                may_leave = s.documents and not s.invoice_failed
                yield from said(firm and may_leave, "cancelled a packed parcel on a channel that forbids it")
                yield from said(
                    firm and s.pack_sent and not s.pack_answered, "cancelled while the marketplace may still pack it"
                )
                yield from said(s.leaving, "cancelled what was leaving")


def _of_calls(before: Order, o: Order, message: object, now: Moment) -> Broken:
    match message, o.shipment(getattr(message, "shipment_id", "")):
        case FetchLabel() as c, Shipment():
            was = before.shipment(c.shipment_id)
            asked = (was.label_asked_at or was.packed_at) if was is not None else None
            soon = asked is not None and now < asked + before.terms.patience.answer
            yield from said(soon, "asked for a label before it could be missed")
        case CancelOnMarketplace() as c, None:
            left = sum(s.quantities.total for s in o.shipments if s.leaving)
            named = sum(item.quantity for item in c.items)
            yield from said(named > o.ordered.total - left, "cancelled on the marketplace what has left")
            yield from said(o.dispatch_by is None or now < o.dispatch_by, "cancelled before the promise was broken")
            standing = not any(s.invoice_failed and s.left for s in o.shipments) and not o.b2b_order_refused
            yield from said(standing, "cancelled an order in good standing")
            yield from said(o.ordered.fits_in(o.cancel_asked), "cancelled on the marketplace what is cancelled there")
    if isinstance(message, Command):
        yield from said(_too_soon(before, message, now), f"{message.call()} again before its patience was over")


def _of_goods(before: Order, o: Order, message: object) -> Broken:
    match message, o.shipment(getattr(message, "shipment_id", "")):
        case PackOnMarketplace(), Shipment() as s:
            once = s.times("pack_on_marketplace") == 1
            yield from said(not s.confirmed, "packed on the marketplace what the station did not pack")
            was = before.shipment(s.id)
            yield from said(was is not None and was.pack_stopped, "a refused pack again")
            fixed = was is not None and was.pack_refused
            yield from said(fixed and not s.left, "packed again what nobody buys")
            yield from said(once and not s.invoice_acknowledged, "packed before the B2B invoice")
            yield from said(once and not s.left, "packed what was cancelled")
            known = s.documents is not None or s.pack_cancelled
            yield from said(known, "packed again although the answer is known")
        case FetchLabel(), Shipment() as s:
            yield from said(s.documents is None, "asked for the label of what is not packed")
            yield from said(s.label is not None, "asked for a label that is there")
            yield from said(not s.left, "asked for a label that nobody needs")
        case HandOverOnMarketplace(), Shipment() as s:
            yield from said(not s.left, "handed over what was cancelled")
            yield from said(not s.handover_asked, "handed over unasked")
            gone = o.ordered.fits_in(o.cancel_asked) and s.times("hand_over_on_marketplace") == 1
            gone = gone and o.terms.cancel_after_pack
            yield from said(gone, "handed over an order that is cancelled as a whole")
            yield from said(s.label is None, "handed over without a label")
            yield from said(s.invoice.needed and not s.invoice.exists, "handed over without a registered invoice")
            yield from said(not s.may_move, "handed over without its e-way bill")
            yield from said(s.handover_answered, "handed over again although the answer is known")
        case PutGoodsAway() as c, Shipment() as s:
            r = s.reversal(c.reversal)
            yield from said(s.pack_sent and not s.pack_answered, "put away what the marketplace may still pack")
            yield from said(r is not None and r.put_away, "put away again although it is there")
            yield from said(r is not None and r.is_refused(c.call()), "a refused step of a reversal again")
            expected = None if r is not None and r.has("require_b2c_return") else o.b2b_order_code
            yield from said(c.b2b_order_code != expected, "took the units off the B2B order, or left them, wrongly")
        case PackAnswered() as reply, Shipment():
            documented = reply.outcome is PackOutcome.PACKED
            yield from said(
                documented != (reply.label is not None), "answered packed without documents, or the reverse"
            )
            unanswered = reply.outcome is PackOutcome.REFUSED and not reply.reason
            yield from said(unanswered, "answered without an answer")
        case HandoverAnswered() as reply, Shipment() as s:
            held = reply.outcome is HandoverOutcome.HELD
            yield from said(held and (not reply.waits_for or s.leaving), "held without a reason")


def _of_kept_units(before: Order, o: Order, message: object) -> Broken:
    match message:
        case (ReleaseStock() | CancelB2BOrder()) as c:
            release = o.release(c.release)
            yield from said(release is not None and release.done, "released again although it is released")
            on_order = bool(o.b2b_ordered) and not o.b2b_order_refused
            yield from said(
                on_order != isinstance(c, CancelB2BOrder), "released what is on a B2B order, or the reverse"
            )
            early = isinstance(c, CancelB2BOrder) and o.b2b_order_code is None
            yield from said(early, "cancelled a B2B order that is not known to be there")
        case CreateB2BOrder() as c:
            yield from said(not o.terms.b2b_order, "a B2B order in the warehouse on a channel that has none")
            yield from said(o.b2b_order_code is not None, "a B2B order again although it is there")
            yield from said(before.b2b_order_refused, "a refused B2B order again")
            once = o.times("create_b2b_order") == 1
            yield from said(once and before.open.total != units_of(c), "a B2B order for other units than are open")


def _of_news(before: Order, o: Order, message: object, now: Moment) -> Broken:
    match message, before.shipment(getattr(message, "shipment_id", None) or ""):
        case AlertRaised(trouble=Trouble.EARLY_EVENT), _:
            waited = any(now >= early.since + before.terms.patience.answer for early in before.early)
            yield from said(not before.is_known or not waited, "alerted about an event before it waited for long")
        case AlertRaised(trouble=Trouble.B2B_ORDER_REFUSED), _:
            yield from said(not before.b2b_order_refused, "alerted although nothing is wrong")
        case AlertRaised() as alert, Shipment() as s:
            yield from said((alert.trouble, alert.about) not in s.troubles, "alerted although nothing is wrong")
            yield from said(f"{alert.trouble} {alert.about}" in s.alerted, "alerted twice")
        case ReturnExpected() as news, _:
            back = Quantities.of((item.order_item_code, item.quantity) for item in news.items)
            yield from said(back != o.expected_back, "told to expect other units than are expected")
        case StockCounted() as count, _:
            done = [r.counted for s in before.shipments for r in s.reversals if r.put_away]
            done += [r.counted for r in before.releases if r.done]
            skus = {level.sku for counted in done for level in counted}
            yield from said(count.sku not in skus, "told a count that the warehouse did not give")


def _too_soon(before: Order, c: Command, now: Moment) -> bool:
    """A retry must wait for its patience, which doubles."""
    shipment = before.shipment(getattr(c, "shipment_id", ""))
    reversal = shipment.reversal(getattr(c, "reversal", "")) if shipment else None
    release = before.release(getattr(c, "release", ""))
    subject = reversal or shipment or release or before
    silence = subject.silence(c.call())
    if silence is None or isinstance(c, RegisterInvoice | LookUpInvoice | FetchLabel):
        return False
    if subject.put_right_at(c.call()) >= silence.attempt:
        return False
    patience: timedelta = min(
        before.terms.patience.retry * 2 ** (silence.attempt - 1), before.terms.patience.retry_at_most
    )
    return now < silence.at + patience


def _of_close(o: Order, now: Moment) -> Broken:
    yield from said(o.open or not o.is_known, "closed with open units")
    outside = [s for s in o.shipments if s.left and (s.handed_over_at is None or s.delivered_at is None)]
    yield from said(outside, "closed with a parcel on its way")
    uninvoiced = any(s.left and s.invoice.needed and not s.invoice.exists for s in o.shipments)
    yield from said(uninvoiced, "closed with units that stayed sold without an invoice")
    yield from said(not o.settled, "closed before a reversal or a release was done")
    window = o.terms.patience.return_window
    inside = any(s.left and s.delivered_at is not None and now < s.delivered_at + window for s in o.shipments)
    yield from said(inside, "closed inside the return window")
