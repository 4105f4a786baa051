"""The B2B documents of a shipment: their numbers, lines, rates and totals.

Prices are those of intake, rates those of the document's day. A credit note keeps both of the invoice that it undoes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from b2b2c_saga.model.documents import day_in_india, derived_number, financial_year, last_day_to_credit
from b2b2c_saga.model.invoice import Invoice
from b2b2c_saga.model.invoices import credit_documents, credit_parts, invoice_documents, invoice_parts
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Transport
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.prices import PriceBook
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.reversal import Reversal, Undoing
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.taxes import Split, document_line, supplied_within_state
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.model.words import Moment

Rates = tuple[tuple[str, Decimal], ...]


def rates_on(order: Order, quantities: Quantities, day: date, book: PriceBook) -> Rates:
    """Percent, by line: what is supplied on that day bears the rate that is in force then.

    Raises:
        BadInput: no rate is known for a line.
    """
    lines = (order.line(code) for code, _ in quantities)
    return tuple((line.code, book.taxes.rate(line.hsn, line.unit_price, day)) for line in lines)


def invoice_type(order: Order, rates: Rates) -> DocumentType:
    """Nil-rated or exempt goods alone go with a bill of supply, where the registry wants none of them."""
    taxed = any(rate for _, rate in rates) or order.terms.documents.exempt_reported
    return DocumentType.INVOICE if taxed else DocumentType.BILL_OF_SUPPLY


def parts_needed(order: Order, quantities: Quantities) -> int:
    """How many documents an invoice for these units is."""
    return len(invoice_parts([code for code, _ in quantities], order.terms.documents))


def derived_numbers(kind: str, count: int, *identity: str) -> tuple[str, ...]:
    """The numbers of so many parts: the first of what the document is for, each other of the first and its place."""
    first = derived_number(kind, *identity)
    return (first, *(derived_number(kind, first, str(n)) for n in range(2, count + 1)))


def credit_parts_needed(order: Order, s: Shipment, r: Reversal) -> int:
    """How many documents the credit note for a reversal is."""
    invoiced = [code for code, _ in s.invoice.quantities]
    return len(credit_parts([code for code, _ in r.quantities], invoiced, order.terms.documents))


def begin_document(order: Order, s: Shipment, rates: Rates, dated: datetime) -> Shipment:
    """With a new document for what is left, under a number of its own: what went back by then is not on it."""
    attempt = s.attempt + 1
    count = parts_needed(order, s.left)
    earlier = [str(s.attempt)] if s.attempt else []
    fresh = replace(
        s.invoice,
        numbers=s.invoice.given_for(attempt)[:count] or derived_numbers("B", count, order.key, s.id, *earlier),
        type=invoice_type(order, rates),
        quantities=s.left,
        rates=rates,
        split=Split.HALF_OF_RATE,
        first_attempt=attempt,
        dated=dated,
        number_asked_at=None,
        redated=0,
        registered_at=None,
        registration=None,
        documents=(),
        eway_bills=(),
    )
    gone = tuple(replace(r, not_invoiced=True) for r in s.reversals)
    return _asking_anew(replace(s, invoice=fresh, reversals=gone), "request_invoice_number", "request_eway_bill")


def ask_for_another_number(s: Shipment) -> Shipment:
    """The one that was given is of another series: the document is of another type by now, or of another year."""
    attempt = frozenset({s.attempt + 1})
    spent = replace(
        s.invoice, differs=s.invoice.differs | attempt, fixed=s.invoice.fixed | attempt, number_asked_at=None
    )
    return _asking_anew(replace(s, invoice=spent), "request_invoice_number")


def ask_for_another_credit_note_number(r: Reversal) -> Reversal:
    """The one that was given is of another year's series. The opening that found that out is not the sending."""
    call = "request_credit_note_number"
    spent = replace(r, numbers=(), dated=None).having_been_outdated(call).having_been_fixed(call, r.times(call))
    return spent.having_been_fixed("issue_credit_note", r.times("issue_credit_note") + 1)


def _asking_anew(s: Shipment, *calls: str) -> Shipment:
    """Each document may ask for its own."""
    for call in calls:
        s = s.having_been_fixed(call, s.times(call)) if s.has(call) else s
    return s


def invoice_of(order: Order, s: Shipment) -> tuple[FiscalDocument, ...]:
    """The shipment's invoice, in as many parts as it takes."""
    lines = _lines(order, s.invoice, NOTHING, s.invoice.quantities)
    return invoice_documents(s.invoice.numbers, _known(s.invoice.dated), lines, order.terms.documents, s.invoice.type)


