"""Marketplace, Omni and warehouse of a small world: every answer that they may give."""

from typing import Any

from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.answers import (
    B2BOrderCancelled,
    B2BOrderCreated,
    B2BOrderRefused,
    GoodsPutAway,
    HandedOver,
    HandoverRefused,
    MarketplacePacked,
    MarketplacePackRefused,
    Refusal,
    ReversalRefused,
    StockLevel,
    StockRefused,
    StockReleased,
    StockTaken,
)
from b2b2c_saga.model.messages.commands import (
    CancelB2BOrder,
    CancelOnMarketplace,
    CreateB2BOrder,
    FetchLabel,
    HandOverOnMarketplace,
    OfferStock,
    PackOnMarketplace,
    PutGoodsAway,
    ReleaseStock,
    UpdateOmniStock,
)
from b2b2c_saga.model.messages.upstream import (
    CancellationPosted,
    CancelledLine,
    Delivered,
    PackFixed,
    ReversalFixed,
)
from b2b2c_saga.saga.check.outside import LABEL, START, Answers, World, about, act_of, perhaps_silent


def pack(w: World, c: PackOnMarketplace) -> Answers:
    """Packed, at once with a label or not; refused because it is cancelled there, or for good."""
    s, names = c.shipment_id, about(c)
    packed = MarketplacePacked(**names, attempt=c.attempt, invoice_code="M", invoice_date=START, label=LABEL)
    cancelled = MarketplacePackRefused(**names, attempt=c.attempt, refusal=Refusal.CANCELLED, reason="cancelled")
    never = MarketplacePackRefused(**names, attempt=c.attempt, refusal=Refusal.PERMANENT, reason="never")
    if ("no pack", s) in w.market or f"pack {s}" in w.refused:
        yield w, (cancelled if ("no pack", s) in w.market else never,)
        return
    done = w._replace(market=w.market | {("packed", s)})
    unlabelled = packed.model_copy(update={"label": None})
    yield from perhaps_silent(w, done, c, unlabelled if ("no label", s) in w.market else packed)
    if ("packed", s) not in w.market and w.quirks:
        quirky = w._replace(quirks=w.quirks - 1)
        yield quirky._replace(market=w.market | {("no pack", s)}), (cancelled,)
        no = quirky._replace(refused=w.refused | {f"pack {s}"})
        yield from perhaps_silent(no, no, c, never)
        yield quirky._replace(market=w.market | {("packed", s), ("no label", s)}), (unlabelled,)


def fetch_label(w: World, c: FetchLabel) -> Answers:
    """It is there now, or not yet."""
    s = c.shipment_id
    packed = MarketplacePacked(**about(c), poll=c.attempt, invoice_code="M", invoice_date=START, label=LABEL)
    yield from perhaps_silent(w, w._replace(market=w.market - {("no label", s)}), c, packed)
    if w.faults:
        yield w._replace(faults=w.faults - 1), (packed.model_copy(update={"label": None}),)


def hand_over(w: World, c: HandOverOnMarketplace) -> Answers:
    """The parcel leaves, and what upstream says after that follows; or the marketplace had cancelled it."""
    s, names = c.shipment_id, about(c)
    left = HandedOver(**names, attempt=c.attempt, handed_over_at=w.now)
    if ("no handover", s) in w.market:
        yield w, (HandoverRefused(**names, attempt=c.attempt, reason="cancelled"),)
        return
    known = {e for e in w.after_handover if getattr(e, "shipment_id", "") == s and not isinstance(e, Delivered)}
    arrived = Delivered(account=c.account, order_code=c.order_code, shipment_id=s, delivered_at=w.now)
    done = w._replace(market=w.market | {("handed over", s)}, after_handover=w.after_handover - known)
    yield from perhaps_silent(w, done, c, left, arrived, *known)
    if ("handed over", s) not in w.market:
        refused = HandoverRefused(**names, attempt=c.attempt, reason="cancelled")
        yield w._replace(market=w.market | {("no handover", s)}), (refused,)


def cancel(w: World, c: CancelOnMarketplace) -> Answers:
    """It answers with a cancellation, as if the consumer had cancelled."""
    lines = tuple(CancelledLine(order_item_code=i.order_item_code, cancelled_quantity=i.quantity) for i in c.items)
    yield from perhaps_silent(w, w, c, CancellationPosted(account=c.account, order_code=c.order_code, items=lines))


