"""The e-way bill of a document whose goods may not move without one."""

from pydantic import Field

from b2b2c_saga.connectors.exchange import (
    Body,
    Conversation,
    MeaninglessAnswer,
    Request,
    Theirs,
    names_of,
    of_order,
    short,
)
from b2b2c_saga.connectors.undone import NotDone, revoked
from b2b2c_saga.model.messages.answers import EwayBillIssued, InvoiceStepRefused
from b2b2c_saga.model.messages.commands import RequestEwayBill
from b2b2c_saga.model.messages.fiscal import EwayBillNumber
from b2b2c_saga.model.words import Moment


class Issued(Body):
    """The e-way bill of one part."""

    document_number: Theirs
    number: Theirs
    valid_until: Moment | None = None


class AllIssued(Body):
    """One for each part of the document."""

    eway_bills: tuple[Issued, ...] = Field(min_length=1)


def request_eway_bill(command: RequestEwayBill) -> Conversation:
    """One for each part, the first part's first; asked again they are the same."""
    body = of_order(command, "shipment_id", "document_number", "transport")
    heard = yield Request("/eway-bills", body, tax_id=command.seller_gstin)
    about = names_of(command, "shipment_id", "attempt")
    if heard.is_refused:
        no = heard.read(NotDone)
        if not no.is_undone:
            return (InvoiceStepRefused(**about, call=command.call(), reason=short(no.reason, command.recipient)),)
        if no.voided_for:
            raise heard.unexpected()  # by a reversal of ours: nothing is left that would move
        return (revoked(command, no),)
    bills = heard.done(AllIssued).eway_bills
    numbers = [bill.document_number for bill in bills]
    if numbers[0] != command.document_number or len(set(numbers)) < len(numbers):
        raise MeaninglessAnswer("e-way bills of other documents than were asked about")
    return (EwayBillIssued(**about, eway_bills=tuple(EwayBillNumber(**bill.model_dump()) for bill in bills)),)
