"""What outside systems answer to commands. An answer names the attempt that it answers.

A `FreeText` is for people to read, as in `upstream`.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from b2b2c_saga.model.messages.base import OrderEvent, Part, StockEvent
from b2b2c_saga.model.messages.fiscal import EwayBillNumber, RegisteredDocument
from b2b2c_saga.model.words import NOT_STATED, Code, Count, FreeText, Identifier, Moment, PartCode, Text, Url


class _Answer(OrderEvent):
    shipment_id: PartCode
    attempt: int = 1


class _InvoiceAnswer(_Answer):
    topic = "invoice"


Numbers = Annotated[tuple[Text, ...], Field(min_length=1)]


class InvoiceNumberGiven(_InvoiceAnswer):
    """Step 3.1: the numbers of an invoice's parts, and of the order, in the brand's system."""

    invoice_attempt: int
    """The registration that they are for."""
    numbers: Numbers
    order_number: Text | None = None


class InvoiceStepRefused(_InvoiceAnswer):
    """The issuer will not do what goes with an invoice; `call` is its command, such as `request_eway_bill`."""

    call: Code
    reason: FreeText


class EwayBillIssued(_InvoiceAnswer):
    """The goods of an invoice may move: an e-way bill for each of its parts."""

    eway_bills: Annotated[tuple[EwayBillNumber, ...], Field(min_length=1)]


class InvoiceAcknowledged(_InvoiceAnswer):
    """Step 3.3: the ERP answered 200. The pack may go on; the invoice may still be refused."""


class InvoiceRegistered(_InvoiceAnswer):
    """Step 4.1: the e-invoice exists. `registration` is the registry's number for it, `documents` what each part got.

    A bill of supply, and a document under rules without a registry, is issued and goes by its own number.
    """

    document_number: Text
    registration: Text
    documents: tuple[RegisteredDocument, ...] = ()
    eway_bills: tuple[EwayBillNumber, ...] = ()


class InvoiceRefused(_InvoiceAnswer):
    """The ERP or the registry will not have this document."""

    reason: FreeText


class InvoiceDiffers(_InvoiceAnswer):
    """Asked or looked up: another document has this number (registry error 2150, and buyer or total differ)."""

    reason: FreeText


class InvoiceRevoked(_InvoiceAnswer):
    """The registry took back what it had registered, or somebody cancelled it there by hand."""

    reason: FreeText = NOT_STATED


class InvoicePending(_InvoiceAnswer):
    """Looked up: it is there, and neither registered nor refused yet. `look_up` is the look-up's own attempt."""

    look_up: int


class InvoiceNotFound(_InvoiceAnswer):
    """Looked up: the ERP has not got this attempt. `look_up` is the look-up's own attempt."""

    look_up: int


class Label(Part):
    """The marketplace's shipping label."""

    transporter: FreeText
    awb_number: Identifier
    url: Url


class MarketplacePacked(_Answer):
    """Step 3.4: the marketplace's B2C invoice and shipping label; without a label, the documents are pending.

    `poll` is the attempt of `FetchLabel` that this answers; 0 answers the pack itself.
    """

    topic = "pack"
    invoice_code: Identifier
    invoice_date: Moment
    label: Label | None = None
    poll: int = 0


class Refusal(StrEnum):
    """Why the marketplace refuses: it has cancelled the order itself, or the request can never be right."""

    CANCELLED = "CANCELLED"
    PERMANENT = "PERMANENT"


class MarketplacePackRefused(_Answer):
    """The marketplace refuses the pack."""

    topic = "pack"
    refusal: Refusal
    reason: FreeText


class HandedOver(_Answer):
    """Step 4.2: the parcel left. `handed_over_at` is the marketplace's word."""

    topic = "handover"
    handed_over_at: Moment


class HandoverRefused(_Answer):
    """The marketplace had cancelled it already: the parcel is pulled back."""

    topic = "handover"
    reason: FreeText


class _ReversalAnswer(_Answer):
    topic = "return"
    reversal: Text


class FiscalReversed(_ReversalAnswer):
    """The B2B document is undone for this reversal: voided, or a credit note was issued."""

    document_number: Text


class CreditNoteNumberGiven(_ReversalAnswer):
    """The numbers of a credit note's parts in the brand's system."""

    numbers: Numbers


class VoidRefused(_ReversalAnswer):
    """The document can be voided no more; a credit note must do."""

    reason: FreeText


class ReversalRefused(_ReversalAnswer):
    """The ERP or the warehouse will not do this step; `call` is the step's command, such as `issue_credit_note`."""

    call: Code
    reason: FreeText


class StockLevel(Part):
    """The warehouse's absolute quantity of a SKU after a movement; the newest version wins."""

    sku: Code
    quantity: Count
    version: Count


class GoodsPutAway(_ReversalAnswer):
    """The warehouse has the goods of this reversal back on a shelf, or in quarantine; `counted` is what it has now."""

    counted: tuple[StockLevel, ...] = ()


class _ReleaseAnswer(OrderEvent):
    topic = "cancel"
    release: Text
    attempt: int = 1
    counted: tuple[StockLevel, ...] = ()


class StockReleased(_ReleaseAnswer):
    """The warehouse no longer keeps units that were cancelled before they were packed; `counted` is what it has now."""


class B2BOrderCancelled(_ReleaseAnswer):
    """WMS variant: the B2B order is cancelled for these units, and they are free again."""


class B2BOrderCreated(OrderEvent):
    """WMS variant, steps 6 and 7: the warehouse has the B2B order X -> Y, under this code of its own."""

    topic = "intake"
    b2b_order_code: Identifier
    attempt: int = 1


class B2BOrderRefused(OrderEvent):
    """WMS variant: the warehouse will not have this B2B order."""

    topic = "intake"
    reason: FreeText
    attempt: int = 1


class StockTaken(StockEvent):
    """Omni or the marketplace took this version of the quantity."""

    system: Code
    version: int


class _Unanswered(OrderEvent):
    call: Code
    attempt: int
    not_understood: Text | None = None
    """What of the answers is not understood, once that is so again and again. Never a value of theirs."""


class B2BOrderUnanswered(_Unanswered):
    """The warehouse gave no answer to a B2B order."""

    topic = "intake"


class InvoiceUnanswered(_Unanswered):
    """The ERP gave no answer to `call`: done or not done, nobody knows."""

    topic = "invoice"
    shipment_id: PartCode


class PackUnanswered(_Unanswered):
    """The marketplace gave no answer to a pack, or to the question for its label."""

    topic = "pack"
    shipment_id: PartCode


class HandoverUnanswered(_Unanswered):
    """The marketplace gave no answer to a handover."""

    topic = "handover"
    shipment_id: PartCode


class CancelUnanswered(_Unanswered):
    """No answer to a seller-cancel (no `release`), or to the release of units."""

    topic = "cancel"
    release: Text | None = None


class ReversalUnanswered(_Unanswered):
    """The ERP or the warehouse gave no answer to a step of a reversal."""

    topic = "return"
    shipment_id: PartCode
    reversal: Text


class StockRefused(StockEvent):
    """Omni or the marketplace will not have this SKU; the next count is sent all the same."""

    system: Code
    version: int
    reason: FreeText


class StockUnanswered(StockEvent):
    """Omni or the marketplace gave no answer to an update of stock."""

    call: Code
    attempt: int
