"""What must hold of B2B documents when they are sent or undone, and of what is asked for them: numbers, e-way bills."""

from decimal import Decimal

from b2b2c_saga.model.documents import day_in_india
from b2b2c_saga.model.messages.commands import (
    IssueCreditNote,
    LookUpInvoice,
    RegisterInvoice,
    RequestCreditNoteNumber,
    RequestEwayBill,
    RequestInvoiceNumber,
    VoidInvoice,
)
from b2b2c_saga.model.messages.fiscal import DocumentType
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.reversal import Reversal, Undoing
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check.outside import units_of
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.saga.check.tally import Broken, said


def of_documents(before: Order, o: Order, message: object, now: Moment) -> Broken:
    """What is sent about a B2B document; nothing of any other message."""
    match message, o.shipment(getattr(message, "shipment_id", "")):
        case (RequestInvoiceNumber() | RequestCreditNoteNumber() | RequestEwayBill()) as c, Shipment() as s:
            yield from _of_requests(before, o, c, s)
        case RegisterInvoice() as c, Shipment() as s:
            yield from _of_registration(before, c, s)
            yield from _of_papers(o, c, now)
        case LookUpInvoice() as c, Shipment():
            yield from _of_look_up(before, c, now)
        case B2CReturnRequired() as event, Shipment() as s:
            yield from _of_b2c_return(o, event, s)
        case (VoidInvoice() | IssueCreditNote()) as c, Shipment() as s:
            yield from _of_undoing(c, s)
            if isinstance(c, IssueCreditNote):
                yield from _of_papers(o, c, now)


def _of_registration(before: Order, c: RegisterInvoice, s: Shipment) -> Broken:
    yield from said(not s.left, "asked for an invoice of what nobody buys")
    yield from said(s.invoice.exists, "asked again although the answer is known")
    failed = c.attempt > 1 and c.attempt - 1 in s.invoice.refused | s.invoice.differs
    put_right = s.invoice.fixed | (s.invoice.outdated & s.invoice.refused)
    yield from said(failed and c.attempt - 1 not in put_right, "sent a known-bad document again")
    yield from said(not s.b2b_packed, "asked for an invoice before the goods were packed for it")
    yield from said(not s.invoice.needed, "asked for a B2B invoice where there is no B2B leg")
    was = before.shipment(s.id)
    if was is not None and c.attempt > 1:
        again = c.attempt - 1 in s.invoice.not_found or was.invoice_came_to_nothing
        yield from said(not again, "registered again before a look-up")
        dead = was.invoice_differs or was.invoice.is_revoked
        yield from said(not dead and was.invoice.number != c.document_number, "a second number")
        yield from said(dead and was.invoice.number == c.document_number, "a dead number again")
    yield from said(s.invoice.quantities.total != units_of(c), "the invoice is not for what is sold")


def _of_look_up(before: Order, c: LookUpInvoice, now: Moment) -> Broken:
    s = before.shipment(c.shipment_id)
    if s is None:
        return
    patience = before.terms.patience
    silent = s.unanswered("register_invoice") >= s.attempt > s.invoice.looked_up_attempt
    asked = s.invoice.asked_last
    waited = asked is not None and now >= asked + (
        patience.late_effect if s.attempt in s.invoice.not_found else patience.answer
    )
    leaving = s.handover_asked and not s.invoice.looked_up_for_handover
    yield from said(not s.attempt, "looked up what was never asked for")
    yield from said(not s.invoice_pending, "looked up what is known")
    yield from said(s.invoice.last_chance_missed, "looked up what can't come any more")
    yield from said(not (silent or waited or leaving), "looked up before an answer could be missed")


def _of_b2c_return(o: Order, event: B2CReturnRequired, s: Shipment) -> Broken:
    r = s.reversal(event.reversal)
    yield from said(r is not None and r.not_invoiced, "a B2C return for units that are not on the invoice")
    yield from said(s.pack_sent and not s.pack_answered, "a B2C return while the marketplace may still pack")
    yield from said(not o.terms.b2b_leg, "a B2C return on a channel that does not run on the B2B2C model")


