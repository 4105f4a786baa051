"""Each command meets its system over real HTTP, and its answers come back over real Kafka."""

import time
from datetime import datetime
from typing import Any

import pytest
from commanded import Of, offer, tell_omni
from outside import Sandbox
from played_saga import Saga, once, outside, saga, sandbox

from b2b2c_saga.model.messages import answers
from b2b2c_saga.model.messages.answers import Label, Refusal, StockLevel
from b2b2c_saga.model.messages.commands import Disposition
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine

__all__ = ["outside", "saga", "sandbox"]


@pytest.fixture
def order(request: pytest.FixtureRequest) -> Of:
    return Of.named_like(request.node.name)


def papers(pack: dict[str, Any]) -> dict[str, Any]:
    """What the marketplace gave for a parcel, by its book."""
    awb = pack["awb_number"]
    label = Label(transporter="EXPRESS", awb_number=awb, url=f"https://labels.example/{awb}.pdf")
    date = datetime.fromisoformat(pack["invoice_date"])
    return {"invoice_code": pack["invoice_code"], "invoice_date": date, "label": label}


def counted(sandbox: Sandbox) -> tuple[StockLevel, ...]:
    """What the warehouse has of the only SKU."""
    [row] = sandbox.book("wms", table="stock")
    return (StockLevel(sku=row["sku"], quantity=row["available"], version=row["version"]),)


