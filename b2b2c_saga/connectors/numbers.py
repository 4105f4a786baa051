"""Numbers of the issuer's series (seed 3.1): as many as were asked for, each of a form that the registry takes.

Numbers that would do for no document are refused with field and rule: asked for again they would be the same.
"""

from collections.abc import Generator
from typing import Annotated

from pydantic import Field

from b2b2c_saga.connectors.exchange import Body, Conversation, Heard, Request, names_of, of_order, short
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages.answers import (
    CreditNoteNumberGiven,
    InvoiceNumberGiven,
    InvoiceStepRefused,
    ReversalRefused,
)
from b2b2c_saga.model.messages.commands import RequestCreditNoteNumber, RequestInvoiceNumber

LONGEST_ORDER_NUMBER = 200
"""Characters: no message carries more."""

Asking = RequestInvoiceNumber | RequestCreditNoteNumber


class Given(Body):
    """The numbers of the document's parts, and of the order in the brand's system."""

    document_numbers: tuple[str, ...]
    order_number: Annotated[str, Field(coerce_numbers_to_str=True)] | None = None


def invoice_number(command: RequestInvoiceNumber) -> Conversation:
    """Of the invoice and of the order."""
    about = names_of(command, "shipment_id", "attempt")
    try:
        given = yield from _given(command)
        _check_order_number(given.order_number)
    except BadInput as wrong:
        return (InvoiceStepRefused(**about, call=command.call(), reason=short(str(wrong))),)
    about |= {"invoice_attempt": command.invoice_attempt, "order_number": given.order_number}
    return (InvoiceNumberGiven(**about, numbers=given.document_numbers),)


def credit_note_number(command: RequestCreditNoteNumber) -> Conversation:
    """Of the credit note of a reversal."""
    about = names_of(command, "shipment_id", "reversal", "attempt")
    try:
        given = yield from _given(command)
    except BadInput as wrong:
        return (ReversalRefused(**about, call=command.call(), reason=short(str(wrong))),)
    return (CreditNoteNumberGiven(**about, numbers=given.document_numbers),)


def _given(command: Asking) -> Generator[Request, Heard, Given]:
    """Ask.

    Raises:
        BadInput: refused, or not the numbers that were asked for.
    """
    about = of_order(command, "shipment_id", "reversal", "seller_gstin", "document_time", "count")
    body = about | {"type": command.document_type.value}
    heard = yield Request("/numbers", body, tax_id=command.seller_gstin)
    if heard.is_refused:
        raise BadInput(heard.problem.reason)
    given = heard.done(Given)
    _check_numbers(command, given.document_numbers)
    return given


def _check_numbers(command: Asking, numbers: tuple[str, ...]) -> None:
    # Asked again it is the same answer: one to an earlier asking, for a document of more parts, has some to spare.
    spare = len(numbers) > command.count
    if len(numbers) < command.count or (spare and command.attempt == 1):
        raise BadInput("not the numbers asked for", "documentNumbers", len(numbers), f"{command.count} numbers")
    pattern = provider(command.provider).number_pattern
    for place, number in enumerate(numbers):
        field = f"documentNumbers.{place}"
        if pattern.fullmatch(number) is None:
            raise BadInput("a number that the registry does not take", field, number, pattern.pattern)
        if number in numbers[:place]:
            raise BadInput("a number given twice", field, number, "each number once")


def _check_order_number(number: str | None) -> None:
    if number is not None and not 0 < len(number) <= LONGEST_ORDER_NUMBER:
        raise BadInput("no number of an order", "orderNumber", number, f"1 to {LONGEST_ORDER_NUMBER} characters")
