"""Units by line: the algebra that the balances rest on, and the merge of absolute quantities."""

from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.quantities import NOTHING, Quantities

LINES = st.sampled_from("KLMN")
WHOLE = st.dictionaries(LINES, st.integers(0, 9)).map(Quantities.of)
ANY = st.dictionaries(LINES, st.integers(-9, 9)).map(Quantities.of)


def test_pairs_of_a_line_add_up_and_lines_without_units_are_left_out():
    made = Quantities.of([("L", 1), ("K", 2), ("L", 2), ("M", 0), ("N", 1), ("N", -1)])
    assert made == Quantities((("K", 2), ("L", 3)))
    assert (made["L"], made["M"], made.total, list(made)) == (3, 0, 5, [("K", 2), ("L", 3)])
    assert Quantities.of({"L": 0}) == NOTHING
    assert not NOTHING
    assert made


@given(ANY, ANY, ANY)
def test_adding_is_that_of_numbers_line_by_line(a: Quantities, b: Quantities, c: Quantities):
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + NOTHING == a
    assert a - a == NOTHING
    assert a - NOTHING == a
    assert (a + b) - b == a
    assert all((a + b)[line] == a[line] + b[line] for line in "KLMN")
    assert (a - b).total == a.total - b.total


@given(WHOLE, WHOLE, WHOLE)
def test_the_merge_gives_the_same_in_any_order_and_any_number_of_times(a: Quantities, b: Quantities, c: Quantities):
    assert a.or_more(b) == b.or_more(a)
    assert a.or_more(b).or_more(c) == a.or_more(b.or_more(c))
    assert a.or_more(a) == a
    assert a.or_more(b).or_more(b) == a.or_more(b)
    assert a.fits_in(a.or_more(b))


@given(WHOLE, WHOLE)
def test_at_most_is_the_largest_that_fits_in_both(a: Quantities, b: Quantities):
    least = a.at_most(b)
    assert least.fits_in(a)
    assert least.fits_in(b)
    assert least == b.at_most(a)
    assert (least == a) == a.fits_in(b)
    assert least + a.or_more(b) == a + b


@given(WHOLE, WHOLE)
def test_what_does_not_fit_is_short(a: Quantities, b: Quantities):
    assert a.fits_in(b) == (not (b - a).is_short)
    assert not a.is_short


def test_short_is_told_line_by_line():
    assert (Quantities.of({"K": 5}) - Quantities.of({"L": 1})).is_short
    assert (Quantities.of({"K": 5}) - Quantities.of({"L": 1})).total == 4
