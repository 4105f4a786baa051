"""Credit notes: a document of its own undoes units of the one that it names; registered at once, or refused."""

from b2b2c_saga.connectors.documents import body_of, why_not
from b2b2c_saga.connectors.exchange import Conversation, MeaninglessAnswer, Request, names_of, short
from b2b2c_saga.connectors.registrations import registered, settled
from b2b2c_saga.connectors.told import difference, told_or_adopted
from b2b2c_saga.connectors.undone import NotDone, revoked
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import FiscalReversed, ReversalRefused
from b2b2c_saga.model.messages.commands import IssueCreditNote


def credit(command: IssueCreditNote) -> Conversation:
    """No credit note follows an invoice that is dead."""
    about = names_of(command, "shipment_id", "reversal", "attempt")

    def refused(reason: str) -> tuple[Event]:
        return (ReversalRefused(**about, call=command.call(), reason=reason),)

    try:
        body = body_of(command, "reversal", "preceding_document")
    except BadInput as wrong:
        return refused(why_not(wrong))
    heard = yield Request("/credit-notes", body, tax_id=command.seller.gstin)
    if heard.is_refused:
        no = heard.read(NotDone)
        if not no.is_undone:
            return refused(short(no.reason, command.recipient))
        if no.voided_for != command.reversal:
            return (revoked(command, no),)
        return (FiscalReversed(**about, document_number=command.preceding_document),)  # by a void that was late
    told = yield from told_or_adopted(command, heard)
    if different := difference(command, told):
        return refused(different)
    if told.status != settled(command):
        raise MeaninglessAnswer(f"a credit note that is {told.status}")
    registered(command, told)
    return (FiscalReversed(**about, document_number=command.document_number),)
