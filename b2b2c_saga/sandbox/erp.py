"""The ERP Integration layer with the brand's ERP behind it: numbers, the e-invoice X -> Y, and its reversal."""

from b2b2c_saga.sandbox.issuer import issuer

erp = issuer("erp")
