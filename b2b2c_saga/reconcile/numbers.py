"""The series that an issuer numbers documents by: no gap in it, and nothing unexplained about a number of it."""

from collections import Counter, defaultdict
from itertools import pairwise

from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Issuer, Numbers
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Difference, Findings, Kind, of
from b2b2c_saga.reconcile.fates import asked, borne, by_book, by_row
from b2b2c_saga.reconcile.papers import Papers


def compare_numbers(papers: Papers, say: Findings) -> None:
    """One order's: what the row knows is what the issuer gave, each number has its fate, each document its number."""
    issuer = papers.issuer
    if papers.order.terms.numbers is Numbers.DERIVED:
        for entry in papers.numbers:
            say.wrong(Kind.NUMBER, _place(entry), "a number that nobody asked for", **{issuer: entry["number"]})
        return
    given, known = {(asked(entry), entry["number"]): entry for entry in papers.numbers}, by_row(papers)
    for (asked_for, number), fate in known.items():
        if (asked_for, number) not in given:
            note = "the row has a number that was never given for it"
            say.wrong(Kind.NUMBER, of(asked_for[0], asked_for[1] or "", number), note, row=fate.value, **{issuer: None})
    for entry, explained in by_book(papers):
        if explained is None:
            row = known.get((asked(entry), entry["number"]))
            note = "given, and nothing explains what became of it" if row else "a number that the row doesn't know"
            say.wrong(Kind.NUMBER, _place(entry), note, row=row and row.value, **{issuer: entry["number"]})
    for document, number in borne(papers):
        _given_for_it(document, number, given.get((asked(document), number)), issuer, say)
    for s in papers.order.shipments:
        _order_number(papers, s, say)


def compare_series(books: Books) -> list[Difference]:
    """Of each seller, type and financial year: one number follows the other, and none is given twice."""
    found = []
    for issuer in Issuer:
        series: dict[tuple[str, ...], list[tuple[int, str, Entry]]] = defaultdict(list)
        for key, entries in books.entries.get((issuer, "numbers"), {}).items():
            for entry in entries:
                of_series = entry["seller_gstin"], entry["type"], entry["financial_year"]
                series[of_series].append((entry["serial"], key, entry))
        for named, numbers in sorted(series.items()):
            numbers.sort(key=lambda one: one[:2])
            name, times = " ".join((issuer, *named)), Counter(entry["number"] for *_, entry in numbers)
            for (before, _, last), (serial, key, entry) in pairwise(numbers):
                says = {"before": last["number"], "then": entry["number"]}
                if serial == before or times[entry["number"]] > 1:
                    found.append(Difference(Kind.NUMBER, key, _place(entry), says, f"{name}: given more than once"))
                elif serial > before + 1:
                    note = f"{name}: a gap, serials {before + 1} to {serial - 1}"
                    found.append(Difference(Kind.NUMBER, key, _place(entry), says, note))
    return found


def _given_for_it(document: Entry, number: str, entry: Entry | None, issuer: str, say: Findings) -> None:
    """To its seller, for such a document of this shipment, or of this reversal."""
    place = of(document["shipment_id"], document.get("reversal") or "", number)
    ours = document["type"], document["seller_gstin"]
    theirs = (entry["type"], entry["seller_gstin"]) if entry else None
    note = "a document bears a number that was not given for it"
    say.same(Kind.NUMBER, place, note, **{issuer: ours, "given_for": theirs})


def _order_number(papers: Papers, s: Shipment, say: Findings) -> None:
    """Of the order in the brand's system: one, on all sides."""
    known, issuer = s.invoice.order_number, papers.issuer
    given = {entry["order_number"] for entry in papers.numbers if asked(entry) == (s.id, None)}
    if s.invoice.given and known not in given:
        say.wrong(Kind.NUMBER, s.id, "order number", row=known, **{issuer: sorted(map(str, given))})
    for document in [*papers.invoices_of(s), *papers.notes_of(s)]:
        place = of(s.id, document["document_number"])
        say.same(Kind.NUMBER, place, "order number", row=known, **{issuer: document["order_number"]})


def _place(entry: Entry) -> str:
    return of(entry["shipment_id"], entry["reversal"] or "", entry["number"])
