"""B2B documents at whoever issues them, ERP or RMS: register, look up, void, credit (seed 3.1 to 3.3, 4.1).

All parts of a document go in one request: registered together, or none. A payload that breaks a rule is never sent. A
number that the registry has already (its error 2150) is looked up: the document is ours if buyer and total are, and
order and shipment, where it is known whose it is.
"""

from collections.abc import Callable, Generator
from http import HTTPStatus
from typing import Any

from b2b2c_saga.connectors.documents import (
    Documented,
    Told,
    ask_look_up,
    difference,
    hear_told,
    registration_of,
    rules_of,
    same_number,
)
from b2b2c_saga.connectors.exchange import (
    Body,
    Conversation,
    Exchanges,
    Heard,
    MeaninglessAnswer,
    Problem,
    Request,
    names_of,
    of_order,
    short,
)
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    FiscalReversed,
    InvoiceAcknowledged,
    InvoiceDiffers,
    InvoiceNotFound,
    InvoicePending,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceRevoked,
    ReversalRefused,
    VoidRefused,
)
from b2b2c_saga.model.messages.commands import IssueCreditNote, LookUpInvoice, RegisterInvoice, VoidInvoice
from b2b2c_saga.model.words import Text

UNKNOWN_DOCUMENT = "UNKNOWN_DOCUMENT"
DUPLICATE = "DUPLICATE"

Identifying = Callable[[RegisterInvoice], Generator[Request, Heard, dict[str, Any]]]
"""What is asked before an invoice is sent; what came back goes with it."""


class Voided(Body):
    """The document that was undone."""

    document_number: Text


class NotVoided(Problem):
    """Why not; `voided_for` is the reversal that had it voided before: ours, and all is well."""

    voided_for: str | None = None


def invoice_exchanges(identify: Identifying) -> Exchanges:
    """The commands that an issuer carries out."""
    return {
        RegisterInvoice: lambda command: register(command, identify),
        LookUpInvoice: look_up,
        VoidInvoice: void,
        IssueCreditNote: credit,
    }


def register(command: RegisterInvoice, identify: Identifying) -> Conversation:
    """Seed 3.2 and 3.3: the 200 says that the B2C sale may go on; registered may come with it, or later."""
    about = _invoice(command, command.attempt)
    try:
        body = _body(command) | {"attempt": command.attempt}
    except BadInput as wrong:
        return (InvoiceRefused(**about, reason=_why(wrong)),)
    body |= yield from identify(command)
    heard = yield Request("/invoices", body, tax_id=command.seller.gstin)
    if heard.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return (InvoiceRefused(**about, reason=short(heard.problem.reason, command.recipient)),)
    told = yield from _told_or_adopted(command, heard)
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


def void(command: VoidInvoice) -> Conversation:
    """The whole document. It says no for good: too late, credited, taken back, or its kind knows no void."""
    heard = yield Request("/voids", of_order(command, "document_number", "reversal"), tax_id=command.seller_gstin)
    about = _reversal(command)
    match heard.status:
        case HTTPStatus.OK:
            same_number(command.document_number, heard.read(Voided).document_number)
        case HTTPStatus.CONFLICT | HTTPStatus.UNPROCESSABLE_ENTITY:
            no = heard.read(NotVoided)
            if no.voided_for != command.reversal:
                return (VoidRefused(**about, reason=short(no.reason)),)
        case _:
            raise heard.unexpected()
    return (FiscalReversed(**about, document_number=command.document_number),)


def credit(command: IssueCreditNote) -> Conversation:
    """A document of its own, which names the one before it; it is registered at once, or refused."""
    about = _reversal(command)
    try:
        body = _body(command) | of_order(command, "reversal", "preceding_document")
    except BadInput as wrong:
        return (ReversalRefused(**about, call=command.call(), reason=_why(wrong)),)
    heard = yield Request("/credit-notes", body, tax_id=command.seller.gstin)
    if heard.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        reason = short(heard.problem.reason, command.recipient)
        return (ReversalRefused(**about, call=command.call(), reason=reason),)
    told = yield from _told_or_adopted(command, heard)
    if different := difference(command, told):
        return (ReversalRefused(**about, call=command.call(), reason=different),)
    if told.status != "REGISTERED":
        raise MeaninglessAnswer(f"a credit note that is {told.status}")
    registration_of(command, told)
    return (FiscalReversed(**about, document_number=command.document_number),)


def _body(command: Documented) -> dict[str, Any]:
    """All parts.

    Raises:
        BadInput: one breaks a rule of its provider.
    """
    payloads = rules_of(command).payloads(command)
    documents = [
        {
            "documentNumber": document.number,
            "orderItemCodes": [line.order_item_code for line in document.lines],
            "payload": payload,
        }
        for document, payload in zip(command.documents, payloads, strict=True)
    ]
    codes = {"sellerAccountCode": command.seller.account_code, "buyerAccountCode": command.buyer.account_code}
    about = of_order(command, "shipment_id", "document_number", "provider", "total")
    return about | codes | {"documents": documents}


def _told_or_adopted(command: Documented, heard: Heard) -> Generator[Request, Heard, Told]:
    if heard.status == HTTPStatus.CONFLICT and heard.problem.code == DUPLICATE:
        heard = yield ask_look_up(command)
    return hear_told(command, heard)


def _found(command: RegisterInvoice | LookUpInvoice, attempt: int, told: Told) -> Event | None:
    """What became of it; None: nothing yet. One that a reversal of ours had voided was registered."""
    about = _invoice(command, attempt)
    if told.status == "PENDING":
        return None
    if told.status == "REFUSED":
        return InvoiceRefused(**about, reason=short(told.reason))
    if told.was_taken_back:
        return InvoiceRevoked(**about, reason=short(told.reason))
    registration = registration_of(command, told)
    return InvoiceRegistered(**about, document_number=told.document_number, registration=registration)


def _why(wrong: BadInput) -> str:
    """Field and rule; never the value."""
    return short(": ".join(part for part in (wrong.reason, wrong.field, wrong.rule) if part))


def _invoice(command: RegisterInvoice | LookUpInvoice, attempt: int) -> dict[str, Any]:
    return names_of(command, "shipment_id") | {"attempt": attempt}


def _reversal(command: VoidInvoice | IssueCreditNote) -> dict[str, Any]:
    return names_of(command, "shipment_id", "reversal", "attempt")
