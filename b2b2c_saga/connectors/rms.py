"""RMS, the e-invoicing module of the warehouse variant: takes the e-invoice as it is (WMS variant, steps 8 to 10)."""

from collections.abc import Generator
from typing import Any

from b2b2c_saga.connectors.exchange import Heard, Request
from b2b2c_saga.connectors.invoices import invoice_exchanges
from b2b2c_saga.model.messages.commands import RegisterInvoice


def ready(_: RegisterInvoice) -> Generator[Request, Heard, dict[str, Any]]:
    """It needs nothing but the invoice."""
    yield from ()
    return {}


EXCHANGES = invoice_exchanges(ready)
