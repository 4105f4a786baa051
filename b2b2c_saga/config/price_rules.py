"""What products, price lists and tax rates must be, seen together: a SKU that is sold has a price and a rate."""

from collections.abc import Iterator, Mapping
from datetime import date

from b2b2c_saga.config.account_rules import Rules
from b2b2c_saga.config.entries import PriceEntry, PriceListEntry, ProductEntry, SlabEntry
from b2b2c_saga.config.mistakes import Mistake, Where
from b2b2c_saga.model.prices import ANY_SKU, PriceMode

NEEDS = {PriceMode.PERCENT_OF_MRP: "mrp", PriceMode.COST_PLUS: "cost"}
PERCENT_AT_MOST = 1_000


def price_mistakes(rules: Rules) -> Iterator[Mistake]:
    """All that is wrong with products, price lists and taxes."""
    yield from _price_lists(rules)
    yield from _taxes(rules)
    held = {name: _Held(prices.prices) for name, prices in rules.entries.price_lists.items()}
    for sku, product in rules.entries.products.items():
        yield from _product(rules, sku, product, held)


def _price_lists(rules: Rules) -> Iterator[Mistake]:
    keys: dict[tuple[str, str, str], str] = {}
    for name, prices in rules.entries.price_lists.items():
        where = ("price_lists", name)
        yield from rules.names_one("parties", prices.seller, (*where, "seller"))
        yield from rules.names_one("parties", prices.buyer, (*where, "buyer"))
        first = keys.setdefault(prices.key, name)
        if first != name:
            yield rules.written.wrong(where, f"has the seller, buyer and channel of {first}: put their prices together")
        if not prices.prices:
            yield rules.written.wrong((*where, "prices"), "is empty: nothing could be sold")
        yield from _prices(rules, where, prices)


def _prices(rules: Rules, where: Where, prices: PriceListEntry) -> Iterator[Mistake]:
    days: set[tuple[str, date]] = set()
    for n, price in enumerate(prices.prices):
        at = (*where, "prices", n)
        if price.sku != ANY_SKU:
            yield from rules.names_one("products", price.sku, (*at, "sku"))
        if (price.sku, price.since) in days:
            yield rules.written.wrong((*at, "since"), f"{price.sku} has another price since then")
        days.add((price.sku, price.since))
        if rule := _value(price):
            yield rules.written.wrong((*at, "value"), rule)


def _value(price: PriceEntry) -> str | None:
    """What is wrong with the value, as its mode takes it."""
    if price.mode is PriceMode.FIXED_COST:
        good = price.value > 0 and price.value == round(price.value, 2)
        return None if good else "must be rupees above 0 with at most two places"
    if price.value > PERCENT_AT_MOST:
        return f"must be at most {PERCENT_AT_MOST} percent"
    return None if price.value or price.mode is PriceMode.COST_PLUS else "must be percent above 0"


def _taxes(rules: Rules) -> Iterator[Mistake]:
    for hsn, taxes in rules.entries.taxes.items():
        days: set[date] = set()
        if not taxes:
            yield rules.written.wrong(("taxes", hsn), "is empty: no rate is known")
        for n, tax in enumerate(taxes):
            where = ("taxes", hsn, n)
            if tax.since in days:
                yield rules.written.wrong((*where, "since"), "other slabs hold since then")
            days.add(tax.since)
            yield from _slabs(rules, (*where, "slabs"), tax.slabs)


def _slabs(rules: Rules, where: Where, slabs: tuple[SlabEntry, ...]) -> Iterator[Mistake]:
    if not slabs or slabs[-1].up_to is not None:
        yield rules.written.wrong(where, "must end with a slab without up_to: the rate of all dearer units")
    below = None
    for n, slab in enumerate(slabs):
        if slab.up_to is None and n < len(slabs) - 1:
            yield rules.written.wrong((*where, n), "up_to is missing: only the last slab has none")
        elif slab.up_to is not None and below is not None and slab.up_to <= below:
            rule = f"must be above that of the slab before, {below}"
            yield rules.written.wrong((*where, n, "up_to"), rule)
        below = slab.up_to if slab.up_to is not None else below


def _product(rules: Rules, sku: str, product: ProductEntry, lists: Mapping[str, "_Held"]) -> Iterator[Mistake]:
    """It has a tax rate from its first price on, and what its prices are worked out from."""
    where = ("products", sku)
    since = [tax.since for hsn, taxes in rules.entries.taxes.items() if product.hsn.startswith(hsn) for tax in taxes]
    if not any(product.hsn.startswith(hsn) for hsn in rules.entries.named["taxes"]):
        yield rules.written.wrong((*where, "hsn"), "no tax rate: taxes has no HSN that begins like this")
    for name, prices in lists.items():
        held = prices.of(sku)
        first = min((price.since for price in held), default=None)
        if first and since and first < min(since):
            rule = f"has a price in {name} since {first}, and a tax rate only since {min(since)}"
            yield rules.written.wrong((*where, "hsn"), rule)
        for need in sorted({NEEDS[price.mode] for price in held if price.mode in NEEDS}):
            if getattr(product, need) is None:
                yield rules.written.wrong((*where, need), f"is missing: prices in {name} are worked out from it")


class _Held:
    """A price list by SKU."""

    def __init__(self, prices: tuple[PriceEntry, ...]) -> None:
        self._by_sku: dict[str, list[PriceEntry]] = {}
        for price in prices:
            self._by_sku.setdefault(price.sku, []).append(price)

    def of(self, sku: str) -> list[PriceEntry]:
        """The prices that hold for it at some time: its own; and before the first of them, those for any SKU."""
        own = self._by_sku.get(sku, [])
        first = min((price.since for price in own), default=date.max)
        return own + [price for price in self._by_sku.get(ANY_SKU, []) if price.since < first]
