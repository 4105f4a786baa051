"""The small words that messages and rows are made of: codes, times, amounts, addresses."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints
from pydantic_core import to_json

PAISA = Decimal("0.01")

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:#-]+$")]
"""An identifier that records are keyed by, or that we look up: no slash, since keys join codes with one."""

_CONTROL = r"\x00-\x1f\x7f-\x9f"
"""Control characters, inside the brackets of a pattern."""
_PRINTABLE = f"^[^{_CONTROL}\ufffd]*[^{_CONTROL}\ufffd ][^{_CONTROL}\ufffd]*$"
"""Without U+FFFD: what stands in its place was no letter, and might be another's name."""

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE)]
"""What another system calls a thing of its own, such as `FAB/25-26/0001`: taken as it comes, and only carried.

Any printable text. It never becomes a part of a key, and a path or query escapes it.
"""

PartCode = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PRINTABLE)]
"""An identifier of a part of an order, such as a line, a unit, a shipment or a return.

Shorter, since an order of 2,500 lines repeats each of them in many messages; escaped, where ids of ours are made of it.
"""

Url = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=_PRINTABLE)]
"""An address that another system gave, presigned ones included: handed on as it came, never opened by us."""

TEXT_AT_MOST = 200
"""Characters."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_AT_MOST)]

NOT_STATED = "not stated"
"""What stands where a free text says nothing."""

_NOT_OF_ONE_LINE = re.compile(
    r"[\x00-\x1f\x7f-\x9f"  # control characters
    r"\u2028\u2029"  # line and paragraph breaks
    r"\u202a-\u202e\u2066-\u2069"  # changes of the direction of writing
    r"\ufeff\ufffe\uffff\ud800-\udfff]+"  # byte order marks, halves of characters
)


def one_line(told: object) -> str:
    """What somebody said, as one line of text; empty if it says nothing. What is no text is told as its JSON."""
    if told is None:
        return ""
    text = told if isinstance(told, str) else to_json(told).decode()
    return _NOT_OF_ONE_LINE.sub(" ", text).strip()


def cut(text: str) -> str:
    """No more of one line of text than a message holds."""
    return text[:TEXT_AT_MOST].rstrip()


_AS_TOLD = Annotated[
    str | None,
    Field(
        description=f"Free text: nothing is decided by it, and none is refused. Line breaks and control characters "
        f"become a space, and it is cut to {TEXT_AT_MOST} characters."
    ),
]

FreeText = Annotated[
    Text, BeforeValidator(lambda told: cut(one_line(told)) or NOT_STATED, json_schema_input_type=_AS_TOLD)
]
"""A text that people read and nothing is decided by: read as one line of at most 200 characters, whatever is said."""

OptionalFreeText = Annotated[
    Text | None, BeforeValidator(lambda told: cut(one_line(told)) or None, json_schema_input_type=_AS_TOLD)
]
"""The same, where there may be none."""

Quantity = Annotated[int, Field(ge=1, le=1_000_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""Units, none included."""

Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
"""Rupees with at most two places; never negative: a direction is a document's type, not a sign."""


def in_utc(at: datetime) -> datetime:
    """The same time in UTC.

    Raises:
        ValueError: there is none: it lies before the first year, or behind the last, that a calendar has.
    """
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time that there is in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""An aware time, in UTC."""


def to_paisa(amount: Decimal) -> Decimal:
    """Rounded half up to two places, the rule of the e-invoice schema (INV-01)."""
    return amount.quantize(PAISA, ROUND_HALF_UP)


def from_epoch_ms(ms: int) -> datetime:
    """Milliseconds since 1970, as Kafka stamps records, as an aware UTC time."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_epoch_ms(at: datetime) -> int:
    """The first whole millisecond that is not before `at`: an alarm set for it never rings early."""
    whole = int(at.timestamp()) * 1000
    return whole + -(-at.microsecond // 1000)


@dataclass(frozen=True)
class Address:
    """A place goods or documents go to. `state` is the two-digit GST state code, `pin` the postal code."""

    line: FreeText
    city: FreeText
    pin: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{5}$")]
    state: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]


@dataclass(frozen=True)
class Party:
    """A company on one side of the B2B sale: who it is for the tax office, and its account in the brand's books."""

    legal_name: Text
    gstin: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}[A-Z0-9]{13}$")]
    account_code: Code
    billing_address: Address
    shipping_address: Address


@dataclass(frozen=True)
class Recipient:
    """The consumer. Personal data: kept in this one part of a message or row, and nowhere else."""

    name: FreeText
    phone: FreeText
    email: FreeText
    shipping_address: Address
    billing_address: Address
