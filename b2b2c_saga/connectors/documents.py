"""What an issuer tells of a B2B document: read, held against ours, and against what the registry must call it."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Literal

from pydantic import Field

from b2b2c_saga.connectors.exchange import Body, Heard, MeaninglessAnswer, Request, short
from b2b2c_saga.fiscal.port import InvoiceProvider, provider
from b2b2c_saga.model.documents import day_in_india, financial_year, irn
from b2b2c_saga.model.messages.commands import IssueCreditNote, LookUpInvoice, RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentType
from b2b2c_saga.model.terms import Provider
from b2b2c_saga.model.words import Money, Text

Documented = RegisterInvoice | IssueCreditNote


class Registered(Body):
    """One part, and what the registry calls it."""

    document_number: Text
    registration: Text | None = None


class Told(Body):
    """What the issuer knows of a document; who it is for, and for which order, it need not know of a foreign one."""

    document_number: Text
    status: Literal["PENDING", "REGISTERED", "REFUSED", "REVOKED", "VOIDED"]
    documents: tuple[Registered, ...] = Field(min_length=1)
    buyer_gstin: Text
    total: Money
    account: Text | None = None
    order_code: Text | None = None
    shipment_id: Text | None = None
    reversal: Text | None = None
    preceding_document: Text | None = None
    attempt: int | None = None
    """The sending that it judged last."""
    reason: str | None = None
    voided_for: Text | None = None
    """The reversal that had it voided; none: somebody else did."""

    @property
    def was_taken_back(self) -> bool:
        """By the registry, or by somebody who voided it behind our back."""
        return self.status == "REVOKED" or (self.status == "VOIDED" and self.voided_for is None)


def ask_look_up(command: Documented | LookUpInvoice) -> Request:
    """A number is a seller's own, of a type, in a financial year."""
    query = {
        "type": _type(command).value,
        "documentNumber": command.document_number,
        "sellerGstin": _seller(command),
        "documentTime": command.document_time.isoformat(),
    }
    return Request("/look-ups", query=query, tax_id=_seller(command))


def hear_told(command: Documented | LookUpInvoice, heard: Heard) -> Told:
    """What is told of the command's document.

    Raises:
        MeaninglessAnswer: nothing, or something about another number.
    """
    if heard.status != HTTPStatus.OK:
        raise heard.unexpected()
    told = heard.read(Told)
    same_number(command.document_number, told.document_number)
    return told


def difference(command: Documented | LookUpInvoice, told: Told) -> str | None:
    """What tells the document from ours, by name; the values are no business of an event."""
    names = [name for name, ours, theirs in _compared(command, told) if theirs is not None and ours != theirs]
    return short(f"2150: the number belongs to another document: {', '.join(names)} differ") if names else None


def _compared(command: Documented | LookUpInvoice, told: Told) -> Iterator[tuple[str, object, object]]:
    buyer = command.buyer_gstin if isinstance(command, LookUpInvoice) else command.buyer.gstin
    yield "buyer", buyer, told.buyer_gstin
    yield "total", command.total, told.total
    yield "account", command.account, told.account
    yield "order", command.order_code, told.order_code
    yield "shipment", command.shipment_id, told.shipment_id
    if isinstance(command, IssueCreditNote):
        yield "reversal", command.reversal, told.reversal
        yield "preceding document", command.preceding_document, told.preceding_document


def registration_of(command: Documented | LookUpInvoice, told: Told) -> str:
    """The first part's; each is what the provider's own formula gives.

    Raises:
        MeaninglessAnswer: one is missing, or wrong, or of a part that we didn't send.
    """
    numbers = [part.document_number for part in told.documents]
    if isinstance(command, LookUpInvoice):  # it names the first part alone
        ours, due = [command.document_number, *numbers[1:]], [_reference(command, number) for number in numbers]
    else:
        ours, due = [document.number for document in command.documents], list(rules_of(command).references(command))
    if numbers != ours:
        raise MeaninglessAnswer("registered in other parts than were sent")
    if [part.registration for part in told.documents] != due:
        raise MeaninglessAnswer("registered, without the registry's own number for it")
    return due[0]


def _reference(command: LookUpInvoice, number: str) -> str:
    """What the registry calls a document of which no more is known than a look-up tells; without one, its number."""
    match command.provider:
        case Provider.INDIA_INV01:
            year = financial_year(day_in_india(command.document_time))
            return irn(command.seller_gstin, year, DocumentType.INVOICE, number)
        case Provider.EN16931:
            return number


def rules_of(command: Documented) -> InvoiceProvider:
    """Whether a GSTIN's check character counts is the configuration's to say, where the parties come from."""
    return provider(command.provider, check_gstins=False)


def same_number(ours: str, theirs: str) -> None:
    """The answer is about the document that was asked about.

    Raises:
        MeaninglessAnswer: it isn't.
    """
    if ours != theirs:
        raise MeaninglessAnswer("the answer is about another document")


def _seller(command: Documented | LookUpInvoice) -> str:
    return command.seller_gstin if isinstance(command, LookUpInvoice) else command.seller.gstin


def _type(command: Documented | LookUpInvoice) -> DocumentType:
    return DocumentType.CREDIT_NOTE if isinstance(command, IssueCreditNote) else DocumentType.INVOICE
