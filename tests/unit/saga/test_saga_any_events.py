"""Any events in any order: what must hold of every row, and facts that don't depend on the order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from drawn_events import ANY, ORDER, answers
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from b2b2c_saga.model.messages import Event, Reply
from b2b2c_saga.model.messages.answers import Refusal
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order, encode_order
from b2b2c_saga.model.words import from_epoch_ms, to_epoch_ms
from b2b2c_saga.saga.check import invariants
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.worlds import PASS_THROUGH, TERMS, cancel, handover, pack
from b2b2c_saga.saga.decide import Alarm, Decision, Saga
from b2b2c_saga.steps import ORDERS

LONG_AGO = datetime.min.replace(tzinfo=UTC)
WAITS = st.sampled_from(
    [timedelta(0), timedelta(seconds=10), timedelta(minutes=2), timedelta(hours=1), timedelta(days=2)]
)
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""No shrinking: it takes minutes, and the steps are told anyway."""

FACTS_ONLY: Saga[Order] = Saga(tuple(replace(step, gates=[]) for step in ORDERS.steps))


class AnyEvents(RuleBasedStateMachine):
    """One order, and whatever may be said of it."""

    @initialize(terms=st.sampled_from([TERMS, PASS_THROUGH]), known=st.booleans())
    def begin(self, terms: object, known: bool) -> None:  # noqa: FBT001 - hypothesis draws it
        self.row, self.now = Order("ACC", "O", terms), START  # type: ignore[arg-type]
        if known:
            self.decide(ORDER)

    def decide(self, event: Event | Alarm) -> Decision[Order]:
        decision = ORDERS.decide(self.row, event, self.now)
        self.row = decision.row
        return decision

    def is_from_the_future(self, event: Event) -> bool:
        """It answers a look-up that was not made yet."""
        shipment = self.row.shipment(getattr(event, "shipment_id", ""))
        made = shipment.times("look_up_invoice") if shipment else 0
        return int(getattr(event, "look_up", 0)) > made

    @rule(event=ANY, wait=WAITS)
    def hear(self, event: Event, wait: timedelta) -> None:
        if self.is_from_the_future(event):
            return
        self.now += wait
        first = self.decide(event)
        again = ORDERS.decide(self.row, event, self.now)
        assert again.row == self.row or any(refused.event == event for refused in first.refused)
        assert all(isinstance(output.message, Reply) for output in again.outputs)
        sent = [output.id for output in first.outputs if not isinstance(output.message, Reply)]
        assert len(set(sent)) == len(sent)

    @rule()
    def ring(self) -> None:
        due = ORDERS.alarm(self.row, self.now)
        if due is None:
            return
        early = ORDERS.decide(self.row, Alarm(), due - timedelta(microseconds=1))
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
            assert not s.leaving or (s.invoice.is_registered and s.documents)

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


TestAnyEvents = AnyEvents.TestCase
TestAnyEvents.settings = settings(max_examples=60, stateful_step_count=25, deadline=None, phases=QUICK)


def packed() -> Order:
    """An order with two shipments, one in reversal."""
    row = Order("ACC", "O", TERMS)
    for event in (ORDER, pack("A", 2, line="K"), pack("B", line="L"), cancel(2, "K"), cancel(1, "L"), handover("B")):
        row = ORDERS.decide(row, event, START).row
    return row


@settings(deadline=None)
@given(st.lists(answers(refusal=Refusal.PERMANENT), max_size=10), st.randoms(use_true_random=False))
def test_facts_are_the_same_in_any_order_and_any_number_of_times(said: list[Event], random: Random):
    def told(events: list[Event]) -> Order:
        row = packed()
        for event in events:
            row = FACTS_ONLY.decide(row, event, START).row
        return replace(row, early=tuple(sorted(row.early, key=repr)))

    shuffled = [*said, *said]
    random.shuffle(shuffled)
    assert told(said) == told(shuffled)


@settings(deadline=None, max_examples=50)
@given(st.lists(ANY, max_size=12), st.lists(ANY, max_size=12))
def test_equal_rows_give_equal_bytes_and_others_others(one: list[Event], other: list[Event]):
    rows = []
    for events in (one, other):
        row = Order("ACC", "O", TERMS)
        for event in (ORDER, *events):
            row = ORDERS.decide(row, event, START).row
        rows.append(row)
    assert (rows[0] == rows[1]) == (encode_order(rows[0]) == encode_order(rows[1]))
