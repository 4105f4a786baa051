"""The B2B document of a shipment: what is known of it, whatever order the answers came in."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import PlainSerializer

from b2b2c_saga.model.facts import fact
from b2b2c_saga.model.messages.fiscal import DocumentType, EwayBillNumber, RegisteredDocument
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.taxes import Split

Attempts = Annotated[frozenset[int], PlainSerializer(sorted)]


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
    """The B2B document of a shipment. Answers carry the attempt they answer, so a set of attempts is a fact.

    A number that another document bears, or that the registry took back, is dead: with the next number a new
    document begins, for what is still to stay sold then.
    """

    needed: bool
    given: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """Numbers of the issuer's series, by the registration that they were asked for."""
    order_number: str | None = None
    """Of the order in the brand's system."""
    number_asked_at: datetime | None = None
    """When a number was first asked for, of the document that is next; it will bear that date."""
    number_type: DocumentType = DocumentType.INVOICE
    """What it was asked for: series are kept by the type of document."""
    numbers: tuple[str, ...] = ()
    """Of its parts; the first stands for the whole."""
    type: DocumentType = DocumentType.INVOICE
    quantities: Quantities = NOTHING
    """What the document is for."""
    rates: tuple[tuple[str, Decimal], ...] = ()
    """Of its lines, in percent: those of the document's day."""
    split: Split = Split.HALF_OF_RATE
    first_attempt: int = 1
    """The first that bore this number; answers to earlier ones are about a dead one."""
    dated: datetime | None = None
    """The document's own time, that of the first asking: a resend is the same document, unless it became too old."""
    redated: int = 0
    """How often it became too old to be reported, and got another date."""
    asked_at: datetime | None = None
    acknowledged: Attempts = frozenset()
    refused: Attempts = frozenset()
    differs: Attempts = frozenset()
    """Another document bears the number."""
    revoked: Attempts = frozenset()
    """Registered, and taken back by the registry."""
    fixed: Attempts = frozenset()
    """Somebody put right what refused, contradicted or revoked them."""
    outdated: Attempts = frozenset()
    """Sent with an address of the consumer that was corrected since."""
    problem: str | None = None
    """Why it was refused, contradicted or revoked last."""
    not_found: Attempts = frozenset()
    registered_at: datetime | None = None
    registration: str | None = None
    documents: tuple[RegisteredDocument, ...] = ()
    """What the registry gave for each part."""
    needs_eway_bill: bool = False
    """The goods are worth so much that they may not move without one."""
    eway_bills: tuple[EwayBillNumber, ...] = ()
    looked_up_at: datetime | None = None
    looked_up_attempt: int = 0
    """The last registration attempt that was looked up."""
    looked_up_for_handover: bool = False
    look_ups_answered: int = 0
    last_chance: int = 0
    """The look-up made after a late effect could have come; 0 before it."""
    last_chance_missed: bool = False

    @property
    def number(self) -> str | None:
        """Of its first part; None until it is asked for."""
        return self.numbers[0] if self.numbers else None

    def given_for(self, attempt: int) -> tuple[str, ...]:
        """The numbers that the issuer gave for a document that begins with that registration."""
        return dict(self.given).get(attempt, ())

    def rate(self, line: str) -> Decimal:
        """Percent, of a line that is on the document."""
        return dict(self.rates)[line]

    @cached_property
    def is_revoked(self) -> bool:
        """The registry took it back, or it was cancelled there by hand."""
        return any(attempt >= self.first_attempt for attempt in self.revoked)

    @cached_property
    def exists(self) -> bool:
        """Registered: the e-invoice is created. One that nobody asked for has no number, and is none of ours."""
        return self.registered_at is not None and self.number is not None and not self.is_revoked

    @property
    def is_registered(self) -> bool:
        """The B2B leg lets the parcel leave."""
        return self.exists or not self.needed

    @property
    def asked_last(self) -> datetime | None:
        """When anything was last asked about it."""
        return self.looked_up_at or self.asked_at

    def failures(self, attempt: int) -> Attempts:
        """The attempts at this number that came to nothing, as far as the last one is concerned."""
        if self.is_revoked:
            return frozenset(a for a in self.revoked if a >= self.first_attempt)
        if self.registered_at is None and (attempt in self.refused or attempt in self.differs):
            return frozenset({attempt})
        return frozenset()
