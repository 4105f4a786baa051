"""GSTIN, financial year and IRN, against published numbers and by their laws."""

import hashlib
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.documents import day_in_india, financial_year, gstin_check_character, gstin_is_valid, irn

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
