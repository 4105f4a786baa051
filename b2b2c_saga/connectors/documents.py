"""B2B documents as they are sent: all parts in one request, registered together, or none."""

from typing import Any

from b2b2c_saga.connectors.exchange import of_order, short
from b2b2c_saga.connectors.registrations import rules_of
from b2b2c_saga.connectors.told import Documented
from b2b2c_saga.model.errors import BadInput


def body_of(command: Documented, *names: str) -> dict[str, Any]:
    """All parts, and fields of these names.

    Raises:
        BadInput: one breaks a rule of its provider.
    """
    payloads = rules_of(command).payloads(command)
    documents = [
        {
            "documentNumber": document.number,
            "orderItemCodes": [line.order_item_code for line in document.lines],
            "payload": payload,
        }
        for document, payload in zip(command.documents, payloads, strict=True)
    ]
    codes = {"sellerAccountCode": command.seller.account_code, "buyerAccountCode": command.buyer.account_code}
    about = of_order(command, "shipment_id", "document_number", "provider", "total", *names)
    return about | codes | {"documents": documents}


def why_not(wrong: BadInput) -> str:
    """Field and rule; never the value."""
    return short(": ".join(part for part in (wrong.reason, wrong.field, wrong.rule) if part))
