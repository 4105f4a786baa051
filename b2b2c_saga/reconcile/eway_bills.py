"""E-way bills: goods above a value move under one for each part of their document, and none outlives its document."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Findings, Kind, of
from b2b2c_saga.reconcile.papers import CLOCKS_DIFFER_BY, VOIDED, Papers, Rates, died_at, issued_at


def compare_eway_bills(papers: Papers, s: Shipment, books: Books, say: Findings) -> None:
    """All of one shipment."""
    if s.invoice.rates:
        due = _needs(papers, s.invoice.quantities, dict(s.invoice.rates))
        say.same(Kind.EWAY_BILL, s.id, "needed", due=due, row=s.invoice.needs_eway_bill)
    bills = [entry for entry in papers.eway_bills if entry["shipment_id"] == s.id]
    has_moved = False
    for handover in books.about("marketplace", "handovers", papers.order.key):
        if handover["shipment_id"] == s.id:
            at = datetime.fromisoformat(handover["handed_over_at"]).timestamp()
            _moved(papers, s, at, bills, say)
            current = papers.invoice(s.invoice.number)
            has_moved |= current is not None and _stood(current, at)
    if s.invoice.eway_bills or (has_moved and s.invoice.needs_eway_bill):
        known = {bill.document_number: bill.number for bill in s.invoice.eway_bills}
        newest = sorted((b for b in bills if b["document_number"] in s.invoice.numbers), key=lambda b: b["issued_at"])
        theirs = {bill["document_number"]: bill["number"] for bill in newest}
        say.same(Kind.EWAY_BILL, s.id, "numbers", row=known, **{papers.issuer: theirs})
    for bill in bills:
        _of_its_document(papers, s, bill, say)


def _moved(papers: Papers, s: Shipment, at: float, bills: list[Entry], say: Findings) -> None:
    """By the clocks of the books: each part of the document that the goods moved with had an active one then."""
    for entry in papers.invoices_of(s):
        units = ((line["order_item_code"], line["quantity"]) for line in entry["lines"])
        if not _stood(entry, at) or not _needs(papers, units, papers.rates_on(s, entry)):
            continue
        for part in entry["parts"]:
            number = part["document_number"]
            if not any(b["document_number"] == number and _is_active(b, at) for b in bills):
                note = "handed over without an active e-way bill"
                say.wrong(Kind.EWAY_BILL, of(s.id, number), note, marketplace=at, **{papers.issuer: None})


def _of_its_document(papers: Papers, s: Shipment, bill: Entry, say: Findings) -> None:
    """It is for a part of one, alone, and is cancelled before that is voided."""
    number, place = bill["document_number"], of(s.id, bill["number"])
    documents = [e for e in papers.invoices_of(s) if number in {part["document_number"] for part in e["parts"]}]
    if not documents:
        say.wrong(Kind.EWAY_BILL, place, "for a document that is not there", **{papers.issuer: number})
    if bill["cancelled_at"] is not None:
        return
    if any(entry["status"] == VOIDED for entry in documents):
        say.wrong(Kind.EWAY_BILL, place, "active, and its document is voided", **{papers.issuer: number})
    active = [b["number"] for b in papers.eway_bills if b["document_number"] == number and b["cancelled_at"] is None]
    if len(active) > 1:
        say.wrong(Kind.EWAY_BILL, place, "more than one active", **{papers.issuer: active})


def _needs(papers: Papers, units: Iterable[tuple[str, int]], rates: Rates) -> bool:
    """The account asks for one, and the taxed goods are worth more than may move without."""
    asked, lines = papers.order.terms.eway_bill, papers.lines()
    taxed = (lines[code].unit_price * n for code, n in units if rates.get(code) and code in lines)
    return asked is not None and sum(taxed, Decimal(0)) > asked.above


def _stood(invoice: Entry, at: float) -> bool:
    issued, died = issued_at(invoice), died_at(invoice)
    return issued is not None and issued <= at + CLOCKS_DIFFER_BY and (died is None or died > at)


def _is_active(bill: Entry, at: float) -> bool:
    cancelled = bill["cancelled_at"]
    return bool(bill["issued_at"] <= at + CLOCKS_DIFFER_BY and (cancelled is None or cancelled > at))
