"""The B2B invoice of a shipment: what the row says, what the issuer's book has, and whether either is right."""

from datetime import datetime
from decimal import Decimal

from b2b2c_saga.model.order import Line
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Findings, Kind, of, units_in, units_of
from b2b2c_saga.reconcile.money import rounded, worth, written
from b2b2c_saga.reconcile.papers import CLOCKS_DIFFER_BY, Papers, is_within_state, issued_at, parts_of, total_of
from b2b2c_saga.reconcile.rates import compare_rates
from b2b2c_saga.reconcile.registry import compare_document, compare_registration


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
            compare_registration(papers, s, entry, say)
    say.at_most(
        Kind.INVOICED,
        s.id,
        "more invoiced than was packed",
        ("invoiced", units_in(line for entry in standing for line in entry["lines"])),
        ("packed", units_of(s.quantities)),
    )
    for entry in papers.invoices_of(s):
        compare_document(papers, entry, say)
        compare_rates(papers, s, entry, say)
        _amounts(papers, s, entry, say)
        _split(papers, s, entry, say)


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


def _amounts(papers: Papers, s: Shipment, entry: Entry, say: Findings) -> None:
    """To the paisa, at the price of intake and the document's rates, for as many units as the book has."""
    lines, rates = papers.lines(), papers.rates_on(s, entry)
    for line in entry["lines"]:
        code, units = line["order_item_code"], range(line["quantity"])
        place = of(entry["shipment_id"], entry["document_number"], code)
        taken = lines.get(code)
        if taken is None:
            say.wrong(Kind.INVOICED, place, "a line that was never ordered", **{papers.issuer: line["quantity"]})
            continue
        _goods(taken, line, place, papers.issuer, say)
        if code in rates:
            due = worth(taken.unit_price, rates[code], units, within_state=is_within_state(entry))
            for name, ours, theirs in due.told(written(line)):
                say.same(Kind.MONEY, place, name, due=ours, **{papers.issuer: theirs})
    compare_totals(papers, entry, say)


def _goods(taken: Line, line: Entry, place: str, issuer: str, say: Findings) -> None:
    """What is sold, as far as such a document tells: SKU, HSN code and the product's name."""
    for name, known in {"sku": taken.sku, "hsn_code": taken.hsn}.items():
        if line.get(name) is not None:
            say.same(Kind.INVOICED, place, name.replace("_", " "), row=known, **{issuer: line[name]})
    described = line["description"]
    if taken.name and _letters(taken.name) != _letters(described):
        say.wrong(Kind.INVOICED, place, "description", row=taken.name, **{issuer: described})


def _letters(text: str) -> list[str]:
    """All that counts of a name: a registry takes no quotation marks, so they are written otherwise there."""
    return [character for character in text if character.isalnum()]


def _split(papers: Papers, s: Shipment, entry: Entry, say: Findings) -> None:
    """In as few parts as its lines need, under the numbers that the row has for it."""
    number, most = entry["document_number"], papers.order.terms.documents.lines_at_most
    needed = -(-len(entry["lines"]) // most)
    found = [part["document_number"] for part in entry["parts"]]
    if (ours := _numbers(papers, s, number)) is not None:
        due = list(ours[:needed])
        say.same(Kind.PARTS, of(s.id, number), "numbers of its parts", row=due, **{papers.issuer: found})
    else:
        say.same(Kind.PARTS, of(s.id, number), "parts", due=needed, **{papers.issuer: len(found)})
    for part, lines in parts_of(entry):
        if len(lines) > most:
            place, note = of(s.id, part["document_number"]), f"{most} lines at most"
            say.wrong(Kind.PARTS, place, note, **{papers.issuer: len(lines)})


def _numbers(papers: Papers, s: Shipment, number: str) -> tuple[str, ...] | None:
    """All that begin with that one; None: of a dead document whose numbers were derived the row doesn't know them."""
    if number == s.invoice.number:
        return s.invoice.numbers
    if papers.order.terms.numbers is Numbers.DERIVED:
        return None
    return next((given for _, given in s.invoice.given if given[0] == number), (number,))


def compare_handovers(papers: Papers, s: Shipment, books: Books, say: Findings) -> None:
    """Seed 4.2, by the clocks of the books: registered (a bill of supply: issued) first, handed over then."""
    if not s.invoice.needed:
        return
    first = min((at for entry in papers.invoices_of(s) if (at := issued_at(entry)) is not None), default=None)
    for entry in books.about("marketplace", "handovers", papers.order.key):
        left = datetime.fromisoformat(entry["handed_over_at"]).timestamp()
        if entry["shipment_id"] == s.id and (first is None or left + CLOCKS_DIFFER_BY < first):
            note = "handed over without a registered invoice"
            say.wrong(Kind.HANDED_OVER, s.id, note, marketplace=left, **{papers.issuer: first})
