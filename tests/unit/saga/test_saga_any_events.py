"""Any events in any order, sense and nonsense: what must hold of every row, whoever said what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drawn_events import ANY, ORDER
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from b2b2c_saga.model.messages import Event, Reply
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order, encode_order
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.model.words import from_epoch_ms, to_epoch_ms
from b2b2c_saga.saga.check import invariants
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import EWAY_BILLS, FIRM, IMPATIENT, PASS_THROUGH, PRICES, SERIES, TERMS, WMS
from b2b2c_saga.saga.decide import Alarm, Decision
from b2b2c_saga.steps import ORDERS

LONG_AGO = datetime.min.replace(tzinfo=UTC)
CHANNELS = st.sampled_from([TERMS, WMS, PASS_THROUGH, FIRM, IMPATIENT, SERIES, EWAY_BILLS])
WAITS = st.sampled_from(
    [timedelta(0), timedelta(seconds=10), timedelta(minutes=2), timedelta(hours=1), timedelta(days=2)]
)
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""No shrinking: it takes minutes, and the steps are told anyway."""


class AnyEvents(RuleBasedStateMachine):
    """One order, and whatever may be said of it."""

    @initialize(terms=CHANNELS, known=st.booleans())
    def begin(self, terms: Terms, known: bool) -> None:  # noqa: FBT001 - hypothesis draws it
        self.row, self.now = Order("ACC", "O", terms), START
        if known:
            self.decide(ORDER)

    def decide(self, event: Event | Alarm) -> Decision[Order]:
        decision = ORDERS.decide(self.row, event, self.now, PRICES)
        self.row = decision.row
        return decision

    def is_from_the_future(self, event: Event) -> bool:
        """It answers a look-up, a question for the label or a call that was not made yet."""
        shipment = self.row.shipment(getattr(event, "shipment_id", ""))
        made = {call: shipment.times(call) if shipment else 0 for call in ("look_up_invoice", "fetch_label")}
        look_up, poll = int(getattr(event, "look_up", 0)), int(getattr(event, "poll", 0))
        return look_up > made["look_up_invoice"] or poll > made["fetch_label"]

    @rule(event=ANY, wait=WAITS)
    def hear(self, event: Event, wait: timedelta) -> None:
        if self.is_from_the_future(event):
            return
        self.now += wait
        before = self.row
        first = self.decide(event)
        again = ORDERS.decide(self.row, event, self.now, PRICES)
        # What was answered while early events still waited may be asked again, and waits for news that they brought.
        answered = {reply.request_id for reply in first.replies if isinstance(reply, Reply)}
        same = _asked_by_nobody(again.row, answered) == _asked_by_nobody(self.row, answered)
        assert same or any(refused.event == event for refused in first.refused)
        assert all(isinstance(output.message, Reply) for output in again.outputs)
        sent = [output.id for output in first.outputs if not isinstance(output.message, Reply)]
        assert len(set(sent)) == len(sent)
        if any(refused.event is event for refused in first.refused):
            settled = ORDERS.decide(before, Alarm(), self.now, PRICES)  # time may have come for something else
            assert encode_order(self.row) == encode_order(settled.row)

    @rule()
    def ring(self) -> None:
        due = ORDERS.alarm(self.row, self.now)
        if due is None:
            return
        early = ORDERS.decide(self.row, Alarm(), due - timedelta(microseconds=1), PRICES)
        assert (early.row, early.outputs, early.refused) == (self.row, (), ())
        self.now = max(self.now, from_epoch_ms(to_epoch_ms(due)))
        before = self.row
        assert self.decide(Alarm()).row != before

    @invariant()
    def nothing_is_lost_or_made(self) -> None:
        assert list(invariants.of_row(self.row)) == []
        for line in self.row.lines:
            packed = sum(s.quantities[line.code] for s in self.row.shipments)
            assert line.quantity == self.row.open[line.code] + packed + self.row.cancelled_open[line.code]
        for s in self.row.shipments:
            assert s.invoice.needed or not s.attempt
            assert s.quantities == s.left + s.quantities - s.left
            assert not s.has("pack_on_marketplace") or s.confirmed
            assert not s.attempt or s.b2b_packed
            assert not s.leaving or s.label

    @invariant()
    def the_row_survives_the_changelog(self) -> None:
        read = decode_order(encode_order(self.row))
        assert (read, hash(read), encode_order(read)) == (self.row, hash(self.row), encode_order(self.row))

    @invariant()
    def alarms_are_in_the_future_whoever_asks(self) -> None:
        due = ORDERS.alarm(self.row, self.now)
        assert due is None or due > self.now
        assert ORDERS.alarm(self.row, LONG_AGO) == due

    @invariant()
    def what_is_early_has_patience_left(self) -> None:
        for early in self.row.early:
            assert self.now < early.since + self.row.terms.patience.early_event
            assert ORDERS.learning(type(early.event)).lacks(self.row, early.event)

    @invariant()
    def every_closed_gate_says_why(self) -> None:
        for gate, unmet in ORDERS.waiting(self.row, self.now).items():
            assert unmet, gate

    @invariant()
    def the_states_are_those_of_the_business(self) -> None:
        for s in self.row.shipments:
            back, answered = bool(s.reversals) and not s.settled, s.fulfilment not in ("PARKED", "PACKING")
            assert (s.fulfilment == "REVERSING") == (back and answered)
            assert (s.fulfilment == "CLOSED") == (not s.left and s.settled and not s.is_parked)
            assert s.fulfilment != "DELIVERED" or s.delivered_at is not None
        if self.row.has("close") and self.row.fulfilment == "CLOSED":
            assert self.row.settled


def _asked_by_nobody(row: Order, requests: set[str]) -> Order:
    """The row as if these requests were not waiting in it."""
    return replace(
        row,
        shipments=tuple(
            replace(
                s,
                pack_requests=s.pack_requests - requests,
                handover_requests=s.handover_requests - requests,
            )
            for s in row.shipments
        ),
    )


TestAnyEvents = AnyEvents.TestCase
TestAnyEvents.settings = settings(max_examples=100, stateful_step_count=25, deadline=None, phases=QUICK)
