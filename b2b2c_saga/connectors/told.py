"""What an issuer tells of a B2B document: read, and held against ours."""

from collections.abc import Generator, Iterator
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from b2b2c_saga.connectors.exchange import (
    NO_REASON,
    Body,
    Compared,
    Heard,
    MeaninglessAnswer,
    Reason,
    Request,
    Theirs,
    short,
)
from b2b2c_saga.model.messages.commands import IssueCreditNote, LookUpInvoice, RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentType, EwayBillNumber
from b2b2c_saga.model.words import Moment, Money

DUPLICATE = "DUPLICATE"
Documented = RegisterInvoice | IssueCreditNote


class OfEwayBill(Body):
    """The e-way bill of one part."""

    number: Theirs
    valid_until: Moment | None = None


class Part(Body):
    """One part, and what the registry gave for it."""

    document_number: Theirs
    registration: Compared | None = None
    ack_number: Theirs | None = None
    ack_date: Moment | None = None
    signed_qr_code: Annotated[str, Field(min_length=1, max_length=5_000)] | None = None
    eway_bill: OfEwayBill | None = None


class Told(Body):
    """What the issuer knows of a document; who it is for, and for which order, it need not know of a foreign one."""

    document_number: Compared
    status: Literal["PENDING", "REGISTERED", "ISSUED", "REFUSED", "REVOKED", "VOIDED"]
    """ISSUED is a bill of supply, and what undoes one: no registry takes them."""
    documents: tuple[Part, ...] = Field(min_length=1)
    buyer_gstin: Compared
    total: Money
    account: Compared | None = None
    order_code: Compared | None = None
    shipment_id: Compared | None = None
    reversal: Compared | None = None
    preceding_document: Compared | None = None
    attempt: int | None = None
    """The sending that it judged last."""
    reason: Reason = NO_REASON
    voided_for: Compared | None = None
    """The reversal that had it voided; none: somebody else did."""

    @property
    def was_taken_back(self) -> bool:
        """By the registry, or by somebody who cancelled it there by hand."""
        return self.status == "REVOKED" or (self.status == "VOIDED" and self.voided_for is None)

    @property
    def eway_bills(self) -> tuple[EwayBillNumber, ...]:
        """One for each part; while a part has none, the goods may not move: none."""
        bills = tuple(
            EwayBillNumber(document_number=part.document_number, **part.eway_bill.model_dump())
            for part in self.documents
            if part.eway_bill
        )
        return bills if len(bills) == len(self.documents) else ()


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
    told = heard.done(Told)
    same_number(command.document_number, told.document_number)
    return told


def told_or_adopted(command: Documented, heard: Heard) -> Generator[Request, Heard, Told]:
    """What is told of it; of a number that the registry has already, what is told when it is looked up.

    Raises:
        MeaninglessAnswer: as `hear_told`.
    """
    if heard.status == HTTPStatus.CONFLICT and heard.problem.code == DUPLICATE:
        heard = yield ask_look_up(command)
    return hear_told(command, heard)


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
    return command.document_type if isinstance(command, LookUpInvoice) else command.documents[0].type
