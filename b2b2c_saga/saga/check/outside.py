"""The outside systems of a small world: their books, and every way in which they may answer a command."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.answers import (
    FiscalReversed,
    GoodsPutAway,
    HandedOver,
    HandoverRefused,
    InvoiceAcknowledged,
    InvoiceNotFound,
    InvoicePending,
    InvoiceRefused,
    InvoiceRegistered,
    Label,
    MarketplacePacked,
    MarketplacePackRefused,
    Refusal,
    StockReleased,
    StockTaken,
    VoidRefused,
)
from b2b2c_saga.model.messages.commands import (
    CancelOnMarketplace,
    HandOverOnMarketplace,
    IssueCreditNote,
    LookUpInvoice,
    OfferStock,
    PackOnMarketplace,
    PutGoodsAway,
    RegisterInvoice,
    ReleaseStock,
    UpdateOmniStock,
    VoidInvoice,
)
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine, Delivered
from b2b2c_saga.model.order import Order

START = datetime(2026, 1, 1, tzinfo=UTC)
LABEL = Label(transporter="T", awb_number="A", url="U")


class Act(NamedTuple):
    """A command as the outside remembers it: what, about what, which attempt, how many units."""

    call: str
    subject: str
    attempt: int
    units: int


class World(NamedTuple):
    """One state of everything: our row, what is on its way, and the books of the outside systems."""

    row: Order
    flying: frozenset[Event]
    """Events on their way, to be delivered in any order."""
    after_handover: frozenset[Event]
    """What upstream says once the parcel has left."""
    done: frozenset[Act] = frozenset()
    booked: frozenset[str] = frozenset()
    """The ERP's: shipments whose invoice is registered."""
    pending: frozenset[str] = frozenset()
    """The ERP's: acknowledged, to be registered or refused later, perhaps without a word."""
    refused: frozenset[str] = frozenset()
    """The ERP's: invoices and voids refused for good, told or not."""
    late: frozenset[str] = frozenset()
    """Shipments whose invoice the ERP will still register, long after it was asked and said nothing."""
    undone: frozenset[Act] = frozenset()
    """The ERP's: voids and credit notes."""
    market: frozenset[tuple[str, str]] = frozenset()
    """The marketplace's: what it did with which shipment."""
    shelf: frozenset[Act] = frozenset()
    """The warehouse's: what was put away or released."""
    now: datetime = START
    faults: int = 0
    """How many more answers may fail to come."""
    delays: int = 0
    """How often an alarm may still overtake events in flight."""
    quirks: int = 0
    """How often the marketplace may still refuse, having cancelled by itself."""


Answers = Iterator[tuple[World, tuple[Event, ...]]]


def act_of(command: Command) -> Act:
    """What the outside remembers of a command."""
    lines = next((getattr(command, name) for name in ("lines", "items", "goods") if hasattr(command, name)), ())
    return Act(command.call(), command.subject, command.attempt, sum(line.quantity for line in lines))


def answers(w: World, command: Command) -> Answers:
    """What the outside systems may do with a command: the world after it and the events that follow, for each way."""
    match command:
        case RegisterInvoice():
            yield from _register(w, command)
        case LookUpInvoice():
            yield from _look_up(w, command)
        case PackOnMarketplace():
            yield from _pack(w, command)
        case HandOverOnMarketplace():
            yield from _hand_over(w, command)
        case CancelOnMarketplace():
            lines = tuple(
                CancelledLine(order_item_code=i.order_item_code, cancelled_quantity=i.quantity) for i in command.items
            )
            posted = CancellationPosted(account=command.account, order_code=command.order_code, items=lines)
            yield from _perhaps_silent(w, w, command, posted)
        case VoidInvoice() | IssueCreditNote():
            yield from _undo(w, command)
        case PutGoodsAway():
            done = w._replace(shelf=w.shelf | {act_of(command)._replace(attempt=1)})
            put_away = GoodsPutAway(**_about(command), reversal=command.reversal, attempt=command.attempt)
            yield from _perhaps_silent(w, done, command, put_away)
        case ReleaseStock():
            done = w._replace(shelf=w.shelf | {act_of(command)._replace(attempt=1)})
            released = StockReleased(
                account=command.account, order_code=command.order_code, release=command.release, attempt=command.attempt
            )
            yield from _perhaps_silent(w, done, command, released)
        case UpdateOmniStock() | OfferStock():
            system = "omni" if isinstance(command, UpdateOmniStock) else "marketplace"
            taken = StockTaken(
                account=command.account,
                location=command.location,
                sku=command.sku,
                system=system,
                version=command.version,
            )
            mark = (system, f"{command.version}:{command.quantity}")
            yield from _perhaps_silent(w, w._replace(market=w.market | {mark}), command, taken)


def by_themselves(w: World) -> Answers:
    """What the outside systems may do without being asked: the ERP settles what it had acknowledged, or acts late."""
    for shipment in w.pending:
        settled = w._replace(pending=w.pending - {shipment})
        yield settled._replace(booked=w.booked | {shipment}), (_registered(w, shipment),)
        if w.faults:
            silent = settled._replace(faults=w.faults - 1)
            yield silent._replace(booked=w.booked | {shipment}), ()
            yield silent._replace(refused=w.refused | {shipment}), ()
    for shipment in w.late:
        acted = w._replace(late=w.late - {shipment}, booked=w.booked | {shipment})
        yield acted, (_registered(w, shipment),)
        yield acted, ()


def _about(command: Command) -> dict[str, str]:
    return {name: getattr(command, name) for name in ("account", "order_code", "shipment_id")}


def _registered(w: World, shipment: str) -> InvoiceRegistered:
    return InvoiceRegistered(
        account=w.row.account, order_code=w.row.code, shipment_id=shipment, document_number="B", registration="I"
    )


