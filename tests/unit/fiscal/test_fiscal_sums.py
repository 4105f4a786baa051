"""Ten thousand documents of both providers: lines and headers, parts and wholes, invoices and credit notes add up.

Prices come of all modes, with and without a discount; rates are all that GST has. Payloads are read back from their
JSON text, with numbers as decimals, and added up and taxed once more here.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from fiscal_cases import BUYER, KNOWN_RATES, NEIGHBOUR, Priced, Sale
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.fiscal.payload import Documented
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.invoices import invoice_documents
from b2b2c_saga.model.messages.fiscal import DocumentType
from b2b2c_saga.model.prices import ANY_SKU, PriceBook, PriceMode, PriceRule, Product, TaxRule, TaxSlab, TaxTable
from b2b2c_saga.model.terms import Provider

DOCUMENTS = 10_000
PAISA = Decimal("0.01")
DAY = date(2026, 4, 1)


@dataclass(frozen=True)
class Book:
    """Where a provider's payload has what adds up."""

    lines: str
    line_amounts: tuple[str, ...]
    header: str
    sums: dict[str, str]
    total: tuple[str, ...]
    due: str
    fully_credited: tuple[str, ...]
    sku: str
    quantity: str
    number: tuple[str, str]

    def lines_by_sku(self, payloads: Sequence[Any]) -> Counter[tuple[str, str]]:
        """Each amount of each SKU, over all these documents."""
        added: Counter[tuple[str, str]] = Counter()
        for payload in payloads:
            for line in payload[self.lines]:
                for name in self.line_amounts:
                    added[line[self.sku], name] += line[name]
        return added

    def headers(self, payloads: Sequence[Any]) -> dict[str, Decimal]:
        """Each amount of the header, over all these documents."""
        return {name: sum(payload[self.header][name] for payload in payloads) for name in self.fully_credited}

    def must_add_up(self, payload: dict[str, Any], prices: dict[str, Decimal]) -> None:
        """Its header is the sum of its lines; what is due is what the units come to at their prices."""
        header = payload[self.header]
        assert header[self.due] == sum(line[self.quantity] * prices[line[self.sku]] for line in payload[self.lines])
        for name, of_line in self.sums.items():
            assert header[name] == sum(line[of_line] for line in payload[self.lines])
        assert header[self.due] == sum(header[name] for name in self.total)


BOOKS = {
    Provider.INDIA_INV01: Book(
        lines="ItemList",
        line_amounts=("Qty", "TotAmt", "Discount", "AssAmt", "IgstAmt", "CgstAmt", "SgstAmt", "TotItemVal"),
        header="ValDtls",
        sums={"AssVal": "AssAmt", "IgstVal": "IgstAmt", "CgstVal": "CgstAmt", "SgstVal": "SgstAmt"},
        total=("AssVal", "IgstVal", "CgstVal", "SgstVal", "RndOffAmt"),
        due="TotInvVal",
        fully_credited=("AssVal", "IgstVal", "CgstVal", "SgstVal", "RndOffAmt", "TotInvVal"),
        sku="PrdDesc",  # of goods that have no name
        quantity="Qty",
        number=("DocDtls", "No"),
    ),
    Provider.EN16931: Book(  # tax is rounded once in each document; the rounding amount takes up the difference
        lines="lines",
        line_amounts=("quantity", "netAmount"),
        header="totals",
        sums={"lineNetAmount": "netAmount", "withoutTax": "netAmount"},
        total=("withoutTax", "tax", "rounding"),
        due="due",
        fully_credited=("lineNetAmount", "withoutTax", "due"),
        sku="sellersItemId",
        quantity="quantity",
        number=("", "number"),
    ),
}


def told(command: Documented) -> list[Any]:
    """The payloads as they are on the wire."""
    payloads = provider(command.provider).payloads(command)
    return [json.loads(json.dumps(payload), parse_float=Decimal) for payload in payloads]


