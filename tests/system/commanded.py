"""Commands made by hand: what the saga would ask for one order."""

from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Self

from b2b2c_saga.model.messages.commands import (
    B2BOrderLine,
    CancelB2BOrder,
    CancelOnMarketplace,
    CreateB2BOrder,
    Disposition,
    FetchLabel,
    GoodsLine,
    HandOverOnMarketplace,
    IssueCreditNote,
    LookUpInvoice,
    OfferStock,
    PackOnMarketplace,
    PutGoodsAway,
    RegisterInvoice,
    ReleaseStock,
    RequestCreditNoteNumber,
    RequestEwayBill,
    RequestInvoiceNumber,
    UpdateOmniStock,
    VoidInvoice,
)
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Preceding, Transport
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.terms import Issuer, Provider
from b2b2c_saga.model.words import Address, Party, Recipient

HOME = Address("1 Lake View", "Mumbai", "400001", "27")
MILL = Address("14 Mill Road", "Bengaluru", "560001", "29")
CLIENT_X = Party("Kurta House", "29AABCK1234M1ZG", "X-1000", MILL, MILL)
CLIENT_Y = Party("Yellow Retail", "27AACCY5678N1ZF", "Y-2000", HOME, HOME)
CONSUMER = Recipient("Asha Rao", "+919900000000", "asha@example.org", HOME, HOME)
CARRIER = Transport(transporter_id="27AAACT1234M1ZC", transporter_name="Tempo Roads")
ASKED_AT = datetime.now(UTC).replace(microsecond=0)
"""The registry takes no document of long ago."""

IGST = Decimal("3.81")
"""Of a unit at 80.00, with 5 % between states in it."""


def document(
    number: str, units: int, undoes: str | None = None, *, code: str = "i1", taxed: bool = True
) -> FiscalDocument:
    """An invoice for units of one line (a bill of supply, if it is not taxed); or a credit note, if it undoes one."""
    total = units * Decimal("80.00")
    tax = units * IGST if taxed else Decimal(0)
    line = DocumentLine(
        order_item_code=code,
        sku="SKU-1",
        description="Kurta, indigo",
        hsn_code="61091000" if taxed else "49011010",
        quantity=units,
        unit_price=Decimal("80.00"),
        gst_rate=Decimal(5) if taxed else Decimal(0),
        taxable_value=total - tax,
        igst=tax,
        total=total,
    )
    of_sale = DocumentType.INVOICE if taxed else DocumentType.BILL_OF_SUPPLY
    kind = DocumentType.CREDIT_NOTE if undoes else of_sale
    preceding = Preceding(number=undoes, dated=ASKED_AT, type=of_sale) if undoes else None
    return FiscalDocument(
        type=kind, number=number, dated=ASKED_AT, lines=(line,), total=line.total, preceding=preceding
    )


def goods(disposition: Disposition = Disposition.PUT_AWAY, units: int = 2) -> tuple[GoodsLine, ...]:
    return (GoodsLine(order_item_code="i1", sku="SKU-1", quantity=units, disposition=disposition),)


