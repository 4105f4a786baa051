"""The fiscal side of an order: its B2B documents in the ERP's book, and the B2C returns told downstream."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Reversal, Shipment
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Findings, Kind, Units, units_in, units_of

CLOCKS_DIFFER_BY = 0.001
"""Seconds: books keep their times to the millisecond or better, by clocks of one machine."""
ONCE_REGISTERED = ("REGISTERED", "VOIDED")


def compare_fiscal(order: Order, returns: Sequence[B2CReturnRequired], books: Books, say: Findings) -> None:
    """All of it, for one order."""
    invoices = books.about("erp", "invoices", order.key)
    notes = books.about("erp", "credit_notes", order.key)
    for s in order.shipments:
        mine = [entry for entry in invoices if entry["shipment_id"] == s.id]
        _invoiced(order, s, mine, say)
        _handed_over_with_an_invoice(order, s, mine, books, say)
        credits_of = [note for note in notes if note["shipment_id"] == s.id]
        _undone(order, s, mine, credits_of, say)
        for r in s.reversals:
            _undone_for(order, s, r, books, say)
            _b2c_return(order, s, r, [e for e in returns if (e.shipment_id, e.reversal) == (s.id, r.id)], say)
    known = {s.id for s in order.shipments}
    for entry in [*invoices, *notes]:
        if entry["shipment_id"] not in known:
            note = "a document for a shipment that we don't know"
            say.wrong(Kind.INVOICED, entry["shipment_id"], note, row=None, erp=entry["document_number"])
    for event in returns:
        if not any(s.id == event.shipment_id and s.reversal(event.reversal) for s in order.shipments):
            note = "a B2C return for a reversal that we don't know"
            say.wrong(
                Kind.B2C_RETURN, f"{event.shipment_id} {event.reversal}", note, row=None, told=event.invoice_number
            )


def _invoiced(order: Order, s: Shipment, entries: list[Entry], say: Findings) -> None:
    live = [e for e in entries if e["status"] in {"PENDING", "REGISTERED"}]
    if len(live) > 1:
        say.wrong(Kind.TWO_LIVE_INVOICES, s.id, "one at most", erp=[e["document_number"] for e in live])
    registered = [e for e in entries if e["status"] in ONCE_REGISTERED]
    exists = s.invoice.registered_at is not None
    if exists or not _may_still_come(order, s):
        say.same(
            Kind.INVOICED,
            s.id,
            "document",
            row=s.invoice.number if exists else None,
            erp=registered[0]["document_number"] if registered else None,
        )
    if exists and registered:
        say.same_units(Kind.INVOICED, s.id, row=units_of(s.quantities), erp=units_in(registered[0]["lines"]))
        say.same(Kind.INVOICED, s.id, "registration", row=s.invoice.registration, erp=registered[0]["registration"])
    for entry in registered:
        ours = (order.terms.client_x.gstin, order.terms.client_y.gstin)
        say.same(
            Kind.PARTIES, s.id, "seller and buyer", row=ours, erp=(entry["seller"]["gstin"], entry["buyer"]["gstin"])
        )
        worth = _worth(order, units_of(s.quantities))
        say.same(Kind.TOTAL, f"{s.id} {entry['document_number']}", row=worth, erp=Decimal(entry["total"]))


def _may_still_come(order: Order, s: Shipment) -> bool:
    """Asked for, and nothing heard that ends it: the ERP may be ahead of the row. Not so once the order is closed."""
    attempts = s.times("register_invoice")
    return attempts > 0 and attempts not in s.invoice.refused and not order.has("close")


def _handed_over_with_an_invoice(order: Order, s: Shipment, invoices: list[Entry], books: Books, say: Findings) -> None:
    """Seed 4.2, by the clocks of the books: registered first, handed over then."""
    if not s.invoice.needed:
        return
    first = min((e["registered_at"] for e in invoices if e["registered_at"] is not None), default=None)
    for entry in books.about("marketplace", "handovers", order.key):
        if entry["shipment_id"] != s.id:
            continue
        left = datetime.fromisoformat(entry["handed_over_at"]).timestamp()
        if first is None or left + CLOCKS_DIFFER_BY < first:
            note = "handed over without a registered invoice"
            say.wrong(Kind.HANDED_OVER, s.id, note, marketplace=left, erp=first)


def _undone(order: Order, s: Shipment, invoices: list[Entry], notes: list[Entry], say: Findings) -> None:
    invoiced = units_in(line for e in invoices if e["status"] in ONCE_REGISTERED for line in e["lines"])
    voided = units_in(line for e in invoices if e["status"] == "VOIDED" for line in e["lines"])
    credited = units_in(line for note in notes for line in note["lines"])
    undone: Units = voided + credited
    say.at_most(Kind.CREDITED, s.id, "more undone than invoiced", ("undone", undone), ("invoiced", invoiced))
    known = {r.id for r in s.reversals}
    for note in notes:
        if note["reversal"] not in known:
            why = "a credit note for a reversal that we don't know"
            say.wrong(Kind.REVERSED, f"{s.id} {note['reversal']}", why, row=None, erp=note["document_number"])
    if voided and not any(r.has("void_invoice") for r in s.reversals):
        say.wrong(Kind.REVERSED, s.id, "voided, and we never asked for it", row=None, erp="VOIDED")
    if order.has("close") and s.invoice.registered_at is not None and all(_is_over(r) for r in s.reversals):
        gone = units_of(pair for r in s.reversals for pair in r.quantities)
        stayed = units_of(s.quantities)
        stayed.subtract(gone)
        invoiced.subtract(undone)
        say.same_units(Kind.STAYED_SOLD, s.id, "invoiced - credited - voided", row=stayed, erp=invoiced)


def _undone_for(order: Order, s: Shipment, r: Reversal, books: Books, say: Findings) -> None:
    """The document that undid the invoice for one reversal: named by the row, and there in the ERP's book."""
    place = f"{s.id} {r.id}"
    of_this = [note for note in books.about("erp", "credit_notes", order.key) if note["shipment_id"] == s.id]
    notes = [note for note in of_this if note["reversal"] == r.id]
    if r.undone_by is None:
        if notes and not r.has("issue_credit_note"):
            why = "a credit note that we never asked for"
            say.wrong(Kind.REVERSED, place, why, row=None, erp=notes[0]["document_number"])
        return
    if r.undone_by == s.invoice.number:
        invoices = books.about("erp", "invoices", order.key)
        status = next((e["status"] for e in invoices if e["document_number"] == r.undone_by), None)
        say.same(Kind.REVERSED, place, "voided", row="VOIDED", erp=status)
        return
    say.same(Kind.REVERSED, place, "credit notes", row=[r.undone_by], erp=[note["document_number"] for note in notes])
    theirs = units_in(line for note in notes for line in note["lines"])
    say.same_units(Kind.REVERSED, place, "credited", row=units_of(r.quantities), erp=theirs)
    for note in notes:
        say.same(Kind.REVERSED, place, "preceding", row=s.invoice.number, erp=note["preceding_document"])
        say.same(Kind.TOTAL, place, row=_worth(order, units_of(r.quantities)), erp=Decimal(note["total"]))


