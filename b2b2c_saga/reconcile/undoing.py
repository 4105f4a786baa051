"""What undid the B2B documents: voids and credit notes, in units and in rupees, and what stayed sold in the end."""

from collections.abc import Iterable

from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.reconcile.books import Entry
from b2b2c_saga.reconcile.differences import Findings, Kind, of, units_in, units_of
from b2b2c_saga.reconcile.invoices import compare_totals
from b2b2c_saga.reconcile.money import Amounts, worth, written
from b2b2c_saga.reconcile.papers import (
    CLOCKS_DIFFER_BY,
    VOIDED,
    Papers,
    died_at,
    is_voided_by_us,
    is_within_state,
    issued_at,
    notes_for,
    undone_of,
)
from b2b2c_saga.reconcile.rates import compare_rates
from b2b2c_saga.reconcile.registry import compare_document


def compare_undoing(papers: Papers, s: Shipment, say: Findings) -> None:
    """All of a shipment's documents, all its reversals."""
    for r in s.reversals:
        _undone_for(papers, s, r, say)
    _nothing_else(papers, s, say)
    for invoice in papers.invoices_of(s):
        _never_more_than_invoiced(papers, invoice, say)
    _stayed_sold(papers, s, say)


def _undone_for(papers: Papers, s: Shipment, r: Reversal, say: Findings) -> None:
    """The document that undid the invoice for one reversal: named by the row, and there in the issuer's book."""
    place, issuer = of(s.id, r.id), papers.issuer
    notes = [note for note in papers.notes_of(s) if note["reversal"] == r.id]
    voided = [e["document_number"] for e in papers.invoices_of(s) if is_voided_by_us(e) and e["voided_for"] == r.id]
    found = sorted(voided + [note["document_number"] for note in notes])
    asked = r.has("void_invoice") or r.has("issue_credit_note")
    if r.undone_by is None:
        if found and not asked:
            say.wrong(Kind.REVERSED, place, "undone, and the row doesn't know", row=None, **{issuer: found})
        return
    say.same(Kind.REVERSED, place, "undone by", row=[r.undone_by], **{issuer: found})
    for note in notes:
        theirs = units_in(note["lines"])
        say.same_units(Kind.REVERSED, place, "credited", row=units_of(r.quantities), **{issuer: theirs})
        allowed = [e["document_number"] for e in papers.dead(s)] if r.not_invoiced else [s.invoice.number]
        if note["preceding_document"] not in allowed:
            why = "credits another document than the one it was invoiced with"
            say.wrong(Kind.REVERSED, place, why, row=allowed, **{issuer: note["preceding_document"]})
        compare_document(papers, note, say)
        compare_rates(papers, s, note, say)
        _amounts(papers, s, r, note, say)
        _parts(papers, r, note, say)


def _amounts(papers: Papers, s: Shipment, r: Reversal, note: Entry, say: Findings) -> None:
    """At the price and rate of the invoice: for those of its units that follow the ones credited before."""
    lines, rates = papers.lines(), papers.rates_on(s, note)
    for line in note["lines"]:
        code, units = line["order_item_code"], line["quantity"]
        before = r.credited_before[code]
        if code in lines and code in rates:
            these, within = range(before, before + units), is_within_state(note)
            due = worth(lines[code].unit_price, rates[code], these, within_state=within)
            for name, ours, theirs in due.told(written(line)):
                place = of(note["shipment_id"], note["document_number"], code)
                say.same(Kind.MONEY, place, name, due=ours, **{papers.issuer: theirs})
    compare_totals(papers, note, say)


