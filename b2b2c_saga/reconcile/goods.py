"""The goods' side of an order: units per line, and what marketplace and warehouse say of parcels and shelves."""

from b2b2c_saga.model.messages.commands import Disposition
from b2b2c_saga.model.messages.upstream import QualityCheck
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Reversal, Shipment
from b2b2c_saga.reconcile.books import Books
from b2b2c_saga.reconcile.differences import Findings, Kind, Units, units_in, units_of


def compare_goods(order: Order, books: Books, say: Findings) -> None:
    """All of it, for one order."""
    _balance(order, say)
    for shipment in order.shipments:
        _parcel(order, shipment, books, say)
        for reversal in shipment.reversals:
            _put_away(order, shipment, reversal, books, say)
    _released(order, books, say)
    known = {s.id for s in order.shipments}
    for table in ("packs", "handovers"):
        for entry in books.about("marketplace", table, order.key):
            if entry["shipment_id"] not in known:
                kind = Kind.PACKED if table == "packs" else Kind.HANDED_OVER
                say.wrong(kind, entry["shipment_id"], "a shipment that we don't know", row=None, marketplace=table)


def _balance(order: Order, say: Findings) -> None:
    """Ordered = open + packed + cancelled; nothing is open when the order is closed."""
    ordered = units_of((line.code, line.quantity) for line in order.lines)
    packed = units_of(pair for s in order.shipments for pair in s.quantities)
    cancelled = units_of(order.cancelled_open)
    spoken_for = packed + cancelled
    if order.has("close"):
        say.same_units(Kind.BALANCE, "", "closed: ordered = packed + cancelled", ordered=ordered, spoken_for=spoken_for)
    else:
        note = "packed + cancelled exceed what was ordered"
        say.at_most(Kind.BALANCE, "", note, ("spoken_for", spoken_for), ("ordered", ordered))
    for s in order.shipments:
        back = units_of(pair for r in s.reversals for pair in r.quantities)
        shipped = units_of(s.quantities)
        say.at_most(Kind.BALANCE, s.id, "more goes back than was packed", ("goes_back", back), ("packed", shipped))


def _parcel(order: Order, s: Shipment, books: Books, say: Findings) -> None:
    packs = [entry for entry in books.about("marketplace", "packs", order.key) if entry["shipment_id"] == s.id]
    asked = s.has("pack_on_marketplace")
    is_over = order.has("close")  # until then, what was asked and not answered yet may stand on either side
    if s.documents or not asked or is_over:
        ours, theirs = units_of(s.sent if s.documents else ()), units_in(i for e in packs for i in e["items"])
        say.same_units(Kind.PACKED, s.id, row=ours, marketplace=theirs)
    if s.documents and packs:
        say.same(Kind.PACKED, s.id, "B2C invoice", row=s.documents.invoice_code, marketplace=packs[0]["invoice_code"])
        awb = s.documents.label.awb_number
        say.same(Kind.PACKED, s.id, "label", row=awb, marketplace=packs[0]["awb_number"])
    left = [entry for entry in books.about("marketplace", "handovers", order.key) if entry["shipment_id"] == s.id]
    if s.handed_over_at is not None or not s.has("hand_over_on_marketplace") or s.handover_refused or is_over:
        say.same(Kind.HANDED_OVER, s.id, row=int(s.handed_over_at is not None), marketplace=len(left))


def _put_away(order: Order, s: Shipment, r: Reversal, books: Books, say: Findings) -> None:
    entries = [
        e for e in books.about("wms", "put_aways", order.key) if e["reversal"] == r.id and e["shipment_id"] == s.id
    ]
    if not r.put_away and r.has("put_goods_away"):
        return  # asked, not answered yet
    place = f"{s.id} {r.id}"
    goods = [line for entry in entries for line in entry["goods"]]
    for disposition, units in _where_to(r).items():
        ours = units if r.put_away else units_of(())
        theirs = units_in(line for line in goods if line["disposition"] == disposition.value)
        say.same_units(Kind.PUT_AWAY, f"{place} {disposition.value}", row=ours, wms=theirs)


def _where_to(r: Reversal) -> dict[Disposition, Units]:
    """What never left goes back on its shelf; what came back, where its quality check sends it."""
    if not r.units:
        return {
            Disposition.PUT_AWAY: units_of(r.quantities),
            Disposition.RESTOCK: units_of(()),
            Disposition.QUARANTINE: units_of(()),
        }
    passed = [(u.line, 1) for u in r.units if u.quality_check is QualityCheck.PASS]
    failed = [(u.line, 1) for u in r.units if u.quality_check is QualityCheck.FAIL]
    return {
        Disposition.PUT_AWAY: units_of(()),
        Disposition.RESTOCK: units_of(passed),
        Disposition.QUARANTINE: units_of(failed),
    }


def _released(order: Order, books: Books, say: Findings) -> None:
    entries = books.about("wms", "releases", order.key)
    for release in order.releases:
        theirs = [e for e in entries if e["release"] == release.id]
        if release.done:
            ours, there = units_of(release.quantities), units_in(line for e in theirs for line in e["goods"])
            say.same_units(Kind.RELEASED, release.id, row=ours, wms=there)
    known = {release.id for release in order.releases}
    for entry in entries:
        if entry["release"] not in known:
            say.wrong(Kind.RELEASED, entry["release"], "a release that we don't know", row=None, wms=entry["release"])
    for entry in books.about("wms", "put_aways", order.key):
        if not any(s.id == entry["shipment_id"] and s.reversal(entry["reversal"]) for s in order.shipments):
            note = "a reversal that we don't know"
            say.wrong(Kind.PUT_AWAY, f"{entry['shipment_id']} {entry['reversal']}", note, row=None, wms="put away")
