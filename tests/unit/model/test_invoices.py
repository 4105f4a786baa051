"""Documents of lines: their parts, the numbers and totals of these, and which part a credit note undoes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.fiscal.india import CAPABILITIES
from b2b2c_saga.model.errors import Bug
from b2b2c_saga.model.invoices import credit_documents, credit_parts, invoice_documents, invoice_parts
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Preceding
from b2b2c_saga.model.taxes import document_line

NUMBERS = tuple(f"INV/26-27/{n:06}" for n in range(1, 6))
CREDITS = tuple(f"CRN/26-27/{n:06}" for n in range(71, 76))
DATED = datetime(2026, 5, 4, 6, tzinfo=UTC)
CREDITED = datetime(2026, 5, 9, 6, tzinfo=UTC)
IN_TWOS = replace(CAPABILITIES, lines_at_most=2)
ONE_BY_ONE = replace(CAPABILITIES, lines_at_most=1)
WHOLE_RUPEES = replace(CAPABILITIES, round_total_to=Decimal(1))


@dataclass(frozen=True)
class Priced:
    """A line as the order has it."""

    code: str
    unit_price: Decimal = Decimal("33.20")
    sku: str = "KURTA"
    hsn: str = "610910"
    name: str = "Kurta cotton"
    unit: str = "PCS"


def lines(
    *codes: str, units: range = range(3), unit_price: str = "33.20", rate: str = "5", within_state: bool = False
) -> tuple[DocumentLine, ...]:
    """Of three units each on the invoice."""
    return tuple(
        document_line(Priced(code, Decimal(unit_price)), Decimal(rate), 3, units, within_state=within_state)
        for code in codes
    )


def credit(
    of: tuple[DocumentLine, ...], *codes: str, numbers: Sequence[str] = CREDITS, **more: DocumentType
) -> tuple[FiscalDocument, ...]:
    """Of an invoice in twos with these lines."""
    return credit_documents(
        numbers, CREDITED, of, IN_TWOS, invoice=NUMBERS, invoice_dated=DATED, invoice_lines=codes, **more
    )


def test_what_has_more_lines_than_a_document_takes_is_split_and_each_part_has_the_next_number():
    codes = lines("A", "B", "C", "D", "E")

    assert invoice_documents(NUMBERS, DATED, codes, IN_TWOS) == (
        FiscalDocument(
            type=DocumentType.INVOICE, number=NUMBERS[0], dated=DATED, lines=codes[:2], total=Decimal("199.20")
        ),
        FiscalDocument(
            type=DocumentType.INVOICE, number=NUMBERS[1], dated=DATED, lines=codes[2:4], total=Decimal("199.20")
        ),
        FiscalDocument(
            type=DocumentType.INVOICE, number=NUMBERS[2], dated=DATED, lines=codes[4:], total=Decimal("99.60")
        ),
    )


def test_a_bill_of_supply_is_split_likewise():
    documents = invoice_documents(NUMBERS, DATED, lines("A", "B", "C"), IN_TWOS, DocumentType.BILL_OF_SUPPLY)

    assert [(one.type, one.number, one.is_reported) for one in documents] == [
        (DocumentType.BILL_OF_SUPPLY, NUMBERS[0], False),
        (DocumentType.BILL_OF_SUPPLY, NUMBERS[1], False),
    ]


def test_an_order_of_2500_lines_may_be_as_many_documents():
    numbers = [f"INV/26-27/{n:06}" for n in range(2500)]
    documents = invoice_documents(numbers, DATED, lines(*(f"L{n}" for n in range(2500))), ONE_BY_ONE)

    assert [document.number for document in documents] == numbers


def test_a_document_has_a_number_for_each_part_or_is_our_mistake():
    with pytest.raises(Bug, match="a document of 3 parts has 2 numbers"):
        invoice_documents(NUMBERS[:2], DATED, lines("A", "B", "C", "D", "E"), IN_TWOS)
    with pytest.raises(Bug, match="a document of 2 parts has 1 numbers"):
        credit(lines("A", "C"), "A", "B", "C", numbers=CREDITS[:1])


def test_a_credit_note_names_the_part_of_the_invoice_that_its_lines_stand_in():
    back = lines("E", "A", "D", units=range(1, 2))

    assert credit(back, "A", "B", "C", "D", "E") == tuple(
        FiscalDocument(
            type=DocumentType.CREDIT_NOTE,
            number=number,
            dated=CREDITED,
            lines=(line,),
            total=Decimal("33.20"),
            preceding=Preceding(number=undone, dated=DATED),
        )
        for number, undone, line in zip(CREDITS, NUMBERS, (back[1], back[2], back[0]), strict=False)
    )


def test_lines_of_one_part_are_credited_together_under_the_first_number():
    back = lines("C", "D")

    (document,) = credit(back, "A", "B", "C", "D")
    assert (document.number, document.lines, document.preceding) == (
        CREDITS[0],
        back,
        Preceding(number=NUMBERS[1], dated=DATED),
    )


def test_what_undoes_a_bill_of_supply_is_registered_no_more_than_that():
    (of_bill,) = credit(lines("A"), "A", invoice_type=DocumentType.BILL_OF_SUPPLY)
    (of_invoice,) = credit(lines("A"), "A")

    assert of_bill.preceding == Preceding(number=NUMBERS[0], dated=DATED, type=DocumentType.BILL_OF_SUPPLY)
    assert (of_bill.is_reported, of_invoice.is_reported) == (False, True)


def test_parts_are_counted_as_they_are_made():
    assert [len(part) for part in invoice_parts("ABCDE", IN_TWOS)] == [2, 2, 1]
    assert credit_parts("EAD", "ABCDE", IN_TWOS) == [(0, ["A"]), (1, ["D"]), (2, ["E"])]


def test_a_line_that_the_invoice_has_not_is_our_mistake():
    with pytest.raises(Bug, match="X is credited, and not on the invoice"):
        credit(lines("X"), "A", "B")


@pytest.mark.parametrize(
    ("unit_price", "round_off", "total"),
    [("33.20", "0.40", "100"), ("33.50", "0.50", "101"), ("33.49", "-0.47", "100"), ("33.00", "0", "99")],
)
def test_the_total_may_be_rounded_half_up_to_whole_rupees(unit_price: str, round_off: str, total: str):
    (document,) = invoice_documents(NUMBERS, DATED, lines("A", unit_price=unit_price), WHOLE_RUPEES)

    assert (document.round_off, document.total) == (Decimal(round_off), Decimal(total))


def test_the_total_is_that_of_the_prices_and_the_round_off_what_lines_are_off_them():
    off = lines("A", "B", unit_price="0.19", rate="18", units=range(1), within_state=True)
    assert [line.total for line in off] == [Decimal("0.18"), Decimal("0.18")]

    (document,) = invoice_documents(NUMBERS, DATED, off, CAPABILITIES)
    assert (document.round_off, document.total) == (Decimal("0.02"), Decimal("0.38"))


@given(st.integers(1, 60), st.integers(1, 20))
def test_parts_hold_each_line_once_in_order_and_add_up(count: int, at_most: int):
    whole = lines(*(f"L{n}" for n in range(count)))
    numbers = [f"N{n}" for n in range(count)]
    documents = invoice_documents(numbers, DATED, whole, replace(CAPABILITIES, lines_at_most=at_most))

    assert tuple(line for document in documents for line in document.lines) == whole
    assert sum(document.total for document in documents) == sum(line.total for line in whole)
    assert all(len(document.lines) == at_most for document in documents[:-1])
    assert [document.number for document in documents] == numbers[: len(documents)]
