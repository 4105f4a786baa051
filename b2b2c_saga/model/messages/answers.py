"""What outside systems answer to commands. An answer names the attempt that it answers."""

from enum import StrEnum

from b2b2c_saga.model.messages.base import OrderEvent, Part, StockEvent
from b2b2c_saga.model.words import Code, Moment, Text


class _Answer(OrderEvent):
    shipment_id: Code
    attempt: int = 1


class _InvoiceAnswer(_Answer):
    topic = "invoice"


class InvoiceAcknowledged(_InvoiceAnswer):
    """Step 3.3: the ERP answered 200. The pack may go on; the invoice may still be refused."""


class InvoiceRegistered(_InvoiceAnswer):
    """Step 4.1: the e-invoice exists. `registration` is the registry's number for it."""

    document_number: Text
    registration: Text


class InvoiceRefused(_InvoiceAnswer):
    """The ERP or the registry will not have this document."""

    reason: Text


class InvoicePending(_InvoiceAnswer):
    """Looked up: it is there, and neither registered nor refused yet. `look_up` is the look-up's own attempt."""

    look_up: int


class InvoiceNotFound(_InvoiceAnswer):
    """Looked up: the ERP has not got this attempt. `look_up` is the look-up's own attempt."""

    look_up: int


class Label(Part):
    """The marketplace's shipping label."""

    transporter: Text
    awb_number: Code
    url: Text


class MarketplacePacked(_Answer):
    """Step 3.4: the marketplace's B2C invoice and shipping label."""

    topic = "pack"
    invoice_code: Code
    invoice_date: Moment
    label: Label


class Refusal(StrEnum):
    """Why the marketplace refuses: it has cancelled the order itself, or the request can never be right."""

    CANCELLED = "CANCELLED"
    PERMANENT = "PERMANENT"


class MarketplacePackRefused(_Answer):
    """The marketplace refuses the pack."""

    topic = "pack"
    refusal: Refusal
    reason: Text


class HandedOver(_Answer):
    """Step 4.2: the parcel left. `handed_over_at` is the marketplace's word."""

    topic = "handover"
    handed_over_at: Moment


class HandoverRefused(_Answer):
    """The marketplace had cancelled it already: the parcel is pulled back."""

    topic = "handover"
    reason: Text


class _ReversalAnswer(_Answer):
    topic = "return"
    reversal: Text


class FiscalReversed(_ReversalAnswer):
    """The B2B document is undone for this reversal: voided, or a credit note was issued."""

    document_number: Text


class VoidRefused(_ReversalAnswer):
    """The document can be voided no more; a credit note must do."""

    reason: Text


class GoodsPutAway(_ReversalAnswer):
    """The warehouse has the goods of this reversal back on a shelf, or in quarantine."""


class StockReleased(OrderEvent):
    """The warehouse no longer keeps units for lines that were cancelled before they were packed."""

    topic = "cancel"
    release: Text
    attempt: int = 1


class StockTaken(StockEvent):
    """Omni or the marketplace took this version of the quantity."""

    system: Code
    version: int


class _Unanswered(OrderEvent):
    call: Code
    attempt: int


class InvoiceUnanswered(_Unanswered):
    """The ERP gave no answer to `call`: done or not done, nobody knows."""

    topic = "invoice"
    shipment_id: Code


class PackUnanswered(_Unanswered):
    """The marketplace gave no answer to a pack."""

    topic = "pack"
    shipment_id: Code


class HandoverUnanswered(_Unanswered):
    """The marketplace gave no answer to a handover."""

    topic = "handover"
    shipment_id: Code


class CancelUnanswered(_Unanswered):
    """No answer to a seller-cancel (no `release`), or to the release of stock."""

    topic = "cancel"
    release: Text | None = None


class ReversalUnanswered(_Unanswered):
    """The ERP or the warehouse gave no answer to a step of a reversal."""

    topic = "return"
    shipment_id: Code
    reversal: Text


class StockUnanswered(StockEvent):
    """Omni or the marketplace gave no answer to an update of stock."""

    call: Code
    attempt: int
