"""What must hold against the books of the outside systems, and once nothing moves any more."""

from collections.abc import Callable

from b2b2c_saga.model.messages import Command, Event, IntegrationEvent
from b2b2c_saga.model.messages.answers import StockLevel
from b2b2c_saga.model.messages.commands import HandOverOnMarketplace, IssueCreditNote, RegisterInvoice
from b2b2c_saga.model.messages.integration import AlertRaised, B2CReturnRequired, ReturnExpected
from b2b2c_saga.model.messages.upstream import (
    B2BPacked,
    OrderPlaced,
    PackConfirmed,
    RecipientCorrected,
    ReturnReceived,
    StockCounted,
)
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.shipment import Fulfilment, Shipment
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.saga.check.outside import Act, World, act_of, units_of
from b2b2c_saga.saga.check.tally import Broken, said


def of_acts(w: World, outputs: tuple[object, ...]) -> list[str]:
    """What the outside systems may not be asked for, seen from their own books. `w` is the world before the answers."""
    return list(_of_acts(w, outputs))


def _of_acts(w: World, outputs: tuple[object, ...]) -> Broken:
    done = set(w.done)
    for output in outputs:
        if not isinstance(output, Command | IntegrationEvent):
            continue
        act = _act(output)
        shipment = act.subject.split(" ")[0]
        registered = any(d.shipment == shipment for d in w.booked | w.revoked)
        yield from said(act in done, f"sent twice: {act.call}")
        if act.call in {"hand_over_on_marketplace", "b2c_return"} and w.row.terms.b2b_leg:
            yield from said(not registered, f"{act.call} without a registered invoice")
        posted = any(a.call == "b2c_return" and a.subject == act.subject for a in done)
        if act.call in {"void_invoice", "issue_credit_note"}:
            yield from said(not posted, f"{act.call} before the B2C return")
        if isinstance(output, RegisterInvoice | IssueCreditNote) and w.row.terms.numbers is Numbers.ISSUER:
            unknown = {document.number for document in output.documents} - {number for _, number in w.given}
            yield from said(unknown, "a document under a number that the issuer did not give")
        if isinstance(output, HandOverOnMarketplace):
            without = {bill.document_number for bill in output.eway_bills} - w.bills
            yield from said(without, "handed over with an e-way bill that is not there")
        if act.call == "put_goods_away" and not posted and not _not_invoiced(w, act.subject):
            live = any(d.shipment == shipment for d in w.booked | w.pending | w.late)
            yield from said(live, "goods put away before the B2C return")
        done.add(act)


def _not_invoiced(w: World, subject: str) -> bool:
    shipment, _, name = subject.partition(" ")
    s = w.row.shipment(shipment)
    r = s.reversal(name) if s else None
    return r is not None and r.not_invoiced


def _act(output: Command | IntegrationEvent) -> Act:
    match output:
        case Command():
            return act_of(output)
        case B2CReturnRequired():
            return Act("b2c_return", output.subject, 1, units_of(output))
        case ReturnExpected():
            return Act("return_expected", output.effect, 1, units_of(output))
        case AlertRaised():
            return Act("alert", f"{output.subject} {output.effect}", 1, 0)
    return Act(type(output).__name__, output.subject, 1, 0)


def acts(outputs: tuple[object, ...]) -> frozenset[Act]:
    """What the outside remembers of these outputs."""
    told = (_told(output) for output in outputs if isinstance(output, StockCounted))
    return frozenset([*(_act(output) for output in outputs if isinstance(output, Command | IntegrationEvent)), *told])


def _told(count: StockCounted | StockLevel) -> Act:
    return Act("stock_counted", f"{count.sku} {count.version}", 1, count.quantity)


def at_rest(w: World, waiting: Callable[[Order], object]) -> list[str]:
    """Nothing in flight, no alarm due ever again."""
    return [*_order_at_rest(w, waiting), *(broken for s in w.row.shipments for broken in _shipment_at_rest(w, s))]


def _order_at_rest(w: World, waiting: Callable[[Order], object]) -> Broken:
    o = w.row
    everything = o.is_known and o.ordered.fits_in(o.cancel_asked)
    if everything:
        open_still = not o.expected_back and o.fulfilment not in {Fulfilment.CLOSED, Fulfilment.PARKED}
        why = waiting(o) if open_still else ""
        yield from said(open_still, f"a cancelled order rests in {o.fulfilment}, waiting for {why}")
        here = any(s.left and not s.leaving and (o.terms.cancel_after_pack or s.invoice_failed) for s in o.shipments)
        yield from said(here, "everything is cancelled, and a shipment that never left is still to be sold")
    yield from said(any(not r.done for r in o.releases), "stock was never released")
    released = sum(act.units for act in w.shelf if act.call in {"release_stock", "cancel_b2b_order"})
    yield from said(
        released != o.cancelled_open.total, f"{o.cancelled_open.total} open units cancelled, {released} released"
    )
    if o.releases:
        untold = {_told(level) for r in o.releases for level in r.counted} - w.done
        yield from said(untold, "units are free again, and their count was not told")
    if o.expected_back:
        told = any(a.call == "return_expected" and a.units >= o.expected_back.total for a in w.done)
        yield from said(not told, "units are expected back, and nobody was told")
    gone = (o.cancelled_open + o.expected_back).or_more(o.cancel_asked) != o.cancelled_open + o.expected_back
    if gone:
        back = Quantities.of(pair for s in o.shipments for r in s.reversals for pair in r.quantities)
        yield from said(
            not o.cancel_asked.fits_in(o.cancelled_open + o.expected_back + back),
            "a cancellation that nobody acts upon",
        )
    if o.terms.b2b_order and o.is_known:
        asked = any(a.call == "create_b2b_order" for a in w.shelf)
        yield from said(o.open and not asked and not o.b2b_order_refused, "the warehouse has no B2B order")
        yield from said(o.b2b_order_refused and not _alerted(w, "B2B_ORDER_REFUSED"), "a trouble that nobody was told")


