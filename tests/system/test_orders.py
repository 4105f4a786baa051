"""Whole orders, from the consumer's click to the closed row, on real processes, real Kafka and real HTTP."""

import asyncio
import json

from ordered import FAILED, LOCATION, PASSED, YELLOW, Ordered
from stack import Stack, stack

from b2b2c_saga.demo import events
from b2b2c_saga.demo.day import ERP, PASS_THROUGH
from b2b2c_saga.demo.story import Count
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages.commands import OfferStock, UpdateOmniStock
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.reversal import Undoing

__all__ = ["stack"]

PENDING = {"hold_registration": True, "registration_delay_s": [0, 0]}


async def test_an_order_is_packed_handed_over_delivered_and_closed(stack: Stack) -> None:
    order = await Ordered.placed(stack, "HAPPY", L1=2, L2=1)
    packed = await order.pack()
    assert packed.status_code == 200
    entry = order.book("marketplace", "packs")[0]
    told = packed.json()
    told.pop("b2bInvoice", None)  # if it was registered by then
    assert told == {
        "account": "YELLOW-MKT",
        "orderCode": "HAPPY",
        "shipmentId": "HAPPY-S1",
        "outcome": "PACKED",
        "invoiceCode": entry["invoice_code"],
        "invoiceDate": entry["invoice_date"],
        "label": {
            "transporter": "EXPRESS",
            "awbNumber": entry["awb_number"],
            "url": f"https://labels.example/{entry['awb_number']}.pdf",
        },
    }
    await order.until_registered()
    handed = await order.hand_over()
    assert (handed.status_code, handed.json()["outcome"]) == (200, "HANDED_OVER")
    await order.deliver()
    await order.until_closed()

    assert await order.regions() == (
        ["OPEN", "PACKING", "PACKED", "HANDING_OVER", "HANDED_OVER", "DELIVERED", "CLOSED"],
        ["NONE", "REQUESTED", "ACKNOWLEDGED", "REGISTERED"],
    )
    (shipment,) = order.row.shipments
    assert shipment.left == Quantities.of([("L1", 2), ("L2", 1)])
    (invoice,) = order.book("erp", "invoices")
    assert invoice["document_number"] == shipment.invoice.number
    assert (invoice["status"], invoice["registration"]) == ("REGISTERED", shipment.invoice.registration)
    assert (invoice["shipment_id"], invoice["total"]) == ("HAPPY-S1", "601.20")  # 80 % of three at 250.50
    assert invoice["buyer"] == {"gstin": YELLOW.gstin, "legal_name": YELLOW.legal_name, "account_code": "Y-2000"}
    assert [row["shipment_id"] for row in order.book("marketplace", "handovers")] == ["HAPPY-S1"]
    assert await order.returns() == []
    assert order.book("wms", "put_aways") == []


async def test_a_cancellation_before_the_invoice_reaches_the_warehouse_and_never_the_erp(stack: Stack) -> None:
    order = await Ordered.placed(stack, "BEFORE", L1=2)
    await order.cancel()
    await order.until_closed()
    refused = await order.pack()
    assert (refused.status_code, refused.json()["outcome"]) == (409, "REFUSED")
    assert refused.json()["reason"] == "more packed than is open: items.quantity of L1 = 2: at most 0"
    assert await order.regions() == (["OPEN", "CLOSED"], ["NONE"])
    (released,) = order.book("wms", "releases")
    assert released["location"] == LOCATION
    assert released["goods"] == [
        {"order_item_code": "L1", "sku": "BEFORE-L1", "quantity": 2, "disposition": "PUT_AWAY"}
    ]
    assert await stack.said("commands.erp", order.key) == []
    assert order.book("erp", "invoices") == []
    assert order.book("marketplace", "packs") == []
    assert await order.returns() == []


async def test_a_cancellation_after_the_invoice_takes_back_both_legs(stack: Stack) -> None:
    order = await Ordered.placed(stack, "AFTER", L1=2, L2=1)
    assert (await order.pack()).status_code == 200
    await order.until_registered()
    await order.cancel()
    await order.until_closed()

    (told,) = await order.returns()
    assert told.client_y == YELLOW
    assert told.seller.account_code == "X-1000"
    assert (told.cause, told.shipment_id, told.invoice_number) == (
        "CANCELLATION",
        "AFTER-S1",
        order.row.shipments[0].invoice.number,
    )
    assert {line.order_item_code: line.quantity for line in told.lines} == {"L1": 2, "L2": 1}
    assert str(told.total) == "601.20"
    (invoice,) = order.book("erp", "invoices")
    assert invoice["status"] == "VOIDED"
    assert order.book("erp", "credit_notes") == []
    (put_away,) = order.book("wms", "put_aways")
    assert [(line["sku"], line["quantity"], line["disposition"]) for line in put_away["goods"]] == [
        ("AFTER-L1", 2, "PUT_AWAY"),
        ("AFTER-L2", 1, "PUT_AWAY"),
    ]
    assert order.row.invoice_state is InvoiceState.VOIDED
    assert not order.row.shipments[0].left
    handed = await order.hand_over()
    assert (handed.status_code, handed.json()["outcome"]) == (409, "CANCELLED")
    assert order.book("marketplace", "handovers") == []


