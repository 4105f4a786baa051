"""What the saga tells downstream: the compensating B2C return, and how orders get on."""

from decimal import Decimal
from enum import StrEnum

from b2b2c_saga.model.ids import escaped
from b2b2c_saga.model.messages.base import IntegrationEvent
from b2b2c_saga.model.messages.fiscal import DocumentLine, RoundOff
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.words import Code, Moment, Money, PartCode, Party, Text


class Cause(StrEnum):
    """Why units don't stay sold."""

    CANCELLATION = "CANCELLATION"
    PULLED = "PULLED"
    CUSTOMER_RETURN = "CUSTOMER_RETURN"
    RETURN_TO_ORIGIN = "RETURN_TO_ORIGIN"


class B2CReturnRequired(IntegrationEvent):
    """Seed rules 5 and 6: exactly one for the units of a reversal, with Client Y's account codes and addresses."""

    topic = "b2c-returns"
    shipment_id: PartCode
    reversal: Text
    cause: Cause
    client_y: Party
    seller: Party
    invoice_number: Text
    lines: tuple[DocumentLine, ...]
    round_off: RoundOff = Decimal(0)
    total: Money
    """The sum over the lines plus `round_off`: units times their prices."""
    order_number: Text | None = None
    """Of the order in the brand's system."""
    required_at: Moment


class Trouble(StrEnum):
    """Why somebody should look."""

    INVOICE_REFUSED = "INVOICE_REFUSED"
    INVOICE_DIFFERS = "INVOICE_DIFFERS"
    INVOICE_REVOKED = "INVOICE_REVOKED"
    NUMBER_REFUSED = "NUMBER_REFUSED"
    EWAY_BILL_REFUSED = "EWAY_BILL_REFUSED"
    B2B_ORDER_REFUSED = "B2B_ORDER_REFUSED"
    PACK_REFUSED = "PACK_REFUSED"
    REVERSAL_STUCK = "REVERSAL_STUCK"
    EARLY_EVENT = "EARLY_EVENT"
    ANSWER_NOT_UNDERSTOOD = "ANSWER_NOT_UNDERSTOOD"


class AlertRaised(IntegrationEvent):
    """Somebody should look: told once for each trouble. `about` names the reversal, the event or the call, if any."""

    topic = "order-events"
    trouble: Trouble
    shipment_id: PartCode | None = None
    about: Text | None = None
    reason: Text | None = None
    """What was not understood of an answer, in our words: the status, and the fields by their names."""
    at: Moment

    @property
    def effect(self) -> str:
        """Each trouble is told by itself."""
        return f"{self.trouble} {self.about or ''}"


class ReturnExpected(IntegrationEvent):
    """A cancellation came too late: these units, all that were cancelled so far, are to come back to their origin."""

    topic = "order-events"
    items: tuple[LineQuantity, ...]
    at: Moment

    @property
    def effect(self) -> str:
        """Each further unit is told by itself."""
        return " ".join(f"{escaped(item.order_item_code)}={item.quantity}" for item in self.items)


class OrderProgressed(IntegrationEvent):
    """The order, or one shipment of it, reached another pair of states."""

    topic = "order-events"
    shipment_id: PartCode | None = None
    fulfilment: Code
    invoice: Code
    at: Moment
