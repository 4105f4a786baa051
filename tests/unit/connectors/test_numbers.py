"""Numbers of the issuer's series: what is asked, and that no number is taken which would do for no document."""

from typing import Any

import pytest
from talk import CLIENT_X, CREDIT_NUMBER, NUMBER, REVERSAL, SHIPMENT, Answer, means, talk

from b2b2c_saga.connectors.exchange import MeaninglessAnswer, Request
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    CreditNoteNumberGiven,
    InvoiceNumberGiven,
    InvoiceStepRefused,
    ReversalRefused,
)
from b2b2c_saga.model.terms import Provider

OF_INVOICE = {
    "account": "A",
    "orderCode": "O",
    "shipmentId": "S",
    "type": "INV",
    "sellerGstin": CLIENT_X.gstin,
    "documentTime": "2026-04-01T09:30:00Z",
    "count": 2,
}


def given(*numbers: str, **more: Any) -> Answer:  # noqa: ANN401
    return 200, {"documentNumbers": numbers, **more}


def refused(reason: str, attempt: int = 1) -> Event:
    return InvoiceStepRefused(**SHIPMENT, attempt=attempt, call="request_invoice_number", reason=reason)


@pytest.mark.parametrize("system", ["erp", "rms"])
def test_an_invoice_gets_a_number_for_each_part_and_the_orders_own(system: str):
    requests, events = talk(NUMBER, given("INV/1", "INV/2", orderNumber="SO-7"), system=system)
    assert requests == [Request("/numbers", OF_INVOICE, tax_id=CLIENT_X.gstin)]
    about = SHIPMENT | {"attempt": 1, "invoice_attempt": 2}
    assert events == (InvoiceNumberGiven(**about, numbers=("INV/1", "INV/2"), order_number="SO-7"),)


@pytest.mark.parametrize("system", ["erp", "rms"])
def test_a_credit_note_is_numbered_for_its_reversal(system: str):
    requests, events = talk(CREDIT_NUMBER, given("CRN/1", orderNumber=""), system=system)
    about = OF_INVOICE | {"type": "CRN", "count": 1, "reversal": "R1"}
    assert requests == [Request("/numbers", about, tax_id=CLIENT_X.gstin)]
    assert events == (CreditNoteNumberGiven(**REVERSAL, attempt=1, numbers=("CRN/1",)),)


FORM = "[A-Z1-9][A-Z0-9/-]{0,15}"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((422, {"code": "REFUSED", "reason": "the series is closed"}), "the series is closed"),
        ((422, {"code": "INVALID", "reason": "x" * 500}), "x" * 200),
        (given("INV/1"), "not the numbers asked for: documentNumbers = 1: 2 numbers"),
        (given(), "not the numbers asked for: documentNumbers = 0: 2 numbers"),
        (given("INV/1", "INV/2", "INV/3"), "not the numbers asked for: documentNumbers = 3: 2 numbers"),
        (given("INV/1", "INV/1"), "a number given twice: documentNumbers.1 = 'INV/1': each number once"),
        *(
            (
                given("INV/1", number),
                f"a number that the registry does not take: documentNumbers.1 = {number!r}: {FORM}",
            )
            for number in ("inv/2", "0012", "/2", "INV 2", "INV_2", "", "INV/2 ", "INVOICE/2026-27/1")
        ),
        (given("INV/1", "INV/2", orderNumber=""), "no number of an order: orderNumber = '': 1 to 200 characters"),
    ],
)
def test_numbers_that_do_for_no_document_are_refused_by_field_and_rule(answer: Answer, reason: str):
    assert means(NUMBER, answer, system="erp") == (refused(reason),)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((422, {"code": "REFUSED", "reason": "the books are closed"}), "the books are closed"),
        (given("CRN/1", "CRN/2"), "not the numbers asked for: documentNumbers = 2: 1 numbers"),
        (given("crn/1"), f"a number that the registry does not take: documentNumbers.0 = 'crn/1': {FORM}"),
    ],
)
def test_the_same_holds_for_credit_notes(answer: Answer, reason: str):
    told = ReversalRefused(**REVERSAL, attempt=1, call="request_credit_note_number", reason=reason)
    assert means(CREDIT_NUMBER, answer, system="rms") == (told,)


def test_asked_again_for_fewer_parts_the_first_answer_comes_again_with_numbers_to_spare():
    again = NUMBER.model_copy(update={"attempt": 2, "count": 1})
    about = SHIPMENT | {"attempt": 2, "invoice_attempt": 2}
    answer = given("INV/1", "INV/2")
    assert means(again, answer, system="erp") == (InvoiceNumberGiven(**about, numbers=("INV/1", "INV/2")),)
    more = again.model_copy(update={"count": 3})
    few = "not the numbers asked for: documentNumbers = 2: 3 numbers"
    assert means(more, answer, system="erp") == (refused(few, attempt=2),)


def test_where_no_registry_asks_for_a_form_any_text_is_a_number():
    elsewhere = NUMBER.model_copy(update={"provider": Provider.EN16931, "count": 1})
    about = SHIPMENT | {"attempt": 1, "invoice_attempt": 2}
    for number in ("inv 2026_000001", "7", "0"):
        assert means(elsewhere, given(number), system="erp") == (InvoiceNumberGiven(**about, numbers=(number,)),)
    for number in ("", " ", "7 ", "x" * 201):
        [event] = means(elsewhere, given(number), system="erp")
        assert isinstance(event, InvoiceStepRefused)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((200, {"orderNumber": "SO-7"}), "status 200, not as agreed: documentNumbers"),
        ((200, {"documentNumbers": [1, 2]}), "status 200, not as agreed: documentNumbers.0, documentNumbers.1"),
        ((422, {}), "status 422, not as agreed: code"),
        ((404, {"code": "NOT_FOUND", "reason": "x"}), "status 404 unexpected, code NOT_FOUND"),
        ((409, {"code": "ELSE", "reason": "x"}), "status 409 unexpected, code ELSE"),
    ],
)
def test_any_other_answer_means_nothing(answer: Answer, says: str):
    for command in (NUMBER, CREDIT_NUMBER):
        with pytest.raises(MeaninglessAnswer, match=says):
            means(command, answer, system="erp")
