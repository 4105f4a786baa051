"""Answers to requests; a gateway that waits for one finds it by its request id."""

from enum import StrEnum

from b2b2c_saga.model.messages.answers import Label
from b2b2c_saga.model.messages.base import Part, Reply
from b2b2c_saga.model.messages.fiscal import EwayBillNumber, RegisteredDocument
from b2b2c_saga.model.words import Identifier, Moment, PartCode, Text


class PackOutcome(StrEnum):
    """What became of a pack confirmation."""

    PACKED = "PACKED"
    CANCELLED = "CANCELLED"
    INVOICE_REFUSED = "INVOICE_REFUSED"
    PACK_REFUSED = "PACK_REFUSED"
    REFUSED = "REFUSED"


class B2BInvoice(Part):
    """The B2B invoice as it goes with the parcel: what is printed on it. `number` is that of its first part."""

    number: Text
    documents: tuple[RegisteredDocument, ...] = ()
    eway_bills: tuple[EwayBillNumber, ...] = ()


class PackAnswered(Reply):
    """Step 3.4's answer: the B2C invoice and label, or why there is none. A repeat gets the same.

    `b2b_invoice` is there if the B2B invoice was registered by then, without e-way bills, which may be still to come.
    The answer to the handover always has both.
    """

    shipment_id: PartCode
    outcome: PackOutcome
    invoice_code: Identifier | None = None
    invoice_date: Moment | None = None
    label: Label | None = None
    b2b_invoice: B2BInvoice | None = None
    reason: Text | None = None


class HandoverOutcome(StrEnum):
    """What became of a handover."""

    HANDED_OVER = "HANDED_OVER"
    HELD = "HELD"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"


class HandoverAnswered(Reply):
    """Step 4's answer. HELD is no refusal: it goes out by itself once `waits_for` is empty."""

    shipment_id: PartCode
    outcome: HandoverOutcome
    waits_for: tuple[Text, ...] = ()
    b2b_invoice: B2BInvoice | None = None
    """Once it is handed over: what is printed on the B2B invoice that goes with the parcel."""
    reason: Text | None = None
