"""RMS, the e-invoicing module of the warehouse variant: asked as the ERP is (WMS variant, steps 8 to 10)."""

from b2b2c_saga.connectors import issuer

EXCHANGES = issuer.EXCHANGES
