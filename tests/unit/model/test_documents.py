"""GSTIN, financial year, derived number and IRN, against published numbers and by their laws."""

import hashlib
import re
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.documents import (
    day_in_india,
    derived_number,
    financial_year,
    gstin_check_character,
    gstin_is_valid,
    irn,
    last_day_to_credit,
)

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CONFIG = Path(__file__).parents[3] / "config/parties.yaml"
PANS = st.from_regex(r"[A-Z]{5}[0-9]{4}[A-Z]", fullmatch=True)


@st.composite
def gstins(draw: st.DrawFn) -> str:
    """Any valid GSTIN."""
    state, entity = draw(st.integers(1, 37)), draw(st.sampled_from("123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    body = f"{state:02}{draw(PANS)}{entity}Z"
    return body + gstin_check_character(body)


@pytest.mark.parametrize("gstin", ["27AAPFU0939F1ZV", "29AAGCB7383J1Z4"])
def test_published_gstins_are_valid(gstin: str):
    assert gstin_is_valid(gstin)


@pytest.mark.parametrize(
    "gstin", ["27AAPFU0939F1ZX", "27AAPFU0939F1Z", "27aapfu0939f1zv", "27AAPFU0939F0ZV", "", "27AAPFU0939F1ZV "]
)
def test_anything_else_is_not(gstin: str):
    assert not gstin_is_valid(gstin)


@given(gstins(), st.integers(0, 14), st.sampled_from(DIGITS))
def test_no_single_wrong_character_passes(gstin: str, place: int, wrong: str):
    typed = gstin[:place] + wrong + gstin[place + 1 :]

    assert gstin_is_valid(typed) == (typed == gstin)


def test_the_companies_of_the_example_configuration_have_valid_gstins():
    parties = yaml.safe_load(CONFIG.read_text())["parties"]

    assert {name: gstin_is_valid(party["gstin"]) for name, party in parties.items()} == dict.fromkeys(parties, True)


@pytest.mark.parametrize(
    ("day", "year"),
    [("2026-03-31", "2025-26"), ("2026-04-01", "2026-27"), ("2099-12-31", "2099-00"), ("2000-01-01", "1999-00")],
)
def test_the_financial_year_begins_in_april(day: str, year: str):
    assert financial_year(date.fromisoformat(day)) == year


def test_the_irn_is_the_hash_of_the_four_without_separators():
    expected = hashlib.sha256(b"29AAGCB7383J1Z42026-27INVDOC/1A").hexdigest()

    assert irn("29AAGCB7383J1Z4", "2026-27", "INV", "DOC/1A") == expected
    assert irn("29AAGCB7383J1Z4", "2026-27", "INV", "doc/1a") == expected
    assert irn("29AAGCB7383J1Z4", "2026-27", "CRN", "DOC/1A") != expected


@pytest.mark.parametrize(
    ("gstin", "year", "number", "expected"),
    [
        (
            "01AMBPG7773M002",
            "2022-23",
            "xXdW10",
            "7799544e995fc8fb8b76258d87d89fc7587528d827f50bdd1712c70c342ba905",
        ),
        (
            "01AMBPG7773M002",
            "2021-22",
            "SINV-21-B2B-0021",
            "2dcf96dedb78955d5c2cc44a495b9810d2fbd9509fd970b7a7d3a9dd32799547",
        ),
        (
            "29AAFCD5862R000",
            "2021-22",
            "SINV-21-00007",
            "47d1353009acd3db7c999b174b1c68f52e382f88a497921be49be31f9769b017",
        ),
    ],
    ids=["mixed case", "capitals", "capitals too"],
)
def test_what_the_portal_registered_in_2021_and_2022_is_reproduced(gstin: str, year: str, number: str, expected: str):
    """As its test system answered: the open-source apps `india-compliance` and ERPNext keep those answers."""
    assert irn(gstin, year, "INV", number) == expected


AS_IT_CAME, IN_CAPITALS = (
    "abc792cffae9668e0b49d9b0d5569da157af77168b006effc2d3fc3ad0498efe",
    "e46dec8a1b24d5df0c7c5e2b69cd64e6eb9f3dbf88dc85186b07f97ce141c00d",
)
"""`printf %s 29AAGCB7383J1Z42025-26INVDoc/1a | sha256sum`, and likewise with `DOC/1A`."""


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (date(2025, 4, 1), AS_IT_CAME),
        (date(2025, 5, 31), AS_IT_CAME),
        (date(2025, 6, 1), IN_CAPITALS),
        (date(2026, 3, 31), IN_CAPITALS),
        (None, IN_CAPITALS),
    ],
)
def test_in_2025_26_the_day_of_the_registration_tells_whether_letters_became_capitals(
    reported: date | None, expected: str
):
    assert irn("29AAGCB7383J1Z4", "2025-26", "INV", "Doc/1a", reported=reported) == expected
    assert irn("29AAGCB7383J1Z4", "2025-26", "INV", "DOC/1A", reported=reported) == IN_CAPITALS


