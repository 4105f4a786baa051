"""Facts merge: in any order and any number of times they are the same, and no fact is ever taken back."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from operator import eq, ge, le
from random import Random
from typing import Any

import pytest
from drawn_events import ANY, BY_UPSTREAM, KINDS, ORDER, said
from hypothesis import given, settings
from hypothesis import strategies as st

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    HandedOver,
    InvoiceDiffers,
    InvoiceRefused,
    Refusal,
    StockRefused,
    StockTaken,
    StockUnanswered,
)
from b2b2c_saga.model.messages.fiscal import EwayBillNumber
from b2b2c_saga.model.messages.upstream import (
    B2BPacked,
    InvoiceFixed,
    OrderPlaced,
    PackConfirmed,
    ReturnReceived,
    StockCounted,
)
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.rows import decode_order, encode_order
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import ABOUT, PASS_THROUGH, PRICES, TERMS, WMS, cancel, handover, pack
from b2b2c_saga.saga.decide import Saga
from b2b2c_saga.steps import ORDERS, STOCK

FACTS_ONLY: Saga[Order] = Saga(tuple(replace(step, gates=[]) for step in ORDERS.steps))
STOCK_FACTS_ONLY: Saga[Stock] = Saga(tuple(replace(step, gates=[]) for step in STOCK.steps))
CHANNELS = st.sampled_from([TERMS, WMS, PASS_THROUGH])
RANDOM = st.randoms(use_true_random=False)
FIRST_WINS = {
    "b2b_order_code": "W",
    "refusal": Refusal.PERMANENT,
    "numbers": ("N1",),
    "eway_bills": (EwayBillNumber(document_number="N1", number="E"),),
}
"""Of these the first stays, whatever comes later: they are what the outside said once."""
LATER = timedelta(minutes=3)


@cache
def packed(terms: Terms, *more: Event) -> Order:
    """An order with two shipments, of which one goes back and the other has left."""
    row = Order("ACC", "O", terms)
    left = HandedOver(**ABOUT, shipment_id="B", handed_over_at=START)
    asked = (pack("A", 2, line="K"), pack("B", line="L"), cancel(2, "K"), cancel(1, "L"), handover("B"), left)
    for event in (ORDER, *asked, *more):
        row = ORDERS.decide(row, event, START, PRICES).row
    return row


def merged(row: Order, events: list[Event]) -> Order:
    """What is known after these."""
    for event in events:
        row = FACTS_ONLY.decide(row, event, START, PRICES).row
    return replace(row, early=tuple(sorted(row.early, key=repr)))


def in_some_order_and_twice(events: list[Event], random: Random) -> list[Event]:
    shuffled = [*events, *events]
    random.shuffle(shuffled)
    return shuffled


ANSWERS = said(*(kind for kind in KINDS if kind is not InvoiceFixed), counted=(), **FIRST_WINS)
"""That an invoice is put right is learned only while it is not registered: it has a test of its own."""


@settings(deadline=None)
@given(CHANNELS, st.lists(ANSWERS, max_size=12), RANDOM)
def test_facts_are_the_same_in_any_order_and_any_number_of_times(terms: Terms, answers: list[Event], random: Random):
    row = packed(terms)
    assert merged(row, answers) == merged(row, in_some_order_and_twice(answers, random))


@settings(deadline=None)
@given(st.lists(said(InvoiceRefused, InvoiceDiffers, InvoiceFixed), max_size=8), RANDOM)
def test_what_is_put_right_may_be_told_before_what_was_wrong(answers: list[Event], random: Random):
    row = packed(TERMS)
    assert merged(row, answers) == merged(row, in_some_order_and_twice(answers, random))


@settings(deadline=None)
@given(st.lists(st.builds(cancel, st.integers(1, 2), st.just("K")) | st.just(cancel(1, "L")), max_size=6), RANDOM)
def test_the_highest_cancelled_quantity_counts(events: list[Event], random: Random):
    row = FACTS_ONLY.decide(Order("ACC", "O", TERMS), ORDER, START, PRICES).row
    known = merged(row, in_some_order_and_twice(events, random))
    highest: dict[str, int] = {}
    for event in events:
        for line, units in event.quantities:  # type: ignore[attr-defined]
            highest[line] = max(highest.get(line, 0), units)
    assert known.cancel_asked == Quantities.of(highest)


OF_STOCK = {name: st.just(value) for name, value in {"account": "A", "location": "W", "sku": "S"}.items()}
SYSTEM, VERSION = st.sampled_from(["omni", "marketplace"]), st.integers(1, 4)
COUNTED: st.SearchStrategy[Event] = st.one_of(
    st.builds(StockTaken, **OF_STOCK, system=SYSTEM, version=VERSION),
    st.builds(StockRefused, **OF_STOCK, system=SYSTEM, version=VERSION, reason=st.just("no")),
    st.builds(StockUnanswered, **OF_STOCK, call=st.just("offer_stock"), attempt=st.integers(1, 3)),
    VERSION.map(lambda n: StockCounted(account="A", location="W", sku="S", quantity=10 * n, version=n)),
)


@given(st.lists(COUNTED, max_size=10), RANDOM)
def test_the_newest_count_wins_in_any_order_and_no_quantity_is_below_zero(events: list[Event], random: Random):
    def known(said: list[Event]) -> Stock:
        row = Stock("A", "W", "S", TERMS)
        for event in said:
            row = STOCK_FACTS_ONLY.decide(row, event, START, PRICES).row
        return replace(row, early=tuple(sorted(row.early, key=repr)))

    row = known(in_some_order_and_twice(events, random))
    assert row == known(events)
    versions = [event.version for event in events if isinstance(event, StockCounted)]
    assert (row.version, row.quantity) == (max(versions), 10 * max(versions)) if versions else (-1, 0)


def of_kind(kind: type[Event], **fixed: object) -> st.SearchStrategy[Event]:
    """Events of one type, which meet in the same shipment more often than not."""
    return BY_UPSTREAM[kind] if kind in BY_UPSTREAM else said(kind, **fixed)


FIRST_COMES = (OrderPlaced, PackConfirmed, B2BPacked, ReturnReceived)
"""Of these another one under the same name is refused, so that the first counts."""


def each_kind(*but: type[Event]) -> pytest.MarkDecorator:
    """All types of events, but these."""
    kinds = [kind for kind in (*BY_UPSTREAM, *KINDS) if kind not in but]
    return pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.__name__)


@each_kind(*FIRST_COMES)
def test_each_type_of_event_is_the_same_in_any_order(kind: type[Event]):
    @settings(deadline=None, max_examples=15)
    @given(st.lists(of_kind(kind, **FIRST_WINS, counted=()), min_size=2, max_size=6), CHANNELS, RANDOM)
    def holds(events: list[Event], terms: Terms, random: Random) -> None:
        row = packed(terms)
        assert merged(row, events) == merged(row, in_some_order_and_twice(events, random))

    holds()


@each_kind()
def test_no_event_takes_back_what_one_of_its_type_has_told(kind: type[Event]):
    @settings(deadline=None, max_examples=15)
    @given(st.lists(of_kind(kind), min_size=2, max_size=6), CHANNELS)
    def holds(events: list[Event], terms: Terms) -> None:
        row = packed(terms)
        for event in events:
            after = FACTS_ONLY.decide(row, event, START + LATER, PRICES).row
            assert list(_taken_back(row, after)) == []
            row = after

    holds()


@settings(deadline=None, max_examples=100)
@given(CHANNELS, st.lists(ANY, max_size=10), ANY)
def test_no_event_takes_back_what_is_known(terms: Terms, events: list[Event], event: Event):
    row = packed(terms, *events)
    assert list(_taken_back(row, FACTS_ONLY.decide(row, event, START + LATER, PRICES).row)) == []


GROWS: dict[type, Callable[[Any, Any], bool]] = {
    int: le,
    bool: le,
    frozenset: le,
    datetime: ge,  # the first moment stays
    Quantities: Quantities.fits_in,
}


NOT_FACTS = {"early", "terms", "at", "not_understood", "recipient", "correction"}
"""Events that wait are let in; `at` and `not_understood` are of the last silence; a recipient is corrected."""


def _taken_back(before: Any, after: Any, where: str = "row") -> Iterator[str]:  # noqa: ANN401 - any part of a row
    """Where `after` knows less than `before`: paths."""
    if before is None or where.rpartition(".")[2] in NOT_FACTS:
        return
    if isinstance(before, tuple) or (is_dataclass(before) and type(before) not in GROWS):
        had, has = _parts(before), _parts(after)
        for name, part in had.items():
            yield from _taken_back(part, has.get(name), f"{where}.{name}")
    elif not GROWS.get(type(before), eq)(before, after):
        yield where


def _parts(of: Any) -> dict[Any, Any]:  # noqa: ANN401 - any part of a row
    """By what tells them apart: fields, the halves of pairs, the subjects of a kind by their names."""
    if of is None:
        return {}
    if not isinstance(of, tuple):
        return {field.name: getattr(of, field.name) for field in fields(of)}
    pairs = (part if isinstance(part, tuple) else (getattr(part, "call", None) or _name(part), part) for part in of)
    return dict(pairs)


def _name(part: Any) -> Any:  # noqa: ANN401
    return getattr(part, "id", None) or getattr(part, "code", None) or part


@settings(deadline=None, max_examples=50)
@given(CHANNELS, st.lists(ANY, max_size=12), st.lists(ANY, max_size=12))
def test_equal_rows_give_equal_bytes_and_others_others(terms: Terms, one: list[Event], other: list[Event]):
    rows = []
    for events in (one, other):
        row = Order("ACC", "O", terms)
        for event in (ORDER, *events):
            row = ORDERS.decide(row, event, START, PRICES).row
        rows.append(row)
        assert decode_order(encode_order(row)) == row
    assert (rows[0] == rows[1]) == (encode_order(rows[0]) == encode_order(rows[1]))
