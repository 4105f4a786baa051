"""The small words: money to the paisa, times to the millisecond, codes, and what they refuse."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from b2b2c_saga.model.words import (
    Address,
    Code,
    Identifier,
    Moment,
    Money,
    PartCode,
    Party,
    Quantity,
    Text,
    Url,
    from_epoch_ms,
    to_epoch_ms,
    to_paisa,
)

Kind = Any
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PLACE = {"line": "1 Road", "city": "Town", "pin": "560001", "state": "29"}
COMPANY = {
    "legal_name": "X",
    "gstin": "29AABCK1234M1ZG",
    "account_code": "X",
    "billing_address": PLACE,
    "shipping_address": PLACE,
}


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("2.344", "2.34"),
        ("2.345", "2.35"),
        ("7", "7.00"),
        ("79.992", "79.99"),
        ("99999999999.995", "100000000000.00"),
    ],
)
def test_money_is_rounded_half_up_never_to_even(amount: str, rounded: str):
    assert str(to_paisa(Decimal(amount))) == rounded


@given(st.decimals(0, 10**9, places=6))
def test_rounding_moves_by_half_a_paisa_at_most(amount: Decimal):
    rounded = to_paisa(amount)
    assert abs(rounded - amount) <= Decimal("0.005")
    assert rounded == to_paisa(rounded)


@given(TIMES)
def test_an_alarm_never_rings_early_and_at_most_a_millisecond_late(at: datetime):
    rings = from_epoch_ms(to_epoch_ms(at))
    assert at <= rings < at + timedelta(milliseconds=1)


@given(st.integers(0, 4_102_444_800_000))
def test_milliseconds_survive(ms: int):
    assert to_epoch_ms(from_epoch_ms(ms)) == ms
    assert from_epoch_ms(ms).tzinfo is UTC


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        (Code, "A-1.b_2:c#D"),
        (Text, "x" * 200),
        (Identifier, "FAB/25-26/0001"),
        (Identifier, "WH/OUT/00012 [1] №"),
        (Identifier, "é" * 200),
        (Identifier, " x "),
        (PartCode, "OD/1 2"),
        (Url, "https://labels.example/1.pdf?X-Amz-Signature=" + "a" * 3_900),
        (Quantity, 1),
        (Quantity, 1_000_000),
        (Money, Decimal("999999999999.99")),
        (Money, Decimal(0)),
    ],
)
def test_what_fits_is_taken_as_it_is(kind: Kind, good: object):
    assert TypeAdapter(kind).validate_python(good) == good


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        (Code, ""),
        (Code, "a/b"),
        (Code, "a b"),
        (Code, "x" * 65),
        (Code, "é"),
        (Code, "a\n"),
        (Text, ""),
        (Text, "x" * 201),
        (Identifier, ""),
        (Identifier, " "),
        (Identifier, "a\nb"),
        (Identifier, "a\x1fb"),
        (Identifier, "a\x9b"),
        (Identifier, "x" * 201),
        (PartCode, "x" * 65),
        (PartCode, "a\x1fb"),
        (Url, "x" * 4_001),
        (Url, "https://a\r\nb"),
        (Quantity, 0),
        (Quantity, 1_000_001),
        (Money, Decimal("-0.01")),
        (Money, Decimal("0.001")),
        (Money, Decimal("NaN")),
        (Money, Decimal("Infinity")),
        (Money, Decimal(10) ** 13),
        (Moment, datetime(2026, 1, 1)),  # noqa: DTZ001 - that is what is wrong with it
        (Moment, "9999-12-31T23:59:59-05:30"),
        (Moment, "0001-01-01T00:00:00+14:00"),
    ],
)
def test_what_does_not_fit_is_refused(kind: Kind, bad: object):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(bad)


def test_a_moment_is_kept_in_utc():
    india = timezone(timedelta(hours=5, minutes=30))
    moment = TypeAdapter(Moment).validate_python(datetime(2026, 1, 1, 5, 30, tzinfo=india))
    assert (moment.isoformat(), moment.tzinfo) == ("2026-01-01T00:00:00+00:00", UTC)


@pytest.mark.parametrize(
    ("kind", "whole", "field", "bad"),
    [
        (Address, PLACE, "pin", "056001"),
        (Address, PLACE, "pin", "5600012"),
        (Address, PLACE, "state", "2"),
        (Party, COMPANY, "legal_name", ""),
        (Party, COMPANY, "gstin", "29AABCK1234M1Z"),
        (Party, COMPANY, "gstin", "KAAABCK1234M1ZX"),
        (Party, COMPANY, "account_code", "X/Y"),
    ],
)
def test_the_field_that_breaks_a_rule_is_named(kind: Kind, whole: dict[str, Any], field: str, bad: str):
    TypeAdapter(kind).validate_python(whole)
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python({**whole, field: bad})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]
