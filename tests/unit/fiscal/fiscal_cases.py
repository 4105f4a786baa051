"""Commands with documents, made as the steps make them, for tests of what the providers make of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from b2b2c_saga.fiscal.payload import JSON
from b2b2c_saga.model.invoices import credit_documents, invoice_documents
from b2b2c_saga.model.messages.commands import IssueCreditNote, RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Transport
from b2b2c_saga.model.taxes import document_line, supplied_within_state
from b2b2c_saga.model.terms import Capabilities, Issuer
from b2b2c_saga.model.words import Address, Party, Recipient

INVOICE, CREDIT = "INV/26-27/000001", "CRN/26-27/000001"
ORDER_NUMBER = "SO-26-000017"
DATED = datetime(2026, 3, 31, 18, 45, tzinfo=UTC)
"""In India it is the first of April, and a new financial year."""
CREDITED = datetime(2026, 4, 9, 6, tzinfo=UTC)

MILL_ROAD = Address("14 Mill Road", "Bengaluru", "560001", "29")
WAREHOUSE = Address("Warehouse 3 Hosur Road", "Bengaluru", "560100", "29")
DOCK_STREET = Address("7 Dock Street", "Mumbai", "400001", "27")
HOME = Address("221B Beach Road", "Chennai", "600001", "33")
SELLER = Party("Kurta House Apparel Private Limited", "29AABCK1234M1ZG", "X-1000", MILL_ROAD, WAREHOUSE)
BUYER = Party("Yellow Retail Private Limited", "27AACCY5678N1ZF", "Y-2000", DOCK_STREET, DOCK_STREET)
NEIGHBOUR = Party("Green Retail Private Limited", "29AAGCB7383J1Z4", "Y-3000", MILL_ROAD, MILL_ROAD)
CONSUMER = Recipient("Asha Rao", "+91 98450 00000", "asha@example.org", HOME, HOME)
CARRIER = Transport(transporter_id="29AABCT1234M1Z5", transporter_name="Red Lorry Transport")
KNOWN_RATES = (*map(Decimal, ("0", "0.1", "0.25", "1", "1.5", "3", "5", "6", "7.5", "12", "18", "28", "40")),)
"""All that GST has."""


@dataclass(frozen=True)
class Priced:
    """A line as the order has it, the rate of its document's day, and how much of it the invoice has."""

    code: str
    unit_price: Decimal
    gst_rate: Decimal
    invoiced: int
    sku: str = "KURTA-M"
    hsn: str = "61091000"
    name: str = ""
    unit: str = "PCS"


def serials(first: str, count: int) -> list[str]:
    """So many numbers of a consecutive series."""
    series, serial = first[:-6], int(first[-6:])
    return [f"{series}{serial + n:06}" for n in range(count)]


@dataclass(frozen=True)
class Sale:
    """An invoiced shipment; its commands are as the steps send them."""

    lines: Sequence[Priced]
    can: Capabilities
    buyer: Party = BUYER
    seller: Party = SELLER
    recipient: Recipient | None = CONSUMER
    order_code: str = "OD-1"
    order_number: str | None = ORDER_NUMBER
    transport: Transport | None = None

    @property
    def within_state(self) -> bool:
        """Its tax is CGST and SGST."""
        return supplied_within_state(self.seller, self.buyer)

    @property
    def type(self) -> DocumentType:
        """A bill of supply where nothing is taxed, and the provider registers no such invoices."""
        taxed = any(line.gst_rate for line in self.lines) or self.can.exempt_reported
        return DocumentType.INVOICE if taxed else DocumentType.BILL_OF_SUPPLY

    def document_lines(self, units: dict[str, range] | None = None) -> tuple[DocumentLine, ...]:
        """All that was invoiced, or these units."""
        asked = {line.code: range(line.invoiced) for line in self.lines} if units is None else units
        return tuple(
            document_line(line, line.gst_rate, line.invoiced, asked[line.code], within_state=self.within_state)
            for line in self.lines
            if asked.get(line.code)
        )

    def invoice(self) -> RegisterInvoice:
        """The command that registers it."""
        numbers = serials(INVOICE, len(self.lines))
        documents = invoice_documents(numbers, DATED, self.document_lines(), self.can, self.type)
        return RegisterInvoice(
            account="YELLOW-MKT",
            order_code=self.order_code,
            issuer=Issuer.ERP,
            provider=self.can.provider,
            shipment_id="S-1",
            document_number=INVOICE,
            document_time=DATED,
            seller=self.seller,
            buyer=self.buyer,
            documents=documents,
            total=total(documents),
            order_number=self.order_number,
            transport=self.transport,
            recipient=self.recipient,
        )

    def credit(self, units: dict[str, range]) -> IssueCreditNote:
        """The command that credits these units of the lines with these codes."""
        documents = credit_documents(
            serials(CREDIT, len(self.lines)),
            CREDITED,
            self.document_lines(units),
            self.can,
            invoice=serials(INVOICE, len(self.lines)),
            invoice_dated=DATED,
            invoice_lines=[line.code for line in self.lines],
            invoice_type=self.type,
        )
        return IssueCreditNote(
            account="YELLOW-MKT",
            order_code=self.order_code,
            issuer=Issuer.ERP,
            provider=self.can.provider,
            shipment_id="S-1",
            reversal="return-R1",
            document_number=CREDIT,
            document_time=CREDITED,
            preceding_document=INVOICE,
            seller=self.seller,
            buyer=self.buyer,
            documents=documents,
            total=total(documents),
            recipient=self.recipient,
        )


def total(documents: Sequence[FiscalDocument]) -> Decimal:
    """Over all parts."""
    return sum((document.total for document in documents), Decimal(0))


def only(payloads: tuple[JSON, ...]) -> JSON:
    """Of a document in one part."""
    (payload,) = payloads
    return payload


def part(payload: JSON, *path: str | int) -> JSON:
    """The object at that path, to look at or to break."""
    found: object = payload
    for step in path:
        found = found[step]  # type: ignore[index]  # a wrong path fails the test
    assert isinstance(found, dict)
    return found


TWO_LINES = (
    Priced("L1", Decimal("639.20"), Decimal(5), 3, name="Kurta cotton, red, M"),
    Priced("L2", Decimal("1199.00"), Decimal(12), 1, sku="COAT-L", hsn="620311", name="Coat wool, L", unit="SET"),
)
UNTAXED = (Priced("L1", Decimal("45.00"), Decimal(0), 2, sku="KHADI", hsn="500720", name="Khadi cloth", unit="MTR"),)
