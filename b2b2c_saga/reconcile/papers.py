"""The B2B documents of one order, as the book of their issuer has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from b2b2c_saga.model.messages.fiscal import DocumentType
from b2b2c_saga.model.order import Line, Order
from b2b2c_saga.model.shipment import Fulfilment, Shipment
from b2b2c_saga.model.terms import Issuer
from b2b2c_saga.model.words import Recipient
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Units, units_in

PENDING, REGISTERED, ISSUED = "PENDING", "REGISTERED", "ISSUED"
REFUSED, REVOKED, VOIDED = "REFUSED", "REVOKED", "VOIDED"
"""What a book says of a document; a bill of supply, and what credits it, is issued and registered nowhere."""
BILL = DocumentType.BILL_OF_SUPPLY.value
OF_ISSUERS = {"invoices": "document_number", "credit_notes": "document_number", "eway_bills": "number"} | {
    "numbers": "number"
}
"""Tables that only an issuer has, and what an entry of each goes by."""
Rates = dict[str, Decimal]
"""Percent, by line."""
CLOCKS_DIFFER_BY = 0.001
"""Seconds: books keep their times to the millisecond or better, by clocks of one machine."""


@dataclass(frozen=True)
class Papers:
    """One order and its documents. `issuer` is what the other side is called."""

    order: Order
    issuer: str
    invoices: list[Entry]
    notes: list[Entry]
    numbers: list[Entry]
    """Given for it."""
    eway_bills: list[Entry]
    elsewhere: list[tuple[str, str]]
    """Shipment and number of what stands in the book of a system that does not issue for this account."""

    @classmethod
    def of(cls, order: Order, books: Books) -> "Papers":
        """What the books have of an order."""
        ours = order.terms.issuer
        others = [issuer for issuer in Issuer if issuer is not ours]
        return cls(
            order,
            ours.value,
            books.about(ours, "invoices", order.key),
            books.about(ours, "credit_notes", order.key),
            books.about(ours, "numbers", order.key),
            books.about(ours, "eway_bills", order.key),
            [
                (entry["shipment_id"], entry[name])
                for other in others
                for table, name in OF_ISSUERS.items()
                for entry in books.about(other, table, order.key)
            ],
        )

    @property
    def is_closed(self) -> bool:
        """The row claims to be at its end: nothing may be open any more."""
        return self.order.fulfilment is Fulfilment.CLOSED

    def invoices_of(self, s: Shipment) -> list[Entry]:
        """All that were ever asked for, dead ones too."""
        return [entry for entry in self.invoices if entry["shipment_id"] == s.id]

    def standing(self, s: Shipment) -> list[Entry]:
        """Those that count: asked for or registered, and not taken back; a reversal of ours may have voided one."""
        return [entry for entry in self.invoices_of(s) if is_standing(entry)]

    def dead(self, s: Shipment) -> list[Entry]:
        """Those that were registered, and taken back."""
        return [e for e in self.invoices_of(s) if issued_at(e) is not None and not is_standing(e)]

    def notes_of(self, s: Shipment) -> list[Entry]:
        """All credit notes."""
        return [entry for entry in self.notes if entry["shipment_id"] == s.id]

    def lines(self) -> dict[str, Line]:
        """What was taken in, by line."""
        return {line.code: line for line in self.order.lines}

    def invoice(self, number: str | None) -> Entry | None:
        """The invoice of that number; it may have been refused in an earlier year, with that year's date."""
        found = [entry for entry in self.invoices if entry["document_number"] == number]
        return min(found, key=lambda entry: entry["status"] == REFUSED, default=None)

    def rates(self, s: Shipment, number: str | None) -> Rates:
        """Those of an invoice: the row has them of the one that counts, of a dead one its issuer alone."""
        if number == s.invoice.number:
            return dict(s.invoice.rates)
        invoice = self.invoice(number)
        return rates_in(invoice) if invoice else {}

    def rates_on(self, s: Shipment, document: Entry) -> Rates:
        """Those that a document must bear; one that was refused may be sent again later, at the rates of that day."""
        if document["status"] == REFUSED:
            return rates_in(document)
        return self.rates(s, document.get("preceding_document", document["document_number"]))

    def is_reported(self, document: Entry) -> bool:
        """A registry takes it: not so a bill of supply, nor what credits one."""
        invoice = self.invoice(document.get("preceding_document"))
        return bool(document["type"] != BILL and not (invoice and invoice["type"] == BILL))


def is_standing(invoice: Entry) -> bool:
    """Pending, registered or issued; or voided for a reversal of ours, which is no failure of the document."""
    return invoice["status"] in {PENDING, REGISTERED, ISSUED} or is_voided_by_us(invoice)


def is_voided_by_us(invoice: Entry) -> bool:
    """For a reversal; one that is voided for none was cancelled by hand at the registry's portal."""
    return invoice["status"] == VOIDED and invoice["voided_for"] is not None


def issued_at(document: Entry) -> float | None:
    """Since when it counts, in seconds since 1970: registered then, or issued where no registry wants it."""
    at: float | None = document["registered_at"]
    return at


def died_at(invoice: Entry) -> float | None:
    """When it was taken back or voided, in seconds since 1970."""
    at: float | None = invoice["revoked_at"] or invoice["voided_at"]
    return at


def rates_in(document: Entry) -> Rates:
    """As the book has them."""
    return {line["order_item_code"]: Decimal(line["gst_rate"]) for line in document["lines"]}


def is_within_state(document: Entry) -> bool:
    """The place of supply is the buyer's state; the first two digits of a GSTIN name it."""
    return bool(document["seller"]["gstin"][:2] == document["buyer"]["gstin"][:2])


def goes_to(consumer: Recipient | None, region: Entry | None) -> bool:
    """The region is the consumer's, as far as both are known; personal, so it is compared and never told."""
    if consumer is None or region is None:
        return consumer is None
    home = consumer.shipping_address
    return (home.pin, home.state) == (region["pin"], region["state"])


def undone_of(invoice: Entry, notes: list[Entry]) -> Units:
    """Units of an invoice that are voided or credited, by the book alone."""
    if is_voided_by_us(invoice):
        return units_in(invoice["lines"])
    return units_in(line for note in notes_for(invoice, notes) for line in note["lines"])


def notes_for(invoice: Entry, notes: list[Entry]) -> list[Entry]:
    """The credit notes that name it."""
    return [note for note in notes if note["preceding_document"] == invoice["document_number"]]


def parts_of(document: Entry) -> Iterator[tuple[Entry, list[Entry]]]:
    """Each part with its lines."""
    for part in document["parts"]:
        yield part, [line for line in document["lines"] if line["document_number"] == part["document_number"]]


def total_of(document: Entry) -> Decimal:
    """Of all parts."""
    return sum((Decimal(part["total"]) for part in document["parts"]), Decimal(0))
