"""Tax rates of documents: no book tells which were in force that day, but a document must agree with itself."""

from collections import defaultdict
from decimal import Decimal

from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Provider
from b2b2c_saga.reconcile.books import Entry
from b2b2c_saga.reconcile.differences import Findings, Kind, of
from b2b2c_saga.reconcile.papers import Papers, rates_in

EXISTING = frozenset(map(Decimal, ("0", "0.1", "0.25", "1", "1.5", "3", "5", "6", "7.5", "12", "18", "28", "40")))
"""Percent: the rates of GST that there are."""


def compare_rates(papers: Papers, s: Shipment, document: Entry, say: Findings) -> None:
    """Of an invoice, or of the credit note for one."""
    place, issuer, theirs = of(document["shipment_id"], document["document_number"]), papers.issuer, rates_in(document)
    ours = papers.rates_on(s, document)
    for code, rate in theirs.items():
        if papers.order.terms.documents.provider is Provider.INDIA_INV01 and rate not in EXISTING:
            say.wrong(Kind.RATE, of(place, code), "there is no such rate", **{issuer: rate})
        if code in ours:
            say.same(Kind.RATE, of(place, code), "that of the invoice", invoice=ours[code], **{issuer: rate})
    alike = defaultdict(set)
    for code, line in papers.lines().items():
        if code in theirs:
            alike[line.hsn, line.unit_price].add(theirs[code])
    for (hsn, price), rates in alike.items():
        if len(rates) > 1:
            note = f"one rate for HSN {hsn} at {price}"
            say.wrong(Kind.RATE, place, note, **{issuer: sorted(rates)})
