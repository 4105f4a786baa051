"""The ERP Integration layer, with the brand's ERP behind it: numbers first, then the e-invoice (seed 3.1, 3.2)."""

from b2b2c_saga.connectors import issuer

EXCHANGES = issuer.EXCHANGES