async def test_an_order_goes_its_way_and_is_reversed(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    about = order.shipment | {"attempt": 1}
    sandbox.faults_of(order.key, erp={"registration_delay_s": [0, 0]})
    await saga.ask(order.register(), answers=2)

    [packed] = await saga.ask(order.pack())
    [pack] = sandbox.book("marketplace", order.key, "packs")
    assert packed == answers.MarketplacePacked(**about, **papers(pack))

    [left] = await saga.ask(order.hand_over())
    [handover] = sandbox.book("marketplace", order.key, "handovers")
    assert left == answers.HandedOver(**about, handed_over_at=datetime.fromisoformat(handover["handed_over_at"]))

    credit_note = order.credit(units=1)
    assert await saga.ask(credit_note) == [
        answers.FiscalReversed(**about, reversal="R1", document_number=credit_note.document_number)
    ]
    [back] = await saga.ask(order.put_away(Disposition.RESTOCK))
    assert back == answers.GoodsPutAway(**about, reversal="R1", counted=counted(sandbox))


async def test_the_warehouse_variant_begins_and_ends_with_a_b2b_order(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    [created] = await saga.ask(order.b2b_order(units=3))
    [row] = sandbox.book("wms", order.key, "b2b_orders")
    code = row["b2b_order_code"]
    assert created == answers.B2BOrderCreated(**order.order, b2b_order_code=code)
    assert (row["billed_to"]["line"], row["ship_to"]) == (
        "1 Lake View",
        {"city": "Mumbai", "pin": "400001", "state": "27"},
    )
    assert [(line["quantity"], line["cost_price"]) for line in row["lines"]] == [(3, "80.00")]
    [cancelled] = await saga.ask(order.cancel_b2b_order(code))
    assert cancelled == answers.B2BOrderCancelled(**order.order, release="first", counted=counted(sandbox))
    [back] = await saga.ask(order.put_away(b2b_order_code=code))
    about = order.shipment | {"reversal": "R1"}
    assert back == answers.GoodsPutAway(**about, counted=counted(sandbox))
    [refused] = await saga.ask(order.put_away(reversal="R2", b2b_order_code=code))
    reason = "the B2B order does not hold so many units"
    assert refused == answers.ReversalRefused(**order.shipment, reversal="R2", call="put_goods_away", reason=reason)


async def test_the_warehouse_may_refuse_a_b2b_order(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, wms={"refuse": 1})
    refused = answers.B2BOrderRefused(**order.order, reason="a SKU is not kept at this location")
    assert await saga.ask(order.b2b_order()) == [refused]


async def test_a_label_that_is_not_ready_is_fetched_later(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, marketplace={"label_delay_s": [2, 2]})
    [packed] = await saga.ask(order.pack())
    [pack] = sandbox.book("marketplace", order.key, "packs")
    known = papers(pack)
    assert packed == answers.MarketplacePacked(**order.shipment, **known | {"label": None})
    [pending] = await saga.ask(order.fetch_label())
    assert pending == answers.MarketplacePacked(**order.shipment, **known | {"label": None}, poll=1)
    await once(lambda: time.time() > pack["label_due_at"])
    assert await saga.ask(order.fetch_label(attempt=2)) == [
        answers.MarketplacePacked(**order.shipment, **known, poll=2)
    ]


async def test_a_parcel_that_has_left_already_has_left(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, marketplace={"dispatched": 1})
    await saga.ask(order.pack())
    [left] = await saga.ask(order.hand_over())
    [handover] = sandbox.book("marketplace", order.key, "handovers")
    at = datetime.fromisoformat(handover["handed_over_at"])
    assert left == answers.HandedOver(**order.shipment, attempt=1, handed_over_at=at)


async def test_the_marketplace_packs_nothing_that_it_has_cancelled(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.consumer_cancels(order.key)
    reason = "the order is cancelled"
    refused = answers.MarketplacePackRefused(**order.shipment, attempt=1, refusal=Refusal.CANCELLED, reason=reason)
    assert await saga.ask(order.pack()) == [refused]


async def test_the_marketplace_fetches_nothing_that_it_has_cancelled(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    await saga.ask(order.pack())
    sandbox.consumer_cancels(order.key)
    refused = answers.HandoverRefused(**order.shipment, attempt=1, reason="the order is cancelled")
    assert await saga.ask(order.hand_over()) == [refused]


async def test_what_can_never_be_packed_is_refused_for_good(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, marketplace={"refuse": 1})
    reason = "the marketplace does not deliver to this place"
    refused = answers.MarketplacePackRefused(**order.shipment, attempt=1, refusal=Refusal.PERMANENT, reason=reason)
    assert await saga.ask(order.pack()) == [refused]


async def test_a_seller_cancel_comes_back_as_a_cancellation(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    items = (CancelledLine(order_item_code="i1", cancelled_quantity=2),)
    posted = CancellationPosted(**order.order, items=items, reason="cannot be dispatched")
    assert await saga.ask(order.cancel()) == [posted]
    [cancelled] = sandbox.book("marketplace", order.key)
    assert (cancelled["cancelled_by"], cancelled["items"]) == ("seller", [{"order_item_code": "i1", "quantity": 2}])


async def test_goods_are_released_or_put_aside(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    def stock() -> tuple[int, int]:
        rows = sandbox.book("wms", table="stock")
        return sum(row["available"] for row in rows), sum(row["quarantined"] for row in rows)

    available, quarantined = stock()
    [released] = await saga.ask(order.release())
    assert released == answers.StockReleased(**order.order, release="first", counted=counted(sandbox))
    await saga.ask(order.put_away(Disposition.QUARANTINE))
    assert stock() == (available + 2, quarantined + 2)


async def test_omni_and_marketplace_keep_the_newest_version(sandbox: Sandbox, saga: Saga) -> None:
    told = [await saga.ask(command) for command in (offer(5, 50), offer(4, 40), tell_omni(5, 50))]
    about = {"account": "YELLOW-MKT", "location": "L1", "sku": "SKU-1"}
    assert told == [
        [answers.StockTaken(**about, system="marketplace", version=5)],
        [answers.StockTaken(**about, system="marketplace", version=4)],
        [answers.StockTaken(**about, system="omni", version=5)],
    ]
    for system in ("marketplace", "omni"):
        assert [(row["quantity"], row["version"]) for row in sandbox.book(system, table="stock")] == [(50, 5)]


async def test_a_sku_that_fails_fails_alone(sandbox: Sandbox, saga: Saga) -> None:
    sandbox.faults(marketplace={"refuse_sku": ["REFUSED"], "busy_sku": ["BUSY"]})
    commands = [offer(1, sku=sku) for sku in ("REFUSED", "BUSY", "FINE")]
    await saga.send(*commands)
    found = [(await saga.answers(command.key, 1))[0] for command in commands]
    sandbox.faults(marketplace={"refuse_sku": None, "busy_sku": None})
    about = {"account": "YELLOW-MKT", "location": "L1"}
    refused = {"system": "marketplace", "version": 1, "reason": "no such SKU is sold here"}
    assert found == [
        answers.StockRefused(**about, sku="REFUSED", **refused),
        answers.StockUnanswered(**about, sku="BUSY", call="offer_stock", attempt=1),
        answers.StockTaken(**about, sku="FINE", system="marketplace", version=1),
    ]


async def test_the_same_command_twice_has_the_same_answer_twice(saga: Saga, order: Of) -> None:
    for _ in range(2):
        await saga.ask(order.pack())
    first, second = (envelope for envelope in saga.heard if envelope.message.key == order.key)
    assert (first.id, first.value) == (second.id, second.value)
    assert first.source == "b2b2c-saga/connectors/marketplace"
    assert first.carried == (("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),)
