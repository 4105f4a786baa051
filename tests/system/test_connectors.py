"""Each command meets its system over real HTTP, and its answers come back over real Kafka."""

from collections.abc import Iterator
from typing import Any

import pytest
from commanded import CLIENT_X, CLIENT_Y, Of, heard, names, offer, send, tell_omni
from outside import Process, Sandbox, running_connectors, running_sandbox

from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.model.messages import Message, answers
from b2b2c_saga.model.messages.answers import Label
from b2b2c_saga.model.messages.base import Command
from b2b2c_saga.model.messages.commands import Disposition
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine
from b2b2c_saga.settings import Settings


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    with running_sandbox(settings) as running:
        yield running


@pytest.fixture
def connectors(settings: Settings, topics: Topics, sandbox: Sandbox) -> Iterator[Process]:
    with running_connectors(settings, sandbox.url) as running:
        yield running


@pytest.fixture
def ask(settings: Settings, topics: Topics, connectors: Process) -> Any:
    """Send a command, and return what came back for it."""
    before = 0

    async def asked(command: Command, answers: int = 1) -> list[Message]:
        nonlocal before
        await send(settings, topics, command)
        found = await heard(settings, topics, before + answers)
        new, before = found[before:], len(found)
        return [envelope.message for envelope in new]

    return asked


async def test_an_order_goes_its_way_and_is_reversed(sandbox: Sandbox, ask: Any) -> None:
    order = Of("O1")
    sandbox.faults(orders={order.key: {"erp": {"hold_registration": True}}})
    about = {"account": "YELLOW-MKT", "order_code": "O1", "shipment_id": "O1-S1", "attempt": 1}

    assert await ask(order.register()) == [answers.InvoiceAcknowledged(**about)]
    assert await ask(order.look_up(attempt=3)) == [answers.InvoicePending(**about, look_up=3)]
    sandbox.faults(orders={order.key: {"erp": {"hold_registration": False, "registration_delay_s": [0, 0]}}})

    invoice = sandbox.invoice_once("REGISTERED")
    assert await ask(order.look_up(attempt=4)) == [
        answers.InvoiceRegistered(**about, document_number="BO1", registration=invoice["registration"])
    ]
    [packed] = await ask(order.pack())
    [pack] = sandbox.book("marketplace", order.key, "packs")
    label = Label(
        transporter="EXPRESS", awb_number=pack["awb_number"], url=f"https://labels.example/{pack['awb_number']}.pdf"
    )
    assert packed == answers.MarketplacePacked(
        **about, invoice_code=pack["invoice_code"], invoice_date=packed.invoice_date, label=label
    )
    [left] = await ask(order.hand_over())
    assert left == answers.HandedOver(**about, handed_over_at=left.handed_over_at)
    assert await ask(order.credit(units=1)) == [
        answers.FiscalReversed(**about, reversal="R1", document_number="CBO1R1")
    ]
    assert await ask(order.put_away(Disposition.RESTOCK)) == [answers.GoodsPutAway(**about, reversal="R1")]
    assert (invoice["seller"]["account_code"], invoice["buyer"]["account_code"]) == ("X-1000", "Y-2000")
    assert invoice["seller"]["gstin"] == CLIENT_X.gstin
    assert invoice["buyer"]["gstin"] == CLIENT_Y.gstin
    assert [row["available"] for row in sandbox.book("wms", table="stock")] == [2]


async def test_registered_at_once_is_acknowledged_and_registered(sandbox: Sandbox, ask: Any) -> None:
    sandbox.faults(erp={"registration_delay_s": [0, 0]})
    found = await ask(Of().register(), answers=2)
    assert [type(event) for event in found] == [answers.InvoiceAcknowledged, answers.InvoiceRegistered]


async def test_a_refused_invoice_stays_refused(sandbox: Sandbox, ask: Any) -> None:
    order = Of()
    sandbox.faults(orders={order.key: {"erp": {"refuse": 1}}})
    [first] = await ask(order.register())
    sandbox.faults(orders={order.key: None})
    [second] = await ask(order.register(attempt=2))
    [looked_up] = await ask(order.look_up(invoice_attempt=2))
    assert {type(event) for event in (first, second, looked_up)} == {answers.InvoiceRefused}
    assert [event.attempt for event in (first, second, looked_up)] == [1, 2, 2]


async def test_an_invoice_may_be_refused_after_it_was_acknowledged(sandbox: Sandbox, ask: Any) -> None:
    sandbox.faults(erp={"refuse_later": 1, "registration_delay_s": [0.2, 0.2]})
    found = await ask(Of().register())
    sandbox.invoice_once("REFUSED")
    found += await ask(Of().look_up())
    assert [type(event) for event in found] == [answers.InvoiceAcknowledged, answers.InvoiceRefused]


