"""The fiscal side of an order: its B2B documents in the issuer's book, and the B2C returns told downstream."""

from collections.abc import Sequence

from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.order import Order
from b2b2c_saga.reconcile.books import Books
from b2b2c_saga.reconcile.differences import Findings, Kind
from b2b2c_saga.reconcile.eway_bills import compare_eway_bills
from b2b2c_saga.reconcile.invoices import compare_handovers, compare_invoice
from b2b2c_saga.reconcile.numbers import compare_numbers
from b2b2c_saga.reconcile.papers import Papers
from b2b2c_saga.reconcile.returns import compare_returns
from b2b2c_saga.reconcile.undoing import compare_undoing


def compare_fiscal(order: Order, told: Sequence[B2CReturnRequired], books: Books, say: Findings) -> None:
    """All of it, for one order."""
    papers = Papers.of(order, books)
    for s in order.shipments:
        compare_invoice(papers, s, say)
        compare_handovers(papers, s, books, say)
        compare_eway_bills(papers, s, books, say)
        compare_undoing(papers, s, say)
    compare_numbers(papers, say)
    compare_returns(papers, told, say)
    known = {s.id for s in order.shipments if s.invoice.needed}
    for entry in [*papers.invoices, *papers.notes]:
        if entry["shipment_id"] not in known:
            note = "a document for a shipment that has none, or that we don't know"
            say.wrong(Kind.INVOICED, entry["shipment_id"], note, **{papers.issuer: entry["document_number"]})
    for shipment_id, number in papers.elsewhere:
        note = f"only {papers.issuer} issues for this account"
        say.wrong(Kind.INVOICED, shipment_id, note, found=number)
