"""Registering B2B invoices, and looking them up (seed 3.2, 3.3, 4.1).

A payload that breaks a rule is never sent. A number that the registry has already (its error 2150) is looked up: the
document is ours if buyer and total are, and order and shipment, where it is known whose it is.
"""

from http import HTTPStatus
from typing import Any

from b2b2c_saga.connectors.documents import body_of, why_not
from b2b2c_saga.connectors.exchange import Conversation, Request, names_of, short
from b2b2c_saga.connectors.registrations import registered
from b2b2c_saga.connectors.told import Told, ask_look_up, difference, hear_told, told_or_adopted
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    InvoiceAcknowledged,
    InvoiceDiffers,
    InvoiceNotFound,
    InvoicePending,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceRevoked,
)
from b2b2c_saga.model.messages.commands import LookUpInvoice, RegisterInvoice

UNKNOWN_DOCUMENT = "UNKNOWN_DOCUMENT"


def register(command: RegisterInvoice) -> Conversation:
    """Seed 3.2 and 3.3: the 200 says that the B2C sale may go on; registered may come with it, or later."""
    about = _invoice(command, command.attempt)
    try:
        body = body_of(command, "attempt", "order_number", "transport")
    except BadInput as wrong:
        return (InvoiceRefused(**about, reason=why_not(wrong)),)
    heard = yield Request("/invoices", body, tax_id=command.seller.gstin)
    if heard.is_refused:
        return (InvoiceRefused(**about, reason=short(heard.problem.reason, command.recipient)),)
    told = yield from told_or_adopted(command, heard)
    if different := difference(command, told):
        return (InvoiceDiffers(**about, reason=different),)
    found = _found(command, command.attempt, told)
    if found is None:
        return (InvoiceAcknowledged(**about),)
    return (InvoiceAcknowledged(**about), found) if isinstance(found, InvoiceRegistered) else (found,)


def look_up(command: LookUpInvoice) -> Conversation:
    """Seed 4.1: is the e-invoice created? The answer is about the registration's attempt, `look_up` about this one."""
    heard = yield ask_look_up(command)
    about = _invoice(command, command.invoice_attempt)
    not_found = InvoiceNotFound(**about, look_up=command.attempt)
    if heard.status == HTTPStatus.NOT_FOUND and heard.problem.code == UNKNOWN_DOCUMENT:
        return (not_found,)  # a 404 of anything in between says nothing of the document
    told = hear_told(command, heard)
    if different := difference(command, told):
        return (InvoiceDiffers(**about, reason=different),)
    if told.status == "REFUSED" and (told.attempt or command.invoice_attempt) < command.invoice_attempt:
        return (not_found,)  # what it refused was sent before; this attempt it has not got
    found = _found(command, command.invoice_attempt, told)
    return (found or InvoicePending(**about, look_up=command.attempt),)


def _found(command: RegisterInvoice | LookUpInvoice, attempt: int, told: Told) -> Event | None:
    """What became of it; None: nothing yet. One that a reversal of ours had voided was registered."""
    about = _invoice(command, attempt)
    if told.status == "PENDING":
        return None
    if told.status == "REFUSED":
        return InvoiceRefused(**about, reason=short(told.reason, command.recipient))
    if told.was_taken_back:
        return InvoiceRevoked(**about, reason=short(told.reason, command.recipient))
    documents = registered(command, told)
    return InvoiceRegistered(
        **about,
        document_number=told.document_number,
        registration=documents[0].registration,
        documents=documents,
        eway_bills=told.eway_bills,
    )


def _invoice(command: RegisterInvoice | LookUpInvoice, attempt: int) -> dict[str, Any]:
    return names_of(command, "shipment_id") | {"attempt": attempt}
