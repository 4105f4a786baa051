"""What was compared for one seller account, added up on both sides."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from b2b2c_saga.model.messages.commands import Disposition
from b2b2c_saga.model.order import Order, reversals
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Difference, Kind, Units, units_in
from b2b2c_saga.reconcile.fates import Fate, by_book, by_row
from b2b2c_saga.reconcile.ledger import Ledger
from b2b2c_saga.reconcile.papers import Papers, issued_at, notes_for, undone_of

Amount = int | Decimal
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Measure:
    """One figure of an account: by our rows, and by the books of others. None: that side has no say in it."""

    name: str
    kinds: frozenset[Kind]
    """What may differ in it."""
    rows: Amount | None
    books: Amount | None
    differences: int = 0

    def as_json(self) -> dict[str, Any]:
        """For a machine; money as text."""
        told = {"rows": self.rows, "books": self.books}
        return {name: str(n) if isinstance(n, Decimal) else n for name, n in told.items()} | {
            "differences": self.differences
        }


@dataclass(frozen=True)
class Account:
    """One seller account."""

    name: str
    variant: str
    orders: int
    lines: int
    measures: tuple[Measure, ...]
    differences: int

    def as_json(self) -> dict[str, Any]:
        """For a machine."""
        measures = {measure.name: measure.as_json() for measure in self.measures}
        about = {"variant": self.variant, "orders": self.orders, "lines": self.lines, "differences": self.differences}
        return about | {"measures": measures}


def account(name: str, ledger: Ledger, books: Books, found: Iterable[Difference]) -> Account:
    """All of one account; each difference stands at the first measure that its kind belongs to."""
    orders = [order for order in ledger.orders.values() if order.account == name]
    mine = [difference for difference in found if difference.account == name]
    measures = []
    for measure in _measures(name, orders, ledger, books):
        here = [difference for difference in mine if difference.kind in measure.kinds]
        measures.append(Measure(measure.name, measure.kinds, measure.rows, measure.books, len(here)))
    return Account(
        name, variant(orders), len(orders), sum(len(order.lines) for order in orders), tuple(measures), len(mine)
    )


def variant(orders: Iterable[Order]) -> str:
    """How the account's orders are sold, by the terms in their rows."""
    kinds = {"pass-through" if not o.terms.b2b_leg else "WMS" if o.terms.b2b_order else "ERP" for o in orders}
    return ", ".join(sorted(kinds)) or "no orders"


def _measures(name: str, orders: list[Order], ledger: Ledger, books: Books) -> Iterator[Measure]:
    def units(of: Callable[[Order], Iterable[Units]]) -> int:
        return sum(n for order in orders for by_line in of(order) for n in by_line.values())

    def measure(title: str, rows: Amount | None, theirs: Amount | None, *kinds: Kind) -> Measure:
        return Measure(title, frozenset(kinds), rows, theirs)

    def in_book(system: str, table: str, column: str) -> int:
        return units(lambda o: (units_in(entry[column]) for entry in books.about(system, table, o.key)))

    yield measure(
        "units ordered",
        sum(o.ordered.total for o in orders),
        _told(name, books, in_book),
        Kind.UNKNOWN_ORDER,
        Kind.ORDERED,
    )
    yield measure("open", sum(o.open.total for o in orders), None, Kind.BALANCE)
    free = in_book("wms", "releases", "goods") + in_book("wms", "b2b_cancellations", "goods")
    yield measure(
        "cancelled before the pack", sum(o.cancelled_open.total for o in orders), free, Kind.CANCELLED, Kind.RELEASED
    )
    if any(order.terms.b2b_order for order in orders):
        kept = in_book("wms", "b2b_orders", "lines")
        yield measure("on B2B orders", sum(o.b2b_ordered.total for o in orders), kept, Kind.B2B_ORDER)
    sent = sum(s.sent.total for o in orders for s in o.shipments if s.documents)
    yield measure("packed", sent, in_book("marketplace", "packs", "items"), Kind.PACKED)
    left = sum(s.sent.total for o in orders for s in o.shipments if s.handed_over_at is not None)
    yield measure("handed over", left, in_book("marketplace", "handovers", "items"), Kind.HANDED_OVER)
    if any(order.terms.b2b_leg for order in orders):
        yield from _fiscal(orders, books)
        told = sum(len(ledger.returns.get(order.key, [])) for order in orders)
        due = sum(r.has("require_b2c_return") for o in orders for _, r in reversals(o))
        yield measure("B2C returns", due, told, Kind.B2C_RETURN)
    yield from _back(orders, books)
    shelves = [key for key in ledger.stock if key.split("/")[0] == name]
    taken = [key for key in books.shelves("marketplace") if key.split("/")[0] == name]
    yield measure("SKUs on shelves", len(shelves), len(taken), Kind.STOCK)