def priced(at_random: random.Random, mode: PriceMode, quantity: int) -> Decimal:
    """A B2B price of that mode, as intake works it out for a line with or without a discount."""
    mrp = Decimal(at_random.choice((at_random.randint(2, 99), at_random.randint(100, 500_000)))) / 100
    selling_price = (mrp * at_random.randint(50, 100) / 100).quantize(PAISA)
    discount = at_random.choice(
        (Decimal(0), (quantity * selling_price * at_random.randint(0, 100) / 100).quantize(PAISA))
    )
    product = Product("SKU", "61091000", "", mrp=mrp, cost=(mrp / 2).quantize(PAISA))
    value = mrp if mode is PriceMode.FIXED_COST else Decimal(at_random.randint(1, 120_000)) / 1000
    taxes = TaxTable((TaxRule("61", DAY, (TaxSlab(None, Decimal(5)),)),))
    book = PriceBook({"SKU": product}, (PriceRule(ANY_SKU, DAY, mode, value),), taxes)
    return book.quote("SKU", selling_price, DAY, paid=(quantity * selling_price - discount) / quantity).unit_price


def sold(at_random: random.Random, name: Provider, nth: int) -> Sale:
    """Mostly a few lines; now and then more, and at first more than the portal takes in one document."""
    most = 1200 if nth == 0 else 40 if nth % 60 == 0 else 3
    count = at_random.randint(1001 if nth == 0 else 1, most)
    modes, lines = list(PriceMode), []
    for n in range(count):
        quantity = at_random.choice((1, 1, 2, 3, at_random.randint(4, 40), at_random.randint(41, 5000)))
        price = priced(at_random, modes[(nth + n) % len(modes)], quantity)
        lines.append(Priced(f"L{n}", price, at_random.choice(KNOWN_RATES), quantity, sku=f"SKU-{n}"))
    return Sale(lines, provider(name).capabilities, buyer=at_random.choice((BUYER, NEIGHBOUR)))


def returned(at_random: random.Random, sale: Sale) -> Iterator[dict[str, range]]:
    """All units, in one to four returns of any of them."""
    times = at_random.randint(1, 4)
    cuts = {
        line.code: [0, *sorted(at_random.randint(0, line.invoiced) for _ in range(times - 1)), line.invoiced]
        for line in sale.lines
    }
    for n in range(times):
        units = {code: range(places[n], places[n + 1]) for code, places in cuts.items()}
        if any(units.values()):
            yield {code: part for code, part in units.items() if part}


def must_be_whole(sale: Sale, invoice: Sequence[Any], credits_of_all: Sequence[Any]) -> None:
    book = BOOKS[sale.can.provider]
    prices = {line.sku: line.unit_price for line in sale.lines}
    for payload in (*invoice, *credits_of_all):
        book.must_add_up(payload, prices)
        if sale.can.provider is Provider.INDIA_INV01:
            for item in payload["ItemList"]:
                must_be_taxed(item, within_state=sale.within_state, exactly=payload["DocDtls"]["Typ"] != "CRN")
    assert book.lines_by_sku(credits_of_all) == book.lines_by_sku(invoice)
    assert book.headers(credits_of_all) == book.headers(invoice)


def must_be_taxed(item: dict[str, Any], *, within_state: bool, exactly: bool) -> None:
    """By its rate: halves of an invoice are exact, what is shared out is a paisa or two off; the portal allows 100."""
    taxes = igst, cgst, sgst = item["IgstAmt"], item["CgstAmt"], item["SgstAmt"]
    assert min(item["AssAmt"], *taxes) >= 0
    if within_state:
        half = item["AssAmt"] * item["GstRt"] / 200
        assert (igst, cgst) == (0, sgst)
        assert abs(cgst - half) <= PAISA
        assert not exactly or cgst == half.quantize(PAISA, ROUND_HALF_UP)
    else:
        assert (cgst, sgst) == (0, 0)
        assert abs(igst - item["AssAmt"] * item["GstRt"] / 100) <= (PAISA if exactly else 2 * PAISA)
    assert item["TotItemVal"] == item["AssAmt"] + igst + cgst + sgst


