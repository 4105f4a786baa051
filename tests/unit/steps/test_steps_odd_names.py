"""Parts of an order under names of other systems: ids that are made of them tell them apart, and stay as they were."""

from typing import Any

import pytest

from b2b2c_saga.model.ids import escaped
from b2b2c_saga.model.messages.answers import (
    B2BOrderCreated,
    HandedOver,
    InvoiceRefused,
    InvoiceRegistered,
    Label,
    MarketplacePacked,
)
from b2b2c_saga.model.messages.commands import CancelB2BOrder, PutGoodsAway, RegisterInvoice
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.messages.replies import PackAnswered
from b2b2c_saga.model.messages.upstream import (
    HandoverRequested,
    LineQuantity,
    PackConfirmed,
    QualityCheck,
    ReturnedUnit,
    ReturnReceived,
    ReturnType,
)
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order, encode_order
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import ABOUT, PRICES, TERMS, WMS, cancel, order, pack
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


ODD = "FAB/25-26/0001 № [1]"
LABEL = Label(transporter="Fast", awb_number=ODD, url="https://labels.example/1.pdf?sig=".ljust(640, "a"))


def test_other_peoples_names_are_told_as_they_came():
    """To Omni, to the warehouse, and downstream when it all comes back."""
    of_a = ABOUT | {"shipment_id": ODD}
    line = order().items[0].model_copy(update={"order_item_code": ODD})
    placed = order().model_copy(update={"items": (line,), "parent_order_code": ODD})
    units = (LineQuantity(order_item_code=ODD, quantity=1),)
    packed = PackConfirmed(**of_a, items=units, request_id="q")
    back = ReturnReceived(
        **of_a,
        return_order_code=ODD,
        type=ReturnType.CUSTOMER_RETURN,
        units=(ReturnedUnit(unit_code=ODD, order_item_code=ODD, quality_check=QualityCheck.PASS),),
    )
    events = (
        placed,
        packed,
        InvoiceRegistered(**of_a, document_number="B", registration="I"),
        MarketplacePacked(**of_a, invoice_code=ODD, invoice_date=START, label=LABEL),
        HandoverRequested(**of_a),
        HandedOver(**of_a, handed_over_at=START),
        back,
    )
    row: Order = Order("ACC", "O", TERMS)
    told: dict[type, Any] = {}
    for event in events:
        decided = ORDERS.decide(row, event, START, PRICES)
        assert decided.refused == ()
        row = decided.row
        told |= {type(one.message): one.message for one in decided.outputs}
    assert decode_order(encode_order(row)) == row
    answer = told[PackAnswered]
    assert (answer.shipment_id, answer.invoice_code, answer.label) == (ODD, ODD, LABEL)
    required = told[B2CReturnRequired]
    assert (required.shipment_id, required.reversal) == (ODD, f"return-{ODD}")
    assert [one.order_item_code for one in required.lines] == [ODD]
    assert [one.order_item_code for one in told[PutGoodsAway].goods] == [ODD]


def test_the_warehouses_name_of_a_b2b_order_goes_back_to_it():
    row = Order("ACC", "O", WMS)
    for event in (order(), B2BOrderCreated(**ABOUT, b2b_order_code=ODD)):
        row = ORDERS.decide(row, event, START, PRICES).row
    (cancelled,) = ORDERS.decide(row, cancel(1), START, PRICES).of(CancelB2BOrder)
    assert cancelled.b2b_order_code == ODD


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
