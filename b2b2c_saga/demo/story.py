"""What becomes of one order on the demo's day: decided beforehand, so the same seed plays the same day."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from b2b2c_saga.model.messages.base import order_key
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnType
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.words import Recipient


class Variant(StrEnum):
    """How a seller account's orders are sold."""

    ERP = "ERP"
    WMS = "WMS"
    PASS_THROUGH = "pass-through"  # noqa: S105 - a way of selling, not a secret


@dataclass(frozen=True)
class Shop:
    """A seller account as it is set up in config/accounts.yaml, and the warehouses that it sells from."""

    account: str
    channel: str
    variant: Variant
    locations: tuple[str, ...]


class Fate(StrEnum):
    """How an order ends."""

    SOLD = "sold"
    RETURNED = "returned by the consumer"
    RETURNED_TO_ORIGIN = "returned to origin"
    CANCELLED_TOO_LATE = "cancelled too late, returned to origin"
    CANCELLED_BEFORE_INVOICE = "cancelled before the invoice"
    CANCELLED_AFTER_INVOICE = "cancelled after the invoice"
    REFUSED_THEN_CANCELLED = "invoice refused, Omni cancels"
    REFUSED_THEN_OVERDUE = "invoice refused, dispatch overdue"
    REFUSED_LATE = "invoice acknowledged, refused later"
    REFUSED_THEN_FIXED = "invoice refused, put right and sold"
    REFUSED_THEN_CORRECTED = "address unknown to the registry, put right and sold"
    REVOKED_THEN_FIXED = "invoice revoked, made anew and sold"


TO_ORIGIN = (Fate.RETURNED_TO_ORIGIN, Fate.CANCELLED_TOO_LATE)
RETURNS = (Fate.RETURNED, *TO_ORIGIN)
CANCELLATIONS = (Fate.CANCELLED_BEFORE_INVOICE, Fate.CANCELLED_AFTER_INVOICE)
REFUSALS = (Fate.REFUSED_THEN_CANCELLED, Fate.REFUSED_THEN_OVERDUE, Fate.REFUSED_LATE)
"""Nothing of it is sold, because there is no invoice."""
PUT_RIGHT = (Fate.REFUSED_THEN_FIXED, Fate.REFUSED_THEN_CORRECTED)
"""Refused, and taken after that."""
FIXES = (*PUT_RIGHT, Fate.REVOKED_THEN_FIXED)
TROUBLES = (*REFUSALS, *FIXES)
"""The issuer of the invoice does something for which somebody must look."""


class Quirk(StrEnum):
    """What the senders get wrong: events twice, early, or late. None of it may change how the order ends."""

    ORDER_TWICE = "order twice"
    PACK_TWICE = "pack confirmation twice"
    HANDOVER_TWICE = "handover twice"
    DELIVERY_TWICE = "delivery twice"
    CANCEL_TWICE = "cancellation twice"
    RETURN_TWICE = "return twice"
    PACK_EARLY = "pack confirmation before the order"
    HANDOVER_EARLY = "handover before the order"
    B2B_PACK_EARLY = "packed in the warehouse before the B2B order"
    DELIVERY_EARLY = "delivery before the handover's answer"
    CANCEL_EARLY = "cancellation before the order"
    CANCEL_ON_THE_WAY = "cancelled on the way, so returned to origin"
    LABEL_LATE = "shipping label some seconds after the pack"


@dataclass(frozen=True)
class Item:
    """One line as ordered; the price is per unit, tax included."""

    line: str
    sku: str
    quantity: int
    price: Decimal


@dataclass(frozen=True)
class Unit:
    """One unit that comes back."""

    code: str
    line: str
    verdict: QualityCheck


@dataclass(frozen=True)
class Return:
    """What comes back of a parcel."""

    code: str
    type: ReturnType
    units: tuple[Unit, ...]

    @property
    def quantities(self) -> Quantities:
        """Units by line."""
        return Quantities.of((unit.line, 1) for unit in self.units)


@dataclass(frozen=True)
class Parcel:
    """What is packed together, and what comes back of it."""

    id: str
    packed: Quantities
    comes_back: Return | None = None


@dataclass(frozen=True)
class Pace:
    """Seconds that people and lorries take: from the day's beginning to the order, and from each step to the next."""

    order: float
    b2b_pack: float
    """In the warehouse, from the B2B order on (WMS variant)."""
    pack: float
    handover: float
    delivery: float
    second_thoughts: float
    """From delivery to return, or from a step to the cancellation that follows it."""
    dispatch: float
    """From the order to the promised dispatch."""


@dataclass(frozen=True)
class Story:
    """One order's story."""

    shop: Shop
    code: str
    location: str
    items: tuple[Item, ...]
    fate: Fate
    parcels: tuple[Parcel, ...]
    cancelled: Quantities
    """The absolute cancelled quantities that are posted in the end, by whomever."""
    quirks: frozenset[Quirk]
    pace: Pace
    recipient: Recipient

    @property
    def account(self) -> str:
        """Client Y's seller account."""
        return self.shop.account

    @property
    def channel(self) -> str:
        """The channel that it sells on."""
        return self.shop.channel

    @property
    def variant(self) -> Variant:
        """How it is sold."""
        return self.shop.variant

    @property
    def key(self) -> str:
        """Account and order code."""
        return order_key(self.account, self.code)

    @property
    def ordered(self) -> Quantities:
        """Units by line."""
        return Quantities.of((item.line, item.quantity) for item in self.items)

    @property
    def comes_back(self) -> Quantities:
        """Units by line that are returned."""
        return sum((parcel.comes_back.quantities for parcel in self.parcels if parcel.comes_back), NOTHING)


@dataclass(frozen=True)
class Count:
    """The warehouse counts a SKU, `after` seconds of the day; it tells so `told_after` seconds later, maybe twice."""

    after: float
    account: str
    location: str
    sku: str
    quantity: int
    told_after: float = 0
    twice: bool = False

    @property
    def key(self) -> str:
        """Account, location and SKU."""
        return f"{self.account}/{self.location}/{self.sku}"


@dataclass(frozen=True)
class Day:
    """All that is played, in the order of its beginnings. `span` is in seconds, from the first order to the last."""

    stories: tuple[Story, ...]
    counts: tuple[Count, ...]
    span: float
