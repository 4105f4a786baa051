"""What a text of the configuration may mean: amounts, days, durations, codes; each with its rule in words.

Sources: INV-01 v1.1 for the lengths and letters of names; the GST portal for unit quantity codes; the e-way bill
system's advisory of 10 November 2023 for the numbers of transporters.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from b2b2c_saga.model.places import STATES

LONGEST_DAYS = 3_650
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def said_as(pattern: str, rule: str, means: Callable[[str], Any] = str) -> BeforeValidator:
    """A text of that pattern, and what it means; else the rule is what the mistake says.

    `means` raises ValueError or ArithmeticError for a text that has the form alone.
    """
    form = re.compile(pattern)

    def read(value: Any) -> Any:  # noqa: ANN401 - what YAML holds
        try:
            if isinstance(value, str) and form.fullmatch(value):
                return means(value)
        except (ValueError, ArithmeticError):
            pass
        raise PydanticCustomError("rule", "{rule}", {"rule": rule})

    return BeforeValidator(read)


def duration_text(much: timedelta) -> str:
    """As it would be written: in the largest unit that gives a whole number."""
    seconds = int(much.total_seconds())
    size, unit = next(
        (size, unit) for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")) if not seconds % size
    )
    return f"{seconds // size}{unit}"


def _positive(text: str) -> Decimal:
    if not (number := Decimal(text)):
        raise ValueError(text)
    return number


def _duration(text: str) -> timedelta:
    much = timedelta(**{UNITS[text[-1]]: int(text[:-1])})
    if not timedelta(0) < much <= timedelta(days=LONGEST_DAYS):
        raise ValueError(text)
    return much


def _duration_or_none(text: str) -> timedelta | None:
    return None if text == "none" else _duration(text)


def _rate(text: str) -> Decimal:
    return RATES[RATES.index(Decimal(text))]


CODE = r"[A-Za-z0-9._:#-]{1,64}"
CODE_RULE = "must be a code: at most 64 letters, digits and . _ : # -"
_CONTROL = r"\x00-\x1f\x7f-\x9f"
_LETTER = rf'[^"\\{_CONTROL}]'
LEGAL_NAME, CITY, LINE = _LETTER + "{3,100}", _LETTER + "{3,50}", _LETTER + "{1,200}"
"""Lengths and letters are those of INV-01, which takes neither quotation mark nor backslash."""
PRODUCT_NAME = rf"(?! )[^{_CONTROL}]{{3,200}}(?<! )"
"""INV-01 takes 3 to 300 characters. What it does not take of them is replaced when an e-invoice is made."""
PIN = r"[1-9][0-9]{5}"
STATE = r"(?!00)[0-9]{2}"
GSTIN = r"[0-9]{2}[A-Z0-9]{13}"
TRANSPORTER = rf"({'|'.join(sorted(STATES))}|88)[A-Z]{{5}}[0-9]{{4}}[A-Z][A-Z0-9]{{3}}"
"""A GSTIN or a TRANSIN: they look alike, but nobody publishes that a TRANSIN ends with a check character."""
HSN = r"(?!00|99)([0-9]{6}|[0-9]{8})"
"""Chapter 99 is services: nothing here sells any."""
HSN_PREFIX = r"[0-9]{2,8}"
HSN_PREFIX_RULE = "must be the 2 to 8 digits that HSN codes begin with"

UNIT = (
    "BAG|BAL|BDL|BKL|BOU|BOX|BTL|BUN|CAN|CBM|CCM|CMS|CTN|DOZ|DRM|GGK|GMS|GRS|GYD|KGS|KLR|KME|LTR|MLT|MTR|MTS|NOS|OTH|PAC"
    "|PCS|PRS|QTL|ROL|SET|SQF|SQM|SQY|TBS|TGM|THD|TON|TUB|UGS|UNT|YDS"
)
"""The unit quantity codes (UQC) of the GST portal."""

RATES = tuple(map(Decimal, ("0", "0.1", "0.25", "1", "1.5", "3", "5", "6", "7.5", "12", "18", "28", "40")))
"""All rates of GST that there are, in percent, of IGST or of CGST and SGST together."""

CodeText = Annotated[str, said_as(CODE, CODE_RULE)]
Name = Annotated[
    str, said_as(PRODUCT_NAME, "must be a name of 3 to 200 characters, without control characters and outer blanks")
]
LegalName = Annotated[str, said_as(LEGAL_NAME, 'must be a name of 3 to 100 characters without " and \\')]
City = Annotated[str, said_as(CITY, 'must be a name of 3 to 50 characters without " and \\')]
Line = Annotated[str, said_as(LINE, 'must be at most 200 characters without " and \\')]
PinText = Annotated[str, said_as(PIN, "must be a postal code of six digits, the first of them not 0")]
StateText = Annotated[str, said_as(STATE, "must be a GST state code of two digits, such as 07")]
GstinText = Annotated[
    str, said_as(GSTIN, "must be a GSTIN: two digits of the state, then 13 capital letters and digits")
]
Sku = Annotated[str, said_as(rf"\*|{CODE}", "must be a SKU, or * for any")]
Hsn = Annotated[str, said_as(HSN, "must be an HSN code of goods, of 6 or 8 digits")]
TransporterText = Annotated[
    str, said_as(TRANSPORTER, "must be the transporter's GSTIN or TRANSIN: a state code or 88, a PAN and 3 characters")
]
Unit = Annotated[str, said_as(UNIT, "must be a unit quantity code (UQC), such as PCS")]

Version = Annotated[int, said_as(r"[1-9][0-9]{0,11}", "must be a whole number from 1 on", int)]
Whole = Annotated[int, said_as(r"[1-9][0-9]{0,5}", "must be a whole number from 1 to 999999", int)]
Flag = Annotated[bool, said_as("true|false", "must be true or false", "true".__eq__)]
Day = Annotated[date, said_as(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "must be a day, such as 2025-09-22", date.fromisoformat)]
Amount = Annotated[
    Decimal, said_as(r"[0-9]{1,9}(\.[0-9]{1,2})?", "must be an amount in rupees above 0, such as 449.50", _positive)
]
Rate = Annotated[
    Decimal,
    said_as(r"[0-9]{1,2}(\.[0-9]{1,3})?", f"must be a rate of GST that exists: {', '.join(map(str, RATES))}", _rate),
]
Much = Annotated[Decimal, said_as(r"[0-9]{1,9}(\.[0-9]{1,3})?", "must be a number, such as 449.50", Decimal)]
RoundTo = Annotated[Decimal, said_as(r"0\.01|1", "must be 0.01, or 1 for whole rupees", Decimal)]
Duration = Annotated[
    timedelta, said_as(r"[0-9]{1,9}[smhd]", "must be a duration, such as 30s, 15m, 24h or 30d", _duration)
]
DurationOrNone = Annotated[
    timedelta | None,
    said_as(r"none|[0-9]{1,9}[smhd]", "must be a duration, such as 30s, 15m, 24h or 30d, or none", _duration_or_none),
]
