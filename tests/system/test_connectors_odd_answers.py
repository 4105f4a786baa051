"""Answers outside our alphabet, over real HTTP: odd names go all the way, nonsense is told and put right."""

import pytest
from commanded import CARRIER, Of
from outside import Sandbox
from played_saga import Saga, outside, saga, sandbox

from b2b2c_saga.model.messages import answers
from b2b2c_saga.model.messages.answers import Refusal

__all__ = ["outside", "saga", "sandbox"]

WHY = "status 200, not as agreed: {}"


@pytest.fixture
def order(request: pytest.FixtureRequest) -> Of:
    return Of.named_like(request.node.name)


async def test_odd_names_go_all_the_way(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    odd = {"odd_names": 1}
    sandbox.faults_of(order.key, marketplace=odd, wms=odd, erp=odd | {"registration_delay_s": [0, 0]})
    [created] = await saga.ask(order.b2b_order())
    [known] = sandbox.book("wms", order.key, "b2b_orders")
    assert isinstance(created, answers.B2BOrderCreated)
    assert created.b2b_order_code == known["b2b_order_code"]
    assert created.b2b_order_code.startswith("WH/OUT/")
    [given] = await saga.ask(order.request_number())
    assert isinstance(given, answers.InvoiceNumberGiven)
    order.order_number = given.order_number
    assert "(№ " in (given.order_number or "")
    acknowledged, registered = await saga.ask(order.register(transport=CARRIER), answers=2)
    assert isinstance(acknowledged, answers.InvoiceAcknowledged)
    assert isinstance(registered, answers.InvoiceRegistered)
    shipment = {"shipment_id": "WH/OUT/00012 №1?a=b&c#d"}
    [packed] = await saga.ask(order.pack().model_copy(update=shipment))
    [entry] = sandbox.book("marketplace", order.key, "packs")
    assert isinstance(packed, answers.MarketplacePacked)
    assert (packed.shipment_id, packed.invoice_code) == (entry["shipment_id"], entry["invoice_code"])
    assert packed.invoice_code.startswith("FAB/25-26/")
    assert packed.label is not None
    assert packed.label.awb_number == entry["awb_number"]
    assert len(packed.label.url) > 640
    [again] = await saga.ask(order.fetch_label().model_copy(update=shipment))
    assert isinstance(again, answers.MarketplacePacked)
    assert again.label == packed.label
    [cancelled] = await saga.ask(order.cancel_b2b_order(created.b2b_order_code))
    assert isinstance(cancelled, answers.B2BOrderCancelled)


async def test_a_pack_whose_answer_is_nonsense_is_told_stopped_and_put_right(
    sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    sandbox.faults_of(order.key, marketplace={"nonsense": 1})
    silent = answers.PackUnanswered(**order.shipment, call="pack_on_marketplace", attempt=1)
    assert await saga.ask(order.pack(attempt=1)) == [silent]
    assert await saga.ask(order.pack(attempt=2)) == [silent.model_copy(update={"attempt": 2})]
    why = WHY.format("invoiceCode, invoiceDate")
    reason = f"the answer was not understood: {why}"
    about = order.shipment | {"attempt": 3}
    assert await saga.ask(order.pack(attempt=3), answers=2) == [
        silent.model_copy(update={"attempt": 3, "not_understood": why}),
        answers.MarketplacePackRefused(**about, refusal=Refusal.PERMANENT, reason=reason),
    ]
    sandbox.fix(order.key)
    [packed] = await saga.ask(order.pack(attempt=4))
    [entry] = sandbox.book("marketplace", order.key, "packs")
    assert isinstance(packed, answers.MarketplacePacked)
    assert packed.invoice_code == entry["invoice_code"], "it was done all the time, and is done once"


async def test_a_handover_whose_answer_is_nonsense_is_told_and_asked_for_again(
    sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    await saga.ask(order.pack())
    sandbox.faults_of(order.key, marketplace={"nonsense": 1})
    silent = answers.HandoverUnanswered(**order.shipment, call="hand_over_on_marketplace", attempt=1)
    command = order.hand_over()
    for attempt, why in ((1, None), (2, None), (3, WHY.format("handedOverAt")), (4, WHY.format("handedOverAt"))):
        [told] = await saga.ask(command.model_copy(update={"attempt": attempt}))
        assert told == silent.model_copy(update={"attempt": attempt, "not_understood": why})
    sandbox.fix(order.key)
    [left] = await saga.ask(command.model_copy(update={"attempt": 5}))
    assert isinstance(left, answers.HandedOver)
    assert len(sandbox.book("marketplace", order.key, "handovers")) == 1