def _is_over(r: Reversal) -> bool:
    return r.put_away and r.undone_by is not None


def _b2c_return(order: Order, s: Shipment, r: Reversal, told: list[B2CReturnRequired], say: Findings) -> None:
    """Seed 5 and 6: exactly one for a reversal of an invoiced shipment, else none; Client Y's codes, addresses."""
    place = f"{s.id} {r.id}"
    due = s.invoice.registered_at is not None
    waits = due and not r.has("require_b2c_return") and not order.has("close")
    if not (waits and not told):
        say.same(Kind.B2C_RETURN, place, "exactly one for what was invoiced", due=int(due), told=len(told))
    for event in told:
        theirs = units_of((line.order_item_code, line.quantity) for line in event.lines)
        say.same_units(Kind.B2C_RETURN, place, row=units_of(r.quantities), told=theirs)
        y = order.terms.client_y
        for name in ("account_code", "gstin", "billing_address", "shipping_address"):
            ours, said = getattr(y, name), getattr(event.client_y, name)
            if ours != said:
                say.wrong(Kind.B2C_RETURN, place, f"Client Y's {name}", terms=str(ours), told=str(said))
        say.same(Kind.B2C_RETURN, place, "invoice", row=s.invoice.number, told=event.invoice_number)


def _worth(order: Order, units: Units) -> Decimal:
    """Units at the B2B prices of intake, added up, to the paisa."""
    prices = {line.code: line.unit_price for line in order.lines}
    return sum((prices.get(line, Decimal(0)) * n for line, n in units.items()), Decimal(0)).quantize(Decimal("0.01"))
