"""The terms a channel runs under: what differs between channels, so that no gate asks which variant it is in."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from b2b2c_saga.model.words import Code, Party


class Issuer(StrEnum):
    """The system that issues the B2B documents."""

    ERP = "erp"
    RMS = "rms"


class Provider(StrEnum):
    """Whose rules the B2B documents follow; each is a file in `fiscal/`."""

    INDIA_INV01 = "india-inv01"
    EN16931 = "en16931"


class Numbers(StrEnum):
    """Where the numbers of B2B documents come from."""

    ISSUER = "issuer"
    """The brand's system keeps a consecutive series and is asked for the next one (seed 3.1)."""
    DERIVED = "derived"
    """From what a document is for: where the issuer keeps no series."""


class Rounding(StrEnum):
    """Where tax is rounded to the paisa: in each line, or once for all lines of a rate."""

    LINE = "line"
    GROUP = "group"


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do. No field has a default: a row keeps the whole snapshot it was taken in with."""

    provider: Provider
    void_window: timedelta | None
    """After registration; None: documents can't be voided, only credited."""
    lines_at_most: int
    """Of one document; what has more is split."""
    rounding: Rounding
    round_total_to: Decimal
    """A document's total is rounded to a multiple of this: 0.01, or 1 for whole rupees."""
    report_within: timedelta | None
    """Of its date a document must be registered; after that it gets a new date. None: it may be as old as it likes."""
    credit_until: tuple[int, int] | None
    """Month and day of the financial year after an invoice's own, the last on which a credit note for it may go out."""
    exempt_reported: bool
    """Documents of nil-rated or exempt goods alone are registered as all others are; else they are bills of supply."""


@dataclass(frozen=True)
class EwayBill:
    """What an e-way bill is asked for with: a consignment of goods above a value may not move without one."""

    above: Decimal
    """Rupees, tax included."""
    transporter_id: str
    """The transporter's GSTIN or TRANSIN, 15 characters."""
    transporter_name: str


@dataclass(frozen=True)
class Patience:
    """How long the saga waits for what. No field has a default: a row keeps the whole snapshot it was taken in with."""

    answer: timedelta
    """For news of an invoice, or for a label, before it is asked for."""
    retry: timedelta
    """Before a call without an answer is made again; doubles with each call."""
    retry_at_most: timedelta
    attempts_at_most: int
    """Of one step of a reversal without an answer, before somebody must look."""
    late_effect: timedelta
    """For an effect that a silent system may still have, before "not found" is believed."""
    early_event: timedelta
    """For what an early event needs (a pack: its order), before the event is parked."""
    return_window: timedelta


USUAL_PATIENCE = Patience(
    answer=timedelta(minutes=2),
    retry=timedelta(seconds=30),
    retry_at_most=timedelta(minutes=15),
    attempts_at_most=200,
    late_effect=timedelta(hours=1),
    early_event=timedelta(days=2),
    return_window=timedelta(days=30),
)


@dataclass(frozen=True)
class Terms:
    """What holds for the orders of one seller account; an order keeps the terms it was taken in with."""

    version: int
    """Of the configuration they were read from."""
    channel: Code
    b2b_leg: bool
    """The channel runs on the B2B2C model (seed 5 and 6); without it there is no B2B sale to reverse."""
    b2b_order: bool
    """The B2B sale begins as an order in the warehouse, at intake, and is packed there (WMS variant)."""
    cancel_after_pack: bool
    """The channel lets a packed parcel be cancelled; else it is expected back."""
    issuer: Issuer
    numbers: Numbers
    documents: Capabilities
    eway_bill: EwayBill | None
    """None: this account asks for none."""
    client_x: Party
    client_y: Party
    patience: Patience
