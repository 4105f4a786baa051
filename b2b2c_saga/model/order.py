"""The row of an order: what is known of it, its shipments, and what goes back of them."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from b2b2c_saga.model.early import Early
from b2b2c_saga.model.facts import Subject, fact
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages.answers import StockLevel
from b2b2c_saga.model.messages.base import order_key
from b2b2c_saga.model.messages.integration import Cause
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.shipment import Fulfilment, Shipment, Told
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.model.words import Recipient

CANCELLING = (Cause.CANCELLATION, Cause.PULLED)


@fact
class Line:
    """One line as taken in; both prices are per unit, snapshotted."""

    code: str
    sku: str
    quantity: int
    selling_price: Decimal
    discount: Decimal
    """Of the line as a whole, in rupees."""
    unit_price: Decimal
    """The B2B price X -> Y, tax included."""
    hsn: str
    name: str
    """Of the product; empty where it was not kept."""
    unit: str
    """What it is counted in: a unit quantity code."""


@fact
class Correction:
    """Who put right how the consumer is reached, when and why."""

    at: datetime
    by: str
    reason: str


@fact
class Release(Subject):
    """Units cancelled before they were packed: the warehouse need not keep them any longer."""

    id: str
    quantities: Quantities
    done: bool = False
    counted: tuple[StockLevel, ...] = ()
    """What the warehouse has since."""

    @property
    def name(self) -> str:
        """Its id, unique within the order."""
        return self.id


@fact
class Order(Subject):
    """Everything known of one order. Empty but for its identity until intake; early events wait in it."""

    account: str
    code: str
    terms: Terms
    channel: str = ""
    location: str = ""
    lines: tuple[Line, ...] = ()
    ordered_at: datetime | None = None
    dispatch_by: datetime | None = None
    recipient: Recipient | None = None
    """The consumer: the one personal part of the row."""
    correction: Correction | None = None
    """The newest, which `recipient` is of."""
    cancel_asked: Quantities = NOTHING
    cancelled_open: Quantities = NOTHING
    """Cancelled before they were packed."""
    expected_back: Quantities = NOTHING
    """Cancelled, and not to be had any more, such as units that had left: nothing to do until they come back."""
    b2b_ordered: Quantities = NOTHING
    """What the warehouse was asked to keep for the B2B order."""
    b2b_order_code: str | None = None
    alerted: Told = frozenset()
    return_told: Quantities = NOTHING
    """What was told to be expected back, at most."""
    shipments: tuple[Shipment, ...] = ()
    releases: tuple[Release, ...] = ()
    early: tuple[Early, ...] = ()

    @cached_property
    def key(self) -> str:
        """Account and order code."""
        return order_key(self.account, self.code)

    @property
    def not_leaving(self) -> Quantities:
        """Ordered, and not asked to be handed over: what a cancellation can still stop."""
        return self.ordered - Quantities.of(pair for s in self.shipments if s.leaving for pair in s.quantities)

    @property
    def is_known(self) -> bool:
        """Intake has happened."""
        return bool(self.lines)

    @property
    def b2b_order_refused(self) -> bool:
        """The warehouse will not have the B2B order."""
        return self.b2b_order_code is None and self.is_refused("create_b2b_order")

    @cached_property
    def ordered(self) -> Quantities:
        """What the consumer ordered."""
        return Quantities.of((line.code, line.quantity) for line in self.lines)

    @cached_property
    def open(self) -> Quantities:
        """Ordered, and neither packed nor cancelled."""
        packed = Quantities.of(pair for shipment in self.shipments for pair in shipment.quantities)
        return self.ordered - self.cancelled_open - packed

    @property
    def cancel_unmet(self) -> Quantities:
        """Cancelled by somebody, and no unit taken back for it: not yet, or because it had left."""
        if not self.cancel_asked:
            return NOTHING
        taken = Quantities.of(
            pair for s in self.shipments for r in s.reversals if r.cause in CANCELLING for pair in r.quantities
        )
        return (self.cancel_asked - self.cancelled_open - taken).or_more(NOTHING)

    @property
    def not_understood(self) -> tuple[tuple[str, str], ...]:
        """Calls about the order as a whole that go on because no answer is understood; shipments have their own."""
        unmet = {
            "create_b2b_order": self.b2b_order_code is None,
            "cancel_on_marketplace": not self.not_leaving.fits_in(self.cancel_asked),
        }
        own = ((call, why) for call, why in self.puzzles if unmet.get(call))
        kept = ((f"{r.id} {call}", why) for r in self.releases if not r.done for call, why in r.puzzles)
        return (*own, *kept)

    def line(self, code: str) -> Line:
        """The line of that code."""
        return next(line for line in self.lines if line.code == code)

    def shipment(self, shipment_id: str) -> Shipment | None:
        """The shipment of that id."""
        return next((shipment for shipment in self.shipments if shipment.id == shipment_id), None)

    def with_shipment(self, shipment: Shipment) -> "Order":
        """With this shipment added, or put in place of the one of its id."""
        others = (known for known in self.shipments if known.id != shipment.id)
        return replace(self, shipments=tuple(sorted((*others, shipment), key=lambda s: s.id)))

    def release(self, release_id: str) -> Release | None:
        """The release of that id."""
        return next((release for release in self.releases if release.id == release_id), None)

    def with_release(self, release: Release) -> "Order":
        """With this release added, or put in place of the one of its id."""
        others = (known for known in self.releases if known.id != release.id)
        return replace(self, releases=tuple(sorted((*others, release), key=lambda r: r.id)))

    @cached_property
    def settled(self) -> bool:
        """Every reversal and release is done."""
        return all(s.settled for s in self.shipments) and all(r.done for r in self.releases)

    @property
    def fulfilment(self) -> Fulfilment:
        """Where the order is: its least advanced part that is still to stay sold."""
        states = {s.fulfilment for s in self.shipments if s.left or not s.settled}
        if Fulfilment.PARKED in states or (self.b2b_order_refused and self.open):
            return Fulfilment.PARKED
        if Fulfilment.REVERSING in states:
            return Fulfilment.REVERSING
        if self.has("close"):
            return Fulfilment.CLOSED
        if self.open or not states:
            states.add(Fulfilment.OPEN)
        return next(state for state in Fulfilment if state in states)

    @property
    def invoice_state(self) -> InvoiceState:
        """Where its B2B documents are: the least advanced of them."""
        states = {s.invoice_state for s in self.shipments}
        return next((state for state in InvoiceState if state in states), InvoiceState.NONE)


def reversals(order: Order) -> list[tuple[Shipment, Reversal]]:
    """All that goes back of an order."""
    return [(shipment, reversal) for shipment in order.shipments for reversal in shipment.reversals]
