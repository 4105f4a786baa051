"""Documents of lines: their parts, the numbers and totals of these, and which part a credit note undoes."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.fiscal.india import CAPABILITIES
from b2b2c_saga.model.errors import Bug
from b2b2c_saga.model.invoices import credit_documents, invoice_documents, part_number
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Preceding
from b2b2c_saga.model.taxes import document_line

NUMBER, CREDIT = "A1B2C3D4E5F6G7H", "C1B2C3D4E5F6G7H"
DATED = datetime(2026, 5, 4, 6, tzinfo=UTC)
CREDITED = datetime(2026, 5, 9, 6, tzinfo=UTC)
IN_TWOS = replace(CAPABILITIES, lines_at_most=2)
WHOLE_RUPEES = replace(CAPABILITIES, round_total_to=Decimal(1))


@dataclass(frozen=True)
class Priced:
    """A line as the order has it."""

    code: str
    unit_price: Decimal = Decimal("33.20")
    gst_rate: Decimal = Decimal(5)
    sku: str = "KURTA"
    hsn: str = "6109"


def lines(*codes: str, units: range = range(3), unit_price: str = "33.20") -> tuple[DocumentLine, ...]:
    return tuple(document_line(Priced(code, Decimal(unit_price)), 3, units, within_state=False) for code in codes)


def credit(of: tuple[DocumentLine, ...], *codes: str) -> tuple[FiscalDocument, ...]:
    """Of an invoice in twos with these lines."""
    return credit_documents(
        CREDIT, CREDITED, of, IN_TWOS, invoice_number=NUMBER, invoice_dated=DATED, invoice_lines=codes
    )


@pytest.mark.parametrize(("n", "expected"), [(1, NUMBER), (2, NUMBER + "2"), (9, NUMBER + "9")])
def test_the_first_part_bears_the_number_later_ones_their_place_behind_it(n: int, expected: str):
    assert part_number(NUMBER, n) == expected


@pytest.mark.parametrize(
    ("number", "n"), [(NUMBER, 10), (NUMBER, 0), ("", 1), ("01", 1), ("a1", 1), ("A 1", 1), ("A1\n", 1), ("A" * 17, 1)]
)
def test_a_number_of_another_form_than_inv_01_wants_is_our_mistake(number: str, n: int):
    with pytest.raises(Bug):
        part_number(number, n)


def test_what_has_more_lines_than_a_document_takes_is_split():
    codes = lines("A", "B", "C", "D", "E")

    assert invoice_documents(NUMBER, DATED, codes, IN_TWOS) == (
        FiscalDocument(type=DocumentType.INVOICE, number=NUMBER, dated=DATED, lines=codes[:2], total=Decimal("199.20")),
        FiscalDocument(
            type=DocumentType.INVOICE, number=NUMBER + "2", dated=DATED, lines=codes[2:4], total=Decimal("199.20")
        ),
        FiscalDocument(
            type=DocumentType.INVOICE, number=NUMBER + "3", dated=DATED, lines=codes[4:], total=Decimal("99.60")
        ),
    )


def test_a_credit_note_names_the_part_of_the_invoice_that_its_lines_stand_in():
    back = lines("E", "A", "D", units=range(1, 2))

    assert credit(back, "A", "B", "C", "D", "E") == tuple(
        FiscalDocument(
            type=DocumentType.CREDIT_NOTE,
            number=CREDIT + part,
            dated=CREDITED,
            lines=(line,),
            total=Decimal("33.20"),
            preceding=Preceding(number=NUMBER + undone, dated=DATED),
        )
        for part, undone, line in (("", "", back[1]), ("2", "2", back[2]), ("3", "3", back[0]))
    )


def test_lines_of_one_part_are_credited_together_and_later_parts_alone_bear_the_credits_own_number():
    back = lines("C", "D")

    (document,) = credit(back, "A", "B", "C", "D")
    assert (document.number, document.lines, document.preceding) == (
        CREDIT,
        back,
        Preceding(number=NUMBER + "2", dated=DATED),
    )


def test_a_line_that_the_invoice_has_not_is_our_mistake():
    with pytest.raises(Bug, match="X is credited, and not on the invoice"):
        credit(lines("X"), "A", "B")


@pytest.mark.parametrize(
    ("unit_price", "round_off", "total"),
    [("33.20", "0.40", "100"), ("33.50", "0.50", "101"), ("33.49", "-0.47", "100"), ("33.00", "0", "99")],
)
def test_the_total_may_be_rounded_half_up_to_whole_rupees(unit_price: str, round_off: str, total: str):
    (document,) = invoice_documents(NUMBER, DATED, lines("A", unit_price=unit_price), WHOLE_RUPEES)

    assert (document.round_off, document.total) == (Decimal(round_off), Decimal(total))


@given(st.integers(1, 60), st.integers(1, 20))
def test_parts_hold_each_line_once_in_order_and_add_up(count: int, at_most: int):
    whole = lines(*(f"L{n}" for n in range(count)))
    numbered = replace(CAPABILITIES, lines_at_most=max(at_most, -(-count // 9)))
    documents = invoice_documents(NUMBER, DATED, whole, numbered)

    assert tuple(line for document in documents for line in document.lines) == whole
    assert sum(document.total for document in documents) == sum(line.total for line in whole)
    assert all(len(document.lines) == numbered.lines_at_most for document in documents[:-1])
    assert len({document.number for document in documents}) == len(documents)