async def test_what_comes_back_after_the_handover_is_credited_restocked_or_put_aside(stack: Stack) -> None:
    order = await Ordered.placed(stack, "BACK", L1=3)
    await order.pack()
    await order.until_registered()
    assert (await order.hand_over()).status_code == 200
    await order.deliver()
    await order.give_back(L1=[PASSED, FAILED])
    await order.until_closed()

    (told,) = await order.returns()
    assert (told.client_y, told.cause) == (YELLOW, "CUSTOMER_RETURN")
    assert [(line.order_item_code, line.quantity) for line in told.lines] == [("L1", 2)]
    (invoice,), (note,) = order.book("erp", "invoices"), order.book("erp", "credit_notes")
    assert invoice["status"] == "REGISTERED"
    assert (note["preceding_document"], note["total"]) == (invoice["document_number"], "400.80")
    assert [(line["order_item_code"], line["quantity"]) for line in note["lines"]] == [("L1", 2)]
    (put_away,) = order.book("wms", "put_aways")
    assert [(line["quantity"], line["disposition"]) for line in put_away["goods"]] == [
        (1, "RESTOCK"),
        (1, "QUARANTINE"),
    ]
    shelf = next(row for row in stack.sandbox.book("wms", table="stock") if row["sku"] == "BACK-L1")
    assert (shelf["available"], shelf["quarantined"]) == (1, 1)
    (shipment,) = order.row.shipments
    assert shipment.left == Quantities.of([("L1", 1)])
    assert [(r.undoing, r.undone_by) for r in shipment.reversals] == [(Undoing.CREDIT_NOTE, note["document_number"])]
    assert order.row.invoice_state is InvoiceState.CREDITED


async def test_a_handover_before_the_registration_is_held_and_goes_out_by_itself(stack: Stack) -> None:
    order = await Ordered.placed(stack, "HELD", L1=1)
    stack.sandbox.faults_of(order.key, erp=PENDING)
    assert (await order.pack()).status_code == 200
    held = await order.hand_over()
    assert held.status_code == 202
    assert (held.json()["outcome"], held.json()["waitsFor"]) == ("HELD", ["invoice registered"])
    shown = json.loads((await stack.command("order", "show", order.key, "--json")).stdout)
    assert "invoice registered" in shown["waiting"]["hand over on marketplace HELD-S1"]
    assert [c.call() for c in await stack.said("commands.marketplace", order.key)] == ["pack_on_marketplace"]
    assert order.book("marketplace", "handovers") == []

    stack.sandbox.faults_of(order.key, erp={"hold_registration": False})
    await order.until(lambda row: row.shipments[0].handed_over_at, "handed over, without another call")
    assert len(order.book("marketplace", "handovers")) == 1
    assert (await order.hand_over()).json()["outcome"] == "HANDED_OVER"
    await order.deliver()
    await order.until_closed()


async def test_a_repeated_pack_confirmation_gets_the_same_bytes(stack: Stack) -> None:
    order = await Ordered.placed(stack, "AGAIN", L1=1)
    answers = list(await asyncio.gather(*(order.pack() for _ in range(6))))
    answers.append(await order.pack())
    await order.until_registered()
    handovers = [await order.hand_over(), await order.hand_over()]
    await order.deliver()
    await order.until_closed()
    answers.append(await order.pack())
    handovers.append(await order.hand_over())
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert {(answer.status_code, answer.content) for answer in handovers} == {(200, handovers[0].content)}
    assert [len(order.book(*of)) for of in (("erp", "invoices"), ("marketplace", "packs"))] == [1, 1]
    assert len([c for c in await stack.said("commands.erp", order.key) if c.call() == "register_invoice"]) == 1


async def test_an_erp_that_is_silent_after_the_effect_is_looked_up_not_asked_twice(stack: Stack) -> None:
    order = await Ordered.placed(stack, "SILENT", L1=1)
    stack.sandbox.faults_of(
        order.key, erp={"timeout_after_effect": 1, "only_first": 1, "calls": ["invoices"], "stall_s": 5}
    )
    packed = await order.pack()
    assert (packed.status_code, packed.json()["outcome"]) == (200, "PACKED")
    assert (await order.regions())[1] == ["NONE", "REQUESTED", "UNKNOWN", "REGISTERED"]
    calls = [command.call() for command in await stack.said("commands.erp", order.key)]
    assert calls == ["request_invoice_number", "register_invoice", "look_up_invoice"]
    (invoice,) = order.book("erp", "invoices")
    assert invoice["document_number"] == order.row.shipments[0].invoice.number
    await order.hand_over()
    await order.deliver()
    await order.until_closed()


