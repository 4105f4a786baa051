"""What ERP and RMS say of a document."""

from typing import Any

from b2b2c_saga.sandbox.eway_bills import active_bills, bill_told
from b2b2c_saga.sandbox.system import Desk
from b2b2c_saga.sandbox.tables import PENDING, REFUSED

_TOLD = {
    "documentNumber": "document_number",
    "type": "type",
    "status": "status",
    "reason": "reason",
    "attempt": "attempt",
    "account": "account",
    "orderCode": "order_code",
    "shipmentId": "shipment_id",
    "reversal": "reversal",
    "precedingDocument": "preceding_document",
    "total": "total",
    "voidedFor": "voided_for",
}
_TOLD_OF_A_PART = {"ackNumber": "ack_number", "ackDate": "ack_date", "signedQrCode": "signed_qr_code"}


def told(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    """Whose document it is, what became of it, and what the registry gave for its parts."""
    whole = {camel: row.get(name) for camel, name in _TOLD.items()}
    whole |= {"sellerGstin": row["seller_gstin"], "buyerGstin": row["buyer"]["gstin"]}
    is_known = row["status"] not in {PENDING, REFUSED}
    bills = active_bills(desk, row)
    parts = []
    for part in row["parts"]:
        number = part["document_number"]
        given = {camel: part.get(name) for camel, name in _TOLD_OF_A_PART.items()}
        given["ewayBill"] = bill_told(bills[number]) if number in bills else None
        named = {"documentNumber": number, "registration": part["registration"] if is_known else None}
        parts.append(named | _there(given))
    return _there(whole) | {"documents": parts}


def _there(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
