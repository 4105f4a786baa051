"""What must hold: in each opening, against the books of the outside systems, and once nothing moves any more."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from b2b2c_saga.model.messages import Command, Event, IntegrationEvent
from b2b2c_saga.model.messages.answers import Refusal
from b2b2c_saga.model.messages.commands import (
    CancelOnMarketplace,
    HandOverOnMarketplace,
    IssueCreditNote,
    LookUpInvoice,
    PackOnMarketplace,
    PutGoodsAway,
    RegisterInvoice,
    ReleaseStock,
    VoidInvoice,
)
from b2b2c_saga.model.messages.integration import B2CReturnRequired, Cause
from b2b2c_saga.model.messages.replies import HandoverAnswered, HandoverOutcome, PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import OrderPlaced, PackConfirmed, ReturnReceived
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.shipment import Fulfilment, Shipment
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check.outside import Act, World, act_of
from b2b2c_saga.saga.decide import Happening, Refused

Broken = Iterator[str]


def of_opening(before: Order, happening: Happening[Order], now: Moment) -> list[str]:
    """What one learning or opening may not do, seen from the rows around it."""
    found = []
    for message in happening.messages:
        found += [*_of_documents(before, happening.row, message, now), *_of_goods(happening.row, message)]
    found += [f"{broken}: {r.reason}" for r in happening.refused for broken in _of_refusal(before, r, now)]
    if happening.gate == "close":
        found += _of_close(happening.row, now)
    return found + list(of_row(happening.row))


def _of_refusal(before: Order, refused: Refused, now: Moment) -> Broken:
    waited = next((early for early in before.early if early.event == refused.event), None)
    patient = waited is not None and now >= waited.since + before.terms.patience.early_event
    early = not before.is_known and not isinstance(refused.event, OrderPlaced)
    yield from _said(early and not patient, "refused for good what a later event could make right")


def of_row(o: Order) -> Broken:
    """What no row may show."""
    if o.is_known and o.open.is_short:
        yield "more packed and cancelled than ordered"
    if o.is_known and not o.cancel_asked.fits_in(o.ordered):
        yield "more cancelled than ordered"
    for s in o.shipments:
        if s.left.is_short:
            yield "more units went back than were packed"
        codes = [unit.code for r in s.reversals for unit in r.units]
        if len(set(codes)) < len(codes):
            yield "one unit came back twice"
        returned = [r for r in s.reversals if r.units]
        pulled = any(r.cause is Cause.PULLED for r in s.reversals)
        if pulled and not s.handover_refused and s.pack_refused is not Refusal.CANCELLED:
            yield "pulled back although nobody said so"
        if returned and s.handed_over_at is None:
            yield "came back before it left"
        if any(r.quantities != Quantities.of((unit.line, 1) for unit in r.units) for r in returned):
            yield "a return and its units disagree"


def _of_documents(before: Order, o: Order, message: object, now: Moment) -> Broken:
    match message, o.shipment(getattr(message, "shipment_id", "")):
        case RegisterInvoice() as c, Shipment() as s:
            yield from _said(not s.left, "asked for an invoice of what nobody buys")
            known = s.invoice.exists or c.attempt - 1 in s.invoice.refused
            yield from _said(known, "asked again although the answer is known")
            yield from _said(not s.invoice.needed, "asked for a B2B invoice where there is no B2B leg")
            unseen = c.attempt > 1 and c.attempt - 1 not in s.invoice.not_found
            yield from _said(unseen, "registered again before a look-up")
            was = before.shipment(s.id)
            yield from _said(was is not None and was.invoice.number not in (None, c.document_number), "a second number")
        case LookUpInvoice() as c, Shipment():
            yield from _of_look_up(before, c, now)
        case B2CReturnRequired(), Shipment() as s:
            yield from _said(s.pack_sent and not s.pack_answered, "a B2C return while the marketplace may still pack")
            yield from _said(not o.terms.b2b_leg, "a B2C return on a channel that does not run on the B2B2C model")
        case (VoidInvoice() | IssueCreditNote()) as c, Shipment() as s:
            r, void = s.reversal(c.reversal), isinstance(c, VoidInvoice)
            yield from _said(void and s.leaving, "voided the invoice of goods that left")
            yield from _said(void and r is not None and r.void_refused, "voided again although it was refused")
            yield from _said(r is not None and r.undone_by is not None, "undone again although it is undone")
        case CancelOnMarketplace() as c, None:
            left = sum(s.quantities.total for s in o.shipments if s.leaving)
            named = sum(item.quantity for item in c.items)
            yield from _said(named > o.ordered.total - left, "cancelled on the marketplace what has left")
            yield from _said(o.dispatch_by is None or now < o.dispatch_by, "cancelled before the promise was broken")
            standing = not any(s.invoice_refused and s.left for s in o.shipments)
            yield from _said(standing, "cancelled an order in good standing")
            yield from _said(o.ordered.fits_in(o.cancel_asked), "cancelled on the marketplace what is cancelled there")
    if isinstance(message, Command):
        yield from _said(_too_soon(before, message, now), f"{message.call()} again before its patience was over")


def _of_goods(o: Order, message: object) -> Broken:
    match message, o.shipment(getattr(message, "shipment_id", "")):
        case PackOnMarketplace(), Shipment() as s:
            once = s.times("pack_on_marketplace") == 1
            yield from _said(once and not s.invoice_acknowledged, "packed before the B2B invoice")
            yield from _said(once and not s.left, "packed what was cancelled")
            yield from _said(s.pack_answered, "packed again although the answer is known")
        case HandOverOnMarketplace(), Shipment() as s:
            yield from _said(not s.left, "handed over what was cancelled")
            yield from _said(not s.handover_asked, "handed over unasked")
            gone = o.ordered.fits_in(o.cancel_asked) and s.times("hand_over_on_marketplace") == 1
            yield from _said(gone, "handed over an order that is cancelled as a whole")
            yield from _said(s.documents is None, "handed over without a label")
            yield from _said(s.invoice.needed and not s.invoice.exists, "handed over without a registered invoice")
            yield from _said(s.handover_answered, "handed over again although the answer is known")
        case PutGoodsAway() as c, Shipment() as s:
            r = s.reversal(c.reversal)
            yield from _said(s.pack_sent and not s.pack_answered, "put away what the marketplace may still pack")
            yield from _said(r is not None and r.put_away, "put away again although it is there")
        case ReleaseStock() as c, None:
            done = any(r.done for r in o.releases if r.id == c.release)
            yield from _said(done, "released again although it is released")
        case PackAnswered() as reply, Shipment():
            documented = reply.outcome is PackOutcome.PACKED
            yield from _said(
                documented != (reply.label is not None), "answered packed without documents, or the reverse"
            )
            unanswered = reply.outcome is PackOutcome.REFUSED and not reply.reason
            yield from _said(unanswered, "answered without an answer")
        case HandoverAnswered() as reply, Shipment() as s:
            held = reply.outcome is HandoverOutcome.HELD
            yield from _said(held and (not reply.waits_for or s.leaving), "held without a reason")


def _said(broken: object, sentence: str) -> Broken:
    if broken:
        yield sentence


def _of_look_up(before: Order, c: LookUpInvoice, now: Moment) -> Broken:
    s = before.shipment(c.shipment_id)
    if s is None:
        return
    patience = before.terms.patience
    silent = s.unanswered("register_invoice") >= s.attempt > s.invoice.looked_up_attempt
    asked = s.invoice.asked_last
    waited = asked is not None and now >= asked + (
        patience.late_effect if s.attempt in s.invoice.not_found else patience.answer
    )
    leaving = s.handover_asked and not s.invoice.looked_up_for_handover
    yield from _said(not s.attempt, "looked up what was never asked for")
    yield from _said(not s.invoice_pending, "looked up what is known")
    yield from _said(s.invoice.last_chance_missed, "looked up what can't come any more")
    yield from _said(not (silent or waited or leaving), "looked up before an answer could be missed")


def _too_soon(before: Order, c: Command, now: Moment) -> bool:
    """A retry must wait for its patience, which doubles."""
    shipment = before.shipment(getattr(c, "shipment_id", ""))
    reversal = shipment.reversal(getattr(c, "reversal", "")) if shipment else None
    release = before.release(getattr(c, "release", ""))
    subject = reversal or shipment or release or before
    silence = subject.silence(c.call())
    if silence is None or isinstance(c, RegisterInvoice | LookUpInvoice):
        return False
    patience: timedelta = min(
        before.terms.patience.retry * 2 ** (silence.attempt - 1), before.terms.patience.retry_at_most
    )
    return now < silence.at + patience


def _of_close(o: Order, now: Moment) -> Broken:
    yield from _said(o.open or not o.is_known, "closed with open units")
    outside = [s for s in o.shipments if s.left and (s.handed_over_at is None or s.delivered_at is None)]
    yield from _said(outside, "closed with a parcel on its way")
    yield from _said(o.fulfilment is Fulfilment.REVERSING, "closed before a reversal was done")
    window = o.terms.patience.return_window
    inside = any(s.left and s.delivered_at is not None and now < s.delivered_at + window for s in o.shipments)
    yield from _said(inside, "closed inside the return window")


def of_acts(w: World, outputs: tuple[object, ...]) -> list[str]:
    """What the outside systems may not be asked for, seen from their own books. `w` is the world before the answers."""
    found, done = [], set(w.done)
    for output in outputs:
        if not isinstance(output, Command | IntegrationEvent):
            continue
        act = _act(output)
        shipment = act.subject.split(" ")[0]
        if act in done:
            found.append(f"sent twice: {act}")
        if act.call in ("hand_over_on_marketplace", "b2c_return") and w.row.terms.b2b_leg and shipment not in w.booked:
            found.append(f"{act.call} without a registered invoice")
        posted = any(a.call == "b2c_return" and a.subject == act.subject for a in done)
        if act.call in ("void_invoice", "issue_credit_note") and not posted:
            found.append(f"{act.call} before the B2C return")
        if act.call == "put_goods_away" and not posted and shipment in w.booked | w.pending | w.late:
            found.append("goods put away before the B2C return")
        done.add(act)
    return found


def _act(output: Command | IntegrationEvent) -> Act:
    if isinstance(output, Command):
        return act_of(output)
    lines = output.lines if isinstance(output, B2CReturnRequired) else ()
    return Act("b2c_return", output.subject, 1, sum(line.quantity for line in lines))


def acts(outputs: tuple[object, ...]) -> frozenset[Act]:
    """What the outside remembers of these outputs."""
    return frozenset(_act(output) for output in outputs if isinstance(output, Command | IntegrationEvent))


def at_rest(w: World, waiting: Callable[[Order], object]) -> list[str]:
    """Nothing in flight, no alarm due ever again."""
    found = [broken for s in w.row.shipments for broken in _shipment_at_rest(w, s)]
    everything = w.row.is_known and w.row.ordered.fits_in(w.row.cancel_asked)
    if everything and not w.row.expected_back and w.row.fulfilment is not Fulfilment.CLOSED and not _parked(w.row):
        found.append(f"a cancelled order rests in {w.row.fulfilment}, waiting for {waiting(w.row)}")
    if everything and any(s.left and not s.leaving for s in w.row.shipments):
        found.append("everything is cancelled, and a shipment that never left is still to be sold")
    if any(not r.done for r in w.row.releases):
        found.append("stock was never released")
    released = sum(act.units for act in w.shelf if act.call == "release_stock")
    if released != w.row.cancelled_open.total:
        found.append(f"{w.row.cancelled_open.total} open units cancelled, {released} released")
    return found


def _parked(o: Order) -> bool:
    return any(s.pack_refused is Refusal.PERMANENT for s in o.shipments)


def _shipment_at_rest(w: World, s: Shipment) -> Broken:
    undone = sum(act.units or s.quantities.total for act in w.undone if act.subject.split(" ")[0] == s.id)
    back = s.quantities.total - s.left.total
    sold = s.quantities.total - back
    if s.id in w.booked and not s.invoice.exists:
        yield f"shipment {s.id}: an invoice that nobody knows of"
    if s.id in w.booked and s.quantities.total - undone != sold:
        yield f"shipment {s.id}: the books say {s.quantities.total - undone} units stay sold, and {sold} did"
    posted = sum(act.units for act in w.done if act.call == "b2c_return" and act.subject.split(" ")[0] == s.id)
    if posted != (back if s.id in w.booked else 0):
        yield f"shipment {s.id}: {back} units went back, {posted} B2C returns posted"
    shelved = sum(act.units for act in w.shelf if act.call == "put_goods_away" and act.subject.split(" ")[0] == s.id)
    if shelved != back:
        yield f"shipment {s.id}: {back} units went back, {shelved} put away"
    if s.pack_requests or s.handover_requests:
        yield f"shipment {s.id}: a request was never answered"
    ready = s.left and s.handover_asked and s.documents and s.invoice.is_registered
    if ready and ("handed over", s.id) not in w.market:
        yield f"shipment {s.id}: ready, and never handed over"
    if s.left and s.invoice_acknowledged and not s.pack_answered:
        yield f"shipment {s.id}: the B2B leg is done, and it was never packed"
    if s.left and s.id in w.booked and ("packed", s.id) not in w.market and s.pack_refused is not Refusal.PERMANENT:
        yield f"shipment {s.id}: invoiced, and never packed"
    if s.left and s.invoice.needed and not s.invoice.exists and not s.invoice_refused:
        yield f"shipment {s.id}: nobody asks for its invoice any more"


def not_learned(after: Order, event: Event) -> Broken:
    """An event left no trace: it names something that the row does not know."""
    shipment = after.shipment(event.shipment_id) if hasattr(event, "shipment_id") else None
    unknown = hasattr(event, "shipment_id") and shipment is None
    if (reversal := getattr(event, "reversal", None)) is not None and shipment is not None:
        unknown = shipment.reversal(reversal) is None
    if (release := getattr(event, "release", None)) is not None:
        unknown = after.release(release) is None
    if unknown or not after.is_known:
        yield f"{type(event).__name__} was swallowed"
    if isinstance(event, PackConfirmed) and shipment is not None and shipment.quantities != event.quantities:
        yield "took a request for what it did not ask"
    if isinstance(event, OrderPlaced):
        if after.ordered != Quantities.of((item.order_item_code, item.quantity) for item in event.items):
            yield "took an order for what it did not ask"
        if after.terms.channel != event.channel:
            yield "took an order of another channel"
    if isinstance(event, ReturnReceived) and shipment is not None:
        codes = {unit.unit_code for unit in event.units}
        if not any(codes == {unit.code for unit in r.units} for r in shipment.reversals):
            yield "took a return for what it did not bring"
