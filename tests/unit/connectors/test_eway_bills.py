"""E-way bills: asked for with the e-invoice or by themselves, and cancelled before the invoice is voided."""

from datetime import UTC, datetime
from typing import Any

import pytest
from talk import (
    CARRIER,
    CLIENT_X,
    EWAY_BILL,
    REGISTER,
    REVERSAL,
    SHIPMENT,
    TOLD,
    VOID,
    Answer,
    means,
    of_registry,
    talk,
)

from b2b2c_saga.connectors.exchange import MeaninglessAnswer, Request
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    EwayBillIssued,
    FiscalReversed,
    InvoiceRegistered,
    InvoiceRevoked,
    InvoiceStepRefused,
    VoidRefused,
)
from b2b2c_saga.model.messages.fiscal import EwayBillNumber

UNTIL = "2026-04-03T23:59:00+05:30"
TRANSPORT = {"transporterId": "27AAACT1234M1ZC", "transporterName": "Tempo Roads"}


def bill(document: str, number: object) -> dict[str, Any]:
    return {"documentNumber": document, "number": number, "validUntil": UNTIL}


def number_of(document: str, number: str) -> EwayBillNumber:
    until = datetime(2026, 4, 3, 18, 29, tzinfo=UTC)
    return EwayBillNumber(document_number=document, number=number, valid_until=until)


@pytest.mark.parametrize("system", ["erp", "rms"])
def test_one_is_issued_for_each_part(system: str):
    answer = (200, {"ewayBills": [bill("B1", "191"), bill("B12", 192)]})
    requests, events = talk(EWAY_BILL, answer, system=system)
    about = {"account": "A", "orderCode": "O", "shipmentId": "S", "documentNumber": "B1", "transport": TRANSPORT}
    assert requests == [Request("/eway-bills", about, tax_id=CLIENT_X.gstin)]
    bills = (number_of("B1", "191"), number_of("B12", "192"))
    assert events == (EwayBillIssued(**SHIPMENT, attempt=3, eway_bills=bills),)


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (
            {"code": "REFUSED", "reason": "4034: unknown transporter"},
            InvoiceStepRefused(**SHIPMENT, attempt=3, call="request_eway_bill", reason="4034: unknown transporter"),
        ),
        (
            {"code": "VOIDED", "reason": "9999: cancelled"},
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="9999: cancelled"),
        ),
        (
            {"code": "REVOKED", "reason": "taken back"},
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="taken back"),
        ),
    ],
)
def test_a_refusal_is_of_the_e_way_bill_or_tells_that_the_document_is_dead(answer: dict[str, str], event: Event):
    assert means(EWAY_BILL, (422, answer), system="erp") == (event,)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((422, {"code": "VOIDED", "reason": "x", "voidedFor": "R1"}), "status 422 unexpected, code VOIDED"),
        ((404, {"code": "UNKNOWN_DOCUMENT", "reason": "x"}), "status 404 unexpected, code UNKNOWN_DOCUMENT"),
        ((200, {"ewayBills": []}), "status 200, not as agreed: ewayBills"),
        ((200, {"ewayBills": [bill("B2", "191")]}), "of other documents"),
        ((200, {"ewayBills": [bill("B12", "191"), bill("B1", "192")]}), "of other documents"),
        ((200, {"ewayBills": [bill("B1", "191"), bill("B1", "192")]}), "of other documents"),
    ],
)
def test_any_other_answer_means_nothing(answer: Answer, says: str):
    with pytest.raises(MeaninglessAnswer, match=says):
        means(EWAY_BILL, answer, system="erp")


@pytest.mark.parametrize(
    ("numbers", "bills"),
    [
        ((191, "192"), (number_of("B1", "191"), number_of("B12", "192"))),
        ((191, None), ()),  # while a part has none, the goods may not move
        ((None, None), ()),
    ],
)
def test_asked_for_with_the_e_invoice_it_comes_with_the_registration(
    numbers: tuple[object, ...], bills: tuple[EwayBillNumber, ...]
):
    parts = [
        of_registry(document) | ({"ewayBill": {"number": number, "validUntil": UNTIL}} if number else {})
        for document, number in zip(("B1", "B12"), numbers, strict=True)
    ]
    command = REGISTER.model_copy(update={"transport": CARRIER})
    [send], (_, event) = talk(command, (200, TOLD | {"documents": parts}), system="erp")
    assert send.body is not None
    assert send.body["transport"] == TRANSPORT
    assert isinstance(event, InvoiceRegistered)
    assert event.eway_bills == bills


ACTIVE: Answer = (409, {"code": "EWAY_BILL", "reason": "an e-way bill is active"})
CANCELLED: Answer = (200, {"cancelled": ["191"]})
DONE: Answer = (200, {"documentNumber": "B1"})


def test_an_active_one_is_cancelled_and_then_the_invoice_is_voided():
    about = {"account": "A", "orderCode": "O", "documentNumber": "B1"}
    asked = Request("/voids", about | {"reversal": "R1"}, tax_id=CLIENT_X.gstin)
    cancellation = Request("/eway-bill-cancellations", about, tax_id=CLIENT_X.gstin)
    for system in ("erp", "rms"):
        requests, events = talk(VOID, ACTIVE, CANCELLED, DONE, system=system)
        assert requests == [asked, cancellation, asked]
        assert events == (FiscalReversed(**REVERSAL, attempt=1, document_number="B1"),)
    none = (200, {"cancelled": []})
    assert means(VOID, ACTIVE, none, DONE) == (FiscalReversed(**REVERSAL, attempt=1, document_number="B1"),)


@pytest.mark.parametrize(
    ("answers", "event"),
    [
        (
            [(409, {"code": "TOO_LATE", "reason": "issued more than 24 h ago"})],
            VoidRefused(**REVERSAL, attempt=1, reason="issued more than 24 h ago"),
        ),
        (
            [CANCELLED, (409, {"code": "WINDOW_OVER", "reason": "late"})],
            VoidRefused(**REVERSAL, attempt=1, reason="late"),
        ),
        (
            [CANCELLED, (409, {"code": "VOIDED", "reason": "9999: cancelled"})],
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="9999: cancelled"),
        ),
    ],
)
def test_where_it_can_be_cancelled_no_more_a_credit_note_must_do(answers: list[Answer], event: Event):
    assert means(VOID, ACTIVE, *answers) == (event,)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([CANCELLED, ACTIVE], "status 409 unexpected, code EWAY_BILL"),
        ([(409, {"code": "ELSE", "reason": "x"})], "status 409 unexpected, code ELSE"),
        ([(404, {"code": "UNKNOWN_DOCUMENT", "reason": "x"})], "status 404 unexpected"),
        ([(200, {})], "status 200, not as agreed: cancelled"),
    ],
)
def test_no_answer_to_a_void_is_made_up_from_its_e_way_bill(answers: list[Answer], says: str):
    with pytest.raises(MeaninglessAnswer, match=says):
        means(VOID, ACTIVE, *answers)
