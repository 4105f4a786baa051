"""The tax in a price, and how its paise fall on units: any parts of a line add up to the line, in each field."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from b2b2c_saga.model.messages.fiscal import DocumentLine
from b2b2c_saga.model.taxes import document_line, supplied_within_state
from b2b2c_saga.model.words import Address, Party

AMOUNTS = ("taxable_value", "igst", "cgst", "sgst", "total")
RATES = st.sampled_from(["0", "0.25", "3", "5", "12", "18", "28", "40", "100"]) | st.decimals(0, 100, places=3).map(str)


@dataclass(frozen=True)
class Priced:
    """A line as the order has it."""

    unit_price: Decimal
    gst_rate: Decimal = Decimal(5)
    code: str = "L1"
    sku: str = "KURTA"
    hsn: str = "61091000"


def amounts(line: DocumentLine) -> dict[str, Decimal]:
    return {name: getattr(line, name) for name in AMOUNTS}


def added(lines: list[DocumentLine]) -> dict[str, Decimal]:
    return {name: sum((getattr(line, name) for line in lines), Decimal(0)) for name in AMOUNTS}


def test_between_states_the_tax_is_igst():
    line = document_line(Priced(Decimal("639.20")), 3, range(3), within_state=False)

    assert line == DocumentLine(
        order_item_code="L1",
        sku="KURTA",
        hsn_code="61091000",
        quantity=3,
        unit_price=Decimal("639.20"),
        gst_rate=Decimal(5),
        taxable_value=Decimal("1826.29"),
        igst=Decimal("91.31"),
        total=Decimal("1917.60"),
    )


def test_within_a_state_it_is_halved_and_the_odd_paisa_stays_in_the_taxable_value():
    line = document_line(Priced(Decimal("639.20")), 3, range(3), within_state=True)

    assert amounts(line) == {
        "taxable_value": Decimal("1826.30"),
        "igst": 0,
        "cgst": Decimal("45.65"),
        "sgst": Decimal("45.65"),
        "total": Decimal("1917.60"),
    }


def test_the_units_of_a_line_bear_the_paise_in_turn():
    units = [document_line(Priced(Decimal("639.20")), 3, range(n, n + 1), within_state=False) for n in range(3)]

    assert [unit.igst for unit in units] == [Decimal("30.44"), Decimal("30.44"), Decimal("30.43")]


@dataclass(frozen=True)
class Case:
    """A line, its units on the invoice, a partition of them, and whether it is sold within a state."""

    line: Priced
    invoiced: int
    parts: tuple[range, ...]
    within: bool

    def of(self, units: range) -> DocumentLine:
        """The document's line for these units."""
        return document_line(self.line, self.invoiced, units, within_state=self.within)


@st.composite
def cases(draw: st.DrawFn, cheapest: int = 0) -> Case:
    """Any line in any parts; prices are in paise."""
    paise = draw(st.integers(cheapest, 10) | st.integers(cheapest, 10**7))
    invoiced = draw(st.integers(1, 60) | st.integers(1, 100_000))
    cuts = sorted(draw(st.sets(st.integers(1, invoiced), max_size=40)) | {invoiced})
    parts = tuple(range(start, stop) for start, stop in zip([0, *cuts], cuts, strict=False))
    return Case(Priced(Decimal(paise) / 100, Decimal(draw(RATES))), invoiced, parts, within=draw(st.booleans()))


def unit_by_unit(price: str) -> Case:
    """Three units at 100 %, apart: where rounding hurts most."""
    return Case(Priced(Decimal(price), Decimal(100)), 3, tuple(range(n, n + 1) for n in range(3)), within=True)


@given(cases())
@example(unit_by_unit("0.01"))
@example(unit_by_unit("0.02"))
def test_the_parts_of_any_line_add_up_to_it_in_each_field(case: Case):
    whole, lines = case.of(range(case.invoiced)), [case.of(part) for part in case.parts]

    assert added(lines) == amounts(whole)
    for one in (whole, *lines):
        assert one.taxable_value + one.igst + one.cgst + one.sgst == one.total == one.quantity * case.line.unit_price
        assert min(amounts(one).values()) >= 0
        assert one.cgst == one.sgst
        assert (one.igst if case.within else one.cgst) == 0


@given(cases(cheapest=2))  # two halves of tax can't be taken from one paisa
def test_a_part_is_taxed_at_its_rate_but_for_the_paise_of_the_rounding(case: Case):
    for part in case.parts:
        one = case.of(part)
        exact = one.total * case.line.gst_rate / (100 + case.line.gst_rate)
        assert abs(one.igst + one.cgst + one.sgst - exact) <= Decimal("0.03")


@pytest.mark.parametrize("units", [range(0), range(2, 2), range(2, 4), range(-1, 1), range(0, 3, 2)])
def test_units_that_the_invoice_has_not_are_refused(units: range):
    with pytest.raises(ValueError, match="of 3 units of L1"):
        document_line(Priced(Decimal("1.00")), 3, units, within_state=False)


def party(gstin: str, state: str) -> Party:
    address = Address("14 Mill Road", "Bengaluru", "560001", state)
    return Party("Kurta House", gstin, "X-1", address, address)


def test_the_place_of_supply_is_the_state_of_the_buyers_gstin():
    seller, elsewhere = party("29AABCK1234M1ZG", "29"), party("27AACCY5678N1ZF", "29")

    assert supplied_within_state(seller, party("29AACCY5678N1ZF", "27"))
    assert not supplied_within_state(seller, elsewhere)
