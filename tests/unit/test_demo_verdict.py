"""When a story has ended well: closed alone is not enough, all it said must be known."""

from dataclasses import replace

from bookkeeping import Bookkeeping, here
from said_upstream import BEGIN, about, cancelled, packed, placed

from b2b2c_saga.demo.day import ERP, seeded_day
from b2b2c_saga.demo.story import Story
from b2b2c_saga.demo.verdict import End, Verdict, judge
from b2b2c_saga.model.messages.upstream import HandoverRequested
from b2b2c_saga.model.quantities import NOTHING, Quantities

__all__ = ["here"]
KEY = "YELLOW-MKT/A"


def _story(cancelled: Quantities = NOTHING) -> Story:
    any_story = seeded_day(1, 1).stories[0]
    return replace(any_story, shop=ERP, code="A", cancelled=cancelled, parcels=())


def test_an_order_that_is_not_there_is_open(here: Bookkeeping) -> None:
    assert judge(_story(), None, BEGIN) == Verdict(_story(), End.OPEN, "the order is not taken in")
    here.tell(packed("A", {"L1": 1}))
    assert judge(_story(), here.orders[KEY], BEGIN).end is End.OPEN


def test_a_closed_order_has_ended_once_all_that_was_said_is_known(here: Bookkeeping) -> None:
    here.tell(placed("A", {"L1": 1}), cancelled("A", {"L1": 1}))
    assert judge(_story(Quantities.of({"L1": 1})), here.orders[KEY], here.now).end is End.CLOSED
    verdict = judge(_story(), here.orders[KEY], here.now)
    assert verdict.end is End.OPEN
    assert verdict.reason.startswith("cancelled: {} posted, {'L1': 1} known; CLOSED / NONE: ")


def test_an_open_order_says_what_it_waits_for(here: Bookkeeping) -> None:
    here.tell(placed("A", {"L1": 1}), packed("A", {"L1": 1}))
    verdict = judge(_story(), here.orders[KEY], here.now)
    assert verdict.end is End.OPEN
    assert "hand over on marketplace S1 waits for handover requested" in verdict.reason


def test_a_parcel_that_the_marketplace_will_never_pack_is_held_for_that_reason(here: Bookkeeping) -> None:
    here.fault(KEY, marketplace={"refuse": 1})
    here.tell(placed("A", {"L1": 1}), packed("A", {"L1": 1}), HandoverRequested(**about("A"), shipment_id="S1"))
    assert judge(_story(), here.orders[KEY], here.now) == Verdict(
        _story(), End.HELD, "the marketplace refuses to pack S1: the marketplace does not deliver to this place"
    )
