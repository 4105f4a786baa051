"""Voids and credit notes at the issuer: what goes out, and what each answer means."""

import json
from typing import Any

import pytest
from talk import CLIENT_X, CREDIT, PERSONAL, REVERSAL, SHIPMENT, TOLD, VOID, Answer, means, of_registry, talk

from b2b2c_saga.connectors.exchange import MeaninglessAnswer, Request
from b2b2c_saga.fiscal.payload import part, rows
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import FiscalReversed, InvoiceRevoked, ReversalRefused, VoidRefused
from b2b2c_saga.model.terms import Provider

DUPLICATE: Answer = (409, {"code": "DUPLICATE", "reason": "2150: duplicate IRN"})
CREDITED = FiscalReversed(**REVERSAL, attempt=1, document_number="C1")
CREDIT_TOLD = TOLD | {
    "documentNumber": "C1",
    "total": "160.00",
    "reversal": "R1",
    "precedingDocument": "B1",
    "documents": [of_registry("C1", "CRN")],
}


def refused(reason: str) -> Event:
    return ReversalRefused(**REVERSAL, attempt=1, call="issue_credit_note", reason=reason)


def told(**more: Any) -> Answer:  # noqa: ANN401
    return 200, CREDIT_TOLD | more


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        ((200, {"documentNumber": "B1"}), FiscalReversed(**REVERSAL, attempt=1, document_number="B1")),
        (
            (409, {"code": "VOIDED", "reason": "already", "voidedFor": "R1"}),
            FiscalReversed(**REVERSAL, attempt=1, document_number="B1"),
        ),
        (
            (409, {"code": "VOIDED", "reason": "already", "voidedFor": "R0"}),
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="voided for R0: already"),
        ),
        (
            (409, {"code": "VOIDED", "reason": "9999: cancelled at the portal"}),
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="9999: cancelled at the portal"),
        ),
        (
            (422, {"code": "REVOKED", "reason": "there is no live document to void"}),
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="there is no live document to void"),
        ),
        ((409, {"code": "WINDOW_OVER", "reason": "late"}), VoidRefused(**REVERSAL, attempt=1, reason="late")),
        ((409, {"code": "CREDITED", "reason": "a part"}), VoidRefused(**REVERSAL, attempt=1, reason="a part")),
        ((422, {"code": "NO_VOIDS", "reason": "never"}), VoidRefused(**REVERSAL, attempt=1, reason="never")),
    ],
)
def test_a_void_is_done_or_refused_for_good(answer: Answer, event: Event):
    about = {"account": "A", "orderCode": "O", "documentNumber": "B1", "reversal": "R1"}
    for system in ("erp", "rms"):
        assert talk(VOID, answer, system=system) == ([Request("/voids", about, tax_id=CLIENT_X.gstin)], (event,))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((404, {"code": "UNKNOWN_DOCUMENT", "reason": "x"}), "status 404 unexpected"),
        ((200, {"documentNumber": "B2"}), "about another document"),
        ((409, {}), "status 409, not as agreed: code"),
    ],
)
def test_any_other_answer_to_a_void_is_unreadable(answer: Answer, says: str):
    with pytest.raises(MeaninglessAnswer, match=says):
        talk(VOID, answer)


def test_a_credit_note_names_what_it_undoes():
    [asked], events = talk(CREDIT, told())
    [payload] = provider(Provider.INDIA_INV01).payloads(CREDIT)
    assert rows(part(payload, "RefDtls"), "PrecDocDtls") == [{"InvNo": "B1", "InvDt": "01/04/2026"}]
    assert asked == Request(
        "/credit-notes",
        {
            "account": "A",
            "orderCode": "O",
            "shipmentId": "S",
            "documentNumber": "C1",
            "provider": "india-inv01",
            "total": "160.00",
            "sellerAccountCode": "X-1000",
            "buyerAccountCode": "Y-2000",
            "reversal": "R1",
            "precedingDocument": "B1",
            "documents": [{"documentNumber": "C1", "orderItemCodes": ["i"], "payload": payload}],
        },
        tax_id=CLIENT_X.gstin,
    )
    assert events == (CREDITED,)
    assert asked.body is not None
    asked.body["documents"][0]["payload"].pop("ShipDtls")
    assert not [personal for personal in PERSONAL if personal in json.dumps(asked.body)]


@pytest.mark.parametrize(
    ("answers", "event"),
    [
        ([(422, {"code": "INVALID", "reason": "TOO_MUCH for Asha Rao"})], refused("TOO_MUCH for ***")),
        ([(422, {"code": "REFUSED", "reason": "no reason code"})], refused("no reason code")),
        (
            [(422, {"code": "VOIDED", "reason": "9999: cancelled at the portal by Asha Rao"})],
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="9999: cancelled at the portal by ***"),
        ),
        (
            [(422, {"code": "REVOKED", "reason": "taken back"})],
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="taken back"),
        ),
        (
            [(422, {"code": "VOIDED", "reason": "there is no live document", "voidedFor": "R0"})],
            InvoiceRevoked(**SHIPMENT, attempt=2, reason="voided for R0: there is no live document"),
        ),
        (  # a void that was given up for silence, and came late
            [(422, {"code": "VOIDED", "reason": "there is no live document", "voidedFor": "R1"})],
            FiscalReversed(**REVERSAL, attempt=1, document_number="B1"),
        ),
        ([DUPLICATE, told()], CREDITED),
        ([DUPLICATE, told(total="159.00")], refused("2150: the number belongs to another document: total differ")),
        (
            [DUPLICATE, told(reversal="R2", precedingDocument="B2")],
            refused("2150: the number belongs to another document: reversal, preceding document differ"),
        ),
    ],
)
def test_a_credit_note_is_issued_adopted_or_refused(answers: list[Answer], event: Event):
    requests, events = talk(CREDIT, *answers)
    assert events == (event,)
    if len(answers) == 2:
        assert (requests[1].path, requests[1].query["type"], requests[1].query["documentNumber"]) == (
            "/look-ups",
            "CRN",
            "C1",
        )


def test_a_credit_note_that_is_not_valid_is_never_sent():
    lines = (CREDIT.documents[0].lines[0].model_copy(update={"hsn_code": "610"}),)
    wrong = CREDIT.documents[0].model_copy(update={"lines": lines})
    requests, [event] = talk(CREDIT.model_copy(update={"documents": (wrong,)}))
    assert requests == []
    assert isinstance(event, ReversalRefused)
    assert (event.call, event.reason[:43]) == ("issue_credit_note", "not what inv01.schema.json asks for: ItemLi")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (told(documents=[of_registry("C1", "INV")]), "without the registry's own number"),
        (told(status="PENDING"), "a credit note that is PENDING"),
        ((404, {"code": "UNKNOWN_DOCUMENT", "reason": "x"}), "status 404 unexpected"),
        ((409, {"code": "ELSE", "reason": "x"}), "status 409 unexpected"),
    ],
)
def test_any_other_answer_to_a_credit_note_is_unreadable(answer: Answer, says: str):
    with pytest.raises(MeaninglessAnswer, match=says):
        means(CREDIT, answer)