def must_name_the_part_it_undoes(name: Provider, invoice: Sequence[Any], credited: Sequence[Any]) -> None:
    book = BOOKS[name]
    head, number = book.number
    part_of = {
        line[book.sku]: (payload[head] if head else payload)[number]
        for payload in invoice
        for line in payload[book.lines]
    }
    for payload in credited:
        (undone,) = payload["RefDtls"]["PrecDocDtls"] if head else payload["precedingInvoices"]
        assert {part_of[line[book.sku]] for line in payload[book.lines]} == {undone["InvNo" if head else "number"]}


@pytest.mark.parametrize("name", list(Provider))
def test_ten_thousand_documents_add_up_to_the_paisa(name: Provider):
    at_random, documents, split, kinds, seen = random.Random(29), 0, 0, Counter(), set()
    while documents < DOCUMENTS // len(Provider):
        sale = sold(at_random, name, kinds.total())
        command = sale.invoice()
        invoice = told(command)
        undone = [told(sale.credit(units)) for units in returned(at_random, sale)]
        credited = [payload for payloads in undone for payload in payloads]
        must_be_whole(sale, invoice, credited)
        must_name_the_part_it_undoes(name, invoice, credited)

        (unsplit,) = invoice_documents(
            ["A"], command.document_time, sale.document_lines(), replace(sale.can, lines_at_most=10**6)
        )
        assert tuple(line for document in command.documents for line in document.lines) == unsplit.lines
        assert command.total == unsplit.total
        documents += len(invoice) + len(credited)
        split += len(invoice) > 1
        kinds[sale.buyer, len(undone)] += 1
        seen |= {(sale.within_state, document.type, document.round_off != 0) for document in command.documents}

    assert kinds.keys() == {(buyer, times) for buyer in (BUYER, NEIGHBOUR) for times in (1, 2, 3, 4)}
    assert split == (name is Provider.INDIA_INV01)
    assert (True, DocumentType.INVOICE, True) in seen  # a price that no taxable value comes to
    assert {document_type for _, document_type, _ in seen} == {
        DocumentType.INVOICE,
        DocumentType.INVOICE if sale.can.exempt_reported else DocumentType.BILL_OF_SUPPLY,
    }


@st.composite
def sales(draw: st.DrawFn) -> tuple[Sale, dict[str, range], dict[str, range]]:
    """Any sale in parts of any size, and its units in two."""
    prices = st.decimals("0.00", "0.99", places=2) | st.decimals("0.01", "99999.99", places=2)
    lines = [
        Priced(f"L{n}", price, rate, invoiced, sku=f"SKU-{n}")
        for n, (price, rate, invoiced) in enumerate(
            draw(st.lists(st.tuples(prices, st.sampled_from(KNOWN_RATES), st.integers(1, 999)), min_size=1, max_size=6))
        )
    ]
    cuts = {line.code: draw(st.integers(0, line.invoiced)) for line in lines}
    can = replace(provider(draw(st.sampled_from(Provider))).capabilities, lines_at_most=draw(st.integers(1, 6)))
    sale = Sale(lines, can, buyer=draw(st.sampled_from((BUYER, NEIGHBOUR))))
    first = {code: range(cut) for code, cut in cuts.items()}
    return sale, first, {line.code: range(cuts[line.code], line.invoiced) for line in lines}


@given(sales())
def test_any_sale_in_any_parts_adds_up_and_is_credited_wholly(case: tuple[Sale, dict[str, range], dict[str, range]]):
    sale, *parts = case
    invoice = told(sale.invoice())
    credited = [payload for units in parts if any(units.values()) for payload in told(sale.credit(units))]

    must_be_whole(sale, invoice, credited)
    must_name_the_part_it_undoes(sale.can.provider, invoice, credited)
