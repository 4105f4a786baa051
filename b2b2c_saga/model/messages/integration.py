"""What the saga tells downstream: the compensating B2C return, and how orders get on."""

from enum import StrEnum

from b2b2c_saga.model.messages.base import IntegrationEvent
from b2b2c_saga.model.messages.commands import DocumentLine
from b2b2c_saga.model.words import Code, Moment, Money, Party, Text


class Cause(StrEnum):
    """Why units don't stay sold."""

    CANCELLATION = "CANCELLATION"
    PULLED = "PULLED"
    CUSTOMER_RETURN = "CUSTOMER_RETURN"
    RETURN_TO_ORIGIN = "RETURN_TO_ORIGIN"


class B2CReturnRequired(IntegrationEvent):
    """Seed rules 5 and 6: exactly one for the units of a reversal, with Client Y's account codes and addresses."""

    topic = "b2c-returns"
    shipment_id: Code
    reversal: Text
    cause: Cause
    client_y: Party
    seller: Party
    invoice_number: Text
    lines: tuple[DocumentLine, ...]
    total: Money
    required_at: Moment


class OrderProgressed(IntegrationEvent):
    """The order, or one shipment of it, reached another pair of states."""

    topic = "order-events"
    shipment_id: Code | None = None
    fulfilment: Code
    invoice: Code
    at: Moment
