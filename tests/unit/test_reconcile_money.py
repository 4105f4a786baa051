"""What units are worth, worked out anew: by another method than the documents', to the same paise."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.order import Line
from b2b2c_saga.model.taxes import document_line
from b2b2c_saga.reconcile.money import Amounts, worth
from b2b2c_saga.reconcile.rates import EXISTING


@pytest.mark.parametrize(
    ("price", "rate", "units", "within_state", "taxable", "tax", "total"),
    [
        ("639.20", 5, range(3), False, "1826.29", "91.31", "1917.60"),
        ("639.20", 5, range(2, 3), False, "608.77", "30.43", "639.20"),
        ("100.00", 18, range(1), True, "84.74", "15.26", "100.00"),
        ("2000.00", 5, range(1), False, "1904.76", "95.24", "2000.00"),
        ("3200.00", 18, range(1), False, "2711.86", "488.14", "3200.00"),
        ("0.01", 5, range(556), True, "5.30", "0.26", "5.56"),
        ("100.00", 0, range(2), True, "200.00", "0.00", "200.00"),
        ("399.21", 5, range(1), True, "380.20", "19.02", "399.22"),
        ("0.58", 18, range(1), True, "0.49", "0.08", "0.57"),
        ("0.59", 18, range(1), True, "0.50", "0.10", "0.60"),
    ],
)
def test_what_units_are_worth(
    *, price: str, rate: int, units: range, within_state: bool, taxable: str, tax: str, total: str
) -> None:
    due = Amounts(len(units), Decimal(taxable), Decimal(tax), Decimal(total))
    assert worth(Decimal(price), Decimal(rate), units, within_state=within_state) == due


@given(
    price=st.integers(0, 2_000_000),
    rate=st.sampled_from([*sorted(EXISTING), Decimal(19), Decimal(100)]),
    many=st.integers(1, 600),
    part=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    within_state=st.booleans(),
)
def test_both_methods_come_to_the_same_paise(
    *, price: int, rate: Decimal, many: int, part: tuple[float, float], within_state: bool
) -> None:
    rupees = Decimal(price) / 100
    since, until = sorted(int(share * (many - 1)) for share in part)
    line = Line("L1", "SKU", many, rupees, Decimal(0), rupees, "621142", "Kurta", "PCS")
    made = document_line(line, rate, many, range(since, until + 1), within_state=within_state)
    due = worth(rupees, rate, range(since, until + 1), within_state=within_state)
    assert due == Amounts(made.quantity, made.taxable_value, made.igst + made.cgst + made.sgst, made.total)
