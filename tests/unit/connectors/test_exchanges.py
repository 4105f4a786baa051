"""Every command has a conversation, a resend is the same conversation, and what means nothing is unreadable."""

import pytest
from talk import (
    ALL,
    CLIENT_X,
    CREDIT,
    CREDIT_NUMBER,
    EWAY_BILL,
    LOOK_UP,
    NUMBER,
    ORDER,
    REGISTER,
    REVERSAL,
    SHIPMENT,
    TOLD,
    VOID,
    Answer,
    talk,
)

from b2b2c_saga.connectors.exchange import Heard, MeaninglessAnswer
from b2b2c_saga.connectors.run import SYSTEMS, chosen
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import BY_TYPE, Command
from b2b2c_saga.model.messages.commands import (
    CancelOnMarketplace,
    FetchLabel,
    HandOverOnMarketplace,
    OfferStock,
    PackOnMarketplace,
    PutGoodsAway,
    ReleaseStock,
)
from b2b2c_saga.model.messages.upstream import LineQuantity

ITEMS = (LineQuantity(order_item_code="i", quantity=1),)
PROBLEM = {"code": "SOMETHING", "reason": "else"}


def test_every_command_has_a_connector_of_its_topic():
    commands = {kind for kind in BY_TYPE.values() if issubclass(kind, Command)}
    assert commands == set(ALL)
    for kind in commands:
        served = {f"commands.{system}" for system, exchanges in SYSTEMS.items() if kind in exchanges}
        assert served == kind.travels_on()


@pytest.mark.parametrize(
    ("command", "status", "body", "says"),
    [
        (PackOnMarketplace(**SHIPMENT, items=ITEMS), 409, PROBLEM, "status 409 unexpected, code SOMETHING"),
        (PackOnMarketplace(**SHIPMENT, items=ITEMS), 200, {"invoiceCode": "I"}, "not as agreed: invoiceDate"),
        (FetchLabel(**SHIPMENT), 422, PROBLEM, "status 422 unexpected, code SOMETHING"),
        (HandOverOnMarketplace(**SHIPMENT), 422, PROBLEM, "status 422 unexpected, code SOMETHING"),
        (HandOverOnMarketplace(**SHIPMENT), 409, PROBLEM, "status 409 unexpected, code SOMETHING"),
        (CancelOnMarketplace(**ORDER, items=ITEMS, reason="r"), 409, PROBLEM, "status 409 unexpected"),
        (PutGoodsAway(**REVERSAL, location="L", goods=()), 409, PROBLEM, "status 409 unexpected"),
        (ReleaseStock(**ORDER, release="r", location="L", goods=()), 422, PROBLEM, "status 422 unexpected"),
        (OfferStock(account="A", location="L", sku="K", quantity=1, version=5), 413, PROBLEM, "status 413 unexpected"),
        (OfferStock(account="A", location="L", sku="K", quantity=1, version=5), 200, {"version": 4}, "not as agreed"),
    ],
)
def test_an_answer_that_means_nothing_is_unreadable(command: Command, status: int, body: dict[str, object], says: str):
    answer: Answer = (status, body)
    with pytest.raises(MeaninglessAnswer, match=says):
        talk(command, answer)


@pytest.mark.parametrize(
    ("status", "body", "is_not_now"),
    [
        (409, b'{"code": "BUSY", "reason": "somebody is at it"}', True),
        (409, b'{"code": "CANCELLED", "reason": "r"}', False),
        (409, b"<html>", False),
        (423, b"", True),
        (425, b"", True),
        (429, b"", True),
        (408, b"", True),
        (200, b'{"code": "BUSY", "reason": "r"}', False),
        (404, b"", False),
    ],
)
def test_some_answers_say_no_more_than_not_now(status: int, body: bytes, *, is_not_now: bool):
    assert Heard(status, body).is_not_now is is_not_now


def test_documents_count_among_the_calls_of_their_tax_id():
    calls: list[tuple[Command, list[Answer]]] = [
        (NUMBER, [(422, PROBLEM)]),
        (CREDIT_NUMBER, [(422, PROBLEM)]),
        (EWAY_BILL, [(422, PROBLEM)]),
        (REGISTER, [(409, PROBLEM | {"code": "DUPLICATE"}), (200, TOLD)]),
        (LOOK_UP, [(404, PROBLEM | {"code": "UNKNOWN_DOCUMENT"})]),
        (VOID, [(409, PROBLEM | {"code": "EWAY_BILL"}), (200, {"cancelled": ["1"]}), (422, PROBLEM)]),
        (CREDIT, [(422, PROBLEM)]),
    ]
    for command, answers in calls:
        requests, _ = talk(command, *answers, system="erp")
        assert [request.tax_id for request in requests] == [CLIENT_X.gstin] * len(answers)


def test_systems_are_chosen_by_name():
    assert chosen("") == ("erp", "rms", "marketplace", "wms", "omni")
    assert chosen("wms, erp,wms") == ("wms", "erp")
    with pytest.raises(BadInput, match="unknown system: systems = 'sap'"):
        chosen("erp,sap")
