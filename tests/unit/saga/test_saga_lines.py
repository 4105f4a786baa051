"""Events as lines: what is told is what is read, and a mistake is named."""

from datetime import timedelta

import pytest
from drawn_events import ANY
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event
from b2b2c_saga.saga.check.history import Sagas, events, replay
from b2b2c_saga.saga.check.lines import moment, parse, render, span
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.worlds import WORLDS, cancel, come_back, handover, order, pack
from b2b2c_saga.saga.decide import Alarm
from b2b2c_saga.steps import ORDERS, STOCK

SAGAS = Sagas(ORDERS, STOCK)
IN_WORLDS = {event for setting in WORLDS.values() for event in (*setting.events, *setting.after_handover)}


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("OrderPlaced K=1 L=2", order(K=1, L=2)),
        ("PackConfirmed A request=q1 L=2", pack("A", 2, "q1")),
        ("HandoverRequested A", handover("A", None)),
        ("CancellationPosted L=3", cancel(3)),
        ("ReturnReceived A R1 L/u1=FAIL L/u2=PASS", come_back("A", "R1", "u1", "u2")),
        ("Alarm", Alarm()),
    ],
)
def test_a_line_reads_as_the_business_says_it(line: str, event: Event | Alarm):
    assert parse(line) == event
    assert render(event) == line


@pytest.mark.parametrize("event", IN_WORLDS, ids=lambda event: render(event)[:60])
def test_every_event_of_the_worlds_can_be_told_and_read_again(event: Event):
    assert parse(render(event)) == event


@given(ANY, st.integers(0, 10**6).map(lambda seconds: START + timedelta(seconds=seconds)))
def test_any_event_can_be_told_and_read_again_at_any_time(event: Event, now: object):
    assert parse(render(event, now), now) == event  # type: ignore[arg-type]


@given(
    st.timedeltas(timedelta(0), timedelta(days=400)).map(
        lambda t: timedelta(milliseconds=t // timedelta(milliseconds=1))
    )
)
def test_times_can_be_told_and_read_again(passed: timedelta):
    assert abs(moment(span(START + passed)) - (START + passed)) < timedelta(milliseconds=1)


def test_times_are_told_as_people_say_them():
    assert [span(START + timedelta(**t)) for t in ({}, {"minutes": 2}, {"hours": 26}, {"seconds": 90.5})] == [
        "+0s", "+2m", "+1d2h", "+1m30.5s",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("Nothing A", "line"),
        ("RegisterInvoice A", "line"),
        ("Alarm A", "line"),
        ("PackConfirmed A request='q1 L=1", "line"),
        ("PackConfirmed A requst=q1 L=1", "PackConfirmed"),
        ("PackConfirmed A B L=1", "PackConfirmed"),
        ("PackConfirmed A L=many", "PackConfirmed.items"),
        ("PackConfirmed A", "PackConfirmed.items"),
        ("PackConfirmed L=1", "PackConfirmed.shipmentId"),
        ("MarketplacePacked A L=1", "MarketplacePacked"),
        ("MarketplacePackRefused A refusal=WHY", "MarketplacePackRefused.refusal"),
        ("HandedOver A handed_over_at=later", "time"),
    ],
)
def test_a_line_that_is_no_event_is_refused_by_name(line: str, field: str):
    with pytest.raises(BadInput) as refused:
        parse(line)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("OrderPlaced L=1\nNonsense", "line 2: not an event"),
        ("OrderPlaced L=1 +2m\nPackConfirmed A L=1 +1m", "line 2: time goes backwards"),
        ("OrderPlaced L=1 +2x", "line 1: not a time"),
        ("given much", "not understood"),
    ],
)
def test_a_history_that_makes_no_sense_is_refused_by_line(text: str, says: str):
    with pytest.raises(BadInput, match=says):
        replay(text, SAGAS)


def test_a_history_is_told_anew_without_what_it_said_before():
    said = "# words\n\nOrderPlaced L=1\n  -> nonsense\nAlarm +2m\n"
    assert replay(said, SAGAS) == "# words\n\nOrderPlaced L=1\n  = OPEN / NONE\nAlarm +2m\n"
    row, happened = events(said)
    assert (row.key, [one.event for one in happened]) == ("ACC/O", [order(), Alarm()])
