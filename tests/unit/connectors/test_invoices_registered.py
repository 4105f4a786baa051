"""Registering and looking up B2B documents at their issuer: what goes out, and what each answer means."""

import json
from decimal import Decimal
from typing import Any

import pytest
from talk import (
    CLIENT_X,
    CREDIT,
    EWAY_BILL,
    LOOK_UP,
    PERSONAL,
    REGISTER,
    SHIPMENT,
    TOLD,
    VOID,
    Answer,
    kept,
    means,
    of_registry,
    talk,
)

from b2b2c_saga.connectors.exchange import MeaninglessAnswer, Request
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    InvoiceAcknowledged,
    InvoiceDiffers,
    InvoiceNotFound,
    InvoicePending,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceRevoked,
)
from b2b2c_saga.model.messages.commands import VoidInvoice
from b2b2c_saga.model.messages.fiscal import RegisteredDocument
from b2b2c_saga.model.terms import Provider

DUPLICATE: Answer = (409, {"code": "DUPLICATE", "reason": "2150: duplicate IRN"})
UNKNOWN: Answer = (404, {"code": "UNKNOWN_DOCUMENT", "reason": "no such document"})
IRN = of_registry("B1")["registration"]
ASKED_FOR = {"type": "INV", "documentNumber": "B1", "sellerGstin": CLIENT_X.gstin}
QUESTION = Request("/look-ups", query=ASKED_FOR | {"documentTime": "2026-04-01T09:30:00+00:00"}, tax_id=CLIENT_X.gstin)


def acknowledged(attempt: int = 1) -> Event:
    return InvoiceAcknowledged(**SHIPMENT, attempt=attempt)


def registered(attempt: int = 1) -> Event:
    about = SHIPMENT | {"attempt": attempt, "document_number": "B1", "registration": IRN}
    return InvoiceRegistered(**about, documents=(kept("B1"), kept("B12")))


def told(status: str, **more: Any) -> Answer:  # noqa: ANN401
    return 200, TOLD | {"status": status, **more}


def without(*names: str) -> Answer:
    return 200, {name: value for name, value in TOLD.items() if name not in names}


@pytest.mark.parametrize("system", ["erp", "rms"])
def test_the_issuer_gets_all_parts_in_one_request(system: str):
    [send], events = talk(REGISTER, told("PENDING"), system=system)
    payloads = provider(Provider.INDIA_INV01).payloads(REGISTER)
    assert send == Request(
        "/invoices",
        {
            "account": "A",
            "orderCode": "O",
            "shipmentId": "S",
            "documentNumber": "B1",
            "provider": "india-inv01",
            "total": "320.00",
            "attempt": 1,
            "sellerAccountCode": "X-1000",
            "buyerAccountCode": "Y-2000",
            "documents": [
                {"documentNumber": "B1", "orderItemCodes": ["i"], "payload": payloads[0]},
                {"documentNumber": "B12", "orderItemCodes": ["j"], "payload": payloads[1]},
            ],
        },
        tax_id=CLIENT_X.gstin,
    )
    assert events == (acknowledged(),)


def test_the_number_of_the_order_in_the_brands_system_goes_along():
    [send], _ = talk(REGISTER.model_copy(update={"order_number": "SO-7"}), told("PENDING"), system="erp")
    assert send.body is not None
    assert send.body["orderNumber"] == "SO-7"


def test_what_the_registry_gives_for_each_part_is_kept():
    assert talk(REGISTER, told("REGISTERED"), system="rms")[1] == (acknowledged(), registered())
    numeric = [of_registry(number) | {"ackNumber": int(f"1120{number[1:]}")} for number in ("B1", "B12")]
    assert means(REGISTER, told("REGISTERED", documents=numeric), system="rms")[1] == registered()
    bare = [{"documentNumber": n, "registration": of_registry(n)["registration"]} for n in ("B1", "B12")]
    [_, event] = means(REGISTER, told("REGISTERED", documents=bare), system="rms")
    assert isinstance(event, InvoiceRegistered)
    assert event.documents == tuple(
        RegisteredDocument(number=part["documentNumber"], registration=part["registration"]) for part in bare
    )


def test_of_the_consumer_no_more_goes_out_than_where_the_goods_go():
    [send] = talk(REGISTER, told("PENDING"), system="erp")[0]
    assert send.body is not None
    for part in send.body["documents"]:
        assert part["payload"].pop("ShipDtls")["LglNm"] == "Asha Rao"
    for personal in PERSONAL:
        assert personal not in json.dumps(send.body)
    erased = REGISTER.model_copy(update={"recipient": None})
    [send] = talk(erased, told("PENDING"), system="rms")[0]
    assert "ShipDtls" not in json.dumps(send.body)


