"""Orders of the WMS variant, pulled from the marketplace: B2B order, B2B packing, RMS, and what goes wrong there."""

from ordered import CONSUMER, FAILED, PASSED, YELLOW, Ordered
from stack import Stack, stack

from b2b2c_saga.demo import events
from b2b2c_saga.demo.day import WMS
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages.base import snake
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.shipment import Fulfilment

__all__ = ["stack"]
BOTH = {"L1": 2, "L2": 1}
LINES = [("L1", "SKU-L1", 2, "224.00"), ("L2", "SKU-L2", 1, "224.00")]
"""Cost plus 12 %: what the marketplace was paid is no matter."""


async def packed(stack: Stack, code: str) -> Ordered:
    """On both legs."""
    order = await Ordered.placed(stack, code, WMS, **BOTH)
    await order.pack_in_warehouse()
    assert (await order.pack()).json()["outcome"] == "PACKED"
    await order.until_registered()
    return order


async def left(stack: Stack, code: str) -> Ordered:
    """Packed, handed over and delivered."""
    order = await packed(stack, code)
    assert (await order.hand_over()).json()["outcome"] == "HANDED_OVER"
    await order.deliver()
    return order


async def test_an_order_is_pulled_and_sold_by_way_of_a_b2b_order_and_rms(stack: Stack) -> None:
    order = await left(stack, "W-HAPPY")
    await order.until_closed()
    fulfilment, invoice = await order.regions()
    assert fulfilment == ["OPEN", "PACKING", "PACKED", "HANDING_OVER", "HANDED_OVER", "DELIVERED", "CLOSED"]
    assert (invoice[0], invoice[-1]) == ("NONE", "REGISTERED")
    assert len(await stack.said("intake", order.key)) == 2, "pulled once, and the warehouse's answer"
    (kept,) = order.book("wms", "b2b_orders")
    sold = [(of["order_item_code"], of["sku"], of["quantity"], of["cost_price"]) for of in kept["lines"]]
    assert (kept["b2b_order_code"], sold) == (order.row.b2b_order_code, LINES)
    assert kept["billed_to"] == YELLOW.billing_address.__dict__
    assert kept["ship_to"]["pin"] == CONSUMER.shipping_address.pin
    (invoice_of_rms,) = order.book("rms", "invoices")
    assert (invoice_of_rms["status"], invoice_of_rms["total"]) == ("REGISTERED", "672.00")
    assert order.book("erp", "invoices") == []
    assert order.book("wms", "b2b_cancellations") == order.book("wms", "put_aways") == []


async def test_nothing_is_invoiced_before_the_warehouse_has_packed_nor_packed_before_the_station_has(
    stack: Stack,
) -> None:
    order = await Ordered.placed(stack, "W-STEPS", WMS, L1=1)
    await order.pack_in_warehouse()
    await order.until_registered()
    assert order.row.fulfilment is Fulfilment.PACKING
    assert await stack.said("commands.marketplace", order.key) == []
    await order.pack()
    assert [c.call() for c in await stack.said("commands.marketplace", order.key)] == ["pack_on_marketplace"]
    other = await Ordered.placed(stack, "W-STEPS-2", WMS, L1=1)
    await other.until(lambda row: row.b2b_order_code, "a B2B order")
    await stack.tell(events.pack_confirmed(other.story, other.parcel))
    await other.until(lambda row: row.shipments and row.shipments[0].confirmed, "packed at the station")
    assert await stack.said("commands.rms", other.key) == []
    await other.pack_in_warehouse()
    await other.until(lambda row: row.shipments[0].documents, "packed on the marketplace")


async def test_a_cancellation_before_the_b2b_packing_takes_units_off_the_b2b_order(stack: Stack) -> None:
    order = await Ordered.placed(stack, "W-BEFORE", WMS, **BOTH)
    await order.until(lambda row: row.b2b_order_code, "a B2B order")
    await order.cancel(L1=1)
    await order.until(lambda row: row.releases and row.releases[0].done, "taken off")
    (off,) = order.book("wms", "b2b_cancellations")
    assert off["b2b_order_code"] == order.row.b2b_order_code
    assert [(of["order_item_code"], of["quantity"]) for of in off["goods"]] == [("L1", 1)]
    await order.cancel()
    await order.until_closed()
    gone = Quantities.of(
        (of["order_item_code"], of["quantity"]) for e in order.book("wms", "b2b_cancellations") for of in e["goods"]
    )
    assert gone == order.story.ordered
    assert order.book("wms", "releases") == []
    assert await stack.said("commands.rms", order.key) == await order.returns() == []