def credit_note_of(order: Order, s: Shipment, r: Reversal) -> tuple[FiscalDocument, ...]:
    """The credit note for a reversal's units."""
    return credit_documents(
        r.numbers,
        _known(r.dated),
        reversal_lines(order, s, r),
        order.terms.documents,
        invoice=s.invoice.numbers,
        invoice_type=s.invoice.type,
        invoice_dated=_known(s.invoice.dated),
        invoice_lines=[code for code, _ in s.invoice.quantities],
    )


def reversal_lines(order: Order, s: Shipment, r: Reversal) -> tuple[DocumentLine, ...]:
    """What these units are on the invoice: to the paisa, whatever else was credited before."""
    return _lines(order, s.invoice, r.credited_before, r.quantities)


def total(of: Sequence[FiscalDocument]) -> Decimal:
    """Of a document in all its parts."""
    return sum((one.total for one in of), Decimal("0.00"))


def worth(lines: Iterable[DocumentLine]) -> Decimal:
    """What the units come to at their prices, tax included."""
    return sum((line.quantity * line.unit_price for line in lines), Decimal("0.00"))


def needs_eway_bill(order: Order, documents: Sequence[FiscalDocument]) -> bool:
    """The account asks for one, and the taxed goods of the consignment are worth more than may move without."""
    asked = order.terms.eway_bill
    taxed = (line for document in documents for line in document.lines if line.gst_rate)
    return asked is not None and worth(taxed) > asked.above


def transport(order: Order) -> Transport | None:
    """Who moves the goods of an account that asks for e-way bills."""
    asked = order.terms.eway_bill
    if asked is None:
        return None
    return Transport(transporter_id=asked.transporter_id, transporter_name=asked.transporter_name)


def is_too_old(order: Order, dated: datetime, now: datetime) -> bool:
    """The registry would not take a document of that date any more: it needs a new one."""
    within = order.terms.documents.report_within
    return within is not None and day_in_india(now) - day_in_india(dated) >= within


def is_of_another_series(order: Order, s: Shipment, rates: Rates, dated: datetime, due: datetime) -> bool:
    """The number is not of the type that these rates make the document, or not of the year of the date it is due."""
    given_as = s.invoice.number_type if s.invoice_begins else s.invoice.type
    return order.terms.numbers is Numbers.ISSUER and (
        given_as is not invoice_type(order, rates) or is_of_another_year(dated, due)
    )


def is_of_another_year(dated: datetime, due: datetime) -> bool:
    """A series of numbers runs within a financial year."""
    return financial_year(day_in_india(dated)) != financial_year(day_in_india(due))


def revision(order: Order, redated: int = 0) -> str | None:
    """What tells a message from one that said something else, with another address of the consumer or another date.

    None for what is as it was first. Attempts under one idempotency key say the same.
    """
    corrected = order.correction.at.isoformat() if order.correction else ""
    return f"{corrected} {redated or ''}".strip() or None


def too_late_to_credit(order: Order, s: Shipment, now: datetime) -> str | None:
    """Why no credit note can go out for a shipment's invoice any more; None if one can."""
    until = order.terms.documents.credit_until
    if until is None:
        return None
    invoiced = day_in_india(_known(s.invoice.dated))
    last = last_day_to_credit(invoiced, *until)
    if day_in_india(now) <= last:
        return None
    return f"a credit note for an invoice of {financial_year(invoiced)} could go out until {last} (CGST Act, s. 34(2))"


def to_be_credited(order: Order, s: Shipment, r: Reversal) -> bool:
    """Its document is undone by a credit note: from the beginning, or because it can be voided no more."""
    return r.undoing is Undoing.CREDIT_NOTE or (r.undoing is Undoing.VOID and r.void_refused)


def document_stands(order: Order, s: Shipment, r: Reversal) -> bool:
    """There is an invoice, with these units on it, and nothing has undone it for them."""
    return s.invoice.exists and not r.not_invoiced and r.undone_by is None


def set_aside(r: Reversal, call: str, reason: str) -> tuple[Reversal, list[Message]]:
    """Not sent: it stops as if it had been refused, and somebody must look."""
    return replace(r.having_been_refused(call, r.times(call) + 1), problem=reason), []


def line_quantities(quantities: Quantities) -> tuple[LineQuantity, ...]:
    """Units by line, as messages carry them."""
    return tuple(LineQuantity(order_item_code=code, quantity=units) for code, units in quantities)


def _lines(order: Order, invoice: Invoice, before: Quantities, quantities: Quantities) -> tuple[DocumentLine, ...]:
    within = supplied_within_state(order.terms.client_x, order.terms.client_y)
    return tuple(
        document_line(
            order.line(code),
            invoice.rate(code),
            invoice.quantities[code],
            range(before[code], before[code] + units),
            within_state=within,
            split=invoice.split,
        )
        for code, units in quantities
    )


def _known(at: Moment | None) -> Moment:
    assert at is not None  # written by the gate that opens before anything is made of it
    return at
