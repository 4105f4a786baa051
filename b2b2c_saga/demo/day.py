"""A seeded day: the same seed and number of orders give the same stories, to the last duplicate. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from random import Random

from b2b2c_saga.demo.story import (
    CANCELLATIONS,
    REFUSALS,
    RETURNS,
    Count,
    Day,
    Fate,
    Item,
    Pace,
    Parcel,
    Quirk,
    Return,
    Story,
    Unit,
)
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnType
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.words import Address, Recipient

B2B2C = ("YELLOW-MKT", "MARKETPLACE")
PASS_THROUGH = ("YELLOW-OWN", "OWN-SHOP")
"""Seller accounts of config/channels.yaml, with their channels."""

RETURNED, CANCELLED, REFUSED = 0.25, 0.05, 0.02
ON_PASS_THROUGH = 0.1
SEVERAL_LINES, TWO_PARCELS = 0.35, 0.25
TWICE, EARLY, ON_THE_WAY = 0.12, 0.06, 0.3
QC_FAILS = 0.3

ORDERS_PER_SECOND = 10.0
BUSY_ORDERS_PER_SECOND = 25.0
BUSY_FROM = 600
"""Orders from which on the day is played at the busy rate."""
IN_TIME, TOO_SOON = 3_600.0, 8.0
"""Seconds from the order to its promised dispatch; the second for orders that are to miss it."""

LOCATIONS = ("WH-BLR", "WH-BOM")
SKUS = tuple(f"KURTA-{colour}-{size}" for colour in ("RED", "BLUE", "GREEN") for size in ("S", "M", "L", "XL"))
NAMES = ("Asha Rao", "Vikram Shah", "Meera Iyer", "Kabir Singh", "Nila Das", "Farhan Ali")
STREETS = ("12 Lake View", "4 Temple Street", "88 Ring Road", "31 Garden Lane")
COUNTS_PER_SKU = 3


def seeded_day(orders: int, seed: int) -> Day:
    """That many stories; of each fate a fixed share, and at least one of each from 20 orders on."""
    random = Random(f"{seed}/{orders}")  # noqa: S311 - a game, no secret
    rate = ORDERS_PER_SECOND if orders < BUSY_FROM else BUSY_ORDERS_PER_SECOND
    span = max(orders / rate, 3.0)
    fates = _fates(orders, random)
    begins = sorted(random.uniform(0, span) for _ in range(orders))
    stories = tuple(
        _story(f"MP-{seed}-{n:05}", fate, begin, random)
        for n, (fate, begin) in enumerate(zip(fates, begins, strict=True), 1)
    )
    return Day(stories, _counts(span, random), span)


def _fates(orders: int, random: Random) -> list[Fate]:
    returned = round(orders * RETURNED)
    cancelled = round(orders * CANCELLED)
    refused = max(round(orders * REFUSED), 3 if orders >= 20 else 0)  # noqa: PLR2004 - as the docstring of seeded_day says
    shares = (
        (Fate.RETURNED_TO_ORIGIN, returned // 4),
        (Fate.RETURNED, returned - returned // 4),
        (Fate.CANCELLED_AFTER_INVOICE, (cancelled + 1) // 2),
        (Fate.CANCELLED_BEFORE_INVOICE, cancelled // 2),
        (Fate.REFUSED_THEN_CANCELLED, (refused + 2) // 3),
        (Fate.REFUSED_THEN_OVERDUE, (refused + 1) // 3),
        (Fate.REFUSED_LATE, refused // 3),
    )
    fates = list(chain.from_iterable([fate] * share for fate, share in shares))[:orders]
    fates += [Fate.SOLD] * (orders - len(fates))
    random.shuffle(fates)
    return fates


def _story(code: str, fate: Fate, begin: float, random: Random) -> Story:
    may_pass_through = fate in {Fate.SOLD, *RETURNS, Fate.CANCELLED_BEFORE_INVOICE}
    account, channel = PASS_THROUGH if may_pass_through and random.random() < ON_PASS_THROUGH else B2B2C
    items = _items(random)
    ordered = Quantities.of((item.line, item.quantity) for item in items)
    cancelled = _cancelled(fate, ordered, random)
    packed = ordered - cancelled if fate is Fate.CANCELLED_BEFORE_INVOICE else ordered
    parcels = tuple(_with_return(parcel, fate, code, random) for parcel in _parcels(packed, fate, code, random))
    quirks = _quirks(fate, parcels, random)
    if Quirk.CANCEL_ON_THE_WAY in quirks:
        cancelled = ordered
    late = fate in {Fate.REFUSED_THEN_OVERDUE, Fate.REFUSED_LATE}
    pace = Pace(
        order=begin,
        pack=random.uniform(0.1, 1.5),
        handover=random.uniform(0.1, 1.5),
        delivery=random.uniform(0.2, 2),
        second_thoughts=random.uniform(0.2, 4),
        dispatch=TOO_SOON if late else IN_TIME,
    )
    return Story(
        account,
        channel,
        code,
        random.choice(LOCATIONS),
        items,
        fate,
        parcels,
        cancelled,
        quirks,
        pace,
        _recipient(random),
    )


def _items(random: Random) -> tuple[Item, ...]:
    lines = random.randint(2, 4) if random.random() < SEVERAL_LINES else 1
    return tuple(
        Item(f"L{n}", sku, random.choice((1, 1, 1, 2, 3)), Decimal(random.randint(199, 4_999)) + Decimal("0.50"))
        for n, sku in enumerate(random.sample(SKUS, lines), 1)
    )


def _cancelled(fate: Fate, ordered: Quantities, random: Random) -> Quantities:
    """All of it, but before the invoice sometimes only one unit."""
    if fate in {Fate.SOLD, *RETURNS}:
        return NOTHING
    if fate is Fate.CANCELLED_BEFORE_INVOICE and ordered.total > 1 and random.random() < 0.5:  # noqa: PLR2004 - a coin
        return Quantities.of([(random.choice([line for line, _ in ordered]), 1)])
    return ordered


def _parcels(packed: Quantities, fate: Fate, code: str, random: Random) -> tuple[Parcel, ...]:
    if not packed:
        return ()
    units = [line for line, n in packed for _ in range(n)]
    splits = (
        fate in {Fate.SOLD, *RETURNS, Fate.CANCELLED_AFTER_INVOICE} and len(units) > 1 and random.random() < TWO_PARCELS
    )
    cut = random.randint(1, len(units) - 1) if splits else len(units)
    parts = [part for part in (units[:cut], units[cut:]) if part]
    return tuple(Parcel(f"{code}-S{n}", Quantities.of((line, 1) for line in part)) for n, part in enumerate(parts, 1))


def _with_return(parcel: Parcel, fate: Fate, code: str, random: Random) -> Parcel:
    """Of an order returned by its consumer some of the first parcel comes back; of one returned to origin all."""
    if fate not in RETURNS or (fate is Fate.RETURNED and not parcel.id.endswith("-S1")):
        return parcel
    lines = [line for line, n in parcel.packed for _ in range(n)]
    whole = fate is Fate.RETURNED_TO_ORIGIN
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


def _quirks(fate: Fate, parcels: tuple[Parcel, ...], random: Random) -> frozenset[Quirk]:
    refused = fate in REFUSALS
    leaves = bool(parcels) and not refused and fate is not Fate.CANCELLED_AFTER_INVOICE
    arrives = leaves and fate is not Fate.RETURNED_TO_ORIGIN
    cancels = fate in CANCELLATIONS or fate is Fate.REFUSED_THEN_CANCELLED
    possible: tuple[tuple[Quirk, float, bool], ...] = (
        (Quirk.ORDER_TWICE, TWICE, True),
        (Quirk.PACK_TWICE, TWICE, bool(parcels)),
        (Quirk.HANDOVER_TWICE, TWICE, leaves),
        (Quirk.DELIVERY_TWICE, TWICE, arrives),
        (Quirk.CANCEL_TWICE, 0.5, cancels),
        (Quirk.RETURN_TWICE, 0.3, fate in RETURNS),
        (Quirk.PACK_EARLY, EARLY, bool(parcels) and not refused),
        (Quirk.HANDOVER_EARLY, EARLY, leaves),
        (Quirk.DELIVERY_EARLY, 2 * EARLY, arrives),
        (Quirk.CANCEL_EARLY, 0.5, fate is Fate.CANCELLED_BEFORE_INVOICE),
        (Quirk.CANCEL_ON_THE_WAY, ON_THE_WAY, fate is Fate.RETURNED_TO_ORIGIN and len(parcels) == 1),
    )
    return frozenset(quirk for quirk, share, fits in possible if random.random() < share and fits)


def _recipient(random: Random) -> Recipient:
    home = Address(random.choice(STREETS), "Pune", f"4110{random.randint(10, 60)}", "27")
    name = random.choice(NAMES)
    email = f"{name.split()[0].lower()}@example.com"
    return Recipient(name, f"+91 98{random.randint(10_000_000, 99_999_999)}", email, home, home)


def _counts(span: float, random: Random) -> tuple[Count, ...]:
    """Each SKU is counted some times; now and then an older count comes last, or one comes twice."""
    counts: list[Count] = []
    for account, location, sku in ((a, w, s) for a, _ in (B2B2C, PASS_THROUGH) for w in LOCATIONS for s in SKUS):
        times = sorted(random.uniform(0, span) for _ in range(COUNTS_PER_SKU))
        versions = list(range(1, COUNTS_PER_SKU + 1))
        if random.random() < EARLY * 3:
            random.shuffle(versions)
        mine = [
            Count(at, account, location, sku, random.randint(0, 500), version)
            for at, version in zip(times, versions, strict=True)
        ]
        counts += mine + [count for count in mine if random.random() < TWICE]
    return tuple(sorted(counts, key=lambda count: count.after))
