"""B2B documents as messages carry them: every amount is worked out before anything is sent.

Amounts are rupees, to the paisa. `unit_price` is per unit, tax included; taxes are those of its line as a whole.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from b2b2c_saga.model.messages.base import Part
from b2b2c_saga.model.words import Code, Moment, Money, Quantity, Text

Rate = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)]
"""Percent."""

RoundOff = Annotated[Decimal, Field(ge=Decimal("-99.99"), le=Decimal("99.99"), max_digits=4, decimal_places=2)]
"""What rounding a document's total adds to the sum of its lines, or takes from it."""


class DocumentType(StrEnum):
    """As INV-01 names them."""

    INVOICE = "INV"
    CREDIT_NOTE = "CRN"


class DocumentLine(Part):
    """Units of one line: `taxable_value + igst + cgst + sgst = total = quantity * unit_price`, to the paisa."""

    order_item_code: Code
    sku: Code
    hsn_code: Code
    quantity: Quantity
    unit_price: Money
    gst_rate: Rate
    taxable_value: Money
    igst: Money = Decimal(0)
    cgst: Money = Decimal(0)
    sgst: Money = Decimal(0)
    total: Money


class Preceding(Part):
    """The document that a credit note undoes, wholly or in part."""

    number: Text
    dated: Moment


class FiscalDocument(Part):
    """One document as the registry will have it: `total` is the sum over its lines plus `round_off`.

    A document of more lines than the provider takes is several of these, which add up.
    """

    type: DocumentType
    number: Text
    dated: Moment
    lines: Annotated[tuple[DocumentLine, ...], Field(min_length=1)]
    round_off: RoundOff = Decimal(0)
    total: Money
    preceding: Preceding | None = None
