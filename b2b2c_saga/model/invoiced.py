"""The B2B side of a shipment: how far its invoice has got, whatever order the answers came in."""

from functools import cached_property

from b2b2c_saga.model.facts import Subject, fact
from b2b2c_saga.model.invoice import Invoice
from b2b2c_saga.model.quantities import Quantities


@fact
class Invoiced(Subject):
    """Units that are sold X to Y under one invoice."""

    id: str
    quantities: Quantities
    invoice: Invoice

    @cached_property
    def attempt(self) -> int:
        """Which registration of the invoice the last one was."""
        return self.times("register_invoice")

    @cached_property
    def invoice_came_to_nothing(self) -> bool:
        """The last attempt was refused or contradicted, or what it registered was revoked."""
        return bool(self.invoice.failures(self.attempt))

    @cached_property
    def invoice_failed(self) -> bool:
        """It came to nothing, or never got a number, and nobody put that right."""
        if self.number_refused:
            return True
        put_right = self.invoice.fixed | (self.invoice.outdated & self.invoice.refused)
        return self.invoice_came_to_nothing and not self.invoice.failures(self.attempt) <= put_right

    @property
    def invoice_begins(self) -> bool:
        """The next registration is that of a new document: the first, or one in place of a dead number."""
        return self.invoice.number is None or self.invoice_differs or self.invoice.is_revoked

    @property
    def number_refused(self) -> bool:
        """The issuer will not give the number that the next document needs, and nobody put that right."""
        return (
            self.is_refused("request_invoice_number")
            and self.invoice_begins
            and not self.invoice.given_for(self.attempt + 1)
        )

    @property
    def invoice_acknowledged(self) -> bool:
        """The B2B leg lets the pack go on."""
        return self.invoice.is_registered or (
            self.attempt in self.invoice.acknowledged and not self.invoice_came_to_nothing
        )

    @property
    def invoice_pending(self) -> bool:
        """Asked for, and neither registered nor refused, as far as is known."""
        return self.attempt > 0 and not self.invoice.is_registered and not self.invoice_came_to_nothing

    @cached_property
    def no_invoice_comes(self) -> bool:
        """None is needed, asked for, or accepted; or it was not found when even a late effect had had its time."""
        return not self.invoice.exists and (
            not self.invoice.needed
            or not self.attempt
            or self.invoice_came_to_nothing
            or self.invoice.last_chance_missed
        )

    @property
    def may_move(self) -> bool:
        """No e-way bill is needed for its goods, or there is one."""
        return not self.invoice.needs_eway_bill or bool(self.invoice.eway_bills)

    @property
    def eway_bill_refused(self) -> bool:
        """The issuer will not have one for goods that may not move without, and nobody put that right."""
        return not self.may_move and self.is_refused("request_eway_bill")

    @property
    def invoice_differs(self) -> bool:
        """Another document bears its number."""
        return self.attempt in self.invoice.differs and self.invoice.registered_at is None
