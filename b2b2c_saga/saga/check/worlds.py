"""The small worlds that `check` explores.

Each says what upstream sends, how many answers may fail, and how often an alarm may overtake.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from b2b2c_saga.model.messages import Event, StockEvent
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.model.terms import (
    Numbers,
    Terms,
)
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.samples import (
    EWAY_BILLS,
    FIRM,
    IMPATIENT,
    PASS_THROUGH,
    SERIES,
    TERMS,
    WMS,
    b2b_pack,
    bad_orders,
    cancel,
    come_back,
    corrected,
    count,
    delivered,
    handover,
    order,
    pack,
    registered,
    stock_strays,
    strays,
    undone,
)


@dataclass(frozen=True)
class Setting:
    """A world to explore, and how far it is explored when a mutant is hunted."""

    events: tuple[Event, ...]
    after_handover: tuple[Event, ...] = ()
    faults: int = 0
    delays: int = 0
    quirks: int = 0
    fixes: int = 0
    echo: str = ""
    terms: Terms = TERMS
    one_by_one: bool = False
    """Each event alone in a world of its own, instead of all together."""

    @property
    def is_stock(self) -> bool:
        """It is about stock, not about an order."""
        return isinstance(self.events[0], StockEvent)

    def world(self, *events: Event) -> World:
        """The first state."""
        row = Stock("ACC", "W", "SKU", self.terms) if self.is_stock else Order("ACC", "O", self.terms)
        return World(
            row=row,  # type: ignore[arg-type]  # the same search explores stock
            flying=frozenset(events or self.events),
            after_handover=frozenset(self.after_handover),
            faults=self.faults,
            delays=self.delays,
            echo=self.echo,
            quirks=self.quirks,
            fixes=self.fixes,
        )


ONE = (order(), pack("A"), handover("A"), cancel(1))
TWO = (order(2), pack("A", 2), handover("A"), cancel(1))
WORLDS: dict[str, Setting] = {
    "one unit": Setting(ONE, faults=1),
    "strays": Setting(strays(), one_by_one=True),
    "bad orders": Setting(bad_orders(), one_by_one=True),
    "delivered in the future": Setting((order(), pack("A"), delivered("A", timedelta(hours=1)))),
    "corrected in the future": Setting((order(), corrected("560002", timedelta(hours=1)), pack("A"))),
    "the wrong channel": Setting((order(), pack("A")), terms=replace(TERMS, channel="OTHER")),
    "stock": Setting((count(1, 5), count(2, 3), count(3, 9)), faults=2),
    "stock, strays": Setting(stock_strays(), one_by_one=True),
    "stock, late alarms": Setting((count(1, 5), count(2, 3)), faults=1, delays=1),
    "no B2B leg": Setting((*TWO, registered("A")), (come_back("A", "R1", "A0"),), faults=1, terms=PASS_THROUGH),
    "no B2B leg, undone all the same": Setting(
        (order(), pack("A"), cancel(1), undone("A", "?"), undone("A", "!")), terms=PASS_THROUGH
    ),
    "a marketplace of its own mind": Setting(ONE, quirks=1),
    "two lines": Setting((order(K=1, L=1), pack("A", line="K"), handover("A"), cancel(1, "L"), cancel(1, "K"))),
    "cancelled, with late alarms": Setting((order(), pack("A"), cancel(1)), faults=1, delays=1),
    "part of a shipment": Setting(TWO, faults=1),
    "a shipment bit by bit": Setting((*TWO, cancel(2)), quirks=1),
    "returned with failures": Setting((order(2), pack("A", 2), handover("A")), (come_back("A", "R1", "A0"),), faults=1),
    "one unit, two failures": Setting((order(), pack("A"), cancel(1)), faults=2),
    "no news before the handover": Setting((order(), pack("A"), handover("A")), faults=2),
    "one unit, asked twice": Setting(
        (order(), pack("A"), pack("A", request="q2"), handover("A"), handover("A", "h2")), faults=1
    ),
    "two shipments": Setting((order(2), pack("A"), pack("B"), handover("A"), cancel(1))),
    "returned twice": Setting(
        TWO,
        (
            come_back("A", "R1", "A0"),
            come_back("A", "R2", "A0"),
            come_back("A", "R3", "A1"),
            come_back("A", "R1", "A1"),
        ),
    ),
    "one unit, late alarms": Setting(ONE, faults=1, delays=1),
    "part of a shipment, late alarms": Setting(TWO, faults=1, delays=1),
    "put right": Setting((order(), pack("A"), handover("A"), cancel(1)), quirks=1, fixes=1),
    "put right, with failures": Setting((order(), pack("A")), faults=1, quirks=1, fixes=1),
    "part of it put right": Setting((order(2), pack("A", 2), cancel(1)), quirks=1, fixes=1),
    "given up": Setting((order(), pack("A"), cancel(1)), faults=1, fixes=1, terms=IMPATIENT),
    "a channel that forbids": Setting(TWO, faults=1, quirks=1, terms=FIRM),
    "a channel that forbids, as a whole": Setting(ONE, quirks=1, terms=FIRM),
    "a channel that forbids, late alarms": Setting((order(), pack("A"), cancel(1)), faults=1, delays=1, terms=FIRM),
    "a B2B order": Setting((order(), cancel(1)), faults=1, quirks=1, terms=WMS),
    "a B2B order, late alarms": Setting((order(), cancel(1)), faults=2, delays=1, quirks=1, terms=WMS),
    "a B2B order, told again": Setting((order(), cancel(1)), faults=2, echo="B2BOrderUnanswered", terms=WMS),
    "WMS variant": Setting((order(), b2b_pack("A"), pack("A"), handover("A"), cancel(1)), faults=1, terms=WMS),
    "WMS variant, its own mind": Setting((order(), b2b_pack("A"), pack("A"), cancel(1)), quirks=1, terms=WMS),
    "WMS variant, part of it": Setting((order(2), b2b_pack("A", 2), pack("A", 2), cancel(1)), terms=WMS),
    "WMS variant, too much": Setting((order(2), b2b_pack("A", 2), pack("A"), b2b_pack("B"), cancel(1)), terms=WMS),
    "cancelled before the pack": Setting((order(), cancel(1)), faults=2, delays=1, echo="CancelUnanswered"),
    "put right twice": Setting((order(), pack("A")), quirks=2, fixes=1, echo="MarketplacePackRefused"),
    "given up twice": Setting((order(), pack("A"), cancel(1)), faults=2, terms=IMPATIENT),
    "not found, told again": Setting((order(), pack("A")), faults=2, echo="InvoiceNotFound"),
    "pending, told again": Setting((order(), pack("A")), faults=3, delays=2, echo="InvoicePending"),
    "packed, told again": Setting((order(), pack("A")), faults=1, quirks=1, echo="MarketplacePacked"),
    "goods refused, late alarms": Setting((order(), pack("A"), cancel(1)), faults=1, delays=1, quirks=1),
    "stock that is refused": Setting((count(1, 5), count(2, 3)), faults=1, quirks=2),
    "numbers of the issuer": Setting(ONE, faults=1, terms=SERIES),
    "numbers of the issuer, refused": Setting((order(), pack("A"), cancel(1)), quirks=1, fixes=1, terms=SERIES),
    "numbers of the issuer, refused after a silence": Setting(
        (order(2), pack("A", 2), cancel(1)), faults=1, quirks=1, terms=SERIES
    ),
    "numbers of the issuer, refused twice": Setting(
        (order(), pack("A")), quirks=2, fixes=1, echo="InvoiceStepRefused", terms=SERIES
    ),
    "numbers of the issuer, late alarms": Setting(
        (order(2), pack("A", 2), cancel(1)), faults=1, delays=1, terms=SERIES
    ),
    "numbers of the issuer, WMS variant": Setting(
        (order(), b2b_pack("A"), pack("A"), cancel(1)), faults=1, terms=replace(WMS, numbers=Numbers.ISSUER)
    ),
    "numbers of the issuer, a channel without a B2B leg": Setting(
        (order(), pack("A"), cancel(1)), terms=replace(PASS_THROUGH, numbers=Numbers.ISSUER)
    ),
    "numbers of the issuer, taken back": Setting(
        (order(), pack("A")), quirks=1, fixes=1, terms=SERIES, echo="InvoiceNumberGiven"
    ),
    "an e-way bill": Setting(ONE, faults=1, terms=EWAY_BILLS),
    "an e-way bill, refused": Setting((order(), pack("A")), quirks=1, fixes=1, terms=EWAY_BILLS),
    "an e-way bill, refused after a silence": Setting((order(), pack("A")), faults=1, quirks=1, terms=EWAY_BILLS),
    "an e-way bill, late alarms": Setting((order(), pack("A"), handover("A")), faults=1, delays=1, terms=EWAY_BILLS),
    "an address put right": Setting((order(), pack("A"), corrected("560002"), cancel(1)), quirks=1),
    "an address put right twice": Setting(
        (order(), pack("A"), corrected("560002"), corrected("560003", timedelta(hours=1))), faults=1
    ),
    "an address put right, WMS variant": Setting(
        (order(), corrected("560002"), cancel(1)), quirks=1, faults=1, terms=WMS
    ),
    "nil-rated": Setting((order(MILK=1), pack("A", line="MILK"), handover("A"), cancel(1, "MILK"))),
    "too much": Setting((order(2), order(1), pack("A", 2), pack("B"), pack("A"), cancel(3), cancel(2))),
}
