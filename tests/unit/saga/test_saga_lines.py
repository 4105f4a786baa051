"""Events as lines: what is told is what is read, and a mistake is named."""

from datetime import timedelta
from decimal import Decimal

import pytest
from drawn_events import ANY
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    B2BOrderCreated,
    GoodsPutAway,
    MarketplacePacked,
    StockLevel,
    StockReleased,
)
from b2b2c_saga.model.messages.upstream import InvoiceFixed, OrderItem, OrderPlaced, ReversalFixed
from b2b2c_saga.saga.check.history import Sagas, events, replay
from b2b2c_saga.saga.check.lines import PRICE, moment, parse, render, span
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.samples import ABOUT, b2b_pack, cancel, come_back, handover, order, pack
from b2b2c_saga.saga.check.worlds import WORLDS
from b2b2c_saga.saga.decide import Alarm
from b2b2c_saga.steps import ORDERS, STOCK

SAGAS = Sagas(ORDERS, STOCK)
PACKED = MarketplacePacked(**ABOUT, shipment_id="A", invoice_code="M", invoice_date=START, label=LABEL)
COUNTED = (StockLevel(sku="SKU-L", quantity=9, version=4), StockLevel(sku="SKU-K", quantity=0, version=1))
NOTHING = Decimal(0)
IN_WORLDS = {event for setting in WORLDS.values() for event in (*setting.events, *setting.after_handover)}


def priced(
    channel_sku_code: str = "SKU-L", selling_price_per_unit: Decimal = PRICE, discount: Decimal = NOTHING
) -> OrderPlaced:
    """An order of one unit."""
    item = OrderItem(
        channel_sku_code=channel_sku_code,
        order_item_code="L",
        quantity=1,
        selling_price_per_unit=selling_price_per_unit,
        discount=discount,
    )
    return order().model_copy(update={"items": (item,)})


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("OrderPlaced K=1 L=2", order(K=1, L=2)),
        ("OrderPlaced L=1@250.00", priced(selling_price_per_unit=Decimal("250.00"))),
        ("OrderPlaced L=1-9.50", priced(discount=Decimal("9.50"))),
        ("OrderPlaced L/KURTA=1@250.00-9.50", priced("KURTA", Decimal("250.00"), Decimal("9.50"))),
        ("OrderPlaced order_time=-1h L=1", order().model_copy(update={"order_time": START - timedelta(hours=1)})),
        ("B2BOrderCreated", B2BOrderCreated(**ABOUT, b2b_order_code="W")),
        ("B2BPacked A L=2", b2b_pack("A", 2)),
        ("PackConfirmed A request=q1 L=2", pack("A", 2, "q1")),
        ("HandoverRequested A", handover("A", None)),
        ("CancellationPosted L=3", cancel(3)),
        ("ReturnReceived A R1 L/u1=FAIL L/u2=PASS", come_back("A", "R1", "u1", "u2")),
        ("MarketplacePacked A", PACKED),
        ("MarketplacePacked A poll=1 label=none", PACKED.model_copy(update={"label": None, "poll": 1})),
        ("InvoiceFixed A", InvoiceFixed(**ABOUT, shipment_id="A", attempt=1)),
        (
            "ReversalFixed A return-R1 call=put_goods_away attempt=2",
            ReversalFixed(**ABOUT, shipment_id="A", reversal="return-R1", call="put_goods_away", attempt=2),
        ),
        (
            "GoodsPutAway A return-R1 SKU-L:9v4 SKU-K:0v1",
            GoodsPutAway(**ABOUT, shipment_id="A", reversal="return-R1", counted=COUNTED),
        ),
        ("StockReleased cancel-1 SKU-L:9v4 SKU-K:0v1", StockReleased(**ABOUT, release="cancel-1", counted=COUNTED)),
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
    st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(
        lambda t: timedelta(milliseconds=t // timedelta(milliseconds=1))
    )
)
def test_times_can_be_told_and_read_again(passed: timedelta):
    assert abs(moment(span(START + passed)) - (START + passed)) < timedelta(milliseconds=1)


def test_times_are_told_as_people_say_them():
    times = ({}, {"minutes": 2}, {"hours": 26}, {"seconds": 90.5}, {"hours": -1})
    assert [span(START + timedelta(**t)) for t in times] == ["+0s", "+2m", "+1d2h", "+1m30.5s", "-1h"]


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
        ("HandedOver A handed_over_at=-", "time"),
        ("OrderPlaced L=1@cheap", "OrderPlaced.items"),
        ("OrderPlaced L=1-much", "OrderPlaced.items"),
        ("B2BOrderCreated L=1", "B2BOrderCreated"),
        ("CancellationPosted SKU-L:9v4", "CancellationPosted"),
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
