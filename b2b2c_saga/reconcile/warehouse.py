"""The warehouse's side of an order: B2B orders, units set free, goods that came back, and where they were put."""

from dataclasses import asdict
from decimal import Decimal

from b2b2c_saga.model.messages.commands import Disposition
from b2b2c_saga.model.messages.upstream import QualityCheck
from b2b2c_saga.model.order import Order, Release, reversals
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Findings, Kind, Units, of, units_in, units_of
from b2b2c_saga.reconcile.papers import goes_to


def compare_warehouse(order: Order, books: Books, say: Findings) -> None:
    """All of it, for one order."""
    for shipment, reversal in reversals(order):
        _put_away(order, shipment, reversal, books, say)
    for release in order.releases:
        _released(order, release, books, say)
    _b2b_order(order, books, say)
    _nothing_else(order, books, say)


def _put_away(order: Order, s: Shipment, r: Reversal, books: Books, say: Findings) -> None:
    """Asked and not answered yet, it may stand on either side."""
    if not r.put_away and r.has("put_goods_away"):
        return
    place, entries = of(s.id, r.id), _put_aways(order, s, r, books)
    goods = [line for entry in entries for line in entry["goods"]]
    for disposition, units in _where_to(r).items():
        ours = units if r.put_away else units_of(())
        theirs = units_in(line for line in goods if line["disposition"] == disposition.value)
        say.same_units(Kind.PUT_AWAY, of(place, disposition.value), row=ours, wms=theirs)
    for entry in entries:
        _same_place(order, entry, Kind.PUT_AWAY, place, say)
        off = entry["b2b_order_code"]
        if not r.has("require_b2c_return"):
            note = "units that were never invoiced come off the B2B order"
            say.same(Kind.B2B_ORDER, place, note, row=order.b2b_order_code, wms=off)
        elif off is not None and not (off == order.b2b_order_code and _was_given_up(s)):
            say.wrong(Kind.B2B_ORDER, place, "off a B2B order that it should not come off", row=None, wms=off)


def _where_to(r: Reversal) -> dict[Disposition, Units]:
    """What never left goes back on its shelf; what came back, where its quality check sends it."""
    passed = units_of((u.line, 1) for u in r.units if u.quality_check is QualityCheck.PASS)
    failed = units_of((u.line, 1) for u in r.units if u.quality_check is QualityCheck.FAIL)
    never_left = units_of(() if r.units else r.quantities)
    return {Disposition.PUT_AWAY: never_left, Disposition.RESTOCK: passed, Disposition.QUARANTINE: failed}


def _released(order: Order, release: Release, books: Books, say: Findings) -> None:
    """Off the B2B order, where there is one that holds them; else simply free again."""
    table = "b2b_cancellations" if order.b2b_order_code else "releases"
    entries = [e for e in books.about("wms", table, order.key) if e["release"] == release.id]
    asked = release.has("release_stock") or release.has("cancel_b2b_order")
    if release.done or not asked:
        ours = units_of(release.quantities if release.done else ())
        theirs = units_in(line for e in entries for line in e["goods"])
        say.same_units(Kind.RELEASED, of(release.id, table), row=ours, wms=theirs)
    for entry in entries:
        _same_place(order, entry, Kind.RELEASED, release.id, say)


def _b2b_order(order: Order, books: Books, say: Findings) -> None:
    """WMS variant: ordered as at intake, billed to Y at the cost price; in the end it is for what X sold to Y."""
    entries = books.about("wms", "b2b_orders", order.key)
    if order.b2b_order_code is None:
        waits = order.has("create_b2b_order") and not order.b2b_order_refused
        if entries and not waits:
            note = "a B2B order that nobody asked for, or that was refused"
            say.wrong(Kind.B2B_ORDER, "", note, row=None, wms=entries[0]["b2b_order_code"])
        return
    codes = [entry["b2b_order_code"] for entry in entries]
    say.same(Kind.B2B_ORDER, "", "one, under its code", row=[order.b2b_order_code], wms=codes)
    for entry in entries[:1]:
        say.same_units(Kind.B2B_ORDER, "ordered", row=units_of(order.b2b_ordered), wms=units_in(entry["lines"]))
        _b2b_terms(order, entry, say)
        at_rest = all(r.done for r in order.releases) and all(r.put_away for _, r in reversals(order))
        if at_rest:
            say.same_units(Kind.B2B_ORDER, "still on it", row=_sold_to_y(order), wms=_left_on(order, entry, books))