def _of_undoing(c: VoidInvoice | IssueCreditNote, s: Shipment) -> Broken:
    r, void = s.reversal(c.reversal), isinstance(c, VoidInvoice)
    may_have_left = s.handed_over_at is not None or (s.leaving and not s.handover_refused)
    yield from said(void and may_have_left, "voided the invoice of goods that left")
    yield from said(void and r is not None and r.void_refused, "voided again although it was refused")
    yield from said(r is not None and r.undone_by is not None, "undone again although it is undone")
    yield from said(not s.invoice.exists, "undid a document that does not stand")
    yield from said(r is not None and r.not_invoiced, "undid a document for units that are not on it")
    yield from said(r is not None and r.is_refused(c.call()), "a refused step of a reversal again")
    yield from said(not void and r and r.quantities.total != units_of(c), "credited other units than went back")


def _of_papers(o: Order, c: RegisterInvoice | IssueCreditNote, now: Moment) -> Broken:
    """What is on a document: its day and its rates, and whom it is shipped to."""
    s = o.shipment(c.shipment_id)
    assert s is not None
    lines = [line for document in c.documents for line in document.lines]
    yield from said((now - c.document_time).days >= 30, "sent a document that is too old")  # noqa: PLR2004 - days
    yield from said(c.recipient != o.recipient, "shipped to where the consumer does not live any more")
    if isinstance(c, IssueCreditNote):
        other = any(line.gst_rate != s.invoice.rate(line.order_item_code) for line in lines)
        yield from said(other, "credited at another rate than it was invoiced at")
        return
    day = day_in_india(c.document_time)
    other = any(line.gst_rate != PRICES.taxes.rate(line.hsn_code, line.unit_price, day) for line in lines)
    yield from said(other, "taxed at another rate than that of the document's day")
    exempt = not any(line.gst_rate for line in lines)
    bill = c.documents[0].type is DocumentType.BILL_OF_SUPPLY
    yield from said(exempt != bill, "an e-invoice of exempt goods alone, or a bill of supply of others")
    taxed = sum((line.quantity * line.unit_price for line in lines if line.gst_rate), Decimal(0))
    due = o.terms.eway_bill is not None and taxed > o.terms.eway_bill.above
    yield from said(due != (c.transport is not None), "an e-way bill that is needed was not asked for, or the reverse")


def _of_requests(
    before: Order, o: Order, c: RequestInvoiceNumber | RequestCreditNoteNumber | RequestEwayBill, s: Shipment
) -> Broken:
    """What may be asked for, and when."""
    was = before.shipment(s.id)
    if was is None:
        return
    if isinstance(c, RequestEwayBill):
        yield from said(was.may_move, "asked for an e-way bill that is there, or that is not needed")
        yield from said(not was.left, "asked for an e-way bill of what stays here")
        yield from said(not was.invoice.exists, "asked for an e-way bill of a document that does not stand")
        yield from said(was.eway_bill_refused, "a refused e-way bill again")
        return
    yield from said(o.terms.numbers is not Numbers.ISSUER, "asked for a number where the issuer keeps no series")
    if isinstance(c, RequestInvoiceNumber):
        yield from _of_an_invoice(was, c)
    elif r := was.reversal(c.reversal):
        yield from _of_a_credit_note(was, r, c)


def _of_an_invoice(s: Shipment, c: RequestInvoiceNumber) -> Broken:
    yield from said(not s.left, "asked for a number of what nobody buys")
    yield from said(not s.b2b_packed, "asked for a number before the goods were packed for it")
    yield from said(not s.invoice.needed, "asked for a number where there is no B2B leg")
    yield from said(s.invoice.exists, "asked for a number of what is registered")
    yield from said(s.invoice_failed, "asked for a number before what had failed was put right")
    yield from said(not s.invoice_begins, "asked for a second number")
    yield from said(s.invoice.given_for(c.invoice_attempt), "asked for a number that is known")


def _of_a_credit_note(s: Shipment, r: Reversal, c: RequestCreditNoteNumber) -> Broken:
    void = r.undoing is Undoing.VOID and not r.void_refused
    yield from said(void or not r.undoing, "asked for the number of a credit note that is not due")
    yield from said(r.numbers, "asked for the number of a credit note that is known")
    yield from said(r.is_refused(c.call()), "a refused step of a reversal again")
    yield from said(r.undone_by is not None, "asked for the number of a credit note for what is undone")
    yield from said(r.not_invoiced or not s.invoice.exists, "asked for the number of a credit note for nothing")
