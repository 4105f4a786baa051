"""The ERP Integration layer: registers, finds and reverses the B2B invoice (seed 3.1 to 3.3, 4.1)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Literal

from b2b2c_saga.connectors.exchange import (
    Body,
    Exchange,
    Exchanges,
    Heard,
    Request,
    Unreadable,
    names_of,
    of_order,
    short,
)
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    FiscalReversed,
    InvoiceAcknowledged,
    InvoiceNotFound,
    InvoicePending,
    InvoiceRefused,
    InvoiceRegistered,
    VoidRefused,
)
from b2b2c_saga.model.messages.commands import IssueCreditNote, LookUpInvoice, RegisterInvoice, VoidInvoice

UNKNOWN_DOCUMENT = "UNKNOWN_DOCUMENT"


class Identifiers(Body):
    """The brand's own numbers for order and invoice."""

    order_identifier: str
    invoice_identifier: str


class Told(Body):
    """What the ERP knows of a document."""

    document_number: str
    status: Literal["ACKNOWLEDGED", "PENDING", "REGISTERED", "REFUSED"]
    registration: str | None = None
    reason: str | None = None


class Reversed(Body):
    """The document that undoes, or was undone."""

    document_number: str


def identify(command: RegisterInvoice, _: Heard | None) -> Request:
    """Seed 3.1."""
    return Request("/identifiers", of_order(command, "shipment_id"))


def forward(command: RegisterInvoice, heard: Heard | None) -> Request:
    """Seed 3.2: the pack confirmation. Of the consumer, the ERP gets no more than where the goods go."""
    assert heard is not None  # identify comes first
    numbers = heard.read(Identifiers).model_dump(by_alias=True)
    names = ("shipment_id", "document_number", "document_time", "seller", "buyer", "lines", "total")
    body = of_order(command, *names) | numbers
    if command.recipient:
        address = command.recipient.shipping_address
        body["shipTo"] = {"city": address.city, "pin": address.pin, "state": address.state}
    return Request("/invoices", body)


def hear_register(command: RegisterInvoice, heard: Heard) -> Sequence[Event]:
    """Seed 3.3: the 200 says that the B2C sale may go on; registered may come with it, or later."""
    match heard.status:
        case HTTPStatus.OK:
            told = _told(command, heard)
            acknowledged = InvoiceAcknowledged(**_invoice(command, command.attempt))
            return (acknowledged, *_registered(command, command.attempt, told))
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            told = _told(command, heard)
            return (InvoiceRefused(**_invoice(command, command.attempt), reason=short(told.reason)),)
        case HTTPStatus.CONFLICT:  # the number belongs to another document: this one will never be
            return (InvoiceRefused(**_invoice(command, command.attempt), reason=short(heard.problem.reason)),)
    raise heard.unexpected()


def ask_look_up(command: LookUpInvoice, _: Heard | None) -> Request:
    """Seed 4.1: is the e-invoice created?"""
    return Request("/look-ups", query={"documentNumber": command.document_number})


def hear_look_up(command: LookUpInvoice, heard: Heard) -> Sequence[Event]:
    """The answer is about the registration's attempt; `look_up` is the attempt of asking."""
    about = _invoice(command, command.invoice_attempt)
    match heard.status:
        case HTTPStatus.NOT_FOUND:
            if heard.problem.code == UNKNOWN_DOCUMENT:  # a 404 of anything in between says nothing of the document
                return (InvoiceNotFound(**about, look_up=command.attempt),)
        case HTTPStatus.OK:
            told = _told(command, heard)
            if told.status == "REFUSED":
                return (InvoiceRefused(**about, reason=short(told.reason)),)
            registered = _registered(command, command.invoice_attempt, told)
            return registered or (InvoicePending(**about, look_up=command.attempt),)
    raise heard.unexpected()


def ask_void(command: VoidInvoice, _: Heard | None) -> Request:
    """The whole document."""
    return Request("/voids", of_order(command, "document_number"))


def hear_void(command: VoidInvoice, heard: Heard) -> Sequence[Event]:
    """409: it can be voided no more."""
    about = _reversal(command)
    match heard.status:
        case HTTPStatus.OK:
            return (FiscalReversed(**about, document_number=heard.read(Reversed).document_number),)
        case HTTPStatus.CONFLICT:
            return (VoidRefused(**about, reason=short(heard.problem.reason)),)
    raise heard.unexpected()


def ask_credit(command: IssueCreditNote, _: Heard | None) -> Request:
    """A document of its own, which names the one before it."""
    names = ("shipment_id", "reversal", "document_number", "preceding_document", "lines", "total")
    return Request("/credit-notes", of_order(command, *names))


def hear_credit(command: IssueCreditNote, heard: Heard) -> Sequence[Event]:
    """There is no business answer but yes."""
    if heard.status == HTTPStatus.OK:
        return (FiscalReversed(**_reversal(command), document_number=heard.read(Reversed).document_number),)
    raise heard.unexpected()


EXCHANGES: Exchanges = {
    RegisterInvoice: Exchange((identify, forward), hear_register),
    LookUpInvoice: Exchange((ask_look_up,), hear_look_up),
    VoidInvoice: Exchange((ask_void,), hear_void),
    IssueCreditNote: Exchange((ask_credit,), hear_credit),
}


def _told(command: RegisterInvoice | LookUpInvoice, heard: Heard) -> Told:
    told = heard.read(Told)
    if told.document_number != command.document_number:
        raise Unreadable(f"status {heard.status}, about another document")
    return told


def _registered(command: RegisterInvoice | LookUpInvoice, attempt: int, told: Told) -> tuple[Event, ...]:
    if told.status != "REGISTERED":
        return ()
    if told.registration is None:
        raise Unreadable("registered, without the registry's number")
    about = _invoice(command, attempt) | {"registration": told.registration}
    return (InvoiceRegistered(**about, document_number=told.document_number),)


def _invoice(command: RegisterInvoice | LookUpInvoice, attempt: int) -> dict[str, Any]:
    return names_of(command, "shipment_id") | {"attempt": attempt}


def _reversal(command: VoidInvoice | IssueCreditNote) -> dict[str, Any]:
    return names_of(command, "shipment_id", "reversal", "attempt")
