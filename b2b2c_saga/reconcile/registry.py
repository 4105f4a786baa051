"""What a registry knows of a document: its kind, its parties, where the goods go, and what it gave for each part."""

from datetime import UTC, date, datetime
from typing import Any

from b2b2c_saga.model.documents import day_in_india, financial_year, irn
from b2b2c_saga.model.messages.fiscal import RegisteredDocument
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Numbers, Provider
from b2b2c_saga.reconcile.books import Entry
from b2b2c_saga.reconcile.differences import Findings, Kind, of
from b2b2c_saga.reconcile.papers import BILL, Papers, goes_to, issued_at

GIVEN = ("registration", "ack_number", "ack_date", "signed_qr_code")
"""What is kept of a part's registration."""


def compare_document(papers: Papers, entry: Entry, say: Findings) -> None:
    """What invoice and credit note share: kind, parties, provider, where the goods go, and the registry's numbers."""
    terms, place, issuer = papers.order.terms, of(entry["shipment_id"], entry["document_number"]), papers.issuer
    for side, party in (("seller", terms.client_x), ("buyer", terms.client_y)):
        ours = {name: getattr(party, name) for name in ("gstin", "legal_name", "account_code")}
        theirs = {name: entry[side].get(name) for name in ours}
        say.same(Kind.PARTIES, place, side, row=ours, **{issuer: theirs})
    if not _sent_before_correction(papers, entry) and not goes_to(papers.order.recipient, entry["ship_to"]):
        say.wrong(Kind.PARTIES, place, "shipped to another region than the consumer's")
    say.same(Kind.PARTIES, place, "provider", row=terms.documents.provider.value, **{issuer: entry["provider"]})
    say.same(Kind.PARTIES, place, "type", due=_type(papers, entry), **{issuer: entry["type"]})
    for part in entry["parts"]:
        due, is_known = _registration(papers, entry, part["document_number"]), issued_at(entry) or part["registration"]
        if terms.documents.provider is Provider.INDIA_INV01 and is_known:
            say.same(Kind.PARTS, place, "IRN", due=due, **{issuer: part["registration"]})


def compare_registration(papers: Papers, s: Shipment, entry: Entry, say: Findings) -> None:
    """Of the invoice that the row says is registered; a bill of supply goes by its own numbers."""
    issuer, is_reported, issued = papers.issuer, papers.is_reported(entry), issued_at(entry) is not None
    say.same(Kind.INVOICED, s.id, "type", row=s.invoice.type.value, **{issuer: entry["type"]})
    known = entry["registration"] if is_reported else entry["document_number"]
    row = s.invoice.registration
    say.same(Kind.INVOICED, s.id, "registration", row=row, **{issuer: known if issued else None})
    if not s.invoice.documents and papers.order.terms.numbers is Numbers.DERIVED:
        return  # a row of a version that did not keep them
    ours = {one.number: _given(one) for one in s.invoice.documents}
    for part in entry["parts"]:
        number = part["document_number"]
        theirs = _told(part, is_reported=is_reported)
        for name, our in ours.get(number, dict.fromkeys(GIVEN)).items():
            if our != theirs[name]:
                is_long = name == "signed_qr_code"
                says = {} if is_long else {"row": our, issuer: theirs[name]}
                say.wrong(Kind.REGISTERED, of(s.id, number), name.replace("_", " "), **says)


def _type(papers: Papers, entry: Entry) -> str:
    """Goods that bear no tax go with a bill of supply, where the registry wants none of them."""
    if "preceding_document" in entry:
        return "CRN"
    s = papers.order.shipment(entry["shipment_id"])
    rates = papers.rates_on(s, entry) if s else {}
    return "INV" if any(rates.values()) or papers.order.terms.documents.exempt_reported or not rates else BILL


def _registration(papers: Papers, entry: Entry, number: str) -> str | None:
    """The IRN that is due."""
    if not papers.is_reported(entry):
        return None
    year, issued = financial_year(date.fromisoformat(entry["document_date"])), issued_at(entry)
    reported = day_in_india(datetime.fromtimestamp(issued, UTC)) if issued is not None else None
    return irn(entry["seller"]["gstin"], year, entry["type"], number, reported=reported)


def _given(one: RegisteredDocument) -> dict[str, Any]:
    return {name: getattr(one, name) for name in GIVEN}


def _told(part: Entry, *, is_reported: bool) -> dict[str, Any]:
    told = {name: part.get(name) for name in GIVEN}
    told["ack_date"] = told["ack_date"] and datetime.fromisoformat(told["ack_date"])
    return told if is_reported else told | {"registration": part["document_number"]}


def _sent_before_correction(papers: Papers, entry: Entry) -> bool:
    """The row knows which sendings went out before the consumer's address was put right: they may bear the old one."""
    s = papers.order.shipment(entry["shipment_id"])
    if s is None:
        return False
    if "preceding_document" not in entry:
        return entry["attempt"] in s.invoice.outdated
    r = s.reversal(entry["reversal"])
    return r is not None and "issue_credit_note" in dict(r.outdated)