def test_a_resend_is_the_same_but_for_its_count():
    [first] = talk(REGISTER, told("PENDING"), system="rms")[0]
    [second], events = talk(REGISTER.model_copy(update={"attempt": 2}), told("PENDING"), system="rms")
    assert first.body is not None
    assert second.body == first.body | {"attempt": 2}
    assert events == (acknowledged(2),)


@pytest.mark.parametrize("system", ["erp", "rms"])
def test_a_payload_that_is_not_valid_is_never_sent(system: str):
    lines = (REGISTER.documents[0].lines[0].model_copy(update={"hsn_code": "610"}),)
    wrong = REGISTER.documents[0].model_copy(update={"lines": lines})
    requests, [refused] = talk(REGISTER.model_copy(update={"documents": (wrong,)}), system=system)
    assert requests == []
    assert isinstance(refused, InvoiceRefused)
    assert refused.reason.startswith("not what inv01.schema.json asks for: ItemList.0.HsnCd: pattern")


def test_a_name_that_breaks_a_rule_is_not_told():
    seller = REGISTER.model_copy(update={"seller": CLIENT_X.__class__(**vars(CLIENT_X) | {"legal_name": "K"})})
    [refused] = means(seller, system="rms")
    assert isinstance(refused, InvoiceRefused)
    assert refused.reason == "not what inv01.schema.json asks for: SellerDtls.LglNm: minLength 3"


@pytest.mark.parametrize(
    ("answers", "events"),
    [
        ([(422, {"code": "INVALID", "reason": "no"})], [InvoiceRefused(**SHIPMENT, attempt=1, reason="no")]),
        ([DUPLICATE, told("PENDING")], [acknowledged()]),
        ([DUPLICATE, told("REGISTERED")], [acknowledged(), registered()]),
        ([DUPLICATE, without("account", "orderCode", "shipmentId", "attempt")], [acknowledged(), registered()]),
        ([DUPLICATE, told("REVOKED", reason="r")], [InvoiceRevoked(**SHIPMENT, attempt=1, reason="r")]),
        ([DUPLICATE, told("VOIDED", voidedFor="R1")], [acknowledged(), registered()]),
        ([DUPLICATE, told("VOIDED")], [InvoiceRevoked(**SHIPMENT, attempt=1, reason="no reason given")]),
        ([DUPLICATE, told("VOIDED", reason="9999: r")], [InvoiceRevoked(**SHIPMENT, attempt=1, reason="9999: r")]),
        ([DUPLICATE, told("REFUSED", reason="r")], [InvoiceRefused(**SHIPMENT, attempt=1, reason="r")]),
    ],
)
def test_what_each_answer_to_a_registration_means(answers: list[Answer], events: list[Event]):
    requests, heard = talk(REGISTER, *answers, system="rms")
    assert list(heard) == events
    assert requests[1:] == ([QUESTION] if len(answers) == 2 else [])


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ({"buyerGstin": "29AACCY5678N1ZB"}, "buyer"),
        ({"total": "320.01"}, "total"),
        ({"account": "B"}, "account"),
        ({"orderCode": "P"}, "order"),
        ({"shipmentId": "T"}, "shipment"),
        ({"total": "1", "shipmentId": "T"}, "total, shipment"),
    ],
)
def test_another_documents_number_is_told_apart_by_name(theirs: dict[str, str], named: str):
    reason = f"2150: the number belongs to another document: {named} differ"
    for status in ("REGISTERED", "PENDING", "REFUSED", "REVOKED"):
        answer = told(status, **theirs)
        asked = means(REGISTER, DUPLICATE, answer, system="rms")
        assert asked == (InvoiceDiffers(**SHIPMENT, attempt=1, reason=reason),)
        assert means(LOOK_UP, answer) == (InvoiceDiffers(**SHIPMENT, attempt=2, reason=reason),)


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (UNKNOWN, InvoiceNotFound(**SHIPMENT, attempt=2, look_up=7)),
        (told("PENDING"), InvoicePending(**SHIPMENT, attempt=2, look_up=7)),
        (told("REGISTERED"), registered(2)),
        (told("REFUSED", reason="r"), InvoiceRefused(**SHIPMENT, attempt=2, reason="r")),
        (told("REFUSED", attempt=None), InvoiceRefused(**SHIPMENT, attempt=2, reason="no reason given")),
        (told("REFUSED", attempt=1), InvoiceNotFound(**SHIPMENT, attempt=2, look_up=7)),
        (told("REVOKED", reason=9999), InvoiceRevoked(**SHIPMENT, attempt=2, reason="9999")),
        (told("REVOKED", reason=None), InvoiceRevoked(**SHIPMENT, attempt=2, reason="no reason given")),
        (told("VOIDED", voidedFor="R1"), registered(2)),
        (told("VOIDED"), InvoiceRevoked(**SHIPMENT, attempt=2, reason="no reason given")),
        (told("VOIDED", reason="9999: r"), InvoiceRevoked(**SHIPMENT, attempt=2, reason="9999: r")),
    ],
)
def test_what_is_found_is_about_the_attempt_that_was_asked_about(answer: Answer, event: Event):
    for system in ("erp", "rms"):
        assert talk(LOOK_UP, answer, system=system) == ([QUESTION], (event,))


