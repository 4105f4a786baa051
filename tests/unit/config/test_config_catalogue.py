"""What a right configuration becomes: the terms, prices and products of each seller account."""

import re
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from example_set import SHIPPED, SKUS, example_catalogue
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from small_set import SET, altered, examined

from b2b2c_saga.config import load_catalogue, with_patience
from b2b2c_saga.config.entries import PatienceEntry, ProductEntry
from b2b2c_saga.config.texts import CODE, GSTIN, PIN, STATE, duration_text
from b2b2c_saga.demo.day import SKUS as PLAYED
from b2b2c_saga.model.catalogue import Account
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.prices import PriceBook, PriceMode, PriceRule, Product, TaxRule, TaxSlab, TaxTable
from b2b2c_saga.model.terms import (
    USUAL_PATIENCE,
    Capabilities,
    EwayBill,
    Issuer,
    Numbers,
    Patience,
    Provider,
    Rounding,
    Terms,
)
from b2b2c_saga.model.words import Address, Code, Party

X = Party(
    "X Limited", "29AABCK1234M1ZG", "X-1",
    Address("1 Road", "Bengaluru", "560001", "29"), Address("2 Road", "Bengaluru", "560100", "29"),
)  # fmt: skip
Y = Party(
    "Y Limited", "27AACCY5678N1ZF", "Y-1",
    Address("3 Road", "Mumbai", "400001", "27"), Address("4 Road", "Mumbai", "400002", "27"),
)  # fmt: skip
INV01 = Capabilities(
    Provider.INDIA_INV01, timedelta(hours=24), 1_000, Rounding.LINE, Decimal("0.01"),
    report_within=timedelta(days=30), credit_until=(11, 30), exempt_reported=False,
)  # fmt: skip
SHOP = Terms(
    version=3, channel="MARKET", b2b_leg=True, b2b_order=False, cancel_after_pack=True, issuer=Issuer.ERP,
    numbers=Numbers.ISSUER, documents=INV01, eway_bill=None, client_x=X, client_y=Y, patience=USUAL_PATIENCE,
)  # fmt: skip
PRODUCTS = {
    "KURTA": Product("KURTA", "621142", "Kurta", "PCS", Decimal(1999), Decimal("450.50")),
    "SHIRT": Product("SHIRT", "610910", "Shirt"),
}
SINCE = date(2025, 4, 1)
TAXES = TaxTable((
    TaxRule("61", date(2017, 7, 1), (TaxSlab(Decimal(1000), Decimal(5)), TaxSlab(None, Decimal(12)))),
    TaxRule("61", date(2025, 9, 22), (TaxSlab(Decimal(2500), Decimal(5)), TaxSlab(None, Decimal(18)))),
    TaxRule("62", date(2017, 7, 1), (TaxSlab(None, Decimal(12)),)),
))  # fmt: skip


def account(name: str, *changes: tuple[str, str]) -> Account:
    return examined(altered(*changes)).accepted().account(name)


def test_each_account_has_its_terms_and_prices():
    catalogue = examined(SET).accepted()
    prices = (
        PriceRule("*", SINCE, PriceMode.PERCENT_OF_SELLING_PRICE, Decimal(80)),
        PriceRule("KURTA", SINCE, PriceMode.COST_PLUS, Decimal("12.5")),
    )
    passing = (PriceRule("*", date.min, PriceMode.PERCENT_OF_SELLING_PRICE, Decimal(100)),)
    assert (catalogue.version, catalogue.taxes) == (3, TAXES)
    assert catalogue.accounts == {
        "SHOP": Account(SHOP, PriceBook(PRODUCTS, prices, TAXES)),
        "OWN": Account(replace(SHOP, channel="OWN", b2b_leg=False), PriceBook(PRODUCTS, passing, TAXES)),
    }


def test_the_warehouse_variant_begins_with_an_order_and_is_invoiced_by_rms():
    wms = account("SHOP", ("variant: erp", "variant: wms\n    cancel_after_pack: false\n    orders: pulled"))
    assert wms.terms == replace(SHOP, b2b_order=True, issuer=Issuer.RMS, cancel_after_pack=False)
    assert wms.orders_pulled
    assert not account("SHOP").orders_pulled


