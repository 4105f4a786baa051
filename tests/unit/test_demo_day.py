"""The demo's day: the promised shares of each fate, every kind of trouble, and the same day for the same seed."""

from collections import Counter

import pytest
from example_set import example_catalogue

from b2b2c_saga.demo.day import SHOPS, SKUS, seeded_day
from b2b2c_saga.demo.faults import LATE_LABEL, REFUSED, faults_of
from b2b2c_saga.demo.story import CANCELLATIONS, PUT_RIGHT, REFUSALS, RETURNS, TROUBLES, Fate, Quirk, Story, Variant
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
    assert {len(story.parcels) for story in day.stories} == {0, 1, 2}
    assert any(NOTHING != story.cancelled != story.ordered for story in day.stories), "a cancellation of a part"
    assert {(count.twice, count.told_after > 0) for count in day.counts} >= {(True, False), (False, True)}


def test_no_count_is_told_after_the_day():
    counts = seeded_day(300, 4, 600).counts
    assert 400 < max(count.after + count.told_after for count in counts) <= 600


def test_each_variant_has_its_share_and_every_fate_that_it_can_have():
    stories = seeded_day(300, 4).stories
    shares = Counter(story.variant for story in stories)
    assert (shares[Variant.ERP] > 100, shares[Variant.WMS] > 100, shares[Variant.PASS_THROUGH] > 20) == (True,) * 3
    fates = {variant: {s.fate for s in stories if s.variant is variant} for variant in Variant}
    assert fates == {
        Variant.ERP: {*Fate} - {Fate.CANCELLED_TOO_LATE},
        Variant.WMS: {*Fate} - {Fate.REFUSED_LATE},
        Variant.PASS_THROUGH: {Fate.SOLD, Fate.RETURNED, Fate.RETURNED_TO_ORIGIN, Fate.CANCELLED_BEFORE_INVOICE},
    }
    assert {len(s.parcels) for s in stories if s.variant is Variant.WMS} == {0, 1, 2}


def test_the_shops_are_set_up_and_none_shares_a_warehouse_with_another():
    accounts = example_catalogue().accounts
    assert {shop.account: shop.channel for shop in SHOPS} == {a: of.terms.channel for a, of in accounts.items()}
    for shop in SHOPS:
        terms = accounts[shop.account].terms
        variants = {(True, False): Variant.ERP, (True, True): Variant.WMS, (False, False): Variant.PASS_THROUGH}
        assert shop.variant is variants[terms.b2b_leg, terms.b2b_order]
        assert accounts[shop.account].orders_pulled is (shop.variant is Variant.WMS)
        assert set(SKUS) <= set(accounts[shop.account].prices.products)
    assert not accounts["YELLOW-WMS"].terms.cancel_after_pack
    where = [location for shop in SHOPS for location in shop.locations]
    assert len(set(where)) == len(where)


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


def test_the_issuer_refuses_exactly_the_orders_whose_story_says_so():
    day = seeded_day(300, 4)
    troubled = {s.key: s for s in day.stories if s.fate in TROUBLES and s.fate is not Fate.REVOKED_THEN_FIXED}
    late = {s.key for s in day.stories if Quirk.LABEL_LATE in s.quirks}
    faults = faults_of(day)["orders"]
    assert faults.keys() == troubled.keys() | late
    for key, wanted in faults.items():
        expected = {"marketplace": LATE_LABEL} if key in late else {}
        if story := troubled.get(key):
            unknown = {"unknown_pins": [story.recipient.shipping_address.pin]}
            issuer = {Variant.ERP: "erp", Variant.WMS: "rms"}[story.variant]
            expected[issuer] = unknown if story.fate is Fate.REFUSED_THEN_CORRECTED else REFUSED[story.fate]
        assert wanted == expected
    assert {story.fate for story in troubled.values()} == {*REFUSALS, *PUT_RIGHT}
