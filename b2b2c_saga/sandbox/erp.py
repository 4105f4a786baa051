"""The ERP Integration layer with the brand's ERP behind it: identifiers, the e-invoice X -> Y, and its reversal."""

from hashlib import sha256

from b2b2c_saga.sandbox.issuer import issuer
from b2b2c_saga.sandbox.system import Answer, Desk, OfOrder

erp = issuer("erp")


class Identify(OfOrder):
    """Step 3.1: which numbers does the brand's system use for this shipment?"""

    shipment_id: str


@erp.effect("identifiers", Identify)
def identify(_: Desk, asked: Identify) -> Answer:
    """Derived from the shipment: the brand's system gives a shipment its numbers once."""
    code = sha256(f"{asked.account}/{asked.order_code}/{asked.shipment_id}".encode()).hexdigest().upper()[:10]
    return Answer({"orderIdentifier": f"SO{code}", "invoiceIdentifier": f"IV{code}"})