class Of:
    """Commands of one order; its documents are issued by `issuer`, under `provider`; its goods may bear no tax."""

    def __init__(self, code: str = "O1", account: str = "YELLOW-MKT", issuer: Issuer = Issuer.ERP) -> None:
        self.key = f"{account}/{code}"
        self.order = {"account": account, "order_code": code}
        self.shipment = self.order | {"shipment_id": f"{code}-S1"}
        self.number = f"B{code.upper().replace('-', '')}"
        self.order_number: str | None = None
        self.issuer = issuer
        self.provider = Provider.INDIA_INV01
        self.taxed = True

    @classmethod
    def named_like(cls, text: str, issuer: Issuer = Issuer.ERP) -> Self:
        """An order of one's own, the same for the same text."""
        return cls(sha256(text.encode()).hexdigest()[:8].upper(), issuer=issuer)

    @property
    def type(self) -> DocumentType:
        return DocumentType.INVOICE if self.taxed else DocumentType.BILL_OF_SUPPLY

    @property
    def of_portal(self) -> dict[str, str]:
        """How a person names its document at the portal."""
        return {"account": self.order["account"], "orderCode": self.order["order_code"], "documentNumber": self.number}

    @property
    def _issued(self) -> dict[str, Any]:
        return self.shipment | {"issuer": self.issuer, "provider": self.provider}

    @property
    def _numbered(self) -> dict[str, Any]:
        return self._issued | {"seller_gstin": CLIENT_X.gstin, "document_time": ASKED_AT}

    def request_number(self, attempt: int = 1, count: int = 1, invoice_attempt: int = 1) -> RequestInvoiceNumber:
        about = {"document_type": self.type, "attempt": attempt, "invoice_attempt": invoice_attempt}
        return RequestInvoiceNumber(**self._numbered, **about, count=count)

    def request_credit_number(self, reversal: str = "R1", attempt: int = 1) -> RequestCreditNoteNumber:
        about = {"document_type": DocumentType.CREDIT_NOTE, "reversal": reversal, "attempt": attempt}
        return RequestCreditNoteNumber(**self._numbered, **about, count=1)

    def register(self, attempt: int = 1, units: int = 2, transport: Transport | None = None) -> RegisterInvoice:
        return RegisterInvoice(
            **self._issued,
            attempt=attempt,
            document_number=self.number,
            document_time=ASKED_AT,
            seller=CLIENT_X,
            buyer=CLIENT_Y,
            documents=(document(self.number, units, taxed=self.taxed),),
            total=units * Decimal("80.00"),
            order_number=self.order_number,
            transport=transport,
            recipient=CONSUMER,
        )

    def register_in_parts(self, parts: int) -> RegisterInvoice:
        """Each a document of one unit of a line of its own."""
        of_each = [(f"{self.number}-{n:04}", f"i{n}") for n in range(1, parts + 1)]
        documents = tuple(document(number, 1, code=code) for number, code in of_each)
        more = {"document_number": documents[0].number, "documents": documents}
        return self.register().model_copy(update=more | {"total": parts * Decimal("80.00")})

    def look_up(self, attempt: int = 1, invoice_attempt: int = 1, units: int = 2) -> LookUpInvoice:
        return LookUpInvoice(
            **self._issued,
            attempt=attempt,
            invoice_attempt=invoice_attempt,
            document_type=self.type,
            document_number=self.number,
            document_time=ASKED_AT,
            seller_gstin=CLIENT_X.gstin,
            buyer_gstin=CLIENT_Y.gstin,
            total=units * Decimal("80.00"),
        )

    def request_eway_bill(self, attempt: int = 1) -> RequestEwayBill:
        about = {"attempt": attempt, "document_number": self.number, "seller_gstin": CLIENT_X.gstin}
        return RequestEwayBill(**self._issued, **about, transport=CARRIER)

    def void(self, reversal: str = "R1", attempt: int = 1) -> VoidInvoice:
        about = {"reversal": reversal, "attempt": attempt, "seller_gstin": CLIENT_X.gstin}
        return VoidInvoice(**self._issued, **about, document_number=self.number)

    def credit(
        self, units: int = 2, reversal: str = "R1", attempt: int = 1, number: str | None = None
    ) -> IssueCreditNote:
        number = number or f"C{self.number}{reversal}"
        return IssueCreditNote(
            **self._issued,
            reversal=reversal,
            attempt=attempt,
            document_number=number,
            document_time=ASKED_AT,
            preceding_document=self.number,
            seller=CLIENT_X,
            buyer=CLIENT_Y,
            documents=(document(number, units, undoes=self.number, taxed=self.taxed),),
            total=units * Decimal("80.00"),
            recipient=CONSUMER,
        )

    def b2b_order(self, units: int = 2) -> CreateB2BOrder:
        lines = (B2BOrderLine(order_item_code="i1", sku="SKU-1", quantity=units, cost_price=Decimal("80.00")),)
        about = {"location": "L1", "seller": CLIENT_X, "buyer": CLIENT_Y, "recipient": CONSUMER}
        return CreateB2BOrder(**self.order, **about, lines=lines)

    def cancel_b2b_order(self, code: str, units: int = 1) -> CancelB2BOrder:
        return CancelB2BOrder(
            **self.order, release="first", b2b_order_code=code, location="L1", goods=goods(units=units)
        )

    def pack(self, units: int = 2, attempt: int = 1) -> PackOnMarketplace:
        items = (LineQuantity(order_item_code="i1", quantity=units),)
        return PackOnMarketplace(**self.shipment, items=items, attempt=attempt)

    def fetch_label(self, attempt: int = 1) -> FetchLabel:
        return FetchLabel(**self.shipment, attempt=attempt)

    def hand_over(self) -> HandOverOnMarketplace:
        return HandOverOnMarketplace(**self.shipment, gate_pass_code="GP-1")

    def cancel(self) -> CancelOnMarketplace:
        items = (LineQuantity(order_item_code="i1", quantity=2),)
        return CancelOnMarketplace(**self.order, items=items, reason="cannot be dispatched")

    def put_away(
        self, disposition: Disposition = Disposition.PUT_AWAY, reversal: str = "R1", b2b_order_code: str | None = None
    ) -> PutGoodsAway:
        about = {"reversal": reversal, "location": "L1", "goods": goods(disposition)}
        return PutGoodsAway(**self.shipment, **about, b2b_order_code=b2b_order_code)

    def release(self) -> ReleaseStock:
        return ReleaseStock(**self.order, release="first", location="L1", goods=goods())


def offer(version: int, quantity: int = 7, sku: str = "SKU-1") -> OfferStock:
    return OfferStock(account="YELLOW-MKT", location="L1", sku=sku, quantity=quantity, version=version)


def tell_omni(version: int, quantity: int = 7) -> UpdateOmniStock:
    return UpdateOmniStock(account="YELLOW-MKT", location="L1", sku="SKU-1", quantity=quantity, version=version)
