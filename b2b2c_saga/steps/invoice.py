"""The B2B invoice, steps 3.1 to 3.3 and 4.1: Client X sells to Client Y before the parcel may leave.

Acknowledged (the ERP's 200) lets the pack go on; registered (the e-invoice is created) lets the handover go on. No
answer is no error but a state of the document: UNKNOWN, which is looked up.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import (
    InvoiceAcknowledged,
    InvoiceNotFound,
    InvoicePending,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceUnanswered,
)
from b2b2c_saga.model.messages.commands import CancelOnMarketplace, LookUpInvoice, RegisterInvoice
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Invoice, Shipment
from b2b2c_saga.saga.steps import After, Step
from b2b2c_saga.steps.documents import document_lines, document_number, line_quantities, total
from b2b2c_saga.steps.scopes import ORDER, SHIPMENT, SHIPMENT_KNOWN, Merge, first, heard_nothing, of_shipment

invoice = Step("invoice")


def _of_invoice(**facts: Any) -> Merge:  # noqa: ANN401 - functions (invoice, event, now) -> fact, by field
    return of_shipment(
        lambda s, e, now: replace(
            s, invoice=replace(s.invoice, **{name: of(s.invoice, e, now) for name, of in facts.items()})
        )
    )


invoice.learns(InvoiceAcknowledged, SHIPMENT_KNOWN)(
    _of_invoice(acknowledged=lambda i, e, now: i.acknowledged | {e.attempt})
)
NO_B2B_LEG: dict[str, Callable[..., Any]] = {
    "no invoice is needed on this channel": lambda o, e: (
        (s := o.shipment(e.shipment_id)) is not None and not s.invoice.needed
    )
}

invoice.learns(InvoiceRegistered, SHIPMENT_KNOWN, refused_when=NO_B2B_LEG)(
    _of_invoice(
        registered_at=lambda i, e, now: first(i.registered_at, now),
        registration=lambda i, e, now: i.registration or e.registration,
    )
)
invoice.learns(InvoiceRefused, SHIPMENT_KNOWN)(
    _of_invoice(refused=lambda i, e, now: i.refused | {e.attempt}, refusal=lambda i, e, now: i.refusal or e.reason)
)
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


@invoice.gate(
    SHIPMENT,
    times=lambda o, s: 1 + len(s.invoice.not_found),
    something_left_to_sell=lambda o, s: s.left,
    invoice_needed_and_not_known_yet=lambda o, s: s.invoice_pending,
)
def register_invoice(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """Seed 3.1 to 3.3. The number is in the row before anything is sent; a resend carries the same one."""
    number = s.invoice.number or document_number("B", order.key, s.id)
    dated = s.invoice.dated or now
    lines = document_lines(order, s.quantities)
    asked = replace(s, invoice=replace(s.invoice, number=number, dated=dated, asked_at=now, looked_up_at=None))
    return asked, [
        RegisterInvoice(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            attempt=s.attempt + 1,
            document_number=number,
            document_time=dated,
            seller=order.terms.client_x,
            buyer=order.terms.client_y,
            lines=lines,
            total=total(lines),
            recipient=order.recipient,
        )
    ]


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
    invoice_needed_and_not_known_yet=lambda o, s: s.invoice_pending,
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
    return replace(s, invoice=asked), [
        LookUpInvoice(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            attempt=look_up,
            invoice_attempt=s.attempt,
            document_number=s.invoice.number or "",
        )
    ]


@invoice.gate(
    ORDER,
    calls=True,
    dispatch_is_overdue=After(lambda o: o.dispatch_by, lambda o: timedelta(0)),
    an_invoice_was_refused=lambda o: any(s.invoice_refused and s.left for s in o.shipments),
)
def cancel_on_marketplace(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """The promise to the consumer can't be kept: seller-cancel of all that is not leaving.

    The marketplace answers with a cancellation. It knows quantities, not shipments: what is still here goes together.
    """
    return order, [
        CancelOnMarketplace(
            account=order.account,
            order_code=order.code,
            attempt=order.times("cancel_on_marketplace") + 1,
            items=line_quantities(order.not_leaving),
            reason="the B2B invoice was refused and the dispatch is overdue",
        )
    ]
