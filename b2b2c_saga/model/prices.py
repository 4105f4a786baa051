"""What Client X charges Client Y for a unit, and which tax is in it: price lists, products and tax rates by date.

Steps 0-A and 0-B set them up; intake asks once, and the order keeps what it was told.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.words import to_paisa

ANY_SKU = "*"
HUNDRED = Decimal(100)


class PriceMode(StrEnum):
    """How a B2B price comes about; each price is per unit, tax included."""

    FIXED_COST = "fixed_cost"
    """`value` rupees."""
    PERCENT_OF_MRP = "percent_of_mrp"
    PERCENT_OF_SELLING_PRICE = "percent_of_selling_price"
    COST_PLUS = "cost_plus"
    """The product's cost, plus `value` percent of it."""


@dataclass(frozen=True)
class Product:
    """What is sold under a SKU. `hsn` is its 4, 6 or 8 digit class of goods; `mrp` and `cost` are per unit."""

    sku: str
    hsn: str
    name: str
    mrp: Decimal | None = None
    cost: Decimal | None = None


@dataclass(frozen=True)
class PriceRule:
    """The B2B price of a SKU (or of any, `*`) from a day on."""

    sku: str
    since: date
    mode: PriceMode
    value: Decimal


@dataclass(frozen=True)
class TaxSlab:
    """The rate, in percent, of units worth up to so much each without tax; None: any."""

    up_to: Decimal | None
    rate: Decimal


@dataclass(frozen=True)
class TaxRule:
    """The GST of goods whose HSN begins like this, from a day on; slabs from the cheapest unit up."""

    hsn: str
    since: date
    slabs: tuple[TaxSlab, ...]


@dataclass(frozen=True)
class Quote:
    """What holds for one line: the B2B price per unit, tax included, its HSN code and rate in percent."""

    unit_price: Decimal
    hsn: str
    gst_rate: Decimal


class _Dated(Protocol):
    @property
    def since(self) -> date: ...


RuleT = TypeVar("RuleT", bound=_Dated)


class _Timeline(Generic[RuleT]):
    """Rules about the same goods, by the day from which each holds."""

    def __init__(self, rules: Iterable[RuleT]) -> None:
        self._rules = sorted(rules, key=lambda rule: rule.since)
        self._days = [rule.since for rule in self._rules]

    def on(self, day: date) -> RuleT | None:
        """The newest that holds on that day."""
        after = bisect_right(self._days, day)
        return self._rules[after - 1] if after else None


@dataclass(frozen=True)
class PriceBook:
    """The prices and taxes of one seller account (seller X, buyer Y, channel)."""

    products: Mapping[str, Product] = field(default_factory=dict)
    prices: tuple[PriceRule, ...] = ()
    taxes: tuple[TaxRule, ...] = ()

    def quote(self, sku: str, selling_price: Decimal, day: date) -> Quote:
        """What holds for a unit sold at that price, tax included, on that day in India.

        The price is that of the SKU's newest rule, else of the newest for any; the rate that of the longest HSN code
        that the product's begins with. Rules of later days don't count.

        Raises:
            BadInput: an unknown SKU, a SKU without a price or tax rate on that day, or one sold above its MRP.
        """
        product = self.products.get(sku)
        if product is None:
            raise BadInput("unknown SKU", "items.channelSkuCode", sku, "set up under the account's products")
        if product.mrp is not None and selling_price > product.mrp:
            raise BadInput(
                f"sold above the MRP of {sku}, which the Legal Metrology (Packaged Commodities) Rules forbid",
                "items.sellingPricePerUnit",
                str(selling_price),
                f"at most {product.mrp}",
            )
        unit_price = to_paisa(_price(self._price_rule(sku, day), product, selling_price))
        return Quote(unit_price, product.hsn, _rate(self._tax_rule(product, day).slabs, unit_price))

    def _price_rule(self, sku: str, day: date) -> PriceRule:
        for named in (sku, ANY_SKU):
            timeline = self._prices_by_sku.get(named)
            if timeline and (rule := timeline.on(day)):
                return rule
        raise BadInput(
            f"no B2B price on {day}",
            "items.channelSkuCode",
            sku,
            "a rule for the SKU, or for any, since that day or before",
        )

    def _tax_rule(self, product: Product, day: date) -> TaxRule:
        for length in range(len(product.hsn), 0, -1):
            timeline = self._taxes_by_hsn.get(product.hsn[:length])
            if timeline and (rule := timeline.on(day)):
                return rule
        raise BadInput(
            f"no tax rate on {day} for HSN {product.hsn}",
            "items.channelSkuCode",
            product.sku,
            "a rate for a code that the HSN begins with, since that day or before",
        )

    @cached_property
    def _prices_by_sku(self) -> dict[str, _Timeline[PriceRule]]:
        rules: dict[str, list[PriceRule]] = {}
        for rule in self.prices:
            rules.setdefault(rule.sku, []).append(rule)
        return {sku: _Timeline(of_sku) for sku, of_sku in rules.items()}

    @cached_property
    def _taxes_by_hsn(self) -> dict[str, _Timeline[TaxRule]]:
        rules: dict[str, list[TaxRule]] = {}
        for rule in self.taxes:
            rules.setdefault(rule.hsn, []).append(rule)
        return {hsn: _Timeline(of_hsn) for hsn, of_hsn in rules.items()}


def _price(rule: PriceRule, product: Product, selling_price: Decimal) -> Decimal:
    match rule.mode:
        case PriceMode.FIXED_COST:
            return rule.value
        case PriceMode.PERCENT_OF_MRP:
            return _known(product.mrp, "MRP", product) * rule.value / HUNDRED
        case PriceMode.PERCENT_OF_SELLING_PRICE:
            return selling_price * rule.value / HUNDRED
        case PriceMode.COST_PLUS:
            return _known(product.cost, "cost", product) * (HUNDRED + rule.value) / HUNDRED


def _known(amount: Decimal | None, name: str, product: Product) -> Decimal:
    if amount is None:
        raise BadInput(f"no {name}, which its B2B price is worked out from", "items.channelSkuCode", product.sku)
    return amount


def _rate(slabs: tuple[TaxSlab, ...], unit_price: Decimal) -> Decimal:
    """Of the first slab that the unit is worth at most, without the slab's own tax; else of the last."""
    for slab in slabs:
        if slab.up_to is None or unit_price * HUNDRED <= slab.up_to * (HUNDRED + slab.rate):
            return slab.rate
    return slabs[-1].rate