@pytest.mark.parametrize(
    ("written", "documents"),
    [
        ("{void_window: 2h}", replace(INV01, void_window=timedelta(hours=2))),
        ("{void_window: none}", replace(INV01, void_window=None)),
        ("{lines_at_most: 1}", replace(INV01, lines_at_most=1)),
        ("{lines_at_most: 50, round_total_to: 1}", replace(INV01, lines_at_most=50, round_total_to=Decimal(1))),
        ("{}", INV01),
    ],
)
def test_less_may_be_asked_of_a_provider_than_it_can_do(written: str, documents: Capabilities):
    assert account("SHOP", ("variant: erp", f"variant: erp\n    capabilities: {written}")).terms.documents == documents


def test_a_provider_without_void_may_issue_the_documents():
    other = account("SHOP", ("variant: erp", "variant: erp\n    provider: en16931")).terms.documents
    assert (other.provider, other.void_window, other.rounding) == (Provider.EN16931, None, Rounding.GROUP)


def test_an_issuer_that_keeps_no_series_gets_derived_numbers():
    assert account("SHOP", ("variant: erp", "variant: erp\n    numbers: derived")).terms == replace(
        SHOP, numbers=Numbers.DERIVED
    )


@pytest.mark.parametrize(
    ("above", "rupees"),
    [("", Decimal(50_000)), (", above: 0.01", Decimal("0.01")), (", above: 100000", Decimal(100_000))],
)
@pytest.mark.parametrize("transporter", ["29AABCS4321P1Z0", "97AABCS4321P002", "88AABCS4321P1Z1"])
def test_an_account_may_ask_for_eway_bills(above: str, rupees: Decimal, transporter: str):
    """The transporter is a GSTIN, a TRANSIN, or a common enrolment of several states (88)."""
    written = f"eway_bill: {{transporter_id: {transporter}, transporter_name: Swift Lorries{above}}}"
    assert account("SHOP", ("variant: erp", f"variant: erp\n    {written}")).terms == replace(
        SHOP, eway_bill=EwayBill(rupees, transporter, "Swift Lorries")
    )


def test_a_product_is_counted_in_pieces_or_in_its_own_unit():
    shirt = ("SHIRT: {hsn: 610910, name: Shirt}", "SHIRT: {hsn: 61091000, name: 'Three \"shirts\"', unit: PAC}")
    products = account("SHOP", shirt).prices.products
    assert products["SHIRT"] == Product("SHIRT", "61091000", 'Three "shirts"', "PAC")
    assert products["KURTA"].unit == "PCS"


@pytest.mark.parametrize("rate", ["0", "0.1", "0.25", "1", "1.5", "3", "5", "6", "7.5", "12", "18", "28", "40", "12.0"])
def test_every_rate_that_exists_may_be_written(rate: str):
    found = examined(altered(("slabs: [{rate: 12}]", f"slabs: [{{rate: {rate}}}]"))).accepted()
    assert found.taxes.rate("621142", Decimal(999), date(2026, 1, 5)) == Decimal(rate)


def test_patience_is_the_usual_but_for_what_is_written():
    terms = account("OWN", ("version: 3", "version: 3\npatience: {retry: 45s, attempts_at_most: 3}")).terms
    assert terms.patience == replace(USUAL_PATIENCE, retry=timedelta(seconds=45), attempts_at_most=3)
    assert set(PatienceEntry.model_fields) == {field.name for field in fields(Patience)}
    assert set(ProductEntry.model_fields) | {"sku"} == {field.name for field in fields(Product)}


def test_a_demo_may_be_more_impatient():
    short = replace(USUAL_PATIENCE, answer=timedelta(seconds=1))
    quick = with_patience(examined(SET).accepted(), short)
    assert {name: one.terms for name, one in quick.accounts.items()} == {
        "SHOP": replace(SHOP, patience=short),
        "OWN": replace(SHOP, channel="OWN", b2b_leg=False, patience=short),
    }
    assert quick.version == 3


@given(*(st.from_regex(pattern, fullmatch=True) for pattern in (CODE, GSTIN, PIN, STATE)))
def test_what_the_format_accepts_the_messages_accept(code: str, gstin: str, pin: str, state: str):
    place = Address("1 Road", "Mumbai", pin, state)
    party = Party("Y", gstin, code, place, place)
    assert TypeAdapter(Party).validate_python(party) == party
    assert TypeAdapter(Code).validate_python(code) == code


@given(st.integers(1, 3_650 * 86_400))
def test_a_duration_is_shown_as_it_would_be_written(seconds: int):
    text = duration_text(timedelta(seconds=seconds))
    file = altered(("version: 3", f"version: 3\npatience: {{late_effect: {text}}}"))
    assert examined(file).accepted().account("SHOP").terms.patience.late_effect == timedelta(seconds=seconds)