def create_b2b_order(w: World, c: CreateB2BOrder) -> Answers:
    """The warehouse keeps the units; or, for no good reason, will not."""
    names: dict[str, Any] = {"account": c.account, "order_code": c.order_code, "attempt": c.attempt}
    if "b2b order" in w.refused:
        yield w, (B2BOrderRefused(**names, reason="no"),)
        return
    done = w._replace(shelf=w.shelf | {act_of(c)._replace(attempt=1)})
    yield from perhaps_silent(w, done, c, B2BOrderCreated(**names, b2b_order_code="W"))
    if w.quirks and done != w:
        no = w._replace(refused=w.refused | {"b2b order"}, quirks=w.quirks - 1)
        yield from perhaps_silent(no, no, c, B2BOrderRefused(**names, reason="no"))


def let_go(w: World, c: ReleaseStock | CancelB2BOrder) -> Answers:
    """The units are free again."""
    done = w._replace(shelf=w.shelf | {act_of(c)._replace(attempt=1)})
    kind = B2BOrderCancelled if isinstance(c, CancelB2BOrder) else StockReleased
    yield from perhaps_silent(w, done, c, kind(**about(c), attempt=c.attempt, counted=_counted(c)))


def put_away(w: World, c: PutGoodsAway) -> Answers:
    """The goods are back; or, for no good reason, the warehouse will not have them."""
    act, mark = act_of(c)._replace(attempt=1), f"put_goods_away {c.subject}"
    refused = ReversalRefused(**about(c), attempt=c.attempt, call="put_goods_away", reason="no")
    if mark in w.refused:
        yield w, (refused,)
        return
    back = GoodsPutAway(**about(c), attempt=c.attempt, counted=_counted(c))
    yield from perhaps_silent(w, w._replace(shelf=w.shelf | {act}), c, back)
    if w.quirks and act not in w.shelf:
        no = w._replace(refused=w.refused | {mark}, quirks=w.quirks - 1)
        yield from perhaps_silent(no, no, c, refused)


def take_stock(w: World, c: UpdateOmniStock | OfferStock) -> Answers:
    """It has the version now; or will not have the SKU."""
    names: dict[str, Any] = {"account": c.account, "location": c.location, "sku": c.sku, "version": c.version}
    system = "omni" if isinstance(c, UpdateOmniStock) else "marketplace"
    mark = (system, f"{c.version}:{c.quantity}")
    taken = StockTaken(**names, system=system)
    yield from perhaps_silent(w, w._replace(market=w.market | {mark}), c, taken)
    if w.quirks and mark not in w.market:
        no = w._replace(quirks=w.quirks - 1, refused=w.refused | {f"{system} {mark[1]}"})
        yield from perhaps_silent(no, no, c, StockRefused(**names, system=system, reason="no such SKU"))


def put_right(w: World) -> Answers:
    """Somebody puts right what was refused for good, or got no answer for too long."""
    if not w.fixes or not hasattr(w.row, "shipments"):
        return
    order = {"account": w.row.account, "order_code": w.row.code}
    fixes: list[tuple[str, Event]] = []
    for s in w.row.shipments:
        if s.pack_stopped:
            attempt = s.refused_at("pack_on_marketplace")
            fixes.append((f"pack {s.id}", PackFixed(**order, shipment_id=s.id, attempt=attempt)))
        for r, call, attempt in s.stuck:
            fixed = ReversalFixed(**order, shipment_id=s.id, reversal=r.id, call=call, attempt=attempt)
            mark = f"{call} {s.id} {r.id}" if call != "void_invoice" else ""  # too late for a void is too late for ever
            fixes.append((mark, fixed))
    for mark, event in fixes:
        if event not in w.flying:
            yield w._replace(fixes=w.fixes - 1, refused=w.refused - {mark}), (event,)


def _counted(c: Command) -> tuple[StockLevel, ...]:
    skus = sorted({line.sku for line in getattr(c, "goods", ())})
    return tuple(StockLevel(sku=sku, quantity=1, version=c.attempt) for sku in skus)
