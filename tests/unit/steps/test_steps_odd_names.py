"""Parts of an order under names of other systems: ids that are made of them tell them apart, and stay as they were."""

import pytest

from b2b2c_saga.model.ids import escaped
from b2b2c_saga.model.messages.answers import InvoiceRefused
from b2b2c_saga.model.messages.commands import PutGoodsAway, RegisterInvoice
from b2b2c_saga.model.order import Order
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import ABOUT, PRICES, TERMS, cancel, order, pack
from b2b2c_saga.saga.decide import Output
from b2b2c_saga.steps import ORDERS


def sent(shipment: str) -> list[Output]:
    """All that follows from a shipment of that name, whose invoice is refused and which is cancelled."""
    row, outputs = Order("ACC", "O", TERMS), []
    refused = InvoiceRefused(**ABOUT, shipment_id=shipment, reason="no")
    for event in (order(), pack(shipment), refused, cancel(1)):
        decided = ORDERS.decide(row, event, START, PRICES)
        row = decided.row
        outputs += decided.outputs
    return outputs


@pytest.mark.parametrize("name", ["WH/OUT/00012", "№ 7", "A cancel-1", "x" * 64])
def test_a_shipment_may_have_any_name(name: str):
    commands = {type(one.message): one.message for one in sent(name)}
    assert {RegisterInvoice, PutGoodsAway} <= commands.keys()
    assert {getattr(command, "shipment_id", name) for command in commands.values()} == {name}


def test_a_reversal_is_told_from_that_of_another_shipment_by_its_ids():
    row = Order("ACC", "O", TERMS)
    refused = InvoiceRefused(**ABOUT, shipment_id="A/B", reason="no")
    for event in (order(), pack("A/B"), refused):
        row = ORDERS.decide(row, event, START, PRICES).row
    subjects = {one.gate: one.subject for one in ORDERS.unfold(row, cancel(1), START, PRICES)}
    assert subjects["put_goods_away"] == "A%2FB/cancel-1"


def test_ids_are_as_they_were_and_tell_odd_names_apart():
    keys = {type(one.message): one.idempotency_key for one in sent("A")}
    assert keys[RegisterInvoice] == "f5613d03-829c-588a-bea2-b2b9a69077f9"
    assert keys[PutGoodsAway] == "dbb5062b-5cae-5fb1-a882-7e64e85d4462"
    assert escaped("A-1.b_2:c#D") == "A-1.b_2:c#D"
    parts = [escaped(name) for name in ("A/B", "A B", "A%2FB", "№")]
    assert len(set(parts)) == len(parts)
    assert not any(joint in part for part in parts for joint in "/ =")
