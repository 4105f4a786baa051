"""The check: small worlds hold, every rule has something to say, and what is found can be read and replayed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

import pytest
from weaker import SAGAS, without

from b2b2c_saga.saga.check.explore import Explored, explore
from b2b2c_saga.saga.check.history import replay
from b2b2c_saga.saga.check.survey import Surveyed, exercised, survey
from b2b2c_saga.saga.check.worlds import WORLDS
from b2b2c_saga.saga.decide import Saga
from b2b2c_saga.steps import STOCK

STATES = 1_000
"""Of each world; all of them wholly: `b2b2c-saga check`."""
WHOLLY = {"a marketplace of its own mind": 5_000, "an e-way bill, refused after a silence": 4_000}
"""Where a rule has something to say in the last states only."""


@pytest.fixture(scope="module")
def found() -> Mapping[str, Explored]:
    some = {name: setting for name, setting in WORLDS.items() if name not in WHOLLY}
    whole = (survey({name: WORLDS[name]}, SAGAS, 1, states) for name, states in WHOLLY.items())
    told = chain(survey(some, SAGAS, 2, STATES), *whole)
    return {one.world: one.found for one in told if isinstance(one, Surveyed)}


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_holds_as_far_as_it_is_explored(name: str, found: Mapping[str, Explored]):
    one = found[name]
    assert (one.broken, one.history) == ((), ())
    assert one.complete or one.states >= STATES


def test_every_rule_has_something_to_say_in_some_world(found: Mapping[str, Explored]):
    looked_at: Counter[str] = sum((one.looked_at for one in found.values()), Counter())
    rules = exercised(looked_at)
    assert [rule for rule, n in rules.items() if not n] == []
    assert len(rules) > 100
    assert rules["handed over without a label"] == looked_at["handed over without a label"]


def test_a_dropped_condition_is_found_by_the_shortest_way_that_a_person_can_read():
    planted = without("hand_over_on_marketplace", "invoice registered")
    found = explore(WORLDS["one unit"], planted)
    assert found.broken == ("handed over without a registered invoice",)
    story = [entry.splitlines()[0].split(" +")[0] for entry in found.history]
    assert sorted(story) == [
        "HandoverRequested A request=h",
        "InvoiceAcknowledged A",
        "MarketplacePacked A",
        "OrderPlaced L=1",
        "PackConfirmed A request=q L=1",
    ]
    assert "  -> HandOverOnMarketplace A attempt=1" in found.history[-1].splitlines()
    text = found.as_text("one unit", WORLDS["one unit"])
    assert text.startswith("# Found by `b2b2c-saga check` in the world of one unit:\n# handed over without")
    assert replay(text, planted) == text
    assert replay(text, SAGAS) != text


def test_a_bug_is_a_violation_with_its_history():
    found = explore(WORLDS["one unit"], without("assign_cancellation", "units to cancel"))
    assert found.broken == ("the gates of ACC/O never come to rest",)
    assert found.history[-1].splitlines()[-1] == "  -> Bug: the gates of ACC/O never come to rest"


def test_stock_is_checked_too():
    forgetful = Saga(tuple(replace(step, gates=step.gates[:1]) for step in STOCK.steps))
    found = explore(WORLDS["stock"], replace(SAGAS, stock=forgetful))
    assert found.broken == ("marketplace does not have the newest count",)
    text = found.as_text("stock", WORLDS["stock"])
    assert "given stock\n" in text
    assert replay(text, replace(SAGAS, stock=forgetful)) == text


def test_what_is_given_is_told_in_a_found_history():
    found = explore(WORLDS["no B2B leg"], without("pack_on_marketplace", "marketplace has not answered"))
    assert found.broken
    assert "\ngiven no B2B leg\n" in found.as_text("no B2B leg", WORLDS["no B2B leg"])
    assert "\ngiven channel OTHER\n" in found.as_text("x", WORLDS["the wrong channel"])


def test_what_is_found_in_several_worlds_adds_up():
    one = Explored(2, 1, 1, ("this",), ("that",), complete=True, looked_at=Counter(rule=1))
    two = Explored(3, 0, 0, (), (), complete=False, looked_at=Counter(rule=2, other=1))
    assert one + two == Explored(5, 1, 1, ("this",), ("that",), complete=False, looked_at=Counter(rule=3, other=1))
