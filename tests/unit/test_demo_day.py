"""The demo's day: the promised shares of each fate, every kind of trouble, and the same day for the same seed."""

from collections import Counter

import pytest

from b2b2c_saga.demo.day import seeded_day
from b2b2c_saga.demo.faults import faults_of
from b2b2c_saga.demo.story import CANCELLATIONS, REFUSALS, RETURNS, Fate, Quirk, Story
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnType
from b2b2c_saga.model.quantities import NOTHING, Quantities


def test_the_same_seed_plays_the_same_day_and_another_seed_another():
    assert seeded_day(300, 4) == seeded_day(300, 4)
    assert seeded_day(300, 4) != seeded_day(300, 5)


@pytest.mark.parametrize(("orders", "seed"), [(300, 4), (2_000, 7), (40, 1)])
def test_a_quarter_is_returned_and_a_twentieth_cancelled_half_of_it_after_the_invoice(orders: int, seed: int):
    fates = Counter(story.fate for story in seeded_day(orders, seed).stories)
    cancelled = sum(fates[fate] for fate in CANCELLATIONS)
    assert sum(fates.values()) == orders
    assert sum(fates[fate] for fate in RETURNS) == orders // 4
    assert cancelled == orders // 20
    assert fates[Fate.CANCELLED_AFTER_INVOICE] == (cancelled + 1) // 2
    assert all(fates[fate] for fate in Fate)


def test_every_kind_of_trouble_happens_on_a_usual_day():
    day = seeded_day(300, 4)
    assert {quirk for story in day.stories for quirk in story.quirks} == set(Quirk)
    parcels = [parcel for story in day.stories for parcel in story.parcels]
    back = [parcel.comes_back for parcel in parcels if parcel.comes_back]
    assert {unit.verdict for one in back for unit in one.units} == set(QualityCheck)
    assert {one.type for one in back} == set(ReturnType)
    assert any(parcel.comes_back and parcel.comes_back.quantities != parcel.packed for parcel in parcels)
    assert {story.account for story in day.stories} == {"YELLOW-MKT", "YELLOW-OWN"}
    assert {len(story.parcels) for story in day.stories} == {0, 1, 2}
    assert any(NOTHING != story.cancelled != story.ordered for story in day.stories), "a cancellation of a part"
    newest_last = all(
        [c.version for c in day.counts if (c.account, c.location, c.sku) == key] == [1, 2, 3]
        for key in {(c.account, c.location, c.sku) for c in day.counts}
    )
    assert not newest_last, "some counts come twice or out of order"


def test_a_small_day_has_every_fate_and_the_smallest_is_no_error():
    assert {story.fate for story in seeded_day(40, 9).stories} == set(Fate)
    assert len(seeded_day(1, 1).stories) == 1


def _adds_up(story: Story) -> bool:
    packed = Quantities.of(pair for parcel in story.parcels for pair in parcel.packed)
    kept_back = story.cancelled if story.fate is Fate.CANCELLED_BEFORE_INVOICE else NOTHING
    return story.ordered - kept_back == packed and story.comes_back.fits_in(packed)


@pytest.mark.parametrize("seed", range(5))
def test_each_story_adds_up(seed: int):
    day = seeded_day(200, seed)
    assert all(_adds_up(story) for story in day.stories)
    assert len({story.code for story in day.stories}) == len(day.stories)
    assert [story.pace.order for story in day.stories] == sorted(story.pace.order for story in day.stories)
    assert all(0 <= story.pace.order <= day.span for story in day.stories)
    assert all(0 <= count.after <= day.span for count in day.counts)


def test_the_pass_through_account_has_no_fate_that_needs_an_invoice():
    fates = {story.fate for story in seeded_day(2_000, 7).stories if story.account == "YELLOW-OWN"}
    assert not fates & {*REFUSALS, Fate.CANCELLED_AFTER_INVOICE}


def test_the_erp_refuses_exactly_the_orders_whose_story_says_so():
    day = seeded_day(300, 4)
    wanted = {story.key: story.fate for story in day.stories if story.fate in REFUSALS}
    refused = faults_of(day)["orders"]
    assert refused.keys() == wanted.keys()
    for key, fate in wanted.items():
        assert refused[key] == {"erp": {"refuse_later" if fate is Fate.REFUSED_LATE else "refuse": 1}}
