"""The B2B invoice of a shipment: what the row says, what the issuer's book has, and whether either is right."""

from datetime import date, datetime
from decimal import Decimal

from b2b2c_saga.model.documents import financial_year, irn
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Provider
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Findings, Kind, of, units_in, units_of
from b2b2c_saga.reconcile.money import rounded, worth, written
from b2b2c_saga.reconcile.papers import Papers, goes_to, is_within_state, parts_of, total_of

CLOCKS_DIFFER_BY = 0.001
"""Seconds: books keep their times to the millisecond or better, by clocks of one machine."""


def compare_invoice(papers: Papers, s: Shipment, say: Findings) -> None:
    """Exactly the document that the row knows of, and it says what the row says."""
    standing = papers.standing(s)
    if len(standing) > 1:
        say.wrong(
            Kind.TWO_LIVE_INVOICES, s.id, "one at most", **{papers.issuer: [e["document_number"] for e in standing]}
        )
    may_still_come = s.invoice_pending and not papers.is_closed
    if not may_still_come:
        number = standing[0]["document_number"] if standing else None
        ours = s.invoice.number if s.invoice.exists else None
        say.same(Kind.INVOICED, s.id, "document", row=ours, **{papers.issuer: number})
    for entry in standing[:1]:
        if s.invoice.exists:
            theirs = {papers.issuer: units_in(entry["lines"])}
            say.same_units(Kind.INVOICED, s.id, "units", row=units_of(s.invoice.quantities), **theirs)
            known = entry["registration"] if entry["registered_at"] is not None else None
            say.same(Kind.INVOICED, s.id, "registration", row=s.invoice.registration, **{papers.issuer: known})
    say.at_most(
        Kind.INVOICED,
        s.id,
        "more invoiced than was packed",
        ("invoiced", units_in(line for entry in standing for line in entry["lines"])),
        ("packed", units_of(s.quantities)),
    )
    for entry in papers.invoices_of(s):
        compare_document(papers, entry, "INV", say)
        _amounts(papers, entry, say)
        _split(papers, entry, say)


def compare_document(papers: Papers, entry: Entry, kind: str, say: Findings) -> None:
    """What invoice and credit note share: parties, provider, where the goods go, and the registry's numbers."""
    terms, place, issuer = papers.order.terms, of(entry["shipment_id"], entry["document_number"]), papers.issuer
    for side, party in (("seller", terms.client_x), ("buyer", terms.client_y)):
        ours = {name: getattr(party, name) for name in ("gstin", "legal_name", "account_code")}
        theirs = {name: entry[side].get(name) for name in ours}
        say.same(Kind.PARTIES, place, side, row=ours, **{issuer: theirs})
    if not goes_to(papers.order.recipient, entry["ship_to"]):
        say.wrong(Kind.PARTIES, place, "shipped to another region than the consumer's")
    say.same(Kind.PARTIES, place, "provider", row=terms.documents.provider.value, **{issuer: entry["provider"]})
    if terms.documents.provider is Provider.INDIA_INV01:
        year = financial_year(date.fromisoformat(entry["document_date"]))
        for part in entry["parts"]:
            due = irn(entry["seller"]["gstin"], year, kind, part["document_number"])
            say.same(Kind.PARTS, place, "IRN", due=due, **{issuer: part["registration"]})


def compare_totals(papers: Papers, entry: Entry, say: Findings) -> None:
    """Each part's total is what its lines come to, rounded as the provider has it; the document's is their sum."""
    lines, place, issuer = papers.lines(), of(entry["shipment_id"], entry["document_number"]), papers.issuer
    for part, of_part in parts_of(entry):
        prices = (
            lines[line["order_item_code"]].unit_price * line["quantity"]
            for line in of_part
            if line["order_item_code"] in lines
        )
        due = rounded(sum(prices, Decimal(0)), papers.order.terms.documents.round_total_to)
        say.same(Kind.MONEY, place, f"total of {part['document_number']}", due=due, **{issuer: Decimal(part["total"])})
    say.same(Kind.MONEY, place, "total", parts=total_of(entry), **{issuer: Decimal(entry["total"])})


def _amounts(papers: Papers, entry: Entry, say: Findings) -> None:
    """To the paisa, at the price and rate of intake, for as many units as the book has."""
    lines = papers.lines()
    for line in entry["lines"]:
        place = of(entry["shipment_id"], entry["document_number"], line["order_item_code"])
        taken = lines.get(line["order_item_code"])
        if taken is None:
            say.wrong(Kind.INVOICED, place, "a line that was never ordered", **{papers.issuer: line["quantity"]})
            continue
        if taken.sku not in line["sku"].split():  # what the issuer has is the description of the goods
            say.wrong(Kind.INVOICED, place, "SKU", row=taken.sku, **{papers.issuer: line["sku"]})
        due = worth(taken, range(line["quantity"]), within_state=is_within_state(entry))
        for name, ours, theirs in due.told(written(line)):
            say.same(Kind.MONEY, place, name, due=ours, **{papers.issuer: theirs})
    compare_totals(papers, entry, say)


def _split(papers: Papers, entry: Entry, say: Findings) -> None:
    """In as few parts as its lines need; the first bears the document's number, the nth that with n behind it."""
    number, most = entry["document_number"], papers.order.terms.documents.lines_at_most
    needed = -(-len(entry["lines"]) // most)
    due = [number if n == 1 else f"{number}{n}" for n in range(1, needed + 1)]
    found = [part["document_number"] for part in entry["parts"]]
    say.same(Kind.PARTS, of(entry["shipment_id"], number), "numbers of its parts", due=due, **{papers.issuer: found})
    for part, lines in parts_of(entry):
        if len(lines) > most:
            note = f"{most} lines at most"
            say.wrong(
                Kind.PARTS, of(entry["shipment_id"], part["document_number"]), note, **{papers.issuer: len(lines)}
            )


def compare_handovers(papers: Papers, s: Shipment, books: Books, say: Findings) -> None:
    """Seed 4.2, by the clocks of the books: registered first, handed over then."""
    if not s.invoice.needed:
        return
    first = min((e["registered_at"] for e in papers.invoices_of(s) if e["registered_at"] is not None), default=None)
    for entry in books.about("marketplace", "handovers", papers.order.key):
        left = datetime.fromisoformat(entry["handed_over_at"]).timestamp()
        if entry["shipment_id"] == s.id and (first is None or left + CLOCKS_DIFFER_BY < first):
            note = "handed over without a registered invoice"
            say.wrong(Kind.HANDED_OVER, s.id, note, marketplace=left, **{papers.issuer: first})