def _alerted(w: World, effect: str) -> bool:
    return any(a.call == "alert" and effect in a.subject for a in w.done)


def _shipment_at_rest(w: World, s: Shipment) -> Broken:
    yield from _documents_at_rest(w, s)
    back = s.quantities.total - s.left.total
    if not s.stuck:
        mine = (a for a in w.shelf if a.call == "put_goods_away" and a.subject.split(" ")[0] == s.id)
        shelved = sum(act.units for act in mine)
        yield from said(shelved != back, f"shipment {s.id}: {back} units went back, {shelved} put away")
        untold = {_told(level) for r in s.reversals for level in r.counted} - w.done
        yield from said(untold, f"shipment {s.id}: goods are back, and their count was not told")
    pending = s.documents is not None and not s.label
    waits = (s.pack_requests and not pending) or (s.handover_requests and not s.invoice_failed)
    yield from said(waits and s.confirmed and s.b2b_packed, f"shipment {s.id}: a request was never answered")
    ready = s.left and s.handover_asked and s.label and s.invoice.is_registered and s.may_move
    if ready:
        gone = ("handed over", s.id) in w.market
        yield from said(not gone, f"shipment {s.id}: ready, and never handed over")
    if s.left and s.invoice_acknowledged and s.confirmed:
        yield from said(not s.pack_answered, f"shipment {s.id}: the B2B leg is done, and it was never packed")
    if s.left and s.documents is not None:
        yield from said(not s.label, f"shipment {s.id}: nobody asks for its label any more")
    for kind, about in s.troubles:
        yield from said(not _alerted(w, f"{kind} {about}"), f"shipment {s.id}: a trouble that nobody was told")


def _documents_at_rest(w: World, s: Shipment) -> Broken:
    if s.left and s.invoice.exists and not s.may_move:
        yield from said(not s.eway_bill_refused, f"shipment {s.id}: nobody asks for its e-way bill any more")
    voided = {act.document for act in w.undone if act.call == "void_invoice"}
    yield from said(voided & w.bills, f"shipment {s.id}: voided, and its e-way bill is active")
    live = [d for d in w.booked if d.shipment == s.id]
    yield from said(len(live) > 1, f"shipment {s.id}: two live invoices")
    yield from said(live and not s.invoice.exists, f"shipment {s.id}: an invoice that nobody knows of")
    for d in live:
        undone = sum(a.units or d.units for a in w.undone if a.document == d.number)
        if not s.stuck:
            yield from said(
                d.units - undone != s.left.total,
                f"shipment {s.id}: the books say {d.units - undone} units stay sold, and {s.left.total} did",
            )
    ever = bool(live) or any(d.shipment == s.id for d in w.revoked)
    for r in s.reversals:
        posted = sum(a.units for a in w.done if a.call == "b2c_return" and a.subject == f"{s.id} {r.id}")
        due = bool(live) and not r.not_invoiced and (s.pack_answered or not s.pack_sent)
        yield from said(due and not posted, f"shipment {s.id}: units went back after invoicing, and no B2C return")
        yield from said(
            posted not in {0, r.quantities.total} or (posted and not ever),
            f"shipment {s.id}: a B2C return of {posted} units, where {r.quantities.total} went back",
        )
    if s.left and s.invoice.needed and s.b2b_packed and not s.invoice.exists:
        yield from said(not s.invoice_failed, f"shipment {s.id}: nobody asks for its invoice any more")
    if s.left and live and s.confirmed and not s.pack_stopped:
        yield from said(("packed", s.id) not in w.market, f"shipment {s.id}: invoiced, and never packed")


def not_learned(after: Order, event: Event) -> Broken:
    """An event left no trace: it names something that the row does not know."""
    shipment = after.shipment(event.shipment_id) if hasattr(event, "shipment_id") else None
    unknown = hasattr(event, "shipment_id") and shipment is None
    if (reversal := getattr(event, "reversal", None)) is not None and shipment is not None:
        unknown = shipment.reversal(reversal) is None
    if (release := getattr(event, "release", None)) is not None:
        unknown = after.release(release) is None
    yield from said(unknown or not after.is_known, f"{type(event).__name__} was swallowed")
    if isinstance(event, PackConfirmed | B2BPacked) and shipment is not None:
        yield from said(shipment.quantities != event.quantities, "took a request for what it did not ask")
    if isinstance(event, B2BPacked):
        yield from said(after.b2b_order_code is None, "packed for a B2B order that is not there")
    if isinstance(event, RecipientCorrected):
        older = after.correction is None or after.correction.at < event.corrected_at
        yield from said(older, "a correction was swallowed")
    if isinstance(event, OrderPlaced):
        other = after.ordered != Quantities.of((item.order_item_code, item.quantity) for item in event.items)
        yield from said(other, "took an order for what it did not ask")
        yield from said(after.terms.channel != event.channel, "took an order of another channel")
        much = any(item.discount > item.quantity * item.selling_price_per_unit for item in event.items)
        yield from said(much, "took an order with more discount than price")
    if isinstance(event, ReturnReceived) and shipment is not None:
        codes = {unit.unit_code for unit in event.units}
        known = any(codes == {unit.code for unit in r.units} for r in shipment.reversals)
        yield from said(not known, "took a return for what it did not bring")