async def test_a_cancellation_after_the_b2b_invoice_voids_it_and_requires_a_b2c_return(stack: Stack) -> None:
    order = await Ordered.placed(stack, "W-AFTER", WMS, **BOTH)
    await order.pack_in_warehouse()
    await order.until_registered()
    await order.cancel()
    await order.until_closed()
    (told,) = await order.returns()
    assert (told.client_y, told.cause, str(told.total)) == (YELLOW, "CANCELLATION", "672.00")
    (invoice,) = order.book("rms", "invoices")
    assert (invoice["status"], told.invoice_number) == ("VOIDED", invoice["document_number"])
    (put_away,) = order.book("wms", "put_aways")
    assert put_away["b2b_order_code"] is None, "the B2B order was fulfilled; the goods came back"
    assert order.book("marketplace", "packs") == []


async def test_what_comes_back_is_credited_at_the_price_of_the_invoice(stack: Stack) -> None:
    order = await left(stack, "W-BACK")
    await order.give_back(L1=[PASSED, FAILED])
    await order.until_closed()
    (note,) = order.book("rms", "credit_notes")
    assert (note["total"], [(of["order_item_code"], of["quantity"]) for of in note["lines"]]) == ("448.00", [("L1", 2)])
    (told,) = await order.returns()
    assert (told.client_y, str(told.total)) == (YELLOW, "448.00")
    (put_away,) = order.book("wms", "put_aways")
    assert [(of["quantity"], of["disposition"]) for of in put_away["goods"]] == [(1, "RESTOCK"), (1, "QUARANTINE")]
    assert order.row.shipments[0].left == Quantities.of({"L2": 1})


async def test_a_packed_parcel_is_not_cancelled_but_expected_back(stack: Stack) -> None:
    order = await packed(stack, "W-TOO-LATE")
    await order.cancel()
    await order.until(lambda row: row.expected_back == row.ordered, "expected back")
    assert order.row.fulfilment is Fulfilment.PACKED
    assert await order.returns() == []
    assert (await order.hand_over()).json()["outcome"] == "HANDED_OVER"
    await order.give_back(L1=[PASSED, PASSED], L2=[PASSED])
    await order.until_closed()
    assert [str(told.total) for told in await order.returns()] == ["672.00"]


async def test_an_invoice_that_the_registry_takes_back_is_made_anew_under_another_number(stack: Stack) -> None:
    order = await packed(stack, "W-REVOKED")
    (first,) = order.book("rms", "invoices")
    body = {"account": WMS.account, "orderCode": "W-REVOKED", "documentNumber": first["document_number"]}
    assert stack.sandbox.post("/rms/revocations", "revoke W-REVOKED", body).status_code == 200
    await stack.tell(events.invoice_revoked(order.story, order.parcel, 1))
    await order.until(lambda row: row.invoice_state is InvoiceState.FAILED, "failed")
    held = await order.hand_over()
    assert (held.status_code, held.json()["waitsFor"]) == (202, ["invoice registered"])
    alerts = [e for e in await stack.said("order-events", order.key) if snake(type(e).__name__) == "alert_raised"]
    assert [(alert.trouble, alert.shipment_id) for alert in alerts] == [("INVOICE_REVOKED", "W-REVOKED-S1")]

    await stack.tell(events.invoice_fixed(order.story, order.parcel, 1))
    await order.until(lambda row: row.shipments[0].handed_over_at, "handed over, by itself")
    dead, living = order.book("rms", "invoices")
    assert [dead["status"], living["status"]] == ["REVOKED", "REGISTERED"]
    assert living["document_number"] == order.row.shipments[0].invoice.number != dead["document_number"]
    await order.deliver()
    await order.until_closed()
    assert await order.returns() == []


async def test_a_label_that_comes_later_is_asked_for_and_holds_the_handover(stack: Stack) -> None:
    order = await Ordered.placed(stack, "W-LABEL", WMS, L1=1)
    stack.sandbox.faults_of(order.key, marketplace={"label_delay_s": [4, 4]})
    await order.pack_in_warehouse()
    await stack.tell(events.pack_confirmed(order.story, order.parcel))
    await order.until(lambda row: row.shipments and row.shipments[0].documents, "packed, documents pending")
    await order.until_registered()
    assert order.row.shipments[0].label is None
    held = await order.hand_over()
    assert (held.status_code, held.json()["waitsFor"]) == (202, ["marketplace documents"])
    await order.until(lambda row: row.shipments[0].handed_over_at, "handed over, by itself")
    calls = [c.call() for c in await stack.said("commands.marketplace", order.key)]
    assert (calls[0], set(calls[1:-1]), calls[-1]) == (
        "pack_on_marketplace",
        {"fetch_label"},
        "hand_over_on_marketplace",
    )
    assert (await order.pack()).json()["label"]["awbNumber"] == order.book("marketplace", "packs")[0]["awb_number"]


async def test_all_books_agree(stack: Stack) -> None:
    proved = await stack.command("prove")
    assert (proved.returncode, proved.stdout.splitlines()[-1]) == (0, "All books agree."), proved.stdout
    assert stack.parked == []
