"""A document that is put right, soon or when it is too old to be reported: its day, rates, type, number and reason."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    HandedOver,
    InvoiceNumberGiven,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceRevoked,
    InvoiceStepRefused,
    MarketplacePacked,
    ReversalUnanswered,
)
from b2b2c_saga.model.messages.commands import RegisterInvoice, RequestCreditNoteNumber, RequestInvoiceNumber
from b2b2c_saga.model.messages.fiscal import DocumentType
from b2b2c_saga.model.messages.replies import PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import InvoiceFixed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.prices import TaxRule, TaxSlab, TaxTable
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.samples import ABOUT, PRICES, TERMS, come_back, handover, order, pack
from b2b2c_saga.saga.decide import Alarm, Decision
from b2b2c_saga.steps import ORDERS

EXEMPT = TaxRule("6109", date(2026, 1, 20), (TaxSlab(None, Decimal(0)),))
BOOK = replace(PRICES, taxes=TaxTable((*PRICES.taxes.rules, EXEMPT)))
FAR_OFF = order().model_copy(update={"dispatch_by_time": START + timedelta(days=60)})
REFUSED = InvoiceRefused(**ABOUT, shipment_id="A", reason="-")
FIXED = InvoiceFixed(**ABOUT, shipment_id="A", attempt=1)
REGISTERED = InvoiceRegistered(**ABOUT, shipment_id="A", document_number="B", registration="of the first")
PACKED = MarketplacePacked(**ABOUT, shipment_id="A", invoice_code="M", invoice_date=START, label=LABEL)
HANDED_OVER = HandedOver(**ABOUT, shipment_id="A", handed_over_at=START)
NO_RATE = (
    "no tax rate on 2026-01-01: hsn = '610910': a rate for a code that the HSN begins with, since that day or before"
)


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


def asked_again_for_the_number_of_a_credit_note(days: int) -> RequestCreditNoteNumber:
    """It went back a day after the invoice; nothing was heard, and it is asked for again so many days later."""
    gone = come_back("A", "R1", "u1")
    call = "request_credit_note_number"
    silence = ReversalUnanswered(**ABOUT, shipment_id="A", reversal="return-R1", attempt=1, call=call)
    invoiced = ((0, FAR_OFF), (0, pack("A")), (0, number(1, 1, "E-1")), (0, REGISTERED))
    left = ((0, PACKED), (0, handover("A")), (0, HANDED_OVER), (1, gone))
    row = after(Numbers.ISSUER, *invoiced, *left, (1, silence)).row
    (again,) = ORDERS.decide(row, Alarm(), START + timedelta(days=days), BOOK).of(RequestCreditNoteNumber)
    return again


def test_the_number_of_a_credit_note_is_asked_for_again_in_the_same_words():
    assert asked_again_for_the_number_of_a_credit_note(days=3).document_time == START + timedelta(days=1)


def problem(*events: tuple[int, Event]) -> str | None:
    return after(Numbers.DERIVED, (0, FAR_OFF), (0, pack("A")), *events).row.shipments[0].invoice.problem


def test_the_last_reason_is_the_one_that_is_told():
    other = REFUSED.model_copy(update={"attempt": 2, "reason": "2258: no such state"})
    assert problem((0, REFUSED)) == "-"
    assert problem((0, REFUSED), (0, FIXED), (0, other)) == "2258: no such state"
    assert problem((0, REFUSED), (0, FIXED), (0, other), (0, REFUSED)) == "2258: no such state", "that is no news"


def test_the_last_reason_why_no_number_is_given_is_told():
    no = InvoiceStepRefused(**ABOUT, shipment_id="A", call="request_invoice_number", reason="closed")
    other = no.model_copy(update={"attempt": 2, "reason": "full"})
    fixed = FIXED.model_copy(update={"call": "request_invoice_number"})
    placed = ((0, FAR_OFF), (0, pack("A")))

    def told(*events: tuple[int, Event]) -> str | None:
        return after(Numbers.ISSUER, *placed, *events).row.shipments[0].invoice.problem

    assert told((0, no)) == "closed"
    assert told((0, no), (0, fixed), (0, other)) == "full"
    assert told((0, no), (0, fixed), (0, other), (0, no)) == "full", "that is no news"


def test_goods_of_which_no_rate_is_known_are_refused_before_anything_is_sent():
    unknown = replace(PRICES, taxes=TaxTable(()))
    placed = ORDERS.decide(Order("ACC", "O", TERMS), FAR_OFF, START, PRICES).row
    packed = ORDERS.decide(placed, pack("A", request="q"), START, unknown)
    assert packed.of(RegisterInvoice) == ()
    (invoice,) = [s.invoice for s in packed.row.shipments]
    assert (invoice.refused, invoice.problem) == ({1}, NO_RATE)
    assert [(said.outcome, said.reason) for said in packed.of(PackAnswered)] == [(PackOutcome.INVOICE_REFUSED, NO_RATE)]


def test_a_document_in_place_of_a_dead_one_bears_its_own_registration():
    revoked = InvoiceRevoked(**ABOUT, shipment_id="A", reason="at the portal")
    anew = REGISTERED.model_copy(update={"attempt": 2, "registration": "of the second"})
    first, second = (
        after(Numbers.DERIVED, (0, FAR_OFF), (0, pack("A")), (0, REGISTERED), *then).row.shipments[0].invoice
        for then in ((), ((0, revoked), (0, FIXED), (0, anew)))
    )
    assert (first.registration, second.registration) == ("of the first", "of the second")
