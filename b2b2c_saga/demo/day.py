"""A seeded day: the same seed and number of orders give the same stories, to the last duplicate. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from b2b2c_saga.demo.story import (
    CANCELLATIONS,
    FIXES,
    REFUSALS,
    RETURNS,
    TO_ORIGIN,
    TROUBLES,
    Count,
    Day,
    Fate,
    Item,
    Pace,
    Parcel,
    Quirk,
    Return,
    Shop,
    Story,
    Unit,
    Variant,
)
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnType
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.words import Address, Recipient

ERP = Shop("YELLOW-MKT", "MARKETPLACE", Variant.ERP, ("WH-BLR", "WH-BOM"))
WMS = Shop("YELLOW-WMS", "MARKETPLACE-FBF", Variant.WMS, ("WH-DEL", "WH-HYD"))
PASS_THROUGH = Shop("YELLOW-OWN", "OWN-SHOP", Variant.PASS_THROUGH, ("WH-PNQ",))
SHOPS = (ERP, WMS, PASS_THROUGH)
OF_TEN = (ERP, WMS, ERP, WMS, PASS_THROUGH, ERP, WMS, ERP, WMS, ERP)
"""Where orders of a fate that all shops have are placed, in turn."""

RETURNED, CANCELLED, TROUBLED = 0.25, 0.05, 0.04
SEVERAL_LINES, TWO_PARCELS = 0.35, 0.25
TWICE, EARLY, ON_THE_WAY, LABEL_LATE = 0.12, 0.06, 0.3, 0.05
QC_FAILS = 0.3

ORDERS_PER_SECOND = 10.0
BUSY_ORDERS_PER_SECOND = 25.0
BUSY_FROM = 600
"""Orders from which on the day is played at the busy rate."""
IN_TIME, TOO_SOON = 3_600.0, 8.0
"""Seconds from the order to its promised dispatch; the second for orders that are to miss it."""

SKUS = tuple(f"KURTA-{colour}-{size}" for colour in ("RED", "BLUE", "GREEN") for size in ("S", "M", "L", "XL"))
NAMES = ("Asha Rao", "Vikram Shah", "Meera Iyer", "Kabir Singh", "Nila Das", "Farhan Ali")
STREETS = ("12 Lake View", "4 Temple Street", "88 Ring Road", "31 Garden Lane")
COUNTS_PER_SKU = 3


def seeded_day(orders: int, seed: int, span: float | None = None) -> Day:
    """That many stories; of each fate a fixed share, and at least one of each from 40 orders on.

    `span`: seconds from the first order to the last, if it is not to be played as fast as one can follow.
    """
    random = Random(f"{seed}/{orders}")  # noqa: S311 - a game, no secret
    span = span or max(orders / (ORDERS_PER_SECOND if orders < BUSY_FROM else BUSY_ORDERS_PER_SECOND), 3.0)
    fates = _fates(orders, random)
    begins = sorted(random.uniform(0, span) for _ in range(orders))
    stories = tuple(
        _story(shop, f"MP-{seed}-{n:05}", fate, begin, random)
        for n, ((fate, shop), begin) in enumerate(zip(fates, begins, strict=True), 1)
    )
    return Day(stories, _counts(span, random), span)


def _fates(orders: int, random: Random) -> list[tuple[Fate, Shop]]:
    returned = round(orders * RETURNED)
    to_origin = returned // 4
    cancelled = round(orders * CANCELLED)
    troubled = max(round(orders * TROUBLED), len(TROUBLES) if orders >= 20 else 0)  # noqa: PLR2004 - a very small day
    shares = (
        (Fate.RETURNED_TO_ORIGIN, (to_origin + 1) // 2),
        (Fate.CANCELLED_TOO_LATE, to_origin // 2),
        (Fate.RETURNED, returned - to_origin),
        (Fate.CANCELLED_AFTER_INVOICE, (cancelled + 1) // 2),
        (Fate.CANCELLED_BEFORE_INVOICE, cancelled // 2),
        *((fate, len(range(n, troubled, len(TROUBLES)))) for n, fate in enumerate(TROUBLES)),
    )
    fates = [(fate, _shop(fate, n)) for fate, share in shares for n in range(share)][:orders]
    fates += [(Fate.SOLD, _shop(Fate.SOLD, n)) for n in range(orders - len(fates))]
    random.shuffle(fates)
    return fates


def _shop(fate: Fate, n: int) -> Shop:
    """Where the nth order of that fate is placed."""
    if fate is Fate.CANCELLED_TOO_LATE:
        return WMS  # the one that forbids it
    if fate is Fate.REFUSED_LATE:
        return ERP
    if fate in TROUBLES or fate is Fate.CANCELLED_AFTER_INVOICE:
        return (ERP, WMS)[(n + list(Fate).index(fate)) % 2]
    return OF_TEN[n % 10]


def _story(shop: Shop, code: str, fate: Fate, begin: float, random: Random) -> Story:
    items = _items(random)
    ordered = Quantities.of((item.line, item.quantity) for item in items)
    cancelled = _cancelled(fate, ordered, random)
    packed = ordered - cancelled if fate is Fate.CANCELLED_BEFORE_INVOICE else ordered
    parcels = tuple(_with_return(parcel, fate, code, random) for parcel in _parcels(packed, fate, code, random))
    quirks = _quirks(shop, fate, parcels, random)
    if Quirk.CANCEL_ON_THE_WAY in quirks:
        cancelled = ordered
    late = fate in {Fate.REFUSED_THEN_OVERDUE, Fate.REFUSED_LATE}
    pace = Pace(
        order=begin,
        b2b_pack=random.uniform(0.1, 1),
        pack=random.uniform(0.1, 1.5),
        handover=random.uniform(0.1, 1.5),
        delivery=random.uniform(0.2, 2),
        second_thoughts=random.uniform(0.2, 4),
        dispatch=TOO_SOON if late else IN_TIME,
    )
    where = random.choice(shop.locations)
    return Story(shop, code, where, items, fate, parcels, cancelled, quirks, pace, _recipient(random))


def _items(random: Random) -> tuple[Item, ...]:
    lines = random.randint(2, 4) if random.random() < SEVERAL_LINES else 1
    return tuple(
        Item(f"L{n}", sku, random.choice((1, 1, 1, 2, 3)), Decimal(random.randint(199, 4_999)) + Decimal("0.50"))
        for n, sku in enumerate(random.sample(SKUS, lines), 1)
    )


def _cancelled(fate: Fate, ordered: Quantities, random: Random) -> Quantities:
    """All of it, but before the invoice sometimes only one unit."""
    if fate in {Fate.SOLD, Fate.RETURNED, Fate.RETURNED_TO_ORIGIN, *FIXES}:
        return NOTHING
    if fate is Fate.CANCELLED_BEFORE_INVOICE and ordered.total > 1 and random.random() < 0.5:  # noqa: PLR2004 - a coin
        return Quantities.of([(random.choice([line for line, _ in ordered]), 1)])
    return ordered


def _parcels(packed: Quantities, fate: Fate, code: str, random: Random) -> tuple[Parcel, ...]:
    if not packed:
        return ()
    units = [line for line, n in packed for _ in range(n)]
    may_split = fate in {Fate.SOLD, Fate.RETURNED, Fate.RETURNED_TO_ORIGIN, Fate.CANCELLED_AFTER_INVOICE}
    splits = may_split and len(units) > 1 and random.random() < TWO_PARCELS
    cut = random.randint(1, len(units) - 1) if splits else len(units)
    parts = [part for part in (units[:cut], units[cut:]) if part]
    return tuple(Parcel(f"{code}-S{n}", Quantities.of((line, 1) for line in part)) for n, part in enumerate(parts, 1))


def _with_return(parcel: Parcel, fate: Fate, code: str, random: Random) -> Parcel:
    """Of an order returned by its consumer some of the first parcel comes back; of one returned to origin all."""
    if fate not in RETURNS or (fate is Fate.RETURNED and not parcel.id.endswith("-S1")):
        return parcel
    lines = [line for line, n in parcel.packed for _ in range(n)]
    whole = fate in TO_ORIGIN
    chosen: Sequence[str] = lines if whole else random.sample(lines, random.randint(1, len(lines)))
    units = tuple(
        Unit(
            f"{parcel.id}-U{n}",
            line,
            QualityCheck.FAIL if random.random() < QC_FAILS else QualityCheck.PASS,
        )
        for n, line in enumerate(chosen, 1)
    )
    kind = ReturnType.RETURN_TO_ORIGIN if whole else ReturnType.CUSTOMER_RETURN
    return Parcel(parcel.id, parcel.packed, Return(f"R-{code}-{parcel.id[-1]}", kind, units))


def _quirks(shop: Shop, fate: Fate, parcels: tuple[Parcel, ...], random: Random) -> frozenset[Quirk]:
    leaves = bool(parcels) and fate not in {*REFUSALS, Fate.CANCELLED_AFTER_INVOICE}
    arrives = leaves and fate not in TO_ORIGIN
    steady = leaves and fate not in {*FIXES, Fate.CANCELLED_TOO_LATE}
    confirmed = bool(parcels) and not (shop is WMS and fate is Fate.CANCELLED_AFTER_INVOICE)
    cancels = fate in CANCELLATIONS or fate is Fate.REFUSED_THEN_CANCELLED
    possible: tuple[tuple[Quirk, float, bool], ...] = (
        (Quirk.ORDER_TWICE, TWICE, True),
        (Quirk.PACK_TWICE, TWICE, confirmed and fate not in {*FIXES, Fate.REFUSED_THEN_OVERDUE, Fate.REFUSED_LATE}),
        (Quirk.HANDOVER_TWICE, TWICE, leaves),
        (Quirk.DELIVERY_TWICE, TWICE, arrives),
        (Quirk.CANCEL_TWICE, 0.5, cancels),
        (Quirk.RETURN_TWICE, 0.3, fate in RETURNS),
        (Quirk.PACK_EARLY, EARLY, steady),
        (Quirk.HANDOVER_EARLY, EARLY, steady),
        (Quirk.B2B_PACK_EARLY, 3 * EARLY, steady and shop is WMS),
        (Quirk.DELIVERY_EARLY, 2 * EARLY, arrives),
        (Quirk.CANCEL_EARLY, 0.5, fate is Fate.CANCELLED_BEFORE_INVOICE),
        (Quirk.CANCEL_ON_THE_WAY, ON_THE_WAY, fate is Fate.RETURNED_TO_ORIGIN and len(parcels) == 1),
        (Quirk.LABEL_LATE, LABEL_LATE, leaves),
    )
    return frozenset(quirk for quirk, share, fits in possible if random.random() < share and fits)


def _recipient(random: Random) -> Recipient:
    home = Address(random.choice(STREETS), "Pune", f"4110{random.randint(10, 60)}", "27")
    name = random.choice(NAMES)
    email = f"{name.split()[0].lower()}@example.com"
    return Recipient(name, f"+91 98{random.randint(10_000_000, 99_999_999)}", email, home, home)


def _counts(span: float, random: Random) -> tuple[Count, ...]:
    """Each SKU is counted some times; now and then a count is told after a newer one, or comes twice."""
    shelves = ((shop.account, where, sku) for shop in SHOPS for where in shop.locations for sku in SKUS)
    counts = [_count(shelf, span, random) for shelf in shelves for _ in range(COUNTS_PER_SKU)]
    return tuple(sorted(counts, key=lambda count: count.after))


def _count(shelf: tuple[str, str, str], span: float, random: Random) -> Count:
    """None is told after the day is over."""
    after, quantity = random.uniform(0, span), random.randint(0, 500)
    told_after = random.uniform(0, span - after) if random.random() < EARLY else 0
    return Count(after, *shelf, quantity=quantity, told_after=told_after, twice=random.random() < TWICE)
