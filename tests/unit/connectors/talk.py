"""Conversations held without a network: what is asked for a command, and what the answers given to it mean."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from b2b2c_saga.connectors.exchange import Exchanges, Heard, Request
from b2b2c_saga.connectors.run import SYSTEMS
from b2b2c_saga.model.documents import irn
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.commands import (
    IssueCreditNote,
    LookUpInvoice,
    RegisterInvoice,
    RequestCreditNoteNumber,
    RequestEwayBill,
    RequestInvoiceNumber,
    VoidInvoice,
)
from b2b2c_saga.model.messages.fiscal import (
    DocumentLine,
    DocumentType,
    FiscalDocument,
    Preceding,
    RegisteredDocument,
    Transport,
)
from b2b2c_saga.model.terms import Issuer, Provider
from b2b2c_saga.model.words import Address, Party, Recipient

Answer = tuple[int, dict[str, Any]]
"""Status and body."""

ORDER: dict[str, Any] = {"account": "A", "order_code": "O"}
SHIPMENT: dict[str, Any] = ORDER | {"shipment_id": "S"}
REVERSAL: dict[str, Any] = SHIPMENT | {"reversal": "R1"}
AT = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
MILL = Address("14 Mill Road", "Bengaluru", "560001", "29")
DOCK = Address("7 Dock Street", "Mumbai", "400001", "27")
HOME = Address("1 Lake View", "Pune", "411001", "27")
CLIENT_X = Party("Kurta House", "29AABCK1234M1ZG", "X-1000", MILL, MILL)
CLIENT_Y = Party("Yellow Retail", "27AACCY5678N1ZF", "Y-2000", DOCK, DOCK)
CONSUMER = Recipient("Asha Rao", "+919900000000", "asha@example.org", HOME, HOME)
PERSONAL = ("Asha", "9900000000", "asha@", "Lake View", "Pune", "411001")
ISSUED: dict[str, Any] = {"issuer": Issuer.ERP, "provider": Provider.INDIA_INV01}


def document(number: str, *codes: str, type_: DocumentType = DocumentType.INVOICE, **more: Any) -> FiscalDocument:  # noqa: ANN401
    """Two units of each line at 80.00, with 5 % between states in it."""
    lines = tuple(
        DocumentLine(
            order_item_code=code,
            sku=f"K-{code}",
            hsn_code="61091000",
            quantity=2,
            unit_price=Decimal("80.00"),
            gst_rate=Decimal(5),
            taxable_value=Decimal("152.38"),
            igst=Decimal("7.62"),
            total=Decimal("160.00"),
        )
        for code in codes
    )
    total = Decimal("160.00") * len(codes)
    return FiscalDocument(type=type_, number=number, dated=AT, lines=lines, total=total, **more)


NUMBER = RequestInvoiceNumber(
    **SHIPMENT,
    **ISSUED,
    attempt=1,
    invoice_attempt=2,
    seller_gstin=CLIENT_X.gstin,
    document_type=DocumentType.INVOICE,
    document_time=AT,
    count=2,
)
CREDIT_NUMBER = RequestCreditNoteNumber(
    **REVERSAL,
    **ISSUED,
    seller_gstin=CLIENT_X.gstin,
    document_type=DocumentType.CREDIT_NOTE,
    document_time=AT,
    count=1,
)
CARRIER = Transport(transporter_id="27AAACT1234M1ZC", transporter_name="Tempo Roads")
REGISTER = RegisterInvoice(
    **SHIPMENT,
    **ISSUED,
    document_number="B1",
    document_time=AT,
    seller=CLIENT_X,
    buyer=CLIENT_Y,
    documents=(document("B1", "i"), document("B12", "j")),
    total=Decimal("320.00"),
    recipient=CONSUMER,
)
"""In two parts."""
LOOK_UP = LookUpInvoice(
    **SHIPMENT,
    **ISSUED,
    attempt=7,
    invoice_attempt=2,
    document_number="B1",
    document_time=AT,
    seller_gstin=CLIENT_X.gstin,
    buyer_gstin=CLIENT_Y.gstin,
    total=Decimal("320.00"),
    recipient=CONSUMER,
)
EWAY_BILL = RequestEwayBill(
    **SHIPMENT,
    **ISSUED,
    attempt=3,
    invoice_attempt=2,
    document_number="B1",
    seller_gstin=CLIENT_X.gstin,
    transport=CARRIER,
    recipient=CONSUMER,
)
VOID = VoidInvoice(
    **REVERSAL,
    **ISSUED,
    document_number="B1",
    invoice_attempt=2,
    seller_gstin=CLIENT_X.gstin,
    recipient=CONSUMER,
)
CREDIT = IssueCreditNote(
    **REVERSAL,
    **ISSUED,
    document_number="C1",
    document_time=AT,
    preceding_document="B1",
    invoice_attempt=2,
    seller=CLIENT_X,
    buyer=CLIENT_Y,
    documents=(document("C1", "i", type_=DocumentType.CREDIT_NOTE, preceding=Preceding(number="B1", dated=AT)),),
    total=Decimal("160.00"),
    recipient=CONSUMER,
)


def of_registry(number: str, type_: str = "INV") -> dict[str, Any]:
    """A part as it was registered."""
    registration = irn(CLIENT_X.gstin, "2026-27", type_, number)
    given = {"ackNumber": f"1120{number[1:]}", "ackDate": "2026-04-01T15:00:07+05:30", "signedQrCode": f"eyJ.{number}"}
    return {"documentNumber": number, "registration": registration} | given


def kept(number: str, type_: str = "INV") -> RegisteredDocument:
    """What is kept of that part."""
    return RegisteredDocument(
        number=number,
        registration=irn(CLIENT_X.gstin, "2026-27", type_, number),
        ack_number=f"1120{number[1:]}",
        ack_date=datetime(2026, 4, 1, 9, 30, 7, tzinfo=UTC),
        signed_qr_code=f"eyJ.{number}",
    )


TOLD: dict[str, Any] = {
    "documentNumber": "B1",
    "status": "REGISTERED",
    "attempt": 2,
    "account": "A",
    "orderCode": "O",
    "shipmentId": "S",
    "sellerGstin": CLIENT_X.gstin,
    "buyerGstin": CLIENT_Y.gstin,
    "total": "320.00",
    "documents": [of_registry("B1"), of_registry("B12")],
}
"""What the ERP tells of that invoice."""

ALL: Exchanges = {kind: exchange for system in SYSTEMS.values() for kind, exchange in system.items()}


def talk(command: Command, *answers: Answer, system: str = "") -> tuple[list[Request], Sequence[Event]]:
    """The requests that were made, and the events in the end; each answer is to the request before it."""
    conversation = (SYSTEMS[system] if system else ALL)[type(command)](command)
    requests: list[Request] = []
    heard: Heard | None = None
    left = list(answers)
    while True:
        try:
            requests.append(conversation.send(heard) if heard else next(conversation))
        except StopIteration as end:
            assert not left, "more answers than requests"
            return requests, end.value
        assert left, f"no answer is given to {requests[-1].path}"
        status, body = left.pop(0)
        heard = Heard(status, json.dumps(body).encode())


def means(command: Command, *answers: Answer, system: str = "") -> Sequence[Event]:
    """The events alone."""
    return talk(command, *answers, system=system)[1]