def _register(w: World, c: RegisterInvoice) -> Answers:
    s, about = c.shipment_id, _about(c)
    acknowledged = InvoiceAcknowledged(**about, attempt=c.attempt)
    refused = InvoiceRefused(**about, attempt=c.attempt, reason="no")
    if s in w.refused:
        yield w, (refused,)
        return
    booked = w._replace(booked=w.booked | {s}, late=w.late - {s})
    yield booked, (acknowledged, _registered(w, s))
    if s in w.booked:
        return
    no = w._replace(refused=w.refused | {s}, late=w.late - {s})
    yield no, (refused,)
    yield no, (acknowledged, refused)
    if w.faults:
        faulty = w._replace(faults=w.faults - 1)
        silent = c.unanswered()
        yield faulty._replace(booked=booked.booked, late=booked.late), (silent,)
        yield faulty._replace(booked=booked.booked, late=booked.late), (silent, acknowledged)
        yield faulty._replace(pending=w.pending | {s}, late=w.late - {s}), (acknowledged,)
        yield faulty._replace(refused=w.refused | {s}, late=w.late - {s}), (silent,)
        yield faulty, (silent,)
        yield faulty._replace(late=w.late | {s}), (silent,)


def _look_up(w: World, c: LookUpInvoice) -> Answers:
    s, about = c.shipment_id, _about(c)
    shipment = w.row.shipment(s)
    if s in w.late and shipment is not None and shipment.invoice.last_chance == c.attempt:
        w = w._replace(
            booked=w.booked | {s}, late=w.late - {s}
        )  # by then, a late effect has come: patience `late_effect`
    if s in w.booked:
        yield w, (_registered(w, s),)
    elif s in w.refused:
        yield w, (InvoiceRefused(**about, attempt=c.invoice_attempt, reason="no"),)
    elif s in w.pending:
        if w.faults:
            yield (
                w._replace(faults=w.faults - 1),
                (InvoicePending(**about, attempt=c.invoice_attempt, look_up=c.attempt),),
            )
        yield w._replace(pending=w.pending - {s}, booked=w.booked | {s}), (_registered(w, s),)
    else:
        yield w, (InvoiceNotFound(**about, attempt=c.invoice_attempt, look_up=c.attempt),)
    if w.faults:
        yield w._replace(faults=w.faults - 1), (c.unanswered(),)


def _pack(w: World, c: PackOnMarketplace) -> Answers:
    s, about = c.shipment_id, _about(c)
    packed = MarketplacePacked(**about, attempt=c.attempt, invoice_code="M", invoice_date=START, label=LABEL)
    cancelled = MarketplacePackRefused(**about, attempt=c.attempt, refusal=Refusal.CANCELLED, reason="cancelled")
    if ("no pack", s) in w.market:
        yield w, (cancelled,)
        return
    done = w._replace(market=w.market | {("packed", s)})
    yield from _perhaps_silent(w, done, c, packed)
    if ("packed", s) not in w.market and w.quirks:
        quirky = w._replace(quirks=w.quirks - 1)
        yield quirky._replace(market=w.market | {("no pack", s)}), (cancelled,)
        yield quirky, (MarketplacePackRefused(**about, attempt=c.attempt, refusal=Refusal.PERMANENT, reason="never"),)


def _hand_over(w: World, c: HandOverOnMarketplace) -> Answers:
    s, about = c.shipment_id, _about(c)
    left = HandedOver(**about, attempt=c.attempt, handed_over_at=w.now)
    if ("no handover", s) in w.market:
        yield w, (HandoverRefused(**about, attempt=c.attempt, reason="cancelled"),)
        return
    known = {e for e in w.after_handover if getattr(e, "shipment_id", "") == s and not isinstance(e, Delivered)}
    arrived = Delivered(account=c.account, order_code=c.order_code, shipment_id=s, delivered_at=w.now)
    done = w._replace(market=w.market | {("handed over", s)}, after_handover=w.after_handover - known)
    yield from _perhaps_silent(w, done, c, left, arrived, *known)
    if ("handed over", s) not in w.market:
        refused = HandoverRefused(**about, attempt=c.attempt, reason="cancelled")
        yield w._replace(market=w.market | {("no handover", s)}), (refused,)


def _undo(w: World, c: VoidInvoice | IssueCreditNote) -> Answers:
    act = act_of(c)._replace(attempt=1)
    undone = FiscalReversed(**_about(c), reversal=c.reversal, attempt=c.attempt, document_number=c.document_number)
    mark = f"{act.call} {act.subject}"
    if mark in w.refused:
        yield w, (VoidRefused(**_about(c), reversal=c.reversal, attempt=c.attempt, reason="too late"),)
        return
    yield from _perhaps_silent(w, w._replace(undone=w.undone | {act}), c, undone)
    if isinstance(c, VoidInvoice) and act not in w.undone:
        refused = VoidRefused(**_about(c), reversal=c.reversal, attempt=c.attempt, reason="too late")
        no = w._replace(refused=w.refused | {mark})
        yield no, (refused,)
        if w.faults:
            yield no._replace(faults=w.faults - 1), (c.unanswered(), refused)
            yield no._replace(faults=w.faults - 1), (c.unanswered(),)


def _perhaps_silent(w: World, done: World, command: Command, *events: Event) -> Answers:
    """Done and answered; or no answer: done, not done, or done and answered all the same."""
    yield done, events
    if w.faults:
        silent = command.unanswered()
        follows = events[1:]  # what the world does next does not hang on the answer
        yield done._replace(faults=w.faults - 1), (silent, *follows)
        yield done._replace(faults=w.faults - 1), (silent, *events)
        yield w._replace(faults=w.faults - 1), (silent,)