def _parts(papers: Papers, r: Reversal, note: Entry, say: Findings) -> None:
    """A part of a credit note undoes lines of one part of the invoice, no other part does; the row has its number."""
    place, parts = of(note["shipment_id"], note["document_number"]), [p["document_number"] for p in note["parts"]]
    say.same(Kind.PARTS, place, "numbers of its parts", row=list(r.numbers), **{papers.issuer: parts})
    invoice = papers.invoice(note["preceding_document"])
    if invoice is None:
        return
    part_of = {line["order_item_code"]: line["document_number"] for line in invoice["lines"]}
    pairs = {(line["document_number"], part_of.get(line["order_item_code"])) for line in note["lines"]}
    undone = sorted({str(part) for _, part in pairs})
    if {len(pairs), len({part for part, _ in pairs}), len(parts)} != {len(undone)}:
        why = "a part for each part of the invoice that it undoes something of"
        say.wrong(Kind.PARTS, place, why, undone=undone, **{papers.issuer: parts})


def _nothing_else(papers: Papers, s: Shipment, say: Findings) -> None:
    known = {r.id for r in s.reversals}
    for note in papers.notes_of(s):
        place = of(s.id, note["reversal"])
        if note["reversal"] not in known:
            why = "a credit note for a reversal that we don't know"
            say.wrong(Kind.REVERSED, place, why, row=None, **{papers.issuer: note["document_number"]})
    for entry in papers.invoices_of(s):
        if (
            entry["status"] == VOIDED
            and not is_voided_by_us(entry)
            and s.invoice.exists
            and entry["document_number"] == s.invoice.number
        ):
            say.wrong(Kind.REVERSED, s.id, "cancelled by hand, and the row doesn't know", **{papers.issuer: VOIDED})
        elif is_voided_by_us(entry) and entry["voided_for"] not in known:
            why = "voided for a reversal that we don't know"
            say.wrong(Kind.REVERSED, of(s.id, entry["voided_for"]), why, row=None, **{papers.issuer: VOIDED})


def _never_more_than_invoiced(papers: Papers, invoice: Entry, say: Findings) -> None:
    """Over all credit notes, line by line: never above the invoice, and equal to it once all units came back."""
    place = of(invoice["shipment_id"], invoice["document_number"])
    notes, died = notes_for(invoice, papers.notes), died_at(invoice)
    for note in notes:
        at, says = issued_at(note), {papers.issuer: note["document_number"]}
        if is_voided_by_us(invoice):
            say.wrong(Kind.CREDITED, place, "voided and credited", **says)
        elif died is not None and at is not None and at > died + CLOCKS_DIFFER_BY:
            say.wrong(Kind.CREDITED, place, "credited when it was dead already", **says)
    credited = _by_line(line for note in notes for line in note["lines"])
    invoiced = _by_line(invoice["lines"])
    for code, undone in sorted(credited.items()):
        known = invoiced.get(code)
        if known is None:
            say.wrong(Kind.CREDITED, of(place, code), "credited, and never invoiced", **{papers.issuer: undone.units})
            continue
        for name, ours, theirs in known.told(undone):
            if theirs > ours or (undone.units == known.units and theirs != ours):
                why = f"{name}: never above the invoice, and equal to it when all came back"
                say.wrong(Kind.CREDITED, of(place, code), why, invoiced=ours, credited=theirs)


def _by_line(lines: Iterable[Entry]) -> dict[str, Amounts]:
    sums: dict[str, Amounts] = {}
    for line in lines:
        code, amounts = line["order_item_code"], written(line)
        sums[code] = sums[code] + amounts if code in sums else amounts
    return sums


def _stayed_sold(papers: Papers, s: Shipment, say: Findings) -> None:
    """At the end: invoiced - credited - voided, by the book, are the units that stayed sold, by the row."""
    if not papers.is_closed or not s.invoice.needed:
        return
    books = units_of(())
    for invoice in papers.standing(s):
        books.update(units_in(invoice["lines"]))
        books.subtract(undone_of(invoice, papers.notes))
    say.same_units(
        Kind.STAYED_SOLD, s.id, "invoiced - credited - voided", row=units_of(s.left), **{papers.issuer: books}
    )
