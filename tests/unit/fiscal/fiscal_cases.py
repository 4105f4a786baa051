"""Commands with documents, made as the steps make them, for tests of what the providers make of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from b2b2c_saga.fiscal.payload import JSON
from b2b2c_saga.model.invoices import credit_documents, invoice_documents
from b2b2c_saga.model.messages.commands import IssueCreditNote, RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentLine, FiscalDocument
from b2b2c_saga.model.taxes import document_line, supplied_within_state
from b2b2c_saga.model.terms import Capabilities, Issuer, Provider
from b2b2c_saga.model.words import Address, Party, Recipient

INVOICE, CREDIT = "A1B2C3D4E5F6G7H", "C1B2C3D4E5F6G7H"
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


@dataclass(frozen=True)
class Priced:
    """A line as the order has it, and how much of it the invoice has."""

    code: str
    unit_price: Decimal
    gst_rate: Decimal
    invoiced: int
    sku: str = "KURTA-M"
    hsn: str = "61091000"


@dataclass(frozen=True)
class Sale:
    """An invoiced shipment; its commands are as the steps send them."""

    lines: Sequence[Priced]
    can: Capabilities
    buyer: Party = BUYER
    seller: Party = SELLER
    recipient: Recipient | None = CONSUMER

    def document_lines(self, units: dict[str, range] | None = None) -> tuple[DocumentLine, ...]:
        """All that was invoiced, or these units."""
        within = supplied_within_state(self.seller, self.buyer)
        asked = {line.code: range(line.invoiced) for line in self.lines} if units is None else units
        return tuple(
            document_line(line, line.invoiced, asked[line.code], within_state=within)
            for line in self.lines
            if asked.get(line.code)
        )

    def invoice(self) -> RegisterInvoice:
        """The command that registers it."""
        documents = invoice_documents(INVOICE, DATED, self.document_lines(), self.can)
        return RegisterInvoice(
            account="YELLOW-MKT",
            order_code="OD-1",
            issuer=Issuer.ERP,
            provider=self.can.provider,
            shipment_id="S-1",
            document_number=INVOICE,
            document_time=DATED,
            seller=self.seller,
            buyer=self.buyer,
            documents=documents,
            total=total(documents),
            recipient=self.recipient,
        )

    def credit(self, units: dict[str, range]) -> IssueCreditNote:
        """The command that credits these units of the lines with these codes."""
        documents = credit_documents(
            CREDIT,
            CREDITED,
            self.document_lines(units),
            self.can,
            invoice_number=INVOICE,
            invoice_dated=DATED,
            invoice_lines=[line.code for line in self.lines],
        )
        return IssueCreditNote(
            account="YELLOW-MKT",
            order_code="OD-1",
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


def part(payload: JSON, *path: str | int) -> JSON:
    """The object at that path, to look at or to break."""
    found: object = payload
    for step in path:
        found = found[step]  # type: ignore[index]  # a wrong path fails the test
    assert isinstance(found, dict)
    return found


TWO_LINES = (
    Priced("L1", Decimal("639.20"), Decimal(5), 3),
    Priced("L2", Decimal("1199.00"), Decimal(12), 1, sku="COAT-L", hsn="620311"),
)
PROVIDERS = tuple(Provider)