def _told(name: str, books: Books, in_book: Callable[[str, str, str], int]) -> int | None:
    return in_book("marketplace", "orders", "lines") if name in books.sellers else None


def _fiscal(orders: list[Order], books: Books) -> Iterator[Measure]:
    papers = [Papers.of(order, books) for order in orders]
    standing = [(p, s, e) for p in papers for s in p.order.shipments for e in p.standing(s) if issued_at(e) is not None]
    ours = [(o, s) for o in orders for s in o.shipments if s.invoice.exists]
    units = sum(s.invoice.quantities.total for _, s in ours)
    theirs = sum(n for _, _, e in standing for n in units_in(e["lines"]).values())
    kinds = Kind.INVOICED, Kind.TWO_LIVE_INVOICES, Kind.REGISTERED, Kind.PARTIES, Kind.PARTS
    yield Measure("invoiced X to Y", frozenset(kinds), units, theirs)
    rupees = sum((_worth(o, line, n) for o, s in ours for line, n in s.invoice.quantities), NOTHING)
    yield Measure(
        "invoiced, rupees",
        frozenset({Kind.MONEY, Kind.RATE}),
        rupees,
        sum((Decimal(e["total"]) for *_, e in standing), NOTHING),
    )
    undone = [(o, r) for o, s in ours for r in s.reversals if r.undone_by is not None and not r.not_invoiced]
    units = sum(r.quantities.total for _, r in undone)
    theirs = sum(n for p, _, e in standing for n in undone_of(e, p.notes).values())
    yield Measure("voided or credited", frozenset({Kind.REVERSED, Kind.CREDITED}), units, theirs)
    rupees = sum((_worth(o, line, n) for o, r in undone for line, n in r.quantities), NOTHING)
    yield Measure(
        "voided or credited, rupees", frozenset(), rupees, sum((_undone(p, e) for p, _, e in standing), NOTHING)
    )
    stayed = sum(s.left.total for _, s in ours)
    invoiced = sum(n for p, s, e in standing for n in (units_in(e["lines"]) - undone_of(e, p.notes)).values())
    yield Measure("stay sold", frozenset({Kind.STAYED_SOLD}), stayed, invoiced)
    yield from _numbers(papers)
    if any(p.eway_bills or p.order.terms.eway_bill for p in papers):
        parts = {(p.order.key, part["document_number"]) for p, _, e in standing for part in e["parts"]}
        known = sum(len(s.invoice.eway_bills) for _, s in ours)
        theirs = sum((p.order.key, bill["document_number"]) in parts for p in papers for bill in p.eway_bills)
        yield Measure("e-way bills", frozenset({Kind.EWAY_BILL}), known, theirs)


def _numbers(papers: list[Papers]) -> Iterator[Measure]:
    """What became of the numbers that the issuer gave; one that nothing explains is a difference, and in no sum."""
    given = [number for p in papers for number in p.numbers]
    if not given and all(p.order.terms.numbers is Numbers.DERIVED for p in papers):
        return
    ours = Counter(fate for p in papers for fate in by_row(p).values())
    theirs = Counter(fate for p in papers for _, fate in by_book(p))
    yield Measure("numbers given", frozenset({Kind.NUMBER}), ours.total(), len(given))
    for fate in Fate:
        yield Measure(f"numbers {fate}", frozenset(), ours[fate], theirs[fate])


def _undone(papers: Papers, invoice: Entry) -> Decimal:
    if invoice["status"] == "VOIDED":
        return Decimal(invoice["total"])
    return sum((Decimal(note["total"]) for note in notes_for(invoice, papers.notes)), NOTHING)


def _worth(order: Order, code: str, units: int) -> Decimal:
    return next((line.unit_price * units for line in order.lines if line.code == code), NOTHING)


def _back(orders: list[Order], books: Books) -> Iterator[Measure]:
    """Goods that went back to the warehouse."""
    goods = [line for o in orders for e in books.about("wms", "put_aways", o.key) for line in e["goods"]]
    put_away = [r for o in orders for _, r in reversals(o) if r.put_away]
    for name, kind, came_back in (
        ("put away", Kind.PUT_AWAY, False),
        ("returned", Kind.RETURNED, True),
    ):
        rows = sum(r.quantities.total for r in put_away if bool(r.units) is came_back)
        theirs = sum(g["quantity"] for g in goods if (g["disposition"] != Disposition.PUT_AWAY) is came_back)
        yield Measure(name, frozenset({kind}), rows, theirs)
