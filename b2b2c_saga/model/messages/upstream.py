"""What upstream systems say: Omni, the marketplace, the packing station, the warehouse.

A `FreeText` is for people to read: nothing is decided by it, so none is refused. All other fields are strict.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from b2b2c_saga.model.messages.base import OrderEvent, Part, StockEvent, camel
from b2b2c_saga.model.places import wrong_recipient
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.words import (
    NOT_STATED,
    Code,
    Count,
    FreeText,
    Identifier,
    Moment,
    Money,
    OptionalFreeText,
    PartCode,
    Quantity,
    Recipient,
    Text,
)

ITEMS_AT_MOST = 2_500


class PaymentMethod(StrEnum):
    """How the consumer pays."""

    COD = "COD"
    PREPAID = "PREPAID"


def _within_reach(recipient: Recipient) -> Recipient:
    """A consumer whose address the registry will take. Of what is wrong there only the field is told."""
    if wrong := wrong_recipient(recipient):
        where = {"place": ("recipient", *wrong.field.split(".")), "value": None, "rule": wrong.rule}
        raise PydanticCustomError("address", "must be {rule}", where)
    return recipient


Consumer = Annotated[Recipient, AfterValidator(_within_reach)]


class OrderItem(Part):
    """One line as ordered; the price is per unit, tax included, the discount for the line as a whole."""

    channel_sku_code: Code
    order_item_code: PartCode
    quantity: Quantity
    selling_price_per_unit: Money
    discount: Money = Decimal(0)


class OrderPlaced(OrderEvent):
    """Step 2: a consumer ordered from Client Y."""

    topic = "intake"
    parent_order_code: Identifier
    channel: Code
    location: Code
    order_time: Moment
    dispatch_by_time: Moment
    payment_method: PaymentMethod
    items: Annotated[tuple[OrderItem, ...], Field(min_length=1, max_length=ITEMS_AT_MOST)]
    recipient: Consumer

    @model_validator(mode="after")
    def _each_sku_once(self) -> Self:
        for name in ("channel_sku_code", "order_item_code"):
            codes = [getattr(item, name) for item in self.items]
            if len(set(codes)) < len(codes):
                at = next(n for n, code in enumerate(codes) if code in codes[:n])
                where = {"place": ("items", at, camel(name)), "value": codes[at]}
                raise PydanticCustomError("twice", "appears twice; each may appear once in an order", where)
        return self


class RecipientCorrected(OrderEvent):
    """How the consumer is to be reached from now on, in all that is not sent yet. The newest correction counts."""

    topic = "intake"
    recipient: Consumer
    corrected_at: Moment
    corrected_by: FreeText
    reason: FreeText


class LineQuantity(Part):
    """So many units of one line."""

    order_item_code: PartCode
    quantity: Quantity


class PackConfirmed(OrderEvent):
    """Step 3: packed at the packing station. `shipment_id` is the idempotency key: a repeat gets the same answer."""

    topic = "pack"
    shipment_id: PartCode
    items: Annotated[tuple[LineQuantity, ...], Field(min_length=1, max_length=ITEMS_AT_MOST)]
    weight_grams: Count = 0
    request_id: Code | None = None

    @property
    def quantities(self) -> Quantities:
        """What was packed, by line."""
        return Quantities.of((item.order_item_code, item.quantity) for item in self.items)


class B2BPacked(OrderEvent):
    """WMS variant, steps 8 to 10: the warehouse packed units of the B2B order; the e-invoice is for these.

    The packing station's `PackConfirmed` of the same shipment follows, of the same units.
    """

    topic = "pack"
    shipment_id: PartCode
    items: Annotated[tuple[LineQuantity, ...], Field(min_length=1, max_length=ITEMS_AT_MOST)]

    @property
    def quantities(self) -> Quantities:
        """What was packed, by line."""
        return Quantities.of((item.order_item_code, item.quantity) for item in self.items)


class HandoverRequested(OrderEvent):
    """Step 4: the parcel is to leave.

    `gate_pass_code` is of the paper that goes with it, as the gate wrote it.
    """

    topic = "handover"
    shipment_id: PartCode
    gate_pass_code: OptionalFreeText = None
    request_id: Code | None = None


class Delivered(OrderEvent):
    """The consumer has the parcel; the return window begins."""

    topic = "handover"
    shipment_id: PartCode
    delivered_at: Moment


class CancelledLine(Part):
    """The absolute number of units of a line that are cancelled so far."""

    order_item_code: PartCode
    cancelled_quantity: Quantity


class CancellationPosted(OrderEvent):
    """Step 5: cancelled by the consumer, the seller or the marketplace."""

    topic = "cancel"
    items: Annotated[tuple[CancelledLine, ...], Field(min_length=1, max_length=ITEMS_AT_MOST)]
    reason: FreeText = NOT_STATED

    @property
    def quantities(self) -> Quantities:
        """What is cancelled so far, by line."""
        return Quantities.of((item.order_item_code, item.cancelled_quantity) for item in self.items)


class ReturnType(StrEnum):
    """Why goods come back: the consumer sent them, or they never arrived."""

    CUSTOMER_RETURN = "CUSTOMER_RETURN"
    RETURN_TO_ORIGIN = "RETURN_TO_ORIGIN"


class QualityCheck(StrEnum):
    """The warehouse's verdict on a returned unit."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a secret
    FAIL = "FAIL"


class ReturnedUnit(Part):
    """One unit that came back; `unit_code` tells it from every other unit of the shipment."""

    unit_code: PartCode
    order_item_code: PartCode
    quality_check: QualityCheck


class ReturnReceived(OrderEvent):
    """Step 6: goods came back. `return_order_code` is the idempotency key."""

    topic = "return"
    shipment_id: PartCode
    return_order_code: PartCode
    type: ReturnType
    units: Annotated[tuple[ReturnedUnit, ...], Field(min_length=1, max_length=ITEMS_AT_MOST)]

    @property
    def quantities(self) -> Quantities:
        """What came back, by line."""
        return Quantities.of((unit.order_item_code, 1) for unit in self.units)


class InvoiceFixed(OrderEvent):
    """What refused, revoked or contradicted that attempt of the invoice is put right: it may be sent again.

    `call` is what was refused: the registration, `request_invoice_number` or `request_eway_bill`.
    """

    topic = "invoice"
    shipment_id: PartCode
    attempt: int
    call: Code = "register_invoice"


class PackFixed(OrderEvent):
    """What the marketplace refused in that attempt of the pack for good is put right: it may be sent again."""

    topic = "pack"
    shipment_id: PartCode
    attempt: int


class ReversalFixed(OrderEvent):
    """What stopped a step of a reversal is put right; `call` is the step's command, such as `issue_credit_note`."""

    topic = "return"
    shipment_id: PartCode
    reversal: Text
    call: Code
    attempt: int


class StockCounted(StockEvent):
    """Step 1: the warehouse's absolute quantity; the newest version wins."""

    quantity: Count
    version: Count

    @property
    def effect(self) -> str:
        """Each version is told by itself."""
        return str(self.version)
