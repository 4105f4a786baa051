"""RMS, the e-invoicing module of the warehouse variant: takes the e-invoice X -> Y as it is."""

from b2b2c_saga.sandbox.issuer import issuer

rms = issuer("rms")