async def test_an_invoice_that_the_erp_refuses_is_said_to_be_refused(stack: Stack) -> None:
    order = await Ordered.placed(stack, "REFUSED", L1=1)
    stack.sandbox.faults_of(order.key, erp={"refuse": 1})
    answer = await order.pack()
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["outcome"], answer.json()["reason"]) == (
        "INVOICE_REFUSED",
        "2189: the total does not fit the lines' tax",
    )
    held = await order.hand_over()
    assert (held.status_code, "invoice registered" in held.json()["waitsFor"]) == (202, True)
    assert order.row.invoice_state is InvoiceState.FAILED
    await order.cancel()
    await order.until_closed()
    assert (await order.pack()).json()["outcome"] == "CANCELLED"
    assert await order.returns() == []
    assert [row["status"] for row in order.book("erp", "invoices")] == ["REFUSED"]
    assert order.book("marketplace", "packs") == []
    assert len(order.book("wms", "put_aways")) == 1


async def test_a_channel_without_a_b2b_leg_passes_straight_through(stack: Stack) -> None:
    cancelled = await Ordered.placed(stack, "OWN-CANCEL", PASS_THROUGH, L1=1)
    returned = await Ordered.placed(stack, "OWN-RETURN", PASS_THROUGH, L1=2)
    for order in (cancelled, returned):
        assert (await order.pack()).json()["outcome"] == "PACKED"
    await cancelled.cancel()
    assert (await returned.hand_over()).status_code == 200
    await returned.deliver()
    await returned.give_back(L1=[PASSED])
    for order in (cancelled, returned):
        await order.until_closed()
        assert await order.returns() == []
        assert await stack.said("commands.erp", order.key) == []
        assert order.book("erp", "invoices") == order.book("erp", "credit_notes") == []
        assert order.row.invoice_state is InvoiceState.NONE
    goods = [line for order in (cancelled, returned) for row in order.book("wms", "put_aways") for line in row["goods"]]
    assert [(line["quantity"], line["disposition"]) for line in goods] == [(1, "PUT_AWAY"), (1, "RESTOCK")]
    assert returned.row.shipments[0].left == Quantities.of([("L1", 1)])


async def test_the_newest_count_goes_through_omni_to_the_marketplace(stack: Stack) -> None:
    def count(quantity: int, version: int) -> StockCounted:
        return events.stock_counted(Count(0, ERP.account, LOCATION, "COUNTED", quantity), version)

    key = count(0, 0).key

    def offered(version: int) -> bool:
        return (row := stack.stock(key)) is not None and row.marketplace_has == version

    await stack.tell(count(30, 3))
    await stack.until(lambda: offered(3), "version 3 is offered")
    await stack.tell(count(1, 1), count(2, 2), count(99, 3), count(40, 4), count(40, 4))
    await stack.until(lambda: offered(4), "version 4 is offered")

    told = [c for c in await stack.said("commands.omni", key) if isinstance(c, UpdateOmniStock)]
    given = [c for c in await stack.said("commands.marketplace", key) if isinstance(c, OfferStock)]
    assert [(c.version, c.quantity) for c in told] == [(c.version, c.quantity) for c in given] == [(3, 30), (4, 40)]
    for system in ("omni", "marketplace"):
        (row,) = [row for row in stack.sandbox.book(system, table="stock") if row["sku"] == "COUNTED"]
        assert (row["account"], row["location"], row["quantity"], row["version"]) == (ERP.account, LOCATION, 40, 4)


async def test_operators_see_it_all_and_the_books_agree(stack: Stack) -> None:
    order = await Ordered.placed(stack, "SEEN", L1=1)
    await order.pack()
    await order.until_registered()
    await order.cancel()
    await order.until_closed()
    await Ordered.placed(stack, "SEEN-OPEN", L1=1)

    listed = await stack.command("orders", "--state", "CLOSED", "--json")
    states = {f"{row['account']}/{row['order']}": row["fulfilment"] for row in json.loads(listed.stdout)}
    assert states[order.key] == "CLOSED"
    assert set(states.values()) == {"CLOSED"}
    opened = json.loads((await stack.command("orders", "--state", "OPEN", "--json")).stdout)
    assert "SEEN-OPEN" in {row["order"] for row in opened}

    shown = json.loads((await stack.command("order", "show", order.key, "--json")).stdout)
    number = order.row.shipments[0].invoice.number
    assert (shown["fulfilment"], shown["invoice"], shown["parked"]) == ("CLOSED", "VOIDED", 0)
    assert shown["shipments"][0]["reversals"][0]["steps"] == {
        "b2cReturn": "required",
        "document": f"void {number}",
        "goods": "put away",
        "inventory": "told",
    }
    assert {said["type"] for said in shown["timeline"]} >= {"OrderPlaced", "PackConfirmed", "B2CReturnRequired"}

    proved = await stack.command("prove", "--json")
    proof = json.loads(proved.stdout)
    assert (proved.returncode, proof["differences"]) == (0, [])
    assert proof["orders"] == len([key for table, key in stack.rows if table == "orders"])
    assert stack.parked == []
