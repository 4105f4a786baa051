"""What an issuer of B2B documents, ERP or RMS, does: numbers, invoices, e-way bills, voids, credit notes."""

from b2b2c_saga.connectors.credit_notes import credit
from b2b2c_saga.connectors.eway_bills import request_eway_bill
from b2b2c_saga.connectors.exchange import Exchanges
from b2b2c_saga.connectors.invoices import look_up, register
from b2b2c_saga.connectors.numbers import credit_note_number, invoice_number
from b2b2c_saga.connectors.voids import void
from b2b2c_saga.model.messages.commands import (
    IssueCreditNote,
    LookUpInvoice,
    RegisterInvoice,
    RequestCreditNoteNumber,
    RequestEwayBill,
    RequestInvoiceNumber,
    VoidInvoice,
)

EXCHANGES: Exchanges = {
    RequestInvoiceNumber: invoice_number,
    RegisterInvoice: register,
    LookUpInvoice: look_up,
    RequestEwayBill: request_eway_bill,
    VoidInvoice: void,
    RequestCreditNoteNumber: credit_note_number,
    IssueCreditNote: credit,
}
