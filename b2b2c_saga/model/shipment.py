"""A shipment with its two documents, and what goes back of it."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import PlainSerializer

from b2b2c_saga.model.facts import Subject, fact
from b2b2c_saga.model.messages.answers import Label, Refusal
from b2b2c_saga.model.messages.integration import Cause
from b2b2c_saga.model.messages.upstream import QualityCheck
from b2b2c_saga.model.quantities import NOTHING, Quantities

Attempts = Annotated[frozenset[int], PlainSerializer(sorted)]
Requests = Annotated[frozenset[str], PlainSerializer(sorted)]


class Fulfilment(StrEnum):
    """Where the goods are; read off the facts, never stored. The order is that of progress."""

    OPEN = "OPEN"
    PACKING = "PACKING"
    PACKED = "PACKED"
    HANDING_OVER = "HANDING_OVER"
    HANDED_OVER = "HANDED_OVER"
    DELIVERED = "DELIVERED"
    REVERSING = "REVERSING"
    CLOSED = "CLOSED"
    PARKED = "PARKED"


class InvoiceState(StrEnum):
    """Where the B2B document is; read off the facts, never stored."""

    NONE = "NONE"
    REQUESTED = "REQUESTED"
    UNKNOWN = "UNKNOWN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    REGISTERED = "REGISTERED"
    FAILED = "FAILED"
    VOIDED = "VOIDED"
    CREDITED = "CREDITED"


@fact
class Invoice:
    """The B2B document of a shipment. Answers carry the attempt they answer, so a set of attempts is a fact."""

    needed: bool
    number: str | None = None
    dated: datetime | None = None
    """The document's own time, that of the first asking: a resend is the same document."""
    asked_at: datetime | None = None
    acknowledged: Attempts = frozenset()
    refused: Attempts = frozenset()
    refusal: str | None = None
    not_found: Attempts = frozenset()
    registered_at: datetime | None = None
    registration: str | None = None
    looked_up_at: datetime | None = None
    looked_up_attempt: int = 0
    """The last registration attempt that was looked up."""
    looked_up_for_handover: bool = False
    look_ups_answered: int = 0
    last_chance: int = 0
    """The look-up made after a late effect could have come; 0 before it."""
    last_chance_missed: bool = False

    @property
    def exists(self) -> bool:
        """Registered: the e-invoice is created."""
        return self.registered_at is not None

    @property
    def is_registered(self) -> bool:
        """The B2B leg lets the parcel leave."""
        return self.exists or not self.needed

    @property
    def asked_last(self) -> datetime | None:
        """When the ERP was last asked anything about it."""
        return self.looked_up_at or self.asked_at


@fact
class ReturnedUnit:
    """One unit that came back."""

    code: str
    line: str
    quality_check: QualityCheck


class Undoing(StrEnum):
    """How a document is undone."""

    VOID = "VOID"
    CREDIT_NOTE = "CREDIT_NOTE"


@fact
class Reversal(Subject):
    """Units that won't stay sold: cancelled before they left, pulled at the marketplace's word, or returned."""

    id: str
    cause: Cause
    quantities: Quantities
    units: tuple[ReturnedUnit, ...] = ()
    undoing: Undoing | None = None
    void_refused: bool = False
    undone_by: str | None = None
    """The document that undid the invoice for these units: its own number when voided, else the credit note's."""
    put_away: bool = False

    @property
    def name(self) -> str:
        """Its id, unique within the shipment."""
        return self.id


@fact
class Documents:
    """What the marketplace gives for a packed shipment: its B2C invoice and shipping label."""

    invoice_code: str
    invoice_date: datetime
    label: Label


