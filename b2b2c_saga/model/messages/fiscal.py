"""B2B documents as messages carry them: every amount is worked out before anything is sent.

Amounts are rupees, to the paisa. `unit_price` is per unit, tax included; taxes are those of its line as a whole.
Within a state a price may have no taxable value that it comes to exactly with two equal taxes: then a line's total is a
paisa or two off quantity times price, and the document's `round_off` says so.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from b2b2c_saga.model.messages.base import Part
from b2b2c_saga.model.words import Code, Moment, Money, PartCode, Quantity, Text

Rate = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)]
"""Percent."""

RoundOff = Annotated[Decimal, Field(ge=Decimal("-99.99"), le=Decimal("99.99"), max_digits=4, decimal_places=2)]
"""What rounding a document's total adds to the sum of its lines, or takes from it."""


class DocumentType(StrEnum):
    """As INV-01 names them, and as e-way bills do a bill of supply."""

    INVOICE = "INV"
    CREDIT_NOTE = "CRN"
    BILL_OF_SUPPLY = "BIL"
    """In place of an invoice, where all goods are nil-rated or exempt: issued, and registered nowhere."""


class DocumentLine(Part):
    """Units of one line: `taxable_value + igst + cgst + sgst = total`, to the paisa.

    `description` is the product's name, `unit` what it is counted in, a unit quantity code (UQC) such as PCS.
    """

    order_item_code: PartCode
    sku: Code
    description: Text | None = None
    unit: Code = "PCS"
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
    type: DocumentType = DocumentType.INVOICE


class FiscalDocument(Part):
    """One document: `total` is the sum over its lines plus `round_off`.

    A document of more lines than the provider takes is several of these, which add up.
    """

    type: DocumentType
    number: Text
    dated: Moment
    lines: Annotated[tuple[DocumentLine, ...], Field(min_length=1)]
    round_off: RoundOff = Decimal(0)
    total: Money
    preceding: Preceding | None = None

    @property
    def is_reported(self) -> bool:
        """A registry takes it: not so a bill of supply, nor what undoes one."""
        bill = DocumentType.BILL_OF_SUPPLY
        return self.type is not bill and not (self.preceding and self.preceding.type is bill)


class RegisteredDocument(Part):
    """What the registry gave for one document; all but the number is printed on it.

    `ack_number` and `ack_date` acknowledge the registration, `signed_qr_code` is the text of its QR code (a JWT).
    """

    number: Text
    registration: Text
    ack_number: Text | None = None
    ack_date: Moment | None = None
    signed_qr_code: Annotated[str, Field(min_length=1, max_length=5_000)] | None = None


class EwayBillNumber(Part):
    """The e-way bill that a document's goods move under."""

    document_number: Text
    number: Text
    valid_until: Moment | None = None


class Transport(Part):
    """Who moves the goods: what an e-way bill is asked for with."""

    transporter_id: Text
    transporter_name: Text