def _b2b_terms(order: Order, entry: Entry, say: Findings) -> None:
    _same_place(order, entry, Kind.B2B_ORDER, "", say)
    for side, party in (("seller", order.terms.client_x), ("buyer", order.terms.client_y)):
        ours = {name: getattr(party, name) for name in ("legal_name", "gstin", "account_code")}
        say.same(Kind.B2B_ORDER, side, row=ours, wms=entry[side])
    billed = asdict(order.terms.client_y.billing_address)
    say.same(Kind.B2B_ORDER, "billed to Client Y", row=billed, wms=entry["billed_to"])
    if not order.outdated and not goes_to(order.recipient, entry["ship_to"]):  # else it may bear the old address
        say.wrong(Kind.B2B_ORDER, "", "shipped to another region than the consumer's")
    theirs = {line["order_item_code"]: line for line in entry["lines"]}
    for line in order.lines:
        if line.code in theirs:
            told = theirs[line.code]
            say.same(Kind.B2B_ORDER, line.code, "SKU", row=line.sku, wms=told["sku"])
            say.same(Kind.B2B_ORDER, line.code, "cost price", row=line.unit_price, wms=Decimal(told["cost_price"]))


def _left_on(order: Order, entry: Entry, books: Books) -> Units:
    """Ordered - cancelled - put back; but for units whose invoice came when they were put back already."""
    left = units_in(entry["lines"])
    for cancelled in books.about("wms", "b2b_cancellations", order.key):
        left.subtract(units_in(cancelled["goods"]))
    sold = {(s.id, r.id) for s, r in reversals(order) if r.has("require_b2c_return")}
    for back in books.about("wms", "put_aways", order.key):
        if (back["shipment_id"], back["reversal"]) not in sold:
            left.subtract(units_in(back["goods"]))
    return left


def _sold_to_y(order: Order) -> Units:
    """Open yet, or to stay sold, or gone back with a B2C return."""
    units = units_of(order.open)
    for s in order.shipments:
        units.update(units_of(s.left))
        sold = (r for r in s.reversals if r.has("require_b2c_return"))
        units.update(units_of(pair for r in sold for pair in r.quantities))
    return units


def _was_given_up(s: Shipment) -> bool:
    """It seemed that no invoice would come, and then one did."""
    return s.invoice.last_chance_missed or bool(s.invoice.refused)


def _nothing_else(order: Order, books: Books, say: Findings) -> None:
    known = {release.id for release in order.releases}
    for table in ("releases", "b2b_cancellations"):
        for entry in books.about("wms", table, order.key):
            if entry["release"] not in known:
                say.wrong(Kind.RELEASED, entry["release"], "a release that we don't know", row=None, wms=table)
            elif (table == "b2b_cancellations") != bool(order.b2b_order_code):
                say.wrong(Kind.RELEASED, entry["release"], "released as if it were kept for something else", wms=table)
    for entry in books.about("wms", "put_aways", order.key):
        s = order.shipment(entry["shipment_id"])
        if s is None or s.reversal(entry["reversal"]) is None:
            place = of(entry["shipment_id"], entry["reversal"])
            say.wrong(Kind.PUT_AWAY, place, "a reversal that we don't know", row=None, wms="put away")


def _put_aways(order: Order, s: Shipment, r: Reversal, books: Books) -> list[Entry]:
    entries = books.about("wms", "put_aways", order.key)
    return [e for e in entries if e["reversal"] == r.id and e["shipment_id"] == s.id]


def _same_place(order: Order, entry: Entry, kind: Kind, place: str, say: Findings) -> None:
    say.same(kind, place, "location", row=order.location, wms=entry["location"])
