"""The fiscal words of the Indian e-invoice: who registers, in which year, under which number and reference number.

Sources: the GST portal's format of the GSTIN (state, PAN, entity, `Z`, check character); INV-01 v1.1 for the document
number and the invoice reference number (IRN), with the portal's advisory of 4 April 2025 on letter case; CGST Act,
section 34(2), for how long an invoice may be credited.
"""

import hashlib
import re
from datetime import date, datetime, timedelta, timezone

FIRST_MONTH = 4
"""The financial year begins in April."""

INDIA = timezone(timedelta(hours=5, minutes=30))
"""Indian Standard Time: the day of a document is the day there."""

CAPITALS_SINCE = date(2025, 6, 1)
_CAPITALS_YEAR = "2025-26"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GSTIN = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]")
_FINANCIAL_YEAR = re.compile(r"[0-9]{4}-[0-9]{2}")


def day_in_india(at: datetime) -> date:
    """The date that a document of that moment bears."""
    return at.astimezone(INDIA).date()


def financial_year(day: date) -> str:
    """The Indian financial year of a day in India, April to March, as `YYYY-YY`: 2026-03-31 is in `2025-26`."""
    first = day.year if day.month >= FIRST_MONTH else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"


def last_day_to_credit(invoiced: date, month: int, day: int) -> date:
    """The last day on which an invoice of that date may be credited: that day of the next financial year."""
    return date(int(financial_year(invoiced)[:4]) + 1, month, day)


def derived_number(kind: str, *identity: str) -> str:
    """A number in the form of INV-01 (`^[A-Z1-9][A-Z0-9/-]{0,15}$`), derived from what it is for; 15 characters.

    The same document always gets the same number, so no crash can give it a second one. Fourteen base-36 digits of
    a SHA-256: two of a hundred million documents share a number with a probability below one in a million.
    """
    rest = int.from_bytes(hashlib.sha256("\x1f".join((kind, *identity)).encode()).digest()[:16])
    digits = []
    for _ in range(14):
        rest, digit = divmod(rest, 36)
        digits.append(_DIGITS[digit])
    return kind + "".join(digits)


def irn(
    seller_gstin: str, financial_year: str, document_type: str, number: str, *, reported: date | None = None
) -> str:
    """The invoice reference number: lower-case hex SHA-256 of the four, without separators.

    From 1 June 2025 on the portal makes capitals of a number's letters first; before, it took them as they came.

    Args:
        seller_gstin: 15 characters.
        financial_year: As `financial_year` gives it, of the document's date.
        document_type: `INV`, `CRN` or `DBN`.
        number: The document's number.
        reported: The day of its registration, which matters in 2025-26 alone; None: in June 2025 or later, if the
            financial year allows it.

    Raises:
        ValueError: the financial year is not `YYYY-YY`, and the hash would be of something else.
    """
    if not _FINANCIAL_YEAR.fullmatch(financial_year):
        raise ValueError(f"financial year {financial_year!r} is not YYYY-YY, such as 2026-27")
    in_force = reported >= CAPITALS_SINCE if reported else financial_year >= _CAPITALS_YEAR
    named = f"{seller_gstin.upper()}{financial_year}{document_type.upper()}{number.upper() if in_force else number}"
    return hashlib.sha256(named.encode()).hexdigest()


def gstin_is_valid(gstin: str) -> bool:
    """The form is right and the last character is the check character of the first fourteen (Luhn modulo 36)."""
    return _GSTIN.fullmatch(gstin) is not None and gstin[-1] == gstin_check_character(gstin[:-1])


def gstin_check_character(first_fourteen: str) -> str:
    """The fifteenth character: every second digit counts twice, products are folded to a digit sum in base 36."""
    total = 0
    for place, character in enumerate(first_fourteen):
        folded, rest = divmod(_DIGITS.index(character) * (1 + place % 2), 36)
        total += folded + rest
    return _DIGITS[-total % 36]