def test_before_that_year_a_number_keeps_its_letters_unless_it_was_reported_since():
    of_old = "035bb9599e742a94e141d4a1f445a239c81d9b7fe58ca301d4a253fe93673065"
    in_capitals = "d85aeb8af6e91af8aa114f50dd8e04c36d2d94150d576fca14747520a67d6f20"

    assert irn("29AAGCB7383J1Z4", "2022-23", "INV", "Doc/1a") == of_old
    assert irn("29AAGCB7383J1Z4", "2022-23", "INV", "Doc/1a", reported=date(2023, 1, 9)) == of_old
    assert irn("29AAGCB7383J1Z4", "2022-23", "INV", "Doc/1a", reported=date(2025, 6, 2)) == in_capitals
    assert irn("29AAGCB7383J1Z4", "2022-23", "INV", "DOC/1A") == in_capitals


def test_seller_and_type_are_always_in_capitals():
    assert irn("29aagcb7383j1z4", "2021-22", "crn", "cn-7B") == (
        "21b92ab50c9c02b8508d2fc5ce38ca0441269eb3ad41cca940169ee5ab60f104"
    )


@pytest.mark.parametrize("year", ["2026", "2026-2027", "26-27", ""])
def test_an_irn_of_no_financial_year_is_refused(year: str):
    with pytest.raises(ValueError, match="YYYY-YY"):
        irn("29AAGCB7383J1Z4", year, "INV", "1")


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-31T18:29:59+00:00", "2026-03-31"),
        ("2026-03-31T18:30:00+00:00", "2026-04-01"),  # midnight in India
        ("2026-03-31T23:59:59+05:30", "2026-03-31"),
    ],
)
def test_a_document_bears_the_day_in_india(at: str, day: str):
    assert day_in_india(datetime.fromisoformat(at)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("invoiced", "last"),
    [
        ("2025-04-01", "2026-11-30"),
        ("2026-03-31", "2026-11-30"),  # the same financial year
        ("2026-04-01", "2027-11-30"),
    ],
)
def test_an_invoice_may_be_credited_until_30_november_of_the_next_financial_year(invoiced: str, last: str):
    assert last_day_to_credit(date.fromisoformat(invoiced), 11, 30) == date.fromisoformat(last)


@given(st.text(), st.text())
def test_a_derived_number_has_the_form_of_inv_01_and_stays(order: str, shipment: str):
    number = derived_number("B", order, shipment)

    assert re.fullmatch(r"[A-Z1-9][A-Z0-9/-]{0,15}", number)
    assert (len(number), number) == (15, derived_number("B", order, shipment))


def test_each_document_derives_another_number():
    identities = [("YELLOW/OD-1", "S-1"), ("YELLOW/OD-1", "S-2"), ("YELLOW/OD-1", "S-1", "2"), ("YELLOW/OD-1S", "-1")]
    numbers = {derived_number(kind, *identity) for kind in "BC" for identity in identities}

    assert len(numbers) == 8
    assert len({derived_number("B", "ACC/O", str(n)) for n in range(20_000)}) == 20_000


def test_a_derived_number_is_what_it_always_was():
    assert derived_number("B", "ACC/O", "A") == "BUU16ALE1TTUUVW"