WRONG_IRN = [of_registry("B1"), of_registry("B12") | {"registration": IRN}]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([(200, {"ok": True})], "status 200, not as agreed: buyerGstin, documentNumber, documents, status, total"),
        ([told("REGISTERED", documentNumber="B2")], "the answer is about another document"),
        ([told("REGISTERED", documents=WRONG_IRN)], "without the registry's own number"),
        ([told("REGISTERED", documents=[of_registry("B1"), {"documentNumber": "B12"}])], "without the registry's own"),
        ([told("REGISTERED", documents=[of_registry("B1")])], "in other parts than were sent"),
        ([told("PERHAPS")], "not as agreed: status"),
        ([DUPLICATE, UNKNOWN], "status 404 unexpected, code UNKNOWN_DOCUMENT"),
        ([(409, {"code": "ELSE", "reason": "x"})], "status 409 unexpected, code ELSE"),
        ([(400, {})], "status 400 unexpected, code none"),
    ],
)
def test_an_answer_to_a_registration_that_means_nothing_is_unreadable(answers: list[Answer], says: str):
    with pytest.raises(MeaninglessAnswer, match=says):
        talk(REGISTER, *answers, system="rms")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (told("REGISTERED", documents=WRONG_IRN), "without the registry's own number"),
        (told("REGISTERED", documents=[of_registry("B2")]), "in other parts than were sent"),
        ((404, {"code": "SOMETHING", "reason": "else"}), "status 404 unexpected, code SOMETHING"),
        ((404, {}), "status 404, not as agreed: code"),
    ],
)
def test_an_answer_to_a_look_up_that_means_nothing_is_unreadable(answer: Answer, says: str):
    with pytest.raises(MeaninglessAnswer, match=says):
        talk(LOOK_UP, answer)


def test_under_the_other_standard_a_document_goes_by_its_own_number():
    changed = {"provider": Provider.EN16931}
    parts = [{"documentNumber": number, "registration": number} for number in ("B1", "B12")]
    documents = tuple(RegisteredDocument(number=number, registration=number) for number in ("B1", "B12"))
    about = SHIPMENT | {"attempt": 2, "document_number": "B1", "registration": "B1"}
    event = InvoiceRegistered(**about, documents=documents)
    assert means(LOOK_UP.model_copy(update=changed), told("REGISTERED", documents=parts)) == (event,)
    own = event.model_copy(update={"attempt": 1})
    command = REGISTER.model_copy(update=changed)
    assert means(command, told("REGISTERED", documents=parts), system="rms") == (acknowledged(), own)


def test_what_is_unreadable_tells_no_value():
    with pytest.raises(MeaninglessAnswer) as raised:
        talk(LOOK_UP, (200, {"documentNumber": ["Asha Rao"], "status": "Asha", "total": Decimal(1).__str__()}))
    assert "Asha" not in str(raised.value)


QUOTES = "3039: ShipDtls asha rao / RAO, 1 lake view, asha@example.org, +919900000000, 411001: Addr1 of GRAOS wrong"
TELLS = "3039: ShipDtls *** / ***, ***, ***, ***, ***: Addr1 of G***S wrong"


@pytest.mark.parametrize("system", ["erp", "rms"])
def test_a_reason_that_quotes_the_consumer_does_not_tell_who_it_is(system: str):
    [refused] = means(REGISTER, (422, {"code": "INVALID", "reason": QUOTES}), system=system)
    [refused_later] = means(LOOK_UP, told("REFUSED", reason=QUOTES), system=system)
    assert refused == InvoiceRefused(**SHIPMENT, attempt=1, reason=TELLS)
    assert refused_later == InvoiceRefused(**SHIPMENT, attempt=2, reason=TELLS)
    [dead] = means(LOOK_UP, told("VOIDED", reason=QUOTES), system=system)
    assert dead == InvoiceRevoked(**SHIPMENT, attempt=2, reason=TELLS)


@pytest.mark.parametrize("command", [EWAY_BILL, VOID, CREDIT])
@pytest.mark.parametrize("code", ["REFUSED", "REVOKED"])
def test_nor_does_the_reason_of_what_goes_with_a_document(command: VoidInvoice, code: str):
    [no] = means(command, (422, {"code": code, "reason": QUOTES}))
    assert getattr(no, "reason", None) == TELLS


def test_a_long_reason_is_cut_to_what_an_event_may_hold():
    [refused] = means(REGISTER, (422, {"code": "INVALID", "reason": "x" * 500}), system="rms")
    assert isinstance(refused, InvoiceRefused)
    assert len(refused.reason) == 200
