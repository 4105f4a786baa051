"""An invoice that is put right when it is too old to be reported: the day, the rates and the type of today."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import InvoiceNumberGiven, InvoiceRefused
from b2b2c_saga.model.messages.commands import RegisterInvoice, RequestInvoiceNumber
from b2b2c_saga.model.messages.fiscal import DocumentType
from b2b2c_saga.model.messages.upstream import InvoiceFixed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.prices import TaxRule, TaxSlab, TaxTable
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import ABOUT, PRICES, TERMS, order, pack
from b2b2c_saga.saga.decide import Decision
from b2b2c_saga.steps import ORDERS

EXEMPT = TaxRule("6109", date(2026, 1, 20), (TaxSlab(None, Decimal(0)),))
BOOK = replace(PRICES, taxes=TaxTable((*PRICES.taxes.rules, EXEMPT)))
FAR_OFF = order().model_copy(update={"dispatch_by_time": START + timedelta(days=60)})
REFUSED = InvoiceRefused(**ABOUT, shipment_id="A", reason="-")
FIXED = InvoiceFixed(**ABOUT, shipment_id="A", attempt=1)


def number(attempt: int, to: int, said: str) -> InvoiceNumberGiven:
    return InvoiceNumberGiven(**ABOUT, shipment_id="A", attempt=attempt, invoice_attempt=to, numbers=(said,))


def after(numbers: Numbers, *events: tuple[int, Event]) -> Decision[Order]:
    """What the last one led to; each comes on a day."""
    decision = Decision(Order("ACC", "O", replace(TERMS, numbers=numbers)))
    for day, event in events:
        decision = ORDERS.decide(decision.row, event, START + timedelta(days=day), BOOK)
    return decision


@pytest.mark.parametrize(("day", "kind"), [(29, DocumentType.INVOICE), (30, DocumentType.BILL_OF_SUPPLY)])
def test_goods_that_are_exempt_by_then_go_on_a_bill_of_supply(day: int, kind: DocumentType):
    (sent,) = after(Numbers.DERIVED, (0, FAR_OFF), (0, pack("A")), (0, REFUSED), (day, FIXED)).of(RegisterInvoice)
    assert {part.type for part in sent.documents} == {kind}
    assert [line.gst_rate for part in sent.documents for line in part.lines] == [5 if day < 30 else 0]
    assert sent.document_time == (START if day < 30 else START + timedelta(days=day))


def test_its_number_of_the_series_of_invoices_is_given_up_then():
    refused = ((0, FAR_OFF), (0, pack("A")), (0, number(1, 1, "E-1")), (0, REFUSED))
    asked = after(Numbers.ISSUER, *refused, (40, FIXED))
    assert asked.of(RegisterInvoice) == ()
    (wanted,) = asked.of(RequestInvoiceNumber)
    assert (wanted.document_type, wanted.document_time) == (DocumentType.BILL_OF_SUPPLY, START + timedelta(days=40))
    numbered = after(Numbers.ISSUER, *refused, (40, FIXED), (41, number(2, wanted.invoice_attempt, "B-1")))
    (sent,) = numbered.of(RegisterInvoice)
    assert [(part.type, part.number) for part in sent.documents] == [(DocumentType.BILL_OF_SUPPLY, "B-1")]


def test_a_number_that_took_its_time_serves_until_the_year_is_over():
    new_year = (datetime(2026, 4, 1, tzinfo=START.tzinfo) - START).days
    asked = ((0, order(SOAP=1)), (0, pack("A", line="SOAP")))
    in_time = after(Numbers.ISSUER, *asked, (new_year - 1, number(1, 1, "E-1")))
    late = after(Numbers.ISSUER, *asked, (new_year, number(1, 1, "E-1")))
    assert [sent.document_number for sent in in_time.of(RegisterInvoice)] == ["E-1"]
    assert [wanted.invoice_attempt for wanted in late.of(RequestInvoiceNumber)] == [2]
    assert late.of(RegisterInvoice) == ()
