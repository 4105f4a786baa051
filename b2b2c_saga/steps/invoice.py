"""The B2B invoice, steps 3.1 to 3.3 and 4.1: Client X sells to Client Y before the parcel may leave.

Acknowledged (the ERP's 200) lets the pack go on; registered (the e-invoice is created) lets the handover go on. No
answer is no error but a state of the document: UNKNOWN, which is looked up.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from b2b2c_saga.model.documents import day_in_india
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.invoice import Invoice
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import (
    InvoiceAcknowledged,
    InvoiceDiffers,
    InvoiceNotFound,
    InvoicePending,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceRevoked,
    InvoiceStepRefused,
    InvoiceUnanswered,
)
from b2b2c_saga.model.messages.commands import LookUpInvoice, RegisterInvoice
from b2b2c_saga.model.messages.upstream import InvoiceFixed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.prices import PriceBook
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.saga.steps import After, Refuses, Step, Wrong
from b2b2c_saga.steps.documents import (
    Rates,
    ask_for_another_number,
    begin_document,
    invoice_of,
    invoice_type,
    is_of_another_series,
    is_too_old,
    needs_eway_bill,
    rates_on,
    revision,
    total,
    transport,
)
from b2b2c_saga.steps.scopes import SHIPMENT, SHIPMENT_KNOWN, Merge, first, heard_nothing, of_shipment

invoice = Step("invoice")
REGISTRATION = RegisterInvoice.call()


def _of_invoice(**facts: Any) -> Merge:  # noqa: ANN401 - functions (invoice, event, now) -> fact, by field
    return of_shipment(
        lambda s, e, now: replace(
            s, invoice=replace(s.invoice, **{name: of(s.invoice, e, now) for name, of in facts.items()})
        )
    )


invoice.learns(InvoiceAcknowledged, SHIPMENT_KNOWN)(
    _of_invoice(acknowledged=lambda i, e, now: i.acknowledged | {e.attempt})
)
NO_B2B_LEG: dict[str, Refuses] = {
    "no invoice is needed on this channel": lambda o, e, now: (
        Wrong("shipmentId", e.shipment_id, "the channel does not run on the B2B2C model")
        if (s := o.shipment(e.shipment_id)) is not None and not s.invoice.needed
        else None
    )
}


@invoice.learns(InvoiceRegistered, SHIPMENT_KNOWN, refused_when=NO_B2B_LEG)
@of_shipment
def invoice_registered(s: Shipment, event: InvoiceRegistered, now: datetime) -> Shipment:
    """The e-invoice is created. News of a dead number is no news."""
    if event.attempt < s.invoice.first_attempt:
        return s
    known = s.invoice
    registered = replace(
        known,
        registered_at=first(known.registered_at, now),
        registration=known.registration or event.registration,
        documents=known.documents or event.documents,
        eway_bills=known.eway_bills or event.eway_bills,
    )
    return replace(s, invoice=registered)


def _failing(name: str) -> Merge:
    return _of_invoice(
        **{name: lambda i, e, now: getattr(i, name) | {e.attempt}},
        problem=lambda i, e, now: i.problem if e.attempt in getattr(i, name) else e.reason,  # the last one counts
    )


invoice.learns(InvoiceRefused, SHIPMENT_KNOWN)(_failing("refused"))
invoice.learns(InvoiceDiffers, SHIPMENT_KNOWN)(_failing("differs"))
invoice.learns(InvoiceRevoked, SHIPMENT_KNOWN)(_failing("revoked"))


@invoice.learns(InvoiceStepRefused, SHIPMENT_KNOWN)
@of_shipment
def invoice_step_refused(s: Shipment, event: InvoiceStepRefused, now: datetime) -> Shipment:
    """No number, or no e-way bill, until somebody puts it right."""
    if event.attempt <= s.refused_at(event.call):
        return s
    refused = s.having_been_refused(event.call, event.attempt)
    return replace(refused, invoice=replace(s.invoice, problem=event.reason))


def _has_failed(order: Order, event: InvoiceFixed) -> bool:
    s = order.shipment(event.shipment_id)
    if s is None:
        return False
    if event.call == REGISTRATION:
        return event.attempt in s.invoice.failures(s.attempt) | s.invoice.fixed
    return s.refused_at(event.call) >= event.attempt


@invoice.learns(InvoiceFixed, waits_for={"invoice refused, contradicted or revoked": _has_failed})
@of_shipment
def invoice_fixed(s: Shipment, event: InvoiceFixed, now: datetime) -> Shipment:
    """It may be sent again, or be asked for again."""
    if event.call != REGISTRATION:
        return s.having_been_fixed(event.call, event.attempt)
    return replace(s, invoice=replace(s.invoice, fixed=s.invoice.fixed | {event.attempt}))


invoice.learns(InvoicePending, SHIPMENT_KNOWN)(
    _of_invoice(look_ups_answered=lambda i, e, now: max(i.look_ups_answered, e.look_up))
)
invoice.learns(InvoiceNotFound, SHIPMENT_KNOWN)(
    _of_invoice(
        look_ups_answered=lambda i, e, now: max(i.look_ups_answered, e.look_up),
        not_found=lambda i, e, now: i.not_found | {e.attempt},
        last_chance_missed=lambda i, e, now: i.last_chance_missed or e.look_up == i.last_chance,
    )
)
invoice.learns(InvoiceUnanswered, SHIPMENT_KNOWN)(of_shipment(heard_nothing))


def _due(order: Order, s: Shipment) -> bool:
    """The first registration, or another after one that was not found, or whose failure was put right."""
    return not s.attempt or s.attempt in s.invoice.not_found or s.invoice_came_to_nothing


@invoice.gate(
    SHIPMENT,
    times=lambda o, s: s.attempt + _due(o, s),
    packed_for_the_b2b_sale=lambda o, s: s.b2b_packed,
    something_left_to_sell=lambda o, s: s.left,
    invoice_needed_and_none_registered=lambda o, s: not s.invoice.is_registered,
    no_failure_to_be_put_right=lambda o, s: not s.invoice_failed,
    number_known=lambda o, s: (
        o.terms.numbers is Numbers.DERIVED or not s.invoice_begins or s.invoice.given_for(s.attempt + 1)
    ),
)
def register_invoice(order: Order, s: Shipment, now: datetime, book: PriceBook) -> tuple[Shipment, list[Message]]:
    """Seed 3.2 and 3.3. The number is in the row before anything is sent; a resend carries the same one.

    Only a dead number is replaced: one that another document bears, or whose document the registry took back. A
    document that became too old to be reported gets the date, and the rates, of today.
    """
    attempt, begins = s.attempt + 1, s.invoice_begins
    dated = (s.invoice.number_asked_at if begins else s.invoice.dated) or now
    late = is_too_old(order, dated, now)
    due = now if late else dated
    if begins or late or not s.invoice.rates:
        try:
            rates = rates_on(order, s.left if begins else s.invoice.quantities, day_in_india(due), book)
        except BadInput as unknown:
            return _refused_by_ourselves(s, attempt, str(unknown)), []
        if is_of_another_series(order, s, rates, dated, due):
            return ask_for_another_number(s), []
        s = begin_document(order, s, rates, due) if begins else _told_anew(order, s, rates, due)
    s = _asked(s, now)
    documents = invoice_of(order, s)
    needs = needs_eway_bill(order, documents)
    s = replace(s, invoice=replace(s.invoice, needs_eway_bill=needs))
    return s, [
        RegisterInvoice(
            account=order.account,
            order_code=order.code,
            issuer=order.terms.issuer,
            provider=order.terms.documents.provider,
            shipment_id=s.id,
            attempt=attempt,
            document_number=documents[0].number,
            document_time=documents[0].dated,
            seller=order.terms.client_x,
            buyer=order.terms.client_y,
            documents=documents,
            total=total(documents),
            order_number=s.invoice.order_number,
            transport=transport(order) if needs else None,
            revision=revision(order, s.invoice.redated),
            recipient=order.recipient,
        )
    ]


def _refused_by_ourselves(s: Shipment, attempt: int, reason: str) -> Shipment:
    """Nothing is sent: it stops as if it had been refused, and somebody must look."""
    known = s.invoice
    return replace(s, invoice=replace(known, refused=known.refused | {attempt}, problem=reason))


def _told_anew(order: Order, s: Shipment, rates: Rates, due: datetime) -> Shipment:
    """The same document, of the day it is due."""
    known = s.invoice
    redated = known.redated + (due != known.dated)
    return replace(s, invoice=replace(known, type=invoice_type(order, rates), rates=rates, dated=due, redated=redated))


def _asked(s: Shipment, now: datetime) -> Shipment:
    asked = replace(
        s.invoice,
        asked_at=now,
        looked_up_at=None,
        look_ups_answered=s.times("look_up_invoice"),  # whatever was looked up before was another attempt
        looked_up_for_handover=s.handover_asked,  # the answer to this is the news that the parcel waits for
    )
    return replace(s, invoice=asked)


def _look_up_patience(order: Order, s: Shipment) -> timedelta:
    patience = order.terms.patience
    return patience.late_effect if s.attempt in s.invoice.not_found else patience.answer


def _worth_a_look_up(order: Order, s: Shipment) -> bool:
    """The ERP was silent, or the parcel is about to leave, and it was not asked since."""
    silent = s.unanswered("register_invoice") >= s.attempt > s.invoice.looked_up_attempt
    return silent or (
        s.handover_asked and not s.invoice.looked_up_for_handover and s.attempt not in s.invoice.not_found
    )


@invoice.gate(
    SHIPMENT,
    times=lambda o, s: 1 + max(s.invoice.look_ups_answered, s.unanswered("look_up_invoice")),
    invoice_asked_for_and_no_news_of_it=lambda o, s: s.invoice_pending,
    a_late_effect_can_still_come=lambda o, s: not s.invoice.last_chance_missed,
    no_news_for_long=After(lambda o, s: s.invoice.asked_last, _look_up_patience, or_if=_worth_a_look_up),
)
def look_up_invoice(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """Seed 4.1: ask what became of it, before anything else; never a second number.

    An attempt that was not found is resent while something is left to sell. Else it is looked up once more when even a
    late effect must have come: an invoice that nobody knows of would never be reversed.
    """
    look_up = s.times("look_up_invoice") + 1
    asked: Invoice = replace(
        s.invoice,
        looked_up_at=now,
        looked_up_attempt=s.attempt,
        looked_up_for_handover=s.handover_asked,
        last_chance=look_up if s.attempt in s.invoice.not_found else 0,
    )
    documents = invoice_of(order, s)
    return replace(s, invoice=asked), [
        LookUpInvoice(
            account=order.account,
            order_code=order.code,
            issuer=order.terms.issuer,
            provider=order.terms.documents.provider,
            shipment_id=s.id,
            attempt=look_up,
            invoice_attempt=s.attempt,
            document_type=s.invoice.type,
            document_number=documents[0].number,
            document_time=documents[0].dated,
            seller_gstin=order.terms.client_x.gstin,
            buyer_gstin=order.terms.client_y.gstin,
            total=total(documents),
            recipient=order.recipient,
        )
    ]
