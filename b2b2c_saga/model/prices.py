"""What Client X charges Client Y for a unit, and which tax is in it: price lists, products and tax rates by date.

Steps 0-A and 0-B set them up. A price is that of the order's day: intake asks once, and the order keeps it. A tax rate
is that of the document's day (CGST Act, section 14): it is asked when a document is made, which keeps it.
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
    """Of what the consumer pays, after all discounts."""
    COST_PLUS = "cost_plus"
    """The product's cost, plus `value` percent of it."""


@dataclass(frozen=True)
class Product:
    """What is sold under a SKU.

    `hsn` is its class of goods, of 6 or 8 digits; `unit` what it is counted in, a unit quantity code (UQC) of the GST
    portal; `mrp` and `cost` are rupees per unit.
    """

    sku: str
    hsn: str
    name: str
    unit: str = "PCS"
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
    """What holds for one line: the B2B price per unit, tax included, and what is sold."""

    unit_price: Decimal
    product: Product


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
class TaxTable:
    """The tax rates in force: the law's, whatever account sells."""

    rules: tuple[TaxRule, ...] = ()

    def rate(self, hsn: str, unit_price: Decimal, day: date) -> Decimal:
        """Percent, for goods of that HSN code and price per unit, tax included, invoiced on that day in India.

        The newest rule of the longest code that the HSN begins with counts. Rules of later days don't.

        Raises:
            BadInput: no rule holds on that day.
        """
        for length in range(len(hsn), 0, -1):
            timeline = self._by_hsn.get(hsn[:length])
            if timeline and (rule := timeline.on(day)):
                return _rate(rule.slabs, unit_price)
        raise BadInput(
            f"no tax rate on {day}", "hsn", hsn, "a rate for a code that the HSN begins with, since that day or before"
        )

    @cached_property
    def _by_hsn(self) -> dict[str, _Timeline[TaxRule]]:
        rules: dict[str, list[TaxRule]] = {}
        for rule in self.rules:
            rules.setdefault(rule.hsn, []).append(rule)
        return {hsn: _Timeline(of_hsn) for hsn, of_hsn in rules.items()}


@dataclass(frozen=True)
class PriceBook:
    """What rules look up on the day that they need it: prices of one seller account, and the tax table in force."""

    products: Mapping[str, Product] = field(default_factory=dict)
    prices: tuple[PriceRule, ...] = ()
    taxes: TaxTable = field(default_factory=TaxTable)

    def quote(self, sku: str, selling_price: Decimal, day: date, *, paid: Decimal | None = None) -> Quote:
        """What holds for a unit ordered on that day in India.

        The price is that of the SKU's newest rule, else of the newest for any. Rules of later days don't count.

        Args:
            sku: What is sold.
            selling_price: Rupees per unit on the marketplace, tax included.
            day: Of the order.
            paid: Rupees per unit that the consumer pays after all discounts, unrounded; None: the selling price.

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
        price = _price(self._price_rule(sku, day), product, selling_price if paid is None else paid)
        quote = Quote(to_paisa(price), product)
        try:
            self.taxes.rate(product.hsn, quote.unit_price, day)  # what nobody knows a rate for can't be sold
        except BadInput as error:
            raise BadInput(f"{error.reason} for HSN {product.hsn}", "items.channelSkuCode", sku, error.rule) from None
        return quote

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

    @cached_property
    def _prices_by_sku(self) -> dict[str, _Timeline[PriceRule]]:
        rules: dict[str, list[PriceRule]] = {}
        for rule in self.prices:
            rules.setdefault(rule.sku, []).append(rule)
        return {sku: _Timeline(of_sku) for sku, of_sku in rules.items()}


def _price(rule: PriceRule, product: Product, paid: Decimal) -> Decimal:
    match rule.mode:
        case PriceMode.FIXED_COST:
            return rule.value
        case PriceMode.PERCENT_OF_MRP:
            return _known(product.mrp, "MRP", product) * rule.value / HUNDRED
        case PriceMode.PERCENT_OF_SELLING_PRICE:
            return paid * rule.value / HUNDRED
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
