"""The numbers of B2B documents, step 3.1: the brand's system keeps the series and is asked before anything is made.

A number is asked for under an idempotency key: asked again it is the same, so a silence is simply asked again. It is in
the row before the document is sent. Issuers that keep no series are not asked (`Numbers.DERIVED`).
"""

from dataclasses import replace
from datetime import datetime

from b2b2c_saga.model.documents import day_in_india
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.facts import Subject
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import CreditNoteNumberGiven, InvoiceNumberGiven
from b2b2c_saga.model.messages.commands import RequestCreditNoteNumber, RequestInvoiceNumber
from b2b2c_saga.model.messages.fiscal import DocumentType
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.prices import PriceBook
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.saga.steps import Step
from b2b2c_saga.steps.documents import (
    credit_parts_needed,
    document_stands,
    invoice_type,
    parts_needed,
    rates_on,
    set_aside,
    to_be_credited,
    too_late_to_credit,
)
from b2b2c_saga.steps.scopes import REVERSAL, REVERSAL_KNOWN, SHIPMENT, SHIPMENT_KNOWN, of_reversal, of_shipment

numbers = Step("numbers")


@numbers.learns(InvoiceNumberGiven, SHIPMENT_KNOWN)
@of_shipment
def invoice_number_given(s: Shipment, event: InvoiceNumberGiven, now: datetime) -> Shipment:
    """The first numbers for a document stay, so long as it is not registered under others."""
    known = s.invoice
    if known.given_for(event.invoice_attempt):
        return s
    given = tuple(sorted((*known.given, (event.invoice_attempt, event.numbers))))
    return replace(s, invoice=replace(known, given=given, order_number=known.order_number or event.order_number))


@numbers.gate(
    SHIPMENT,
    calls=True,
    issuer_keeps_a_series=lambda o, s: o.terms.numbers is Numbers.ISSUER,
    packed_for_the_b2b_sale=lambda o, s: s.b2b_packed,
    something_left_to_sell=lambda o, s: s.left,
    invoice_needed_and_none_registered=lambda o, s: not s.invoice.is_registered,
    a_new_document_begins=lambda o, s: s.invoice_begins,
    no_failure_to_be_put_right=lambda o, s: not s.invoice_failed,
)
def request_invoice_number(order: Order, s: Shipment, now: datetime, book: PriceBook) -> tuple[Shipment, list[Message]]:
    """Seed 3.1: the brand's system gives the numbers of order and invoice, before anything is made under them."""
    dated = s.invoice.number_asked_at or now
    try:
        kind = invoice_type(order, rates_on(order, s.left, day_in_india(dated), book))
    except BadInput:
        kind = DocumentType.INVOICE  # the registration will say what is wrong
    s = replace(s, invoice=replace(s.invoice, number_asked_at=dated, number_type=kind))
    return s, [
        RequestInvoiceNumber(
            account=order.account,
            order_code=order.code,
            issuer=order.terms.issuer,
            provider=order.terms.documents.provider,
            shipment_id=s.id,
            attempt=s.times("request_invoice_number") + 1,
            invoice_attempt=s.attempt + 1,
            seller_gstin=order.terms.client_x.gstin,
            document_type=kind,
            document_time=dated,
            count=parts_needed(order, s.left),
            revision=_asked_anew(s, "request_invoice_number"),
        )
    ]


@numbers.learns(CreditNoteNumberGiven, REVERSAL_KNOWN)
@of_reversal
def credit_note_number_given(r: Reversal, event: CreditNoteNumberGiven, now: datetime) -> Reversal:
    """The first numbers stay, but for those of a year that is over."""
    over = event.attempt <= r.outdated_at("request_credit_note_number")
    return r if over else replace(r, numbers=r.numbers or event.numbers)


@numbers.gate(
    REVERSAL,
    calls=True,
    issuer_keeps_a_series=lambda o, s, r: o.terms.numbers is Numbers.ISSUER,
    to_be_credited=to_be_credited,
    number_not_refused=lambda o, s, r: not r.is_refused("request_credit_note_number"),
    document_stands=document_stands,
    number_not_given_yet=lambda o, s, r: not r.numbers,
)
def request_credit_note_number(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """The credit note is numbered by the brand's system, too."""
    if too_late := too_late_to_credit(order, s, now):
        return set_aside(r, "request_credit_note_number", too_late)
    dated = r.dated or now
    return replace(r, dated=dated), [
        RequestCreditNoteNumber(
            account=order.account,
            order_code=order.code,
            issuer=order.terms.issuer,
            provider=order.terms.documents.provider,
            shipment_id=s.id,
            reversal=r.id,
            attempt=r.times("request_credit_note_number") + 1,
            seller_gstin=order.terms.client_x.gstin,
            document_type=DocumentType.CREDIT_NOTE,
            document_time=dated,
            count=credit_parts_needed(order, s, r),
            revision=_asked_anew(r, "request_credit_note_number"),
        )
    ]


def _asked_anew(subject: Subject, call: str) -> str | None:
    """What was put right is asked for under another key: an issuer may give the same wrong number to the old one."""
    return str(subject.fixed_at(call) or "") or None