@fact
class Shipment(Subject):
    """Units packed together. `quantities` is what the packing station packed; `left` is what still is to stay sold."""

    id: str
    quantities: Quantities
    invoice: Invoice
    pack_requests: Requests = frozenset()
    sent: Quantities = NOTHING
    """What the marketplace was asked to pack."""
    documents: Documents | None = None
    pack_refused: Refusal | None = None
    pack_refusal: str | None = None
    handover_asked: bool = False
    handover_requests: Requests = frozenset()
    gate_pass: str | None = None
    handed_over_at: datetime | None = None
    handover_refused: bool = False
    delivered_at: datetime | None = None
    reversals: tuple[Reversal, ...] = ()

    @property
    def name(self) -> str:
        """The shipment id, unique within the order."""
        return self.id

    @cached_property
    def left(self) -> Quantities:
        """Units that are still to stay sold."""
        gone = self.reversals
        return (
            self.quantities - Quantities.of(pair for reversal in gone for pair in reversal.quantities)
            if gone
            else self.quantities
        )

    @cached_property
    def attempt(self) -> int:
        """Which registration of the invoice the last one was."""
        return self.times("register_invoice")

    @property
    def invoice_refused(self) -> bool:
        """The last attempt was refused; a refusal of an earlier one says nothing of it."""
        return self.attempt in self.invoice.refused and not self.invoice.exists

    @property
    def invoice_acknowledged(self) -> bool:
        """The B2B leg lets the pack go on."""
        return self.invoice.is_registered or (self.attempt in self.invoice.acknowledged and not self.invoice_refused)

    @property
    def invoice_pending(self) -> bool:
        """Neither registered nor refused, as far as is known."""
        return not self.invoice.is_registered and not self.invoice_refused

    @cached_property
    def no_invoice_comes(self) -> bool:
        """None is needed, asked for, or accepted; or it was not found when even a late effect had had its time."""
        return not self.invoice.exists and (
            not self.invoice.needed or not self.attempt or self.invoice_refused or self.invoice.last_chance_missed
        )

    @property
    def pack_sent(self) -> bool:
        """The marketplace was asked to pack."""
        return self.has("pack_on_marketplace")

    @property
    def pack_answered(self) -> bool:
        """The marketplace has said yes or no."""
        return self.documents is not None or self.pack_refused is not None

    @property
    def handover_answered(self) -> bool:
        """The marketplace has said yes or no."""
        return self.handed_over_at is not None or self.handover_refused

    @property
    def leaving(self) -> bool:
        """The handover was asked for: a cancellation can't stop it any more."""
        return self.has("hand_over_on_marketplace")

    def is_settled(self, reversal: Reversal) -> bool:
        """Nothing to do for it any more. Late news of the invoice makes it unsettled again."""
        return reversal.put_away and (self.no_invoice_comes or reversal.undone_by is not None)

    @cached_property
    def settled(self) -> bool:
        """All that goes back has gone back."""
        return all(self.is_settled(reversal) for reversal in self.reversals)

    def reversal(self, reversal_id: str) -> Reversal | None:
        """The reversal of that id."""
        return next((reversal for reversal in self.reversals if reversal.id == reversal_id), None)

    def with_reversal(self, reversal: Reversal) -> "Shipment":
        """With this reversal added, or put in place of the one of its id."""
        others = (known for known in self.reversals if known.id != reversal.id)
        return replace(self, reversals=tuple(sorted((*others, reversal), key=lambda r: r.id)))

    @cached_property
    def fulfilment(self) -> Fulfilment:
        """Where its goods are."""
        if not self.settled:
            return Fulfilment.REVERSING
        if not self.left:
            return Fulfilment.CLOSED
        if self.pack_refused is Refusal.PERMANENT:
            return Fulfilment.PARKED
        if self.handed_over_at is not None:
            return Fulfilment.HANDED_OVER if self.delivered_at is None else Fulfilment.DELIVERED
        if self.leaving:
            return Fulfilment.HANDING_OVER
        return Fulfilment.PACKED if self.documents else Fulfilment.PACKING

    @property
    def invoice_state(self) -> InvoiceState:
        """Where its B2B document is."""
        if not self.attempt and not self.invoice.exists:
            return InvoiceState.NONE
        if self.invoice.exists:
            undone = [r for r in self.reversals if r.undone_by is not None]
            if any(r.undoing is Undoing.VOID and not r.void_refused for r in undone):
                return InvoiceState.VOIDED
            return InvoiceState.CREDITED if undone else InvoiceState.REGISTERED
        if self.invoice_refused:
            return InvoiceState.FAILED
        if self.invoice_acknowledged:
            return InvoiceState.ACKNOWLEDGED
        unknown = self.unanswered("register_invoice") >= self.attempt or self.attempt in self.invoice.not_found
        return InvoiceState.UNKNOWN if unknown else InvoiceState.REQUESTED
