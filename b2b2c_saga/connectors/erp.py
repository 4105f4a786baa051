"""The ERP Integration layer, with the brand's ERP behind it: identifiers first, then the e-invoice (seed 3.1, 3.2)."""

from collections.abc import Generator
from http import HTTPStatus
from typing import Any

from b2b2c_saga.connectors.exchange import Body, Heard, Request, of_order
from b2b2c_saga.connectors.invoices import invoice_exchanges
from b2b2c_saga.model.messages.commands import RegisterInvoice


class Identifiers(Body):
    """The brand's own numbers for order and invoice."""

    order_identifier: str
    invoice_identifier: str


def identify(command: RegisterInvoice) -> Generator[Request, Heard, dict[str, Any]]:
    """Seed 3.1: they go with the pack confirmation that is forwarded."""
    heard = yield Request("/identifiers", of_order(command, "shipment_id"), tax_id=command.seller.gstin)
    if heard.status != HTTPStatus.OK:
        raise heard.unexpected()
    return heard.read(Identifiers).model_dump(by_alias=True)


EXCHANGES = invoice_exchanges(identify)
