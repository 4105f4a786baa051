"""One order among outside systems that answer as they may: the check's rules at each step, and its books at rest.

The exhaustive check takes small worlds to their end; here upstream may say more than it can explore.
"""

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from ordered_worlds import moves, ways

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.saga.check.history import Happened, entries
from b2b2c_saga.saga.check.samples import (
    FIRM,
    IMPATIENT,
    PASS_THROUGH,
    TERMS,
    WMS,
    b2b_pack,
    cancel,
    come_back,
    handover,
    order,
    pack,
)
from b2b2c_saga.saga.check.transitions import Move, Transitions
from b2b2c_saga.saga.check.worlds import Setting
from b2b2c_saga.saga.decide import Alarm
from b2b2c_saga.steps import ORDERS

SHIPMENTS, LINES, ANY_OF = st.sampled_from("ABC"), st.sampled_from("KL"), st.integers(0, 2**16)
UNITS = st.integers(1, 3)
CHANNELS: dict[str, Terms] = {
    "ERP": TERMS,
    "WMS": WMS,
    "plain": PASS_THROUGH,
    "no cancel after pack": FIRM,
    "one attempt": IMPATIENT,
}
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""No shrinking: the history is told."""


class AnyWorld(RuleBasedStateMachine):
    """Five units of two lines, in up to three shipments."""

    @initialize(
        channel=st.sampled_from(sorted(CHANNELS)),
        parcels=st.tuples(st.integers(1, 3), st.integers(0, 2)),
        troubles=st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 2), st.integers(0, 4)),
        back=st.sets(st.sampled_from("AB")),
    )
    def begin(
        self, channel: str, parcels: tuple[int, int], troubles: tuple[int, int, int, int], back: set[str]
    ) -> None:
        """The order and two parcels of it are under way, as is their handover; one unit of each may come back."""
        faults, delays, quirks, fixes = troubles
        terms = CHANNELS[channel]
        said: list[Event] = [order(K=3, L=2)]
        for shipment, line, units in zip("AB", "KL", parcels, strict=True):
            if units:
                said += [pack(shipment, units, f"p{shipment}", line), handover(shipment, f"h{shipment}")]
                said += [b2b_pack(shipment, units, line)] * terms.b2b_order
        returns = tuple(
            come_back(shipment, "R1", f"{shipment}{line}0", line=line)
            for shipment, line in zip("AB", "KL", strict=True)
            if shipment in back
        )
        setting = Setting(tuple(said), returns, faults, delays, quirks, fixes, terms)
        self.step = Transitions(ORDERS, is_stock=False)
        self.start = self.world = self.step.first(setting.world())
        self.happened: list[Happened] = []
        self.requests = 0

    def told(self) -> str:
        return "\n".join(entries(ORDERS, self.start.row, self.happened))

    def take(self, move: Move, way: int) -> None:
        """A move, and one of the ways in which the outside may answer what follows."""
        event, before = move
        self.happened.append(Happened(event, before.now))
        reached = ways(self.step, move)
        assert [broken for _, broken in reached if broken] == [], self.told()
        self.world, _ = reached[way % len(reached)]

    def say(self, event: Event) -> None:
        """Upstream says something: it is on its way."""
        self.world = self.world._replace(flying=self.world.flying | {self.step.one(event)})

    def request(self) -> str:
        self.requests += 1
        return f"q{self.requests}"

    @rule(shipment=SHIPMENTS, units=UNITS, line=LINES)
    def the_station_packs(self, shipment: str, units: int, line: str) -> None:
        self.say(pack(shipment, units, self.request(), line))

    @rule(shipment=SHIPMENTS, units=UNITS, line=LINES)
    def the_warehouse_packs(self, shipment: str, units: int, line: str) -> None:
        if self.world.row.terms.b2b_order:
            self.say(b2b_pack(shipment, units, line))

    @rule(shipment=SHIPMENTS)
    def a_handover_is_asked_for(self, shipment: str) -> None:
        self.say(handover(shipment, self.request()))

    @rule(units=UNITS, line=LINES)
    def somebody_cancels(self, units: int, line: str) -> None:
        self.say(cancel(units, line))

    @rule(
        shipment=SHIPMENTS, code=st.sampled_from(["R1", "R2"]), units=st.sets(st.integers(0, 2), min_size=1), line=LINES
    )
    def goods_come_back(self, shipment: str, code: str, units: set[int], line: str) -> None:
        if ("handed over", shipment) in self.world.market:
            self.say(come_back(shipment, code, *(f"{shipment}{line}{n}" for n in sorted(units)), line=line))

    @rule(choices=st.lists(st.tuples(ANY_OF, ANY_OF), min_size=1, max_size=6))
    def things_happen(self, choices: list[tuple[int, int]]) -> None:
        for which, way in choices:
            if next_ones := moves(self.step, self.world):
                self.take(next_ones[which % len(next_ones)], way)

    @rule(way=ANY_OF)
    def time_passes(self, way: int) -> None:
        """As long as it takes until an alarm rings, whatever is on its way."""
        alarms = [move for move in moves(self.step, self.world) if isinstance(move[0], Alarm)]
        if alarms:
            self.take(alarms[-1], way)

    @precondition(lambda self: self.happened)
    @rule(which=ANY_OF)
    def what_was_heard_is_heard_again(self, which: int) -> None:
        event = self.happened[which % len(self.happened)].event
        if isinstance(event, Event):
            self.say(event)

    def teardown(self) -> None:
        """Everything that is on its way arrives, every alarm rings, and then the books must agree."""
        if not hasattr(self, "world"):
            return
        for n in range(2_000):
            next_ones = moves(self.step, self.world)
            if not next_ones:
                break
            self.take(next_ones[n * 7 % len(next_ones)], n * 5)
        assert not moves(self.step, self.world), "never came to rest"
        assert self.step.at_rest(self.world) == [], self.told()
        self.what_stays_sold_is_what_the_books_say()

    def what_stays_sold_is_what_the_books_say(self) -> None:
        """Ordered = open + packed + cancelled, line by line; packed = left + back; and the books know what is left."""
        row: Order = self.world.row
        if not row.is_known:
            return
        packed = Quantities.of(pair for s in row.shipments for pair in s.quantities)
        back = Quantities.of(pair for s in row.shipments for r in s.reversals for pair in r.quantities)
        assert row.ordered == row.open + row.cancelled_open + packed
        assert back.fits_in(packed)
        left = Quantities.of(pair for s in row.shipments for pair in s.left)
        assert left == packed - back
        if row.fulfilment is Fulfilment.CLOSED:
            believed = {s.invoice.number for s in row.shipments if s.invoice.exists}
            not_told = {d for d in self.world.revoked if d.number in believed}  # by hand at the portal; `prove` sees it
            live = {d.number: d.units for d in self.world.booked | not_told}
            undone = sum(a.units or live[a.document] for a in self.world.undone if a.document in live)
            sold = sum(live.values()) - undone
            assert sold == left.total * row.terms.b2b_leg, self.told()


TestAnyWorld = AnyWorld.TestCase
TestAnyWorld.settings = settings(max_examples=60, stateful_step_count=15, deadline=None, phases=QUICK)