def test_an_account_that_is_not_set_up_is_named():
    with pytest.raises(BadInput, match=r"unknown seller account: account = 'NOBODY': set up under accounts in config/"):
        load_catalogue(SHIPPED).account("NOBODY")


def test_the_shipped_set_has_each_variant_and_every_sku_of_the_demo():
    accounts = load_catalogue(SHIPPED).accounts
    assert {
        name: (a.terms.channel, a.terms.b2b_leg, a.terms.b2b_order, a.terms.issuer) for name, a in accounts.items()
    } == {
        "YELLOW-MKT": ("MARKETPLACE", True, False, Issuer.ERP),
        "YELLOW-WMS": ("MARKETPLACE-FBF", True, True, Issuer.RMS),
        "YELLOW-OWN": ("OWN-SHOP", False, False, Issuer.ERP),
    }
    for one in accounts.values():
        assert set(PLAYED) <= set(one.prices.products)
        assert TypeAdapter(Terms).validate_python(one.terms) == one.terms


@pytest.mark.parametrize(
    ("name", "sku", "selling_price", "day", "price", "rate"),
    [
        ("YELLOW-MKT", "KURTA-BLUE-M", "999.00", date(2025, 9, 21), "799.20", 5),
        ("YELLOW-MKT", "KURTA-BLUE-M", "1999.00", date(2025, 9, 21), "1599.20", 12),
        ("YELLOW-MKT", "KURTA-BLUE-M", "1999.00", date(2025, 9, 22), "1599.20", 5),
        ("YELLOW-MKT", "KURTA-BLUE-M", "4999.00", date(2025, 9, 22), "3999.20", 18),
        ("YELLOW-WMS", "KURTA-RED-M", "999.00", date(2025, 9, 30), "694.40", 5),
        ("YELLOW-WMS", "KURTA-RED-M", "999.00", date(2025, 10, 1), "699.00", 5),
        ("YELLOW-WMS", "WEAVES-BOOK", "599.00", date(2025, 10, 1), "347.20", 0),
        ("YELLOW-OWN", "KURTA-GREEN-S", "2700.00", date(2026, 1, 1), "2700.00", 18),
    ],
)
def test_the_shipped_prices_and_rates_are_these(
    name: str, sku: str, selling_price: str, day: date, price: str, rate: int
):
    book = load_catalogue(SHIPPED).account(name).prices
    quote = book.quote(sku, Decimal(selling_price), day)
    assert (quote.unit_price, quote.product) == (Decimal(price), book.products[sku])
    assert book.taxes.rate(quote.product.hsn, quote.unit_price, day) == rate


def test_the_shipped_set_has_an_eway_bill_and_units():
    accounts = load_catalogue(SHIPPED).accounts
    swift = EwayBill(Decimal(50_000), "29AABCS4321P1Z0", "Swift Lorries Private Limited")
    assert {name: one.terms.eway_bill for name, one in accounts.items()} == {
        "YELLOW-MKT": None,
        "YELLOW-WMS": swift,
        "YELLOW-OWN": None,
    }
    products = accounts["YELLOW-MKT"].prices.products
    assert {sku: one.unit for sku, one in products.items() if one.unit != "PCS"} == {"WEAVES-BOOK": "NOS"}


def test_what_tests_sell_costs_80_percent_of_its_selling_price():
    prices = example_catalogue().account("YELLOW-MKT").prices
    assert {prices.quote(sku, Decimal("250.50"), date(2026, 1, 5)).unit_price for sku in SKUS} == {Decimal("200.40")}


def test_the_example_of_the_documentation_is_a_right_set():
    page = (SHIPPED.parent / "docs/configuration.md").read_text()
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    catalogue = examined(example).accepted()
    (one,) = catalogue.accounts.values()
    assert (catalogue.version, one.terms.issuer, one.orders_pulled) == (7, Issuer.RMS, True)
    assert one.terms.documents == replace(
        INV01, void_window=timedelta(hours=20), lines_at_most=500, round_total_to=Decimal(1)
    )
    assert one.terms.numbers is Numbers.DERIVED
    assert one.terms.eway_bill == EwayBill(Decimal(50_000), "29AABCS4321P1Z0", "Swift Lorries Private Limited")
    assert {sku: product.unit for sku, product in one.prices.products.items()} == {
        "KURTA-RED-M": "PCS",
        "WEAVES-BOOK": "NOS",
    }
    assert one.terms.patience == USUAL_PATIENCE
