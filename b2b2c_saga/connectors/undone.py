"""Invoices that are dead when something is still to be done with them."""

from b2b2c_saga.connectors.exchange import Compared, Problem, names_of, short
from b2b2c_saga.model.messages.answers import InvoiceRevoked
from b2b2c_saga.model.messages.commands import IssueCreditNote, RequestEwayBill, VoidInvoice


class NotDone(Problem):
    """Why an issuer does not do it; `voided_for` is the reversal that had the document voided."""

    voided_for: Compared | None = None

    @property
    def is_undone(self) -> bool:
        """There is no live document: taken back by the registry, cancelled there by hand, or voided for a reversal."""
        return self.code in {"REVOKED", "VOIDED"}


def revoked(command: VoidInvoice | IssueCreditNote | RequestEwayBill, no: NotDone) -> InvoiceRevoked:
    """The command's invoice is dead, and nothing more will follow from it."""
    reason = f"voided for {no.voided_for}: {no.reason}" if no.voided_for else no.reason
    about = names_of(command, "shipment_id") | {"attempt": command.invoice_attempt}
    return InvoiceRevoked(**about, reason=short(reason, command.recipient))
