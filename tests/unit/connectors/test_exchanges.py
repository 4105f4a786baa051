"""Commands to requests, answers to events: what the happy tests on real systems don't reach."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from b2b2c_saga.connectors.exchange import Exchanges, Heard, Unreadable
from b2b2c_saga.connectors.run import SYSTEMS, chosen
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import BY_TYPE, Command
from b2b2c_saga.model.messages.commands import (
    CancelOnMarketplace,
    DocumentLine,
    HandOverOnMarketplace,
    LookUpInvoice,
    OfferStock,
    PackOnMarketplace,
    RegisterInvoice,
    VoidInvoice,
)
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.words import Address, Party, Recipient

ORDER: dict[str, Any] = {"account": "A", "order_code": "O"}
SHIPMENT: dict[str, Any] = ORDER | {"shipment_id": "S"}
HOME = Address("1 Lake View", "Mumbai", "400001", "27")
ITEMS = (LineQuantity(order_item_code="i", quantity=1),)
REGISTER = RegisterInvoice(
    **SHIPMENT,
    document_number="B1",
    document_time=datetime(2026, 4, 1, tzinfo=UTC),
    seller=Party("Kurta House", "29AABCK1234M1ZG", "X-1000", HOME, HOME),
    buyer=Party("Yellow Retail", "27AACCY5678N1ZF", "Y-2000", HOME, HOME),
    lines=(DocumentLine(order_item_code="i", sku="K", quantity=1, unit_price=Decimal("80.00")),),
    total=Decimal("80.00"),
    recipient=Recipient("Asha Rao", "+919900000000", "asha@example.org", HOME, HOME),
)
LOOK_UP = LookUpInvoice(**SHIPMENT, document_number="B1", invoice_attempt=1)
EXCHANGES: Exchanges = {kind: exchange for system in SYSTEMS.values() for kind, exchange in system.items()}


def test_every_command_has_a_connector_of_its_topic():
    commands = {kind for kind in BY_TYPE.values() if issubclass(kind, Command)}
    assert commands == set(EXCHANGES)
    for system, exchanges in SYSTEMS.items():
        assert {kind.topic for kind in exchanges} == {f"commands.{system}"}


def test_of_the_consumer_the_erp_gets_no_more_than_where_the_goods_go():
    numbers = Heard(200, b'{"orderIdentifier": "SO1", "invoiceIdentifier": "IV1"}')
    identify, forward = EXCHANGES[RegisterInvoice].asks
    assert identify(REGISTER, None).body == {"account": "A", "orderCode": "O", "shipmentId": "S"}
    body = forward(REGISTER, numbers).body
    assert body is not None
    assert body["shipTo"] == {"city": "Mumbai", "pin": "400001", "state": "27"}
    assert (body["orderIdentifier"], body["invoiceIdentifier"]) == ("SO1", "IV1")
    assert body["buyer"]["accountCode"] == "Y-2000"
    assert body["lines"] == [{"orderItemCode": "i", "sku": "K", "quantity": 1, "unitPrice": "80.00"}]
    for personal in ("Asha", "9900000000", "asha@"):
        assert personal not in json.dumps(body)
    erased = REGISTER.model_copy(update={"recipient": None})
    assert "shipTo" not in (forward(erased, numbers).body or {})


def test_a_resend_asks_for_the_same_thing():
    numbers = Heard(200, b'{"orderIdentifier": "SO1", "invoiceIdentifier": "IV1"}')
    again = REGISTER.model_copy(update={"attempt": 2})
    for ask in EXCHANGES[RegisterInvoice].asks:
        assert ask(REGISTER, numbers) == ask(again, numbers)


REGISTERED = {"documentNumber": "B1", "status": "REGISTERED", "registration": "IRN"}
PROBLEM = {"code": "SOMETHING", "reason": "else"}


@pytest.mark.parametrize(
    ("command", "status", "body", "says"),
    [
        (REGISTER, 200, {"ok": True}, "status 200, not as agreed: documentNumber, status"),
        (REGISTER, 200, REGISTERED | {"documentNumber": "B2"}, "status 200, about another document"),
        (LOOK_UP, 200, REGISTERED | {"registration": None}, "registered, without the registry's number"),
        (LOOK_UP, 200, REGISTERED | {"status": "PERHAPS"}, "not as agreed: status"),
        (LOOK_UP, 404, PROBLEM, "status 404 unexpected, code SOMETHING"),
        (LOOK_UP, 404, {}, "status 404, not as agreed: code, reason"),
        (VoidInvoice(**SHIPMENT, reversal="R", document_number="B1"), 404, PROBLEM, "status 404 unexpected"),
        (PackOnMarketplace(**SHIPMENT, items=ITEMS), 409, PROBLEM, "status 409 unexpected, code SOMETHING"),
        (HandOverOnMarketplace(**SHIPMENT), 422, PROBLEM, "status 422 unexpected, code SOMETHING"),
        (CancelOnMarketplace(**ORDER, items=ITEMS, reason="r"), 409, PROBLEM, "status 409 unexpected"),
        (OfferStock(account="A", location="L", sku="K", quantity=1, version=5), 200, {"version": 4}, "status 200"),
    ],
)
def test_an_answer_that_means_nothing_is_unreadable(command: Command, status: int, body: dict[str, Any], says: str):
    with pytest.raises(Unreadable, match=says):
        EXCHANGES[type(command)].hear(command, Heard(status, json.dumps(body).encode()))


def test_what_is_unreadable_tells_no_value():
    with pytest.raises(Unreadable) as raised:
        EXCHANGES[LookUpInvoice].hear(LOOK_UP, Heard(200, b'{"documentNumber": ["Asha Rao"], "status": "Asha"}'))
    assert "Asha" not in str(raised.value)


def test_a_long_reason_is_cut_to_what_an_event_may_hold():
    body = {"documentNumber": "B1", "status": "REFUSED", "reason": "x" * 500}
    [refused] = EXCHANGES[RegisterInvoice].hear(REGISTER, Heard(422, json.dumps(body).encode()))
    assert len(refused.reason) == 200  # type: ignore[attr-defined]


def test_systems_are_chosen_by_name():
    assert chosen("") == ("erp", "marketplace", "wms", "omni")
    assert chosen("wms, erp,wms") == ("wms", "erp")
    with pytest.raises(BadInput, match="unknown system: systems = 'sap'"):
        chosen("erp,sap")
