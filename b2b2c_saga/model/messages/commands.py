"""What the saga asks of outside systems, one topic a system.

The marketplace order id identifies the order everywhere (seed 3.2).
"""

from enum import StrEnum

from b2b2c_saga.model.messages.answers import (
    CancelUnanswered,
    HandoverUnanswered,
    InvoiceUnanswered,
    PackUnanswered,
    ReversalUnanswered,
    StockUnanswered,
)
from b2b2c_saga.model.messages.base import OrderCommand, Part, StockCommand
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.words import Code, Moment, Money, Party, Quantity, Recipient, Text


class DocumentLine(Part):
    """One line of a B2B document; the price is per unit, before rounding to the document's total."""

    order_item_code: Code
    sku: Code
    quantity: Quantity
    unit_price: Money


class RegisterInvoice(OrderCommand):
    """Steps 3.1 to 3.3: forward the pack confirmation, and have the brand's ERP create the e-invoice X -> Y.

    A resend carries the same `document_number`: it is asked for again, never anew.
    """

    topic = "commands.erp"
    unanswered_as = InvoiceUnanswered
    shipment_id: Code
    document_number: Text
    document_time: Moment
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    total: Money
    recipient: Recipient | None = None


class LookUpInvoice(OrderCommand):
    """Step 4.1: is the e-invoice created? `invoice_attempt` is the registration asked about; answers name it."""

    topic = "commands.erp"
    unanswered_as = InvoiceUnanswered
    shipment_id: Code
    document_number: Text
    invoice_attempt: int


class VoidInvoice(OrderCommand):
    """Undo a whole document inside its window."""

    topic = "commands.erp"
    unanswered_as = ReversalUnanswered
    shipment_id: Code
    reversal: Text
    document_number: Text


class IssueCreditNote(OrderCommand):
    """Undo a part of a document, or all of it after its window; names the preceding document."""

    topic = "commands.erp"
    unanswered_as = ReversalUnanswered
    shipment_id: Code
    reversal: Text
    document_number: Text
    preceding_document: Text
    lines: tuple[DocumentLine, ...]
    total: Money


class PackOnMarketplace(OrderCommand):
    """Step 3.4: the B2B sale is done, the B2C sale may go on."""

    topic = "commands.marketplace"
    unanswered_as = PackUnanswered
    shipment_id: Code
    items: tuple[LineQuantity, ...]


class HandOverOnMarketplace(OrderCommand):
    """Step 4.2: only orders whose e-invoice is created."""

    topic = "commands.marketplace"
    unanswered_as = HandoverUnanswered
    shipment_id: Code
    gate_pass_code: Code | None = None


class CancelOnMarketplace(OrderCommand):
    """Seller-cancel: the promised dispatch can't be kept. The marketplace answers with a cancellation of `items`."""

    topic = "commands.marketplace"
    unanswered_as = CancelUnanswered
    items: tuple[LineQuantity, ...]
    reason: Text


class Disposition(StrEnum):
    """Where goods go: back on the shelf untouched, back after a passed quality check, or aside after a failed one."""

    PUT_AWAY = "PUT_AWAY"
    RESTOCK = "RESTOCK"
    QUARANTINE = "QUARANTINE"


class GoodsLine(Part):
    """Units of one SKU and where they go."""

    order_item_code: Code
    sku: Code
    quantity: Quantity
    disposition: Disposition


class PutGoodsAway(OrderCommand):
    """Step 3 of a reversal: the goods come back into the warehouse."""

    topic = "commands.wms"
    unanswered_as = ReversalUnanswered
    shipment_id: Code
    reversal: Text
    location: Code
    goods: tuple[GoodsLine, ...]


class ReleaseStock(OrderCommand):
    """Units cancelled before they were packed need not be kept any longer."""

    topic = "commands.wms"
    unanswered_as = CancelUnanswered
    release: Text
    location: Code
    goods: tuple[GoodsLine, ...]


class UpdateOmniStock(StockCommand):
    """Step 1: tell Omni what the warehouse counted."""

    topic = "commands.omni"
    unanswered_as = StockUnanswered


class OfferStock(StockCommand):
    """Step 1: offer the quantity on the marketplace, through Client Y's account."""

    topic = "commands.marketplace"
    unanswered_as = StockUnanswered
