"""Each command meets its system over real HTTP, and its answers come back over real Kafka."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from commanded import Of, Saga, connected, offer, tell_omni
from outside import Sandbox

from b2b2c_saga.model.messages import answers
from b2b2c_saga.model.messages.answers import Label, Refusal
from b2b2c_saga.model.messages.commands import Disposition
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine


@pytest.fixture(scope="module")
async def outside(broker: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Sandbox, Saga]]:
    async with connected(broker, tmp_path_factory.mktemp("outside")) as sandbox_and_saga:
        yield sandbox_and_saga


@pytest.fixture
def sandbox(outside: tuple[Sandbox, Saga]) -> Sandbox:
    return outside[0]


@pytest.fixture
def saga(outside: tuple[Sandbox, Saga]) -> Saga:
    return outside[1]


@pytest.fixture
def order(request: pytest.FixtureRequest) -> Of:
    return Of.named_like(request.node.name)


async def test_an_order_goes_its_way_and_is_reversed(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    about = order.shipment | {"attempt": 1}
    sandbox.faults_of(order.key, erp={"hold_registration": True})

    assert await saga.ask(order.register()) == [answers.InvoiceAcknowledged(**about)]
    assert await saga.ask(order.look_up(attempt=3)) == [answers.InvoicePending(**about, look_up=3)]
    sandbox.faults_of(order.key, erp={"hold_registration": False})
    invoice = sandbox.invoice_once(order.key, "REGISTERED")
    registered = answers.InvoiceRegistered(**about, document_number=order.number, registration=invoice["registration"])
    assert await saga.ask(order.look_up(attempt=4)) == [registered]

    [packed] = await saga.ask(order.pack())
    [pack] = sandbox.book("marketplace", order.key, "packs")
    awb = pack["awb_number"]
    label = Label(transporter="EXPRESS", awb_number=awb, url=f"https://labels.example/{awb}.pdf")
    date = datetime.fromisoformat(pack["invoice_date"])
    code = pack["invoice_code"]
    assert packed == answers.MarketplacePacked(**about, invoice_code=code, invoice_date=date, label=label)

    [left] = await saga.ask(order.hand_over())
    [handover] = sandbox.book("marketplace", order.key, "handovers")
    assert left == answers.HandedOver(**about, handed_over_at=datetime.fromisoformat(handover["handed_over_at"]))

    credit_note = order.credit(units=1)
    assert await saga.ask(credit_note) == [
        answers.FiscalReversed(**about, reversal="R1", document_number=credit_note.document_number)
    ]
    assert await saga.ask(order.put_away(Disposition.RESTOCK)) == [answers.GoodsPutAway(**about, reversal="R1")]
    assert (invoice["seller"]["account_code"], invoice["buyer"]["account_code"]) == ("X-1000", "Y-2000")
    assert invoice["ship_to"] == {"city": "Mumbai", "pin": "400001", "state": "27"}
    assert "Asha" not in str(sandbox.book("erp", order.key))  # the consumer's name is not the ERP's business


async def test_registered_at_once_is_acknowledged_and_registered(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, erp={"registration_delay_s": [0, 0]})
    found = await saga.ask(order.register(), answers=2)
    assert [type(event) for event in found] == [answers.InvoiceAcknowledged, answers.InvoiceRegistered]


async def test_a_refused_invoice_stays_refused(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, erp={"refuse": 1})
    found = await saga.ask(order.register())
    sandbox.faults_of(order.key, erp=None)
    found += await saga.ask(order.register(attempt=2))
    found += await saga.ask(order.look_up(invoice_attempt=2))
    reason = "2189: the total does not fit the lines' tax"
    assert found == [answers.InvoiceRefused(**order.shipment, attempt=n, reason=reason) for n in (1, 2, 2)]


async def test_an_invoice_may_be_refused_after_it_was_acknowledged(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, erp={"refuse_later": 1})
    found = await saga.ask(order.register())
    sandbox.invoice_once(order.key, "REFUSED")
    found += await saga.ask(order.look_up())
    assert [type(event) for event in found] == [answers.InvoiceAcknowledged, answers.InvoiceRefused]


async def test_what_the_erp_never_got_is_not_found(saga: Saga, order: Of) -> None:
    found = await saga.ask(order.look_up(attempt=5, invoice_attempt=2))
    assert found == [answers.InvoiceNotFound(**order.shipment, attempt=2, look_up=5)]


async def test_a_number_of_another_document_is_refused(saga: Saga, order: Of) -> None:
    await saga.ask(order.register())
    [refused] = await saga.ask(order.register(units=3).model_copy(update={"shipment_id": "OTHER"}))
    assert refused == answers.InvoiceRefused(
        **order.shipment | {"shipment_id": "OTHER"}, attempt=1, reason="2150: the number belongs to another document"
    )


async def test_a_document_is_voided_inside_its_window(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, erp={"registration_delay_s": [0, 0]})
    await saga.ask(order.register(), answers=2)
    voided = answers.FiscalReversed(**order.shipment, reversal="R1", attempt=1, document_number=order.number)
    assert await saga.ask(order.void()) == [voided]
    assert sandbox.invoice_once(order.key, "VOIDED")


async def test_after_its_window_a_document_is_voided_no_more(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, erp={"registration_delay_s": [0, 0], "void_window_s": 0})
    await saga.ask(order.register(), answers=2)
    reason = "the document can be voided no more"
    refused = answers.VoidRefused(**order.shipment, reversal="R1", attempt=1, reason=reason)
    assert await saga.ask(order.void()) == [refused]
    assert sandbox.invoice_once(order.key, "REGISTERED")


async def test_more_than_was_invoiced_is_never_credited(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, erp={"registration_delay_s": [0, 0]})
    await saga.ask(order.register(), answers=2)
    found = await saga.ask(order.credit(units=2))
    found += await saga.ask(order.credit(units=1, reversal="R2"))
    assert [type(event) for event in found] == [answers.FiscalReversed, answers.ReversalUnanswered]
    assert [note["lines"][0]["quantity"] for note in sandbox.book("erp", order.key, "credit_notes")] == [2]


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
    assert await saga.ask(order.release()) == [answers.StockReleased(**order.order, release="first", attempt=1)]
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


async def test_the_same_command_twice_has_the_same_answer_twice(saga: Saga, order: Of) -> None:
    for _ in range(2):
        await saga.ask(order.pack())
    first, second = (envelope for envelope in saga.heard if envelope.message.key == order.key)
    assert (first.id, first.value) == (second.id, second.value)
    assert first.source == "b2b2c-saga/connectors/marketplace"
    assert first.carried == (("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),)
