"""What the saga asks of outside systems, one topic a system.

The marketplace order id identifies the order everywhere (seed 3.2).
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from b2b2c_saga.model.messages.answers import (
    B2BOrderUnanswered,
    CancelUnanswered,
    HandoverUnanswered,
    InvoiceUnanswered,
    PackUnanswered,
    ReversalUnanswered,
    StockUnanswered,
)
from b2b2c_saga.model.messages.base import OrderCommand, Part, StockCommand
from b2b2c_saga.model.messages.fiscal import DocumentType, EwayBillNumber, FiscalDocument, Transport
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.terms import Issuer, Provider
from b2b2c_saga.model.words import Code, Identifier, Moment, Money, PartCode, Party, Quantity, Recipient, Text


class _Revised(OrderCommand):
    """A command that may say something else when it is sent again: each revision is an effect of its own."""

    revision: Text | None = None

    @property
    def effect(self) -> str:
        """Its revision."""
        return self.revision or ""


class _FiscalCommand(OrderCommand):
    """A command about a B2B document; it goes to the system that issues the account's documents."""

    topic = "commands.erp"
    issuer: Issuer
    provider: Provider
    shipment_id: PartCode

    @classmethod
    def travels_on(cls) -> frozenset[str]:
        """The ERP's topic, or that of RMS."""
        return frozenset(f"commands.{issuer}" for issuer in Issuer)

    @property
    def destination(self) -> str:
        """The topic of its issuer."""
        return f"commands.{self.issuer}"


class _NumberCommand(_Revised, _FiscalCommand):
    seller_gstin: Text
    document_type: DocumentType
    document_time: Moment
    """The document will bear this date: a series runs within a financial year."""
    count: Annotated[int, Field(ge=1)]
    """How many numbers: one for each part of the document."""


class RequestInvoiceNumber(_NumberCommand):
    """Step 3.1: the brand's system gives the numbers of order and invoice, the next ones of its series.

    Asked again under the same idempotency key it gives the same. `invoice_attempt` is the registration they are for.
    """

    unanswered_as = InvoiceUnanswered
    invoice_attempt: int

    @property
    def effect(self) -> str:
        """Each document has numbers of its own."""
        return f"{self.invoice_attempt} {self.revision or ''}".rstrip()


class RequestCreditNoteNumber(_NumberCommand):
    """The same for the credit note of a reversal."""

    unanswered_as = ReversalUnanswered
    reversal: Text


class _DocumentCommand(_FiscalCommand):
    """A command about a document itself."""

    recipient: Recipient | None = None
    """Where the goods go, and who may not be quoted in the reason of an answer."""


class RegisterInvoice(_Revised, _DocumentCommand):
    """Steps 3.2 and 3.3: forward the pack confirmation, and have the e-invoice X -> Y created.

    A resend carries the same `document_number`: it is asked for again, never anew. `documents` are its parts, of which
    the first bears that number: they are registered together, or none of them.
    """

    unanswered_as = InvoiceUnanswered
    document_number: Text
    document_time: Moment
    seller: Party
    buyer: Party
    documents: tuple[FiscalDocument, ...]
    total: Money
    order_number: Text | None = None
    """Of the order in the brand's system."""
    transport: Transport | None = None
    """Asks for an e-way bill along with the registration."""

    @property
    def effect(self) -> str:
        """Each number is a document of its own, and so is each revision."""
        return f"{self.document_number} {self.revision or ''}".rstrip()


class LookUpInvoice(_DocumentCommand):
    """Step 4.1: is the e-invoice created? `invoice_attempt` is the registration asked about; answers name it.

    Found is ours only if buyer and total are.
    """

    unanswered_as = InvoiceUnanswered
    document_type: DocumentType = DocumentType.INVOICE
    document_number: Text
    document_time: Moment
    seller_gstin: Text
    buyer_gstin: Text
    total: Money
    invoice_attempt: int


class RequestEwayBill(_DocumentCommand):
    """The goods may not move without one, and it did not come with the registration. Asked again it is the same."""

    unanswered_as = InvoiceUnanswered
    invoice_attempt: int = 1
    """The registration that it is for."""
    document_number: Text
    seller_gstin: Text
    transport: Transport

    @property
    def effect(self) -> str:
        """Each document has an e-way bill of its own."""
        return self.document_number


class VoidInvoice(_DocumentCommand):
    """Undo a whole document, all its parts, inside its window; an active e-way bill is cancelled first."""

    unanswered_as = ReversalUnanswered
    reversal: Text
    seller_gstin: Text
    document_number: Text
    invoice_attempt: int = 1
    """The registration that is undone."""


class IssueCreditNote(_Revised, _DocumentCommand):
    """Undo a part of a document, or all of it after its window; each part names the document that it undoes."""

    unanswered_as = ReversalUnanswered
    reversal: Text
    document_number: Text
    document_time: Moment
    preceding_document: Text
    invoice_attempt: int = 1
    """The registration that is undone."""
    seller: Party
    buyer: Party
    documents: tuple[FiscalDocument, ...]
    total: Money


class B2BOrderLine(Part):
    """Units of one SKU that X sells to Y, at the cost price of their own price list."""

    order_item_code: PartCode
    sku: Code
    quantity: Quantity
    cost_price: Money


class CreateB2BOrder(_Revised):
    """WMS variant, steps 6 and 7: the order X -> Y, billed to Y, shipped to the consumer."""

    topic = "commands.wms"
    unanswered_as = B2BOrderUnanswered
    location: Code
    seller: Party
    buyer: Party
    lines: tuple[B2BOrderLine, ...]
    recipient: Recipient | None = None


class PackOnMarketplace(OrderCommand):
    """Step 3.4: the B2B sale is done, the B2C sale may go on."""

    topic = "commands.marketplace"
    unanswered_as = PackUnanswered
    shipment_id: PartCode
    items: tuple[LineQuantity, ...]


class FetchLabel(OrderCommand):
    """The marketplace packed, and its label was not ready: is it now?"""

    topic = "commands.marketplace"
    unanswered_as = PackUnanswered
    shipment_id: PartCode


class HandOverOnMarketplace(OrderCommand):
    """Step 4.2: only orders whose e-invoice is created."""

    topic = "commands.marketplace"
    unanswered_as = HandoverUnanswered
    shipment_id: PartCode
    gate_pass_code: Text | None = None
    eway_bills: tuple[EwayBillNumber, ...] = ()


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

    order_item_code: PartCode
    sku: Code
    quantity: Quantity
    disposition: Disposition


class PutGoodsAway(OrderCommand):
    """Step 3 of a reversal: the goods come back into the warehouse.

    With a `b2b_order_code` no invoice was made of it: the B2B order is cancelled for these units.
    """

    topic = "commands.wms"
    unanswered_as = ReversalUnanswered
    shipment_id: PartCode
    reversal: Text
    location: Code
    goods: tuple[GoodsLine, ...]
    b2b_order_code: Identifier | None = None


class ReleaseStock(OrderCommand):
    """Units cancelled before they were packed need not be kept any longer."""

    topic = "commands.wms"
    unanswered_as = CancelUnanswered
    release: Text
    location: Code
    goods: tuple[GoodsLine, ...]


class CancelB2BOrder(OrderCommand):
    """WMS variant: units cancelled before the B2B invoice are taken off the B2B order, and are free again."""

    topic = "commands.wms"
    unanswered_as = CancelUnanswered
    release: Text
    b2b_order_code: Identifier
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
