"""The mechanism: learning, gates, time as a condition, events that wait, refusals, ids, and what is a Bug."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.errors import BadInput, Bug
from b2b2c_saga.model.messages import BY_TYPE, Event, Message, OrderEvent
from b2b2c_saga.model.messages.answers import (
    InvoiceAcknowledged,
    InvoiceRegistered,
    MarketplacePackRefused,
    Refusal,
    StockTaken,
)
from b2b2c_saga.model.messages.commands import PackOnMarketplace, RegisterInvoice
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.messages.replies import PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import HandoverRequested, PackConfirmed, PackFixed
from b2b2c_saga.model.order import Order
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import ABOUT, PRICES, TERMS, cancel, handover, order, pack
from b2b2c_saga.saga.decide import Alarm, Decision, Saga
from b2b2c_saga.saga.steps import After, Refuses, Step, Wrong
from b2b2c_saga.steps import ORDERS
from b2b2c_saga.steps.scopes import ORDER

NEW = Order("ACC", "O", TERMS)
MINUTE = timedelta(minutes=1)
TOO_MUCH = "more packed than is open: items.quantity of L = 2: at most 1"
Opened = tuple[Any, list[Message]]


def after(*events: Event, saga: Saga[Order] = ORDERS) -> Decision[Order]:
    """The last decision."""
    decision = Decision(NEW)
    for event in events:
        decision = saga.decide(decision.row, event, START, PRICES)
    return decision


def test_an_event_that_nobody_learns_is_a_bug():
    with pytest.raises(Bug, match="no step learns StockTaken"):
        ORDERS.decide(NEW, StockTaken(account="A", location="L", sku="S", system="omni", version=1), START, PRICES)


def test_gates_that_never_rest_are_a_bug():
    step = Step("restless")

    @step.gate(ORDER, times=None, always=lambda o: True)
    def turn(o: Order, now: datetime) -> Opened:
        return o, []

    with pytest.raises(Bug, match="the gates of ACC/O never come to rest"):
        Saga((step,)).decide(NEW, Alarm(), START, PRICES)


def test_a_gate_opens_as_often_as_it_may_and_tells_which_opening_it_is():
    step = Step("thrice")

    @step.gate(ORDER, times=lambda o: 3, order_known=lambda o: o.is_known)
    def call(o: Order, now: datetime) -> Opened:
        return o, [PackOnMarketplace(**ABOUT, shipment_id="A", attempt=o.times("call") + 1, items=())]

    placed = after(order(), saga=ORDERS).row
    decided = Saga((step,)).decide(placed, Alarm(), START, PRICES)
    assert [command.attempt for command in decided.commands] == [1, 2, 3]  # type: ignore[attr-defined]
    assert decided.row.times("call") == 3
    assert len({output.id for output in decided.outputs}) == 3
    assert len({output.idempotency_key for output in decided.outputs}) == 1
    assert Saga((step,)).decide(decided.row, Alarm(), START, PRICES).outputs == ()
    assert Saga((step,)).waiting(NEW, START) == {"call": ["order known"]}
    assert Saga((step,)).waiting(decided.row, START) == {}


def timed(*moments: datetime | None, or_if: bool = False) -> Saga[Order]:
    """A saga of one gate, with a condition of time for each moment."""
    step = Step("timed")
    conditions = {
        f"wait_{n}": After(lambda o, at=at: at, lambda o: MINUTE, or_if=lambda o: or_if) for n, at in enumerate(moments)
    }

    @step.gate(ORDER, **conditions)  # type: ignore[arg-type]
    def open_up(o: Order, now: datetime) -> Opened:
        return o, []

    return Saga((step,))


def test_time_is_a_condition_and_sets_the_alarm():
    saga = timed(START, START + MINUTE)
    assert saga.alarm(NEW, START) == START + 2 * MINUTE
    assert saga.waiting(NEW, START + MINUTE) == {"open up": ["wait 1"]}
    assert not saga.decide(NEW, Alarm(), START + 2 * MINUTE - timedelta(microseconds=1), PRICES).row.has("open_up")
    opened = saga.decide(NEW, Alarm(), START + 2 * MINUTE, PRICES).row
    assert opened.has("open_up")
    assert saga.alarm(opened, START + 2 * MINUTE) is None


def test_time_alone_does_not_help_a_gate_that_waits_for_something_else():
    assert timed(START, None).alarm(NEW, START) is None
    assert timed(None, or_if=True).decide(NEW, Alarm(), START).row.has("open_up")


@given(st.integers(1, 60))
def test_the_patience_between_calls_doubles_up_to_a_limit(attempt: int):
    row = after(
        order(), pack("A"), InvoiceRegistered(**ABOUT, shipment_id="A", document_number="B", registration="I")
    ).row
    shipment = row.shipments[0]
    for _ in range(attempt - 1):
        shipment = shipment.having_opened("pack_on_marketplace")
    silent = row.with_shipment(shipment.having_heard_nothing("pack_on_marketplace", attempt, START))
    due = ORDERS.alarm(silent, START)
    wait = min(30 * 2 ** (attempt - 1), 15 * 60)
    assert due == START + timedelta(seconds=wait)


def test_an_early_event_waits_once_and_is_let_in():
    waiting = after(pack("A"), pack("A"), handover("A")).row
    assert [type(early.event) for early in waiting.early] == [PackConfirmed, HandoverRequested]
    assert ORDERS.alarm(waiting, START) == START + TERMS.patience.early_event
    decided = ORDERS.decide(waiting, order(), START, PRICES)
    assert decided.row.early == ()
    assert decided.row.shipments[0].handover_asked
    assert decided.of(RegisterInvoice)


def test_the_patience_of_early_events_is_each_its_own():
    first = ORDERS.decide(NEW, pack("A"), START, PRICES).row
    both = ORDERS.decide(first, pack("B"), START + MINUTE, PRICES).row
    ends = START + TERMS.patience.early_event
    assert ORDERS.decide(both, Alarm(), ends - timedelta(microseconds=1), PRICES).refused == ()
    decided = ORDERS.decide(both, Alarm(), ends, PRICES)
    assert [(r.event, r.reason) for r in decided.refused] == [(pack("A"), "waited in vain for: order known")]
    assert [early.event for early in decided.row.early] == [pack("B")]
    assert ORDERS.alarm(decided.row, ends) == ends + MINUTE
    assert ORDERS.decide(decided.row, Alarm(), ends + MINUTE, PRICES).row == NEW


def test_gates_settle_before_the_next_early_event_is_let_in():
    decided = after(cancel(1), pack("A", request=None), order())
    assert decided.of(RegisterInvoice) == ()
    assert [r.reason for r in decided.refused] == ["more packed than is open: items.quantity of L = 1: at most 0"]


def test_a_refused_request_is_answered_and_a_refused_event_without_request_is_not():
    row = after(order()).row
    asked = ORDERS.decide(row, pack("A", 2, request="q9"), START, PRICES)
    assert asked.row == row
    assert asked.replies == (
        PackAnswered(**ABOUT, shipment_id="A", request_id="q9", outcome=PackOutcome.REFUSED, reason=TOO_MUCH),
    )
    assert [(r.event, r.reason) for r in asked.refused] == [(pack("A", 2, request="q9"), TOO_MUCH)]
    silent = ORDERS.decide(row, pack("A", 2, request=None), START, PRICES)
    assert (silent.outputs, len(silent.refused)) == ((), 1)


@pytest.mark.parametrize(
    ("refuses", "why"),
    [
        (lambda o, e, now: None, None),
        (lambda o, e, now: False, None),
        (lambda o, e, now: True, ("too odd", None, None, None)),
        (lambda o, e, now: Wrong("weightGrams", e.weight_grams, "even"), ("too odd", "weightGrams", 0, "even")),
        (lambda o, e, now: BadInput("elsewhere", "sku", "S"), ("elsewhere", "sku", "S", None)),
    ],
)
def test_what_refuses_an_event_may_name_the_field_the_value_and_the_rule(
    refuses: Refuses, why: tuple[object, ...] | None
):
    step = Step("picky")
    step.learns(PackConfirmed, refused_when={"fine": lambda o, e, now: None, "too odd": refuses})(lambda o, e, now: o)
    decided = Saga((step,)).decide(NEW, pack("A"), START, PRICES)
    assert [(r.why.reason, r.why.field, r.why.value, r.why.rule) for r in decided.refused] == ([why] if why else [])


def test_a_call_that_was_refused_is_made_again_once_it_is_put_right_and_at_once():
    registered = InvoiceRegistered(**ABOUT, shipment_id="A", document_number="B", registration="I")
    refused = MarketplacePackRefused(**ABOUT, shipment_id="A", refusal=Refusal.PERMANENT, reason="too heavy")
    row = after(order(), pack("A"), registered, refused).row
    assert ORDERS.decide(row, Alarm(), START + timedelta(days=1), PRICES).of(PackOnMarketplace) == ()
    fixed = ORDERS.decide(row, PackFixed(**ABOUT, shipment_id="A", attempt=1), START, PRICES)
    assert [command.attempt for command in fixed.of(PackOnMarketplace)] == [2]  # type: ignore[attr-defined]
    again = ORDERS.decide(fixed.row, PackFixed(**ABOUT, shipment_id="A", attempt=1), START, PRICES)
    assert (again.row, again.outputs) == (fixed.row, ())


def test_a_refusal_at_the_door_is_the_reply_that_the_saga_would_give():
    refused = ORDERS.refusal(pack("A", 2, request="q9"), TOO_MUCH)
    assert refused == ORDERS.decide(after(order()).row, pack("A", 2, request="q9"), START, PRICES).outputs[0]
    assert ORDERS.refusal(pack("A", request=None), "why") is None
    assert ORDERS.refusal(order(), "why") is None


def test_a_decision_sorts_what_it_decided():
    acknowledged = InvoiceAcknowledged(**ABOUT, shipment_id="A")
    registered = InvoiceRegistered(**ABOUT, shipment_id="A", document_number="B", registration="I")
    decided = after(order(), pack("A"), cancel(1), acknowledged, registered)
    assert [type(m).__name__ for m in decided.commands] == ["VoidInvoice", "PutGoodsAway"]
    assert [type(m) for m in decided.events] == [B2CReturnRequired]
    assert decided.replies == ()


def test_the_same_opening_has_the_same_ids_whenever_it_is_decided():
    row = after(order()).row
    one, other = (ORDERS.decide(row, pack("A"), START + wait, PRICES) for wait in (timedelta(0), MINUTE))
    assert [output.id for output in one.outputs] == [output.id for output in other.outputs]
    elsewhere = ORDERS.decide(replace(row, code="P"), pack("A").model_copy(update={"order_code": "P"}), START, PRICES)
    assert {output.id for output in elsewhere.outputs}.isdisjoint({output.id for output in one.outputs})


def test_what_a_closed_gate_waits_for_is_told_in_words():
    waiting = ORDERS.waiting(after(order(), pack("A"), handover("A")).row, START)
    assert waiting["hand over on marketplace A"] == ["invoice registered", "marketplace documents"]
    assert waiting["pack on marketplace A"] == ["invoice acknowledged"]
    assert waiting["close"] == ["nothing on its way out"]
    assert "register invoice A" not in waiting


def test_every_event_about_an_order_is_learned_by_exactly_one_step():
    learned = [kind for step in ORDERS.steps for kind in step.learnings]
    assert len(learned) == len(set(learned))
    assert set(learned) == {kind for kind in BY_TYPE.values() if issubclass(kind, OrderEvent)}
