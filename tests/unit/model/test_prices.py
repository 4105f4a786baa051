"""Quotes and tax rates: which rule holds on a day, what each mode comes to, which rate a unit of that value bears."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.config import load_catalogue
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.prices import ANY_SKU, PriceBook, PriceMode, PriceRule, Product, Quote, TaxRule, TaxSlab, TaxTable
from b2b2c_saga.model.taxes import document_line

CONFIG = Path(__file__).parents[3] / "config"
DAY = date(2026, 5, 4)
LONG_AGO = date(2017, 7, 1)
KURTA = Product("KURTA", "61091000", "Cotton kurta", mrp=Decimal("999.00"), cost=Decimal("310.35"))
PLAIN = Product("PLAIN", "620342", "Trousers")
GST = (TaxRule("6", LONG_AGO, (TaxSlab(None, Decimal(12)),)),)


def rule(value: str, mode: PriceMode = PriceMode.FIXED_COST, sku: str = ANY_SKU, since: date = LONG_AGO) -> PriceRule:
    return PriceRule(sku, since, mode, Decimal(value))


def book(*prices: PriceRule, taxes: tuple[TaxRule, ...] = GST) -> PriceBook:
    return PriceBook({product.sku: product for product in (KURTA, PLAIN)}, prices, TaxTable(taxes))


def price(of: PriceBook, sku: str = "KURTA", sold_at: str = "799.00", day: date = DAY) -> Decimal:
    return of.quote(sku, Decimal(sold_at), day).unit_price


def rate(taxes: tuple[TaxRule, ...], product: Product = KURTA, day: date = DAY, unit_price: str = "1.00") -> Decimal:
    return TaxTable(taxes).rate(product.hsn, Decimal(unit_price), day)


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        (PriceMode.FIXED_COST, "412.5", "412.50"),
        (PriceMode.PERCENT_OF_MRP, "62.5", "624.38"),  # 624.375: the half goes up
        (PriceMode.PERCENT_OF_SELLING_PRICE, "80", "639.20"),
        (PriceMode.COST_PLUS, "15", "356.90"),  # 356.9025
        (PriceMode.COST_PLUS, "-10", "279.32"),  # 279.315
    ],
)
def test_each_mode_rounded_half_up_to_the_paisa(mode: PriceMode, value: str, expected: str):
    quoted = book(rule(value, mode)).quote("KURTA", Decimal("799.00"), DAY)

    assert quoted == Quote(Decimal(expected), KURTA)
    assert quoted.unit_price.as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        (PriceMode.PERCENT_OF_SELLING_PRICE, "80", "400.00"),
        (PriceMode.PERCENT_OF_MRP, "80", "799.20"),
        (PriceMode.FIXED_COST, "700", "700.00"),
        (PriceMode.COST_PLUS, "10", "341.39"),
    ],
)
def test_a_discount_lowers_the_price_that_is_percent_of_what_the_consumer_pays_and_no_other(
    mode: PriceMode, value: str, expected: str
):
    quoted = book(rule(value, mode)).quote("KURTA", Decimal("999.00"), DAY, paid=Decimal("500.00"))

    assert quoted.unit_price == Decimal(expected)


def test_1000_less_500_at_80_percent_is_400():
    prices = book(rule("80", PriceMode.PERCENT_OF_SELLING_PRICE))

    assert prices.quote("PLAIN", Decimal("1000.00"), DAY, paid=Decimal("500.00")).unit_price == Decimal("400.00")


def test_what_the_consumer_pays_is_not_rounded_before_the_price_is():
    prices = book(rule("150", PriceMode.PERCENT_OF_SELLING_PRICE))

    paid = Decimal(100) / 3  # three units less a discount come to 100.00
    assert prices.quote("PLAIN", Decimal("40.00"), DAY, paid=paid).unit_price == Decimal("50.00")


def test_the_mrp_is_held_against_the_selling_price_whatever_the_discount():
    with pytest.raises(BadInput, match="sold above the MRP"):
        book(rule("1")).quote("KURTA", Decimal("999.01"), DAY, paid=Decimal("1.00"))


def test_the_newest_rule_that_holds_counts_whatever_the_order():
    prices = book(rule("3", since=date(2026, 5, 5)), rule("1"), rule("2", since=DAY))

    assert [price(prices, day=day) for day in (date(2026, 5, 3), DAY, date(2026, 5, 5))] == [1, 2, 3]


def test_a_rule_for_the_sku_wins_over_a_newer_one_for_any():
    prices = book(rule("1", sku="KURTA"), rule("2", since=DAY))

    assert (price(prices), price(prices, "PLAIN")) == (1, 2)


def test_until_its_own_rule_holds_a_sku_has_the_price_of_any():
    prices = book(rule("1"), rule("2", sku="KURTA", since=DAY))

    assert (price(prices, day=date(2026, 5, 3)), price(prices)) == (1, 2)


def test_the_longest_code_that_the_hsn_begins_with_gives_the_rate():
    taxes = tuple(
        TaxRule(hsn, LONG_AGO, (TaxSlab(None, Decimal(n)),)) for n, hsn in enumerate(("6", "61", "610910", "62"))
    )

    assert (rate(taxes), rate(taxes, PLAIN)) == (2, 3)


def test_a_rate_counts_from_its_day_and_a_shorter_code_until_then():
    taxes = (
        TaxRule("61", LONG_AGO, (TaxSlab(None, Decimal(12)),)),
        TaxRule("6109", date(2025, 9, 22), (TaxSlab(None, Decimal(5)),)),
        TaxRule("6109", DAY, (TaxSlab(None, Decimal(18)),)),
    )

    days = (date(2025, 9, 21), date(2025, 9, 22), date(2026, 5, 3), DAY)
    assert [rate(taxes, day=day) for day in days] == [12, 5, 5, 18]


ORDERED, INVOICED = date(2025, 9, 21), date(2025, 9, 23)
"""Rates were changed on the day between."""


@pytest.mark.parametrize(
    ("day", "unit_price", "expected", "tax"),
    [
        (ORDERED, "2000.00", 12, "214.29"),
        (INVOICED, "2000.00", 5, "95.24"),
        (ORDERED, "3200.00", 12, "342.86"),
        (INVOICED, "3200.00", 18, "488.14"),
        (ORDERED, "1050.00", 5, "50.00"),
        (INVOICED, "2625.00", 5, "125.00"),
        (INVOICED, "2625.01", 18, "400.43"),
    ],
)
def test_woven_kurtas_bear_the_rate_of_the_day_by_the_table_that_ships(
    day: date, unit_price: str, expected: int, tax: str
):
    taxes = load_catalogue(CONFIG).taxes
    found = taxes.rate("621142", Decimal(unit_price), day)

    assert found == expected
    line = SimpleNamespace(code="L1", sku="KURTA", hsn="621142", name="", unit="PCS", unit_price=Decimal(unit_price))
    assert document_line(line, found, 1, range(1), within_state=False).igst == Decimal(tax)


def test_a_rate_that_nobody_knows_is_told_by_the_code():
    with pytest.raises(BadInput) as refused:
        rate((TaxRule("61", DAY, (TaxSlab(None, Decimal(5)),)),), day=date(2026, 5, 3))

    assert refused.value.args == (
        "no tax rate on 2026-05-03",
        "hsn",
        "61091000",
        "a rate for a code that the HSN begins with, since that day or before",
    )


@pytest.mark.parametrize(
    ("unit_price", "expected"),
    [
        ("1050.00", 5),  # worth exactly 1,000 without its 5 %
        ("1050.01", 12),
        ("1119.99", 12),  # worth less than 1,000 at 12 %, and still in no cheaper slab
        ("2800.00", 12),
        ("2800.01", 18),
        ("99999.00", 18),  # beyond the last limit
    ],
)
def test_a_unit_is_in_the_first_slab_that_it_is_worth_at_most_without_that_slabs_tax(unit_price: str, expected: int):
    slabs = (
        TaxSlab(Decimal(1000), Decimal(5)),
        TaxSlab(Decimal(2500), Decimal(12)),
        TaxSlab(Decimal(5000), Decimal(18)),
    )

    assert rate((TaxRule("61", LONG_AGO, slabs),), unit_price=unit_price) == expected


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 3, 1)), unique=True, min_size=1), st.dates(DAY.replace(month=1)))
def test_any_day_has_the_price_of_the_last_day_before_it_that_has_one(days: list[date], day: date):
    prices = book(*(rule(str(since.toordinal()), since=since) for since in days))
    holding = [since for since in days if since <= day]

    if holding:
        assert price(prices, day=day) == max(holding).toordinal()
    else:
        with pytest.raises(BadInput):
            price(prices, day=day)


@given(st.decimals("0.01", "999.00", places=2), st.decimals("0.01", "999.00", places=2))
def test_a_dearer_sale_is_never_quoted_cheaper(one: Decimal, other: Decimal):
    prices = book(rule("83.3", PriceMode.PERCENT_OF_SELLING_PRICE))
    quotes = [prices.quote("KURTA", sold_at, DAY).unit_price for sold_at in sorted((one, other)) if sold_at > 1]

    assert all(cheaper <= dearer for cheaper, dearer in pairwise(quotes))


SKU, SELLING_PRICE = "items.channelSkuCode", "items.sellingPricePerUnit"


@pytest.mark.parametrize(
    ("prices", "sku", "sold_at", "error"),
    [
        (
            book(rule("1")),
            "SCARF",
            "1",
            BadInput("unknown SKU", SKU, "SCARF", "set up under the account's products"),
        ),
        (
            book(rule("1", since=date(2026, 5, 5)), rule("1", sku="PLAIN")),
            "KURTA",
            "1",
            BadInput(
                "no B2B price on 2026-05-04", SKU, "KURTA", "a rule for the SKU, or for any, since that day or before"
            ),
        ),
        (
            book(rule("1"), taxes=(TaxRule("62", LONG_AGO, (TaxSlab(None, Decimal(5)),)),)),
            "KURTA",
            "1",
            BadInput(
                "no tax rate on 2026-05-04 for HSN 61091000",
                SKU,
                "KURTA",
                "a rate for a code that the HSN begins with, since that day or before",
            ),
        ),
        (
            book(rule("1")),
            "KURTA",
            "999.01",
            BadInput(
                "sold above the MRP of KURTA, which the Legal Metrology (Packaged Commodities) Rules forbid",
                SELLING_PRICE,
                "999.01",
                "at most 999.00",
            ),
        ),
        (
            book(rule("50", PriceMode.PERCENT_OF_MRP)),
            "PLAIN",
            "1",
            BadInput("no MRP, which its B2B price is worked out from", SKU, "PLAIN"),
        ),
        (
            book(rule("50", PriceMode.COST_PLUS)),
            "PLAIN",
            "1",
            BadInput("no cost, which its B2B price is worked out from", SKU, "PLAIN"),
        ),
    ],
    ids=["sku", "no price", "no rate", "above mrp", "no mrp", "no cost"],
)
def test_what_has_no_quote_is_refused_by_name(prices: PriceBook, sku: str, sold_at: str, error: BadInput):
    with pytest.raises(BadInput) as refused:
        prices.quote(sku, Decimal(sold_at), DAY)

    assert refused.value.args == error.args


def test_at_the_mrp_and_without_one_it_may_be_sold():
    prices = book(rule("100", PriceMode.PERCENT_OF_SELLING_PRICE))

    assert (price(prices, sold_at="999.00"), price(prices, "PLAIN", "99999.00")) == (999, 99999)


@pytest.mark.parametrize(("value", "expected"), [("0", "0.00"), ("0.5", "0.01")])
def test_a_gift_may_cost_next_to_nothing(value: str, expected: str):
    quoted = book(rule(value, PriceMode.PERCENT_OF_SELLING_PRICE)).quote("KURTA", Decimal(1), DAY)

    assert quoted == Quote(Decimal(expected), KURTA)
