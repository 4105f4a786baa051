"""The B2B documents of one order, as the book of their issuer has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from b2b2c_saga.model.order import Line, Order
from b2b2c_saga.model.shipment import Fulfilment, Shipment
from b2b2c_saga.model.terms import Issuer
from b2b2c_saga.model.words import Recipient
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Units, units_in


@dataclass(frozen=True)
class Papers:
    """One order and its documents. `issuer` is what the other side is called."""

    order: Order
    issuer: str
    invoices: list[Entry]
    notes: list[Entry]
    elsewhere: list[Entry]
    """In the book of a system that does not issue for this account."""

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
            [
                e
                for other in others
                for table in ("invoices", "credit_notes")
                for e in books.about(other, table, order.key)
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
        return [e for e in self.invoices_of(s) if e["registered_at"] is not None and not is_standing(e)]

    def notes_of(self, s: Shipment) -> list[Entry]:
        """All credit notes."""
        return [entry for entry in self.notes if entry["shipment_id"] == s.id]

    def lines(self) -> dict[str, Line]:
        """What was taken in, by line."""
        return {line.code: line for line in self.order.lines}


def is_standing(invoice: Entry) -> bool:
    """Pending or registered; or voided for a reversal of ours, which is no failure of the document."""
    return invoice["status"] in {"PENDING", "REGISTERED"} or is_voided_by_us(invoice)


def is_voided_by_us(invoice: Entry) -> bool:
    """For a reversal; one that is voided for none was taken back by somebody else."""
    return invoice["status"] == "VOIDED" and invoice["voided_for"] is not None


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