async def test_what_the_erp_never_got_is_not_found(ask: Any) -> None:
    [found] = await ask(Of().look_up(attempt=2, invoice_attempt=1))
    about = {"account": "YELLOW-MKT", "order_code": "O1", "shipment_id": "O1-S1"}
    assert found == answers.InvoiceNotFound(**about, attempt=1, look_up=2)


async def test_a_document_is_voided_inside_its_window_only(sandbox: Sandbox, ask: Any) -> None:
    late, timely = Of("LATE"), Of("TIMELY")
    sandbox.faults(erp={"registration_delay_s": [0, 0]}, orders={late.key: {"erp": {"void_window_s": 0}}})
    await ask(late.register(), answers=2)
    await ask(timely.register(), answers=2)
    [refused], [voided] = await ask(late.void()), await ask(timely.void())
    assert refused == answers.VoidRefused(
        account="YELLOW-MKT",
        order_code="LATE",
        shipment_id="LATE-S1",
        reversal="R1",
        attempt=1,
        reason="the document can be voided no more",
    )
    assert isinstance(voided, answers.FiscalReversed)
    assert [row["status"] for row in sandbox.book("erp", table="invoices")] == ["REGISTERED", "VOIDED"]


async def test_the_marketplace_refuses_what_it_has_cancelled(sandbox: Sandbox, ask: Any) -> None:
    packed, open_ = Of("PACKED"), Of("OPEN")
    await ask(packed.pack())
    for code in ("PACKED", "OPEN"):
        body = {"account": "YELLOW-MKT", "orderCode": code, "reason": "changed my mind"}
        assert sandbox.post("/marketplace/consumer-cancellations", f"c-{code}", body).status_code == 200
    [no_pack], [no_handover] = await ask(open_.pack()), await ask(packed.hand_over())
    assert (type(no_pack), no_pack.refusal) == (answers.MarketplacePackRefused, "CANCELLED")
    assert type(no_handover) is answers.HandoverRefused


async def test_what_can_never_be_packed_is_refused_for_good(sandbox: Sandbox, ask: Any) -> None:
    sandbox.faults(marketplace={"refuse": 1})
    [refused] = await ask(Of().pack())
    assert (type(refused), refused.refusal) == (answers.MarketplacePackRefused, "PERMANENT")


async def test_a_seller_cancel_comes_back_as_a_cancellation(ask: Any) -> None:
    cancelled = (CancelledLine(order_item_code="i1", cancelled_quantity=2),)
    assert await ask(Of().cancel()) == [
        CancellationPosted(account="YELLOW-MKT", order_code="O1", items=cancelled, reason="cannot be dispatched")
    ]


async def test_goods_are_released_or_put_aside(sandbox: Sandbox, ask: Any) -> None:
    assert await ask(Of().release()) == [
        answers.StockReleased(account="YELLOW-MKT", order_code="O1", release="first", attempt=1)
    ]
    await ask(Of().put_away(Disposition.QUARANTINE))
    [stock] = sandbox.book("wms", table="stock")
    assert (stock["available"], stock["quarantined"], stock["version"]) == (2, 2, 2)


async def test_omni_and_marketplace_keep_the_newest_version(sandbox: Sandbox, ask: Any) -> None:
    told = [await ask(command) for command in (offer(5, 50), offer(4, 40), tell_omni(5, 50))]
    about = {"account": "YELLOW-MKT", "location": "L1", "sku": "SKU-1"}
    assert told == [
        [answers.StockTaken(**about, system="marketplace", version=5)],
        [answers.StockTaken(**about, system="marketplace", version=4)],
        [answers.StockTaken(**about, system="omni", version=5)],
    ]
    for system in ("marketplace", "omni"):
        assert [(row["quantity"], row["version"]) for row in sandbox.book(system)] == [(50, 5)]


async def test_answers_carry_the_trace_and_ids_of_their_command(
    settings: Settings, topics: Topics, connectors: Process
) -> None:
    await send(settings, topics, Of().pack())
    [first] = await heard(settings, topics, 1)
    await send(settings, topics, Of().pack())  # the same command, delivered twice
    both = await heard(settings, topics, 2)
    assert names(both) == ["MarketplacePacked"] * 2
    assert {(e.id, e.value, e.source) for e in both} == {(first.id, first.value, "b2b2c-saga/connectors/marketplace")}
    assert dict(first.carried) == {"traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
