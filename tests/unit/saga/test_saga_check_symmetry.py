"""Names that make no difference: what is explored once stands for all states that are alike, and no more."""

import pytest
from weaker import SAGAS, without

from b2b2c_saga.saga.check.explore import Explored, Search, explore
from b2b2c_saga.saga.check.history import replay
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.renaming import Renaming
from b2b2c_saga.saga.check.samples import PASS_THROUGH, WMS, cancel, come_back, handover, order, pack
from b2b2c_saga.saga.check.symmetry import Symmetry, ToldApart, exchangeable
from b2b2c_saga.saga.check.transitions import Transitions
from b2b2c_saga.saga.check.worlds import Setting
from b2b2c_saga.steps import ORDERS

ALIKE = {
    "asked twice": Setting((order(), pack("A"), pack("A", request="q2"), handover("A"), handover("A", "h2"))),
    "two lines": Setting((order(K=1, L=1), pack("A", 1, "q", "K"), pack("D", 1, "q2"))),
    "two lines, no B2B leg": Setting(
        (order(K=1, L=1), pack("A", 1, "q", "K"), pack("D", 1, "q2"), cancel(1, "K"), cancel(1)), terms=PASS_THROUGH
    ),
    "two units": Setting(
        (order(2), pack("A", 2), handover("A")), (come_back("A", "R1", "A0"), come_back("A", "R2", "A1"))
    ),
    "WMS variant": Setting((order(K=1, L=1), cancel(1, "K"), cancel(1, "L")), quirks=1, terms=WMS),
}
APART = Setting((order(2), pack("A", request="q"), pack("D", request="q2"), cancel(1)), terms=PASS_THROUGH)
"""Of two shipments of one line, the first by name gives way to a cancellation."""


def searched(setting: Setting, *, once: bool) -> tuple[Search, Explored]:
    search = Search(Transitions(ORDERS, is_stock=False), setting.world(), once=once)
    return search, search.run(100_000, lambda _: None)


@pytest.mark.parametrize("name", ALIKE)
def test_the_states_explored_and_those_alike_are_all_states(name: str):
    every, all_of_them = searched(ALIKE[name], once=False)
    some, found = searched(ALIKE[name], once=True)
    assert found.renamings > 0
    assert found.states < all_of_them.states
    alike: set[World] = set()
    for world in some.parent:
        alike |= some.symmetry.alike(world)
    assert alike - some.parent.keys() == every.parent.keys() - some.parent.keys()
    assert some.parent.keys() <= every.parent.keys()
    assert (found.states + found.alike, found.broken) == (all_of_them.states, ())


def test_a_broken_saga_breaks_either_way_in_as_many_events_and_the_story_is_real():
    planted = without("hand_over_on_marketplace", "invoice registered")
    for setting in ALIKE["asked twice"], ALIKE["two units"]:
        either = [explore(setting, planted, once=once) for once in (True, False)]
        assert {one.broken for one in either} == {("handed over without a registered invoice",)}
        assert len({len(one.history) for one in either}) == 1
        text = either[0].as_text("one", setting)
        assert replay(text, planted) == text


def test_names_that_the_saga_tells_apart_are_not_exchanged():
    (names,) = exchangeable(APART.world())
    assert names == {"A": "D", "D": "A", "q": "q2", "q2": "q"}
    with pytest.raises(ToldApart, match="A for D"):
        searched(APART, once=True)
    found, every = explore(APART, SAGAS), explore(APART, SAGAS, once=False)
    assert (found.states, found.alike, found.renamings, found.broken) == (every.states, 0, 0, ())


@pytest.mark.parametrize(
    ("setting", "renamings"),
    [
        (ALIKE["two lines"], [{"A": "D", "D": "A", "K": "L", "L": "K", "q": "q2", "q2": "q"}]),
        (
            ALIKE["asked twice"],
            [{"q": "q2", "q2": "q"}, {"h": "h2", "h2": "h"}, {"q": "q2", "q2": "q", "h": "h2", "h2": "h"}],
        ),
        (Setting((order(K=1, L=1), pack("A", 1, "q", "K"), cancel(1, "K"))), []),
        (Setting((order(K=1, L=2), cancel(1, "K"), cancel(1, "L"))), []),
        (Setting((order(4), *(pack(name, request=f"q{name}") for name in "ABCDEFG"))), []),
    ],
)
def test_which_names_may_be_exchanged_is_computed(setting: Setting, renamings: list[dict[str, str]]):
    assert exchangeable(setting.world()) == renamings


def test_numbers_of_documents_are_renamed_with_what_they_are_derived_from():
    step = Transitions(ORDERS, is_stock=False)
    world = step.first(ALIKE["two lines"].world())
    symmetry = Symmetry(step, world)
    by_name = {(type(event).__name__, getattr(event, "shipment_id", "")): event for event in world.flying}
    for name in ("OrderPlaced", ""), ("PackConfirmed", "A"):
        decided = step.decide(world.row, by_name[name], world.now)
        world = world._replace(row=decided.row)
    (twin,) = symmetry.alike(world)
    number, other = world.row.shipments[0].invoice.number, twin.row.shipments[0].invoice.number
    assert twin.row.shipments[0].id == "D"
    assert twin.row.shipments[0].quantities.by_line == (("L", 1),)
    assert number is not None
    assert other is not None
    assert number != other
    assert symmetry.renamings[0].world(twin) == world


def test_a_renaming_touches_names_alone():
    renaming = Renaming({"M": "W", "W": "M", "L": "K", "K": "L"})
    before = order(K=1, L=2)
    after = renaming(before)
    assert [(item.order_item_code, item.channel_sku_code, item.quantity) for item in after.items] == [
        ("K", "SKU-K", 2),
        ("L", "SKU-L", 1),
    ]
    assert (after.location, after.recipient) == (before.location, before.recipient)
