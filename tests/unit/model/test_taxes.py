"""The tax in a price, and how its paise fall on units: any parts of a line add up to the line, in each field."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from b2b2c_saga.model.messages.fiscal import DocumentLine
from b2b2c_saga.model.taxes import document_line, supplied_within_state
from b2b2c_saga.model.words import Address, Party

AMOUNTS = ("taxable_value", "igst", "cgst", "sgst", "total")
PAISA = Decimal("0.01")
KNOWN_RATES = ("0", "0.1", "0.25", "1", "1.5", "3", "5", "6", "7.5", "12", "18", "28", "40")
"""All that GST has."""
RATES = (st.sampled_from((*KNOWN_RATES, "100")) | st.decimals(0, 100, places=3).map(str)).map(Decimal)


@dataclass(frozen=True)
class Priced:
    """A line as the order has it."""

    unit_price: Decimal
    code: str = "L1"
    sku: str = "KURTA"
    hsn: str = "61091000"
    name: str = "Kurta cotton"
    unit: str = "PCS"


def line_of(
    price: str, rate: str, invoiced: int = 1, units: range | None = None, *, within_state: bool
) -> DocumentLine:
    asked = range(invoiced) if units is None else units
    return document_line(Priced(Decimal(price)), Decimal(rate), invoiced, asked, within_state=within_state)


def amounts(line: DocumentLine) -> dict[str, Decimal]:
    return {name: getattr(line, name) for name in AMOUNTS}


def added(lines: list[DocumentLine]) -> dict[str, Decimal]:
    return {name: sum((getattr(line, name) for line in lines), Decimal(0)) for name in AMOUNTS}


def test_between_states_the_tax_is_igst():
    assert line_of("639.20", "5", 3, within_state=False) == DocumentLine(
        order_item_code="L1",
        sku="KURTA",
        description="Kurta cotton",
        unit="PCS",
        hsn_code="61091000",
        quantity=3,
        unit_price=Decimal("639.20"),
        gst_rate=Decimal(5),
        taxable_value=Decimal("1826.29"),
        igst=Decimal("91.31"),
        total=Decimal("1917.60"),
    )


def test_goods_without_a_name_have_no_description_and_keep_their_unit():
    line = document_line(Priced(Decimal(1), name="", unit="MTR"), Decimal(5), 1, range(1), within_state=False)

    assert (line.description, line.unit) == (None, "MTR")


@pytest.mark.parametrize(
    ("price", "rate", "invoiced", "taxable", "half", "total"),
    [
        ("100.00", "18", 1, "84.74", "7.63", "100.00"),
        ("639.20", "5", 3, "1826.28", "45.66", "1917.60"),
        ("1199.00", "12", 1, "1070.54", "64.23", "1199.00"),
        ("2000.00", "5", 1, "1904.76", "47.62", "2000.00"),
        ("45.00", "0", 2, "90.00", "0", "90.00"),
        ("0.01", "5", 1, "0.01", "0", "0.01"),
        ("0.00", "18", 1, "0", "0", "0"),
    ],
)
def test_within_a_state_the_base_is_worked_out_so_that_half_of_the_rate_of_it_gives_both_parts(
    price: str, rate: str, invoiced: int, taxable: str, half: str, total: str
):
    assert amounts(line_of(price, rate, invoiced, within_state=True)) == {
        "taxable_value": Decimal(taxable),
        "igst": 0,
        "cgst": Decimal(half),
        "sgst": Decimal(half),
        "total": Decimal(total),
    }


@pytest.mark.parametrize(
    ("price", "taxable", "half", "total"),
    [
        ("0.19", "0.16", "0.01", "0.18"),
        ("0.20", "0.17", "0.02", "0.21"),
    ],  # the taxable value 0.17 makes halves of 0.0153
)
def test_a_price_that_no_base_comes_to_is_a_paisa_off(price: str, taxable: str, half: str, total: str):
    line = line_of(price, "18", within_state=True)

    assert (line.taxable_value, line.cgst, line.sgst, line.total) == tuple(map(Decimal, (taxable, half, half, total)))


def test_the_units_of_a_line_bear_the_paise_in_turn():
    units = [line_of("639.20", "5", 3, range(n, n + 1), within_state=False) for n in range(3)]

    assert [unit.igst for unit in units] == [Decimal("30.44"), Decimal("30.44"), Decimal("30.43")]


def test_so_they_do_within_a_state():
    units = [line_of("100.00", "18", 3, range(n, n + 1), within_state=True) for n in range(3)]

    assert [(unit.taxable_value, unit.cgst) for unit in units] == [
        (Decimal("84.74"), Decimal("7.63")),
        (Decimal("84.75"), Decimal("7.62")),  # a paisa off: 84.75 and two halves of 7.62 are 99.99
        (Decimal("84.75"), Decimal("7.63")),
    ]


@dataclass(frozen=True)
class Case:
    """A line, its units on the invoice, a partition of them, and whether it is sold within a state."""

    line: Priced
    rate: Decimal
    invoiced: int
    parts: tuple[range, ...]
    within: bool

    def of(self, units: range) -> DocumentLine:
        """The document's line for these units."""
        return document_line(self.line, self.rate, self.invoiced, units, within_state=self.within)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any line in any parts; prices are in paise."""
    paise = draw(st.integers(0, 10) | st.integers(0, 10**7))
    invoiced = draw(st.integers(1, 60) | st.integers(1, 100_000))
    cuts = sorted(draw(st.sets(st.integers(1, invoiced), max_size=40)) | {invoiced})
    parts = tuple(range(start, stop) for start, stop in zip([0, *cuts], cuts, strict=False))
    return Case(Priced(Decimal(paise) / 100), draw(RATES), invoiced, parts, within=draw(st.booleans()))


def unit_by_unit(price: str, rate: str = "100", invoiced: int = 3) -> Case:
    """Units apart: where rounding hurts most."""
    parts = tuple(range(n, n + 1) for n in range(invoiced))
    return Case(Priced(Decimal(price)), Decimal(rate), invoiced, parts, within=True)


@given(cases())
@example(unit_by_unit("0.01"))
@example(unit_by_unit("0.02"))
@example(unit_by_unit("0.01", "18", 556))
def test_the_parts_of_any_line_add_up_to_it_in_each_field(case: Case):
    whole, lines = case.of(range(case.invoiced)), [case.of(part) for part in case.parts]

    assert added(lines) == amounts(whole)
    for one, off in ((whole, PAISA), *((line, 2 * PAISA) for line in lines)):
        assert one.taxable_value + one.igst + one.cgst + one.sgst == one.total
        assert abs(one.total - one.quantity * case.line.unit_price) <= (off if case.within else 0)
        assert min(amounts(one).values()) >= 0
        assert one.cgst == one.sgst
        assert (one.igst if case.within else one.cgst) == 0


@given(cases())
@example(unit_by_unit("0.01", "18", 556))
def test_a_part_is_taxed_at_its_rate_but_for_the_paise_of_the_rounding(case: Case):
    for part in case.parts:
        one = case.of(part)
        tax, rate, off = (one.cgst, case.rate / 200, PAISA) if case.within else (one.igst, case.rate / 100, 2 * PAISA)
        assert abs(tax - one.taxable_value * rate) <= off


@given(cases())
def test_the_halves_of_an_invoice_are_half_of_the_rate_of_its_base_rounded_half_up(case: Case):
    whole = document_line(case.line, case.rate, case.invoiced, range(case.invoiced), within_state=True)

    assert whole.cgst == whole.sgst == (whole.taxable_value * case.rate / 200).quantize(PAISA, ROUND_HALF_UP)


@given(st.integers(0, 10**6), st.sampled_from(KNOWN_RATES))
def test_no_base_comes_nearer_to_the_price(paise: int, rate: str):
    line = document_line(Priced(Decimal(paise) / 100), Decimal(rate), 1, range(1), within_state=True)
    price, off = line.unit_price, abs(line.total - line.unit_price)

    for more in range(-5, 6):
        base = line.taxable_value + more * PAISA
        half = (base * Decimal(rate) / 200).quantize(PAISA, ROUND_HALF_UP)
        assert base < 0 or abs(base + 2 * half - price) >= off


@pytest.mark.parametrize("units", [range(0), range(2, 2), range(2, 4), range(-1, 1), range(0, 3, 2)])
def test_units_that_the_invoice_has_not_are_refused(units: range):
    with pytest.raises(ValueError, match="of 3 units of L1"):
        line_of("1.00", "5", 3, units, within_state=False)


def party(gstin: str, state: str) -> Party:
    address = Address("14 Mill Road", "Bengaluru", "560001", state)
    return Party("Kurta House", gstin, "X-1", address, address)


def test_the_place_of_supply_is_the_state_of_the_buyers_gstin():
    seller, elsewhere = party("29AABCK1234M1ZG", "29"), party("27AACCY5678N1ZF", "29")

    assert supplied_within_state(seller, party("29AACCY5678N1ZF", "27"))
    assert not supplied_within_state(seller, elsewhere)
