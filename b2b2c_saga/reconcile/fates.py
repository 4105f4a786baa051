"""What became of the numbers that an issuer gave for documents.

It shows on either side. By the issuer's book: a document bears the number, alive or dead. By the row: it knows the
numbers that it was given, and of those that no document bears, what they wait for or why they are needed no more.
"""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.reconcile.books import Entry
from b2b2c_saga.reconcile.papers import REFUSED, Papers, is_standing, is_voided_by_us

For = tuple[str, str | None]
"""What a number was asked for: a shipment's invoice, or the credit note for one of its reversals."""


class Fate(StrEnum):
    """What became of a number that was given."""

    USED = "used"
    VOIDED = "voided"
    """Its document was voided, cancelled by hand, or taken back by the registry."""
    GIVEN_UP = "given up"
    """All that it was for was cancelled, or another number took its place."""
    OPEN = "open"
    """The row waits to use it."""


def by_row(papers: Papers) -> dict[tuple[For, str], Fate]:
    """Of every number that the row was given; a derived one was given by nobody."""
    fates: dict[tuple[For, str], Fate] = {}
    if papers.order.terms.numbers is Numbers.DERIVED:
        return fates
    for s in papers.order.shipments:
        for attempt, numbers in s.invoice.given:
            fates |= {((s.id, None), number): _of_invoice(s, attempt, number) for number in numbers}
        for r in s.reversals:
            fates |= {((s.id, r.id), number): _of_credit_note(s, r) for number in r.numbers}
    return fates


def by_book(papers: Papers) -> Iterator[tuple[Entry, Fate | None]]:
    """Of every number that the issuer gave: by the document that bears it, else by the row; None: unexplained."""
    known, bearing = by_row(papers), {_named(document, number): document for document, number in borne(papers)}
    unheard: Counter[For] = Counter()
    for entry in papers.numbers:
        asked_for, row = asked(entry), known.get((asked(entry), entry["number"]))
        document = bearing.get(_named(entry, entry["number"]))
        fate: Fate | None
        if row is None:
            unheard[asked_for] += 1
            is_one_of_them = document is None and unheard[asked_for] <= _most(papers, entry)
            fate = _awaited(papers, *asked_for) if is_one_of_them else None
        elif document is not None and document["status"] != REFUSED:
            fate = Fate.USED if is_standing(document) and not is_voided_by_us(document) else Fate.VOIDED
        elif row is Fate.VOIDED and _is_spare(papers, entry):
            fate = Fate.GIVEN_UP
        else:
            fate = row if row in {Fate.GIVEN_UP, Fate.OPEN} else None
        yield entry, None if fate is Fate.OPEN and papers.is_closed else fate


def borne(papers: Papers) -> Iterator[tuple[Entry, str]]:
    """Each document with the number of each part."""
    for document in [*papers.invoices, *papers.notes]:
        yield from ((document, part["document_number"]) for part in document["parts"])


def asked(entry: Entry) -> For:
    """What a number was asked for, or a document is for."""
    return entry["shipment_id"], entry.get("reversal")


def _of_invoice(s: Shipment, attempt: int, number: str) -> Fate:
    """By its registrations: from the one it was given for until that of the next number."""
    invoice = s.invoice
    if attempt > s.attempt:
        return Fate.GIVEN_UP if invoice.exists or not s.left else Fate.OPEN
    if attempt == invoice.first_attempt and number not in invoice.numbers:
        return Fate.GIVEN_UP  # less was left when the document began, in fewer parts
    later = min((a for a, _ in invoice.given if attempt < a <= s.attempt), default=s.attempt + 1)
    if any(attempt <= revoked < later for revoked in invoice.revoked):
        return Fate.VOIDED
    if attempt != invoice.first_attempt:
        return Fate.GIVEN_UP
    if invoice.exists:
        return Fate.VOIDED if any(r.undone_by == invoice.number for r in s.reversals) else Fate.USED
    return Fate.GIVEN_UP if s.no_invoice_comes and not s.left else Fate.OPEN


def _of_credit_note(s: Shipment, r: Reversal) -> Fate:
    if r.undone_by in r.numbers:
        return Fate.USED
    return Fate.GIVEN_UP if s.nothing_fiscal_left(r) else Fate.OPEN


def _awaited(papers: Papers, shipment_id: str, reversal: str | None) -> Fate | None:
    """Asked for, and the answer not heard: it may have come to be needed no more. None: nobody asked."""
    s = papers.order.shipment(shipment_id)
    if s is None:
        return None
    if reversal is None:
        waits = s.invoice.number_asked_at is not None and not s.invoice.given_for(s.attempt + 1)
        return None if not waits else Fate.GIVEN_UP if s.invoice.exists or not s.left else Fate.OPEN
    r = s.reversal(reversal)
    if r is None or r.numbers or not r.has("request_credit_note_number"):
        return None
    return Fate.GIVEN_UP if s.nothing_fiscal_left(r) else Fate.OPEN


def _is_spare(papers: Papers, entry: Entry) -> bool:
    """Its document began when less was left, in fewer parts than it was asked for: another of its numbers is borne."""
    s, found = papers.order.shipment(entry["shipment_id"]), {number for _, number in borne(papers)}
    given = next((numbers for _, numbers in s.invoice.given if entry["number"] in numbers), ()) if s else ()
    return entry["number"] not in found and not found.isdisjoint(given)


def _most(papers: Papers, entry: Entry) -> int:
    """Numbers that one document of a shipment's lines needs."""
    s = papers.order.shipment(entry["shipment_id"])
    lines = len(list(s.quantities)) if s else 0
    return -(-lines // papers.order.terms.documents.lines_at_most)


def _named(entry: Entry, number: str) -> tuple[str, str | None, str, str]:
    return *asked(entry), entry["type"], number
