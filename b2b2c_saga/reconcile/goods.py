"""The goods' side of an order: units per line, and what the marketplace says of the order and its parcels."""

from decimal import Decimal

from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Fulfilment, Shipment
from b2b2c_saga.reconcile.books import Books
from b2b2c_saga.reconcile.differences import Findings, Kind, of, units_in, units_of


def compare_goods(order: Order, books: Books, say: Findings) -> None:
    """All of it, for one order."""
    _ordered(order, books, say)
    _cancelled(order, books, say)
    _balance(order, say)
    for shipment in order.shipments:
        _parcel(order, shipment, books, say)
        _handover(order, shipment, books, say)
    known = {s.id for s in order.shipments}
    for table, kind in (("packs", Kind.PACKED), ("handovers", Kind.HANDED_OVER)):
        for entry in books.about("marketplace", table, order.key):
            if entry["shipment_id"] not in known:
                say.wrong(kind, entry["shipment_id"], "a shipment that we don't know", row=None, marketplace=table)


def _ordered(order: Order, books: Books, say: Findings) -> None:
    """What was taken in is what the consumer ordered; a marketplace that tells no orders of an account is not asked."""
    entries = books.about("marketplace", "orders", order.key)
    if not entries:
        if order.account in books.sellers:
            say.wrong(Kind.ORDERED, "", "the marketplace never had this order", row=len(order.lines), marketplace=None)
        return
    theirs = {line["order_item_code"]: line for line in entries[0]["lines"]}
    ours = units_of((line.code, line.quantity) for line in order.lines)
    say.same_units(Kind.ORDERED, "", row=ours, marketplace=units_in(theirs.values()))
    for line in order.lines:
        if line.code in theirs:
            told = theirs[line.code]
            say.same(Kind.ORDERED, line.code, "SKU", row=line.sku, marketplace=told["sku"])
            price = Decimal(told["selling_price"])
            say.same(Kind.ORDERED, line.code, "price", row=line.selling_price, marketplace=price)


def _cancelled(order: Order, books: Books, say: Findings) -> None:
    """Whatever is cancelled at the marketplace has come to us; more may be cancelled elsewhere."""
    theirs = units_of(())
    for entry in books.about("marketplace", "cancellations", order.key):
        items = entry["items"] or [{"order_item_code": line.code, "quantity": line.quantity} for line in order.lines]
        theirs |= units_in(items)
    note = "cancelled at the marketplace, and the row doesn't know"
    say.at_most(Kind.CANCELLED, "", note, ("marketplace", theirs), ("row", units_of(order.cancel_asked)))


def _balance(order: Order, say: Findings) -> None:
    """Ordered = open + packed + cancelled; nothing is open when the order is closed."""
    ordered = units_of((line.code, line.quantity) for line in order.lines)
    packed = units_of(pair for s in order.shipments for pair in s.quantities)
    cancelled = units_of(order.cancelled_open)
    spoken_for = packed + cancelled
    if order.fulfilment is Fulfilment.CLOSED:
        say.same_units(Kind.BALANCE, "", "closed: ordered = packed + cancelled", ordered=ordered, spoken_for=spoken_for)
    else:
        note = "packed + cancelled exceed what was ordered"
        say.at_most(Kind.BALANCE, "", note, ("spoken_for", spoken_for), ("ordered", ordered))
    for s in order.shipments:
        back = units_of(pair for r in s.reversals for pair in r.quantities)
        shipped = units_of(s.quantities)
        say.at_most(Kind.BALANCE, s.id, "more goes back than was packed", ("goes_back", back), ("packed", shipped))
        sent = units_of(s.sent)
        say.at_most(Kind.BALANCE, s.id, "more sent than was packed", ("sent", sent), ("packed", shipped))
        codes = [unit.code for r in s.reversals for unit in r.units]
        if len(set(codes)) < len(codes):
            say.wrong(Kind.RETURNED, s.id, "a unit came back twice", row=sorted(codes))


def _parcel(order: Order, s: Shipment, books: Books, say: Findings) -> None:
    """Asked and not answered yet, a pack may stand on either side; not so once the order is closed."""
    packs = [entry for entry in books.about("marketplace", "packs", order.key) if entry["shipment_id"] == s.id]
    if s.pack_answered or not s.pack_sent or order.fulfilment is Fulfilment.CLOSED:
        ours, theirs = units_of(s.sent if s.documents else ()), units_in(i for e in packs for i in e["items"])
        say.same_units(Kind.PACKED, s.id, row=ours, marketplace=theirs)
    if s.documents and packs:
        say.same(Kind.PACKED, s.id, "B2C invoice", row=s.documents.invoice_code, marketplace=packs[0]["invoice_code"])
        if s.label:
            say.same(Kind.PACKED, s.id, "label", row=s.label.awb_number, marketplace=packs[0]["awb_number"])


def _handover(order: Order, s: Shipment, books: Books, say: Findings) -> None:
    """The parcel left as it was packed; what came back of it had left."""
    left = [entry for entry in books.about("marketplace", "handovers", order.key) if entry["shipment_id"] == s.id]
    if s.handover_answered or not s.leaving or order.fulfilment is Fulfilment.CLOSED:
        say.same(Kind.HANDED_OVER, s.id, row=int(s.handed_over_at is not None), marketplace=len(left))
    handed_over = units_in(item for entry in left for item in entry["items"])
    if left:
        say.same_units(Kind.HANDED_OVER, s.id, "units", row=units_of(s.sent), marketplace=handed_over)
    returned = units_of((unit.line, 1) for r in s.reversals for unit in r.units)
    note = "more returned than was handed over"
    say.at_most(Kind.RETURNED, s.id, note, ("returned", returned), ("handed_over", handed_over))
    for r in s.reversals:
        if r.units:
            units = units_of((unit.line, 1) for unit in r.units)
            say.same_units(Kind.RETURNED, of(s.id, r.id), "unit by unit", row=units_of(r.quantities), units=units)
