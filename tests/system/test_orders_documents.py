"""B2B documents of whole orders: numbers of the brand's series, corrected addresses, hands at the portal, e-way bills.

Each of the calls that go with a document meets silence and late answers; at the end the books prove themselves.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ordered import CONSUMER, PASSED, PROMPT, Ordered
from stack import Stack, stack

from b2b2c_saga.demo import events
from b2b2c_saga.demo.day import WMS
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages.upstream import RecipientCorrected
from b2b2c_saga.model.words import Address, Recipient

__all__ = ["stack"]

SILENT = {"timeout_after_effect": 1, "only_first": 1, "stall_s": 5}
"""Does it, and never answers; asked again it does."""
LATE = {"late_effect": 1, "late_s": [4, 4], "only_first": 1, "stall_s": 3}
"""Never answers, and does it when it was asked again already."""
NEXT_HOME = Address("5 Elsewhere Street", "Pune", "411045", "27")
MOVED = Recipient(CONSUMER.name, CONSUMER.phone, CONSUMER.email, NEXT_HOME, NEXT_HOME)
HEAVY = {"L1": 300}
"""Units worth 67,200 rupees at cost plus 12 %: goods of 50,000 and less may move without an e-way bill."""


async def calls(order: Ordered, issuer: str = "erp") -> list[str]:
    """What the issuer was asked about it, in order."""
    return [command.call() for command in await order.stack.said(f"commands.{issuer}", order.key)]


def correction(order: Ordered, recipient: Recipient) -> RecipientCorrected:
    """How the care desk has it now. The model would refuse what is wrong; here the door is to."""
    return RecipientCorrected.model_construct(
        account=order.story.shop.account,
        order_code=order.story.code,
        recipient=recipient,
        corrected_at=datetime.now(UTC),
        corrected_by="care desk",
        reason="the consumer's call",
    )


async def test_a_number_of_the_series_is_one_though_its_answer_is_lost_and_bears_the_document_to_the_end(
    stack: Stack,
) -> None:
    order = await Ordered.placed(stack, "NUMBER", L1=2)
    stack.sandbox.faults_of(order.key, erp=SILENT | {"calls": ["numbers"]})
    packed = await order.pack()
    assert (packed.status_code, packed.json()["outcome"]) == (200, "PACKED")
    await order.until_registered()
    asked = await calls(order)
    assert asked == ["request_invoice_number", "request_invoice_number", "register_invoice"]
    (given,) = order.book("erp", "numbers")
    (invoice,) = order.book("erp", "invoices")
    known = order.row.shipments[0].invoice
    assert (known.number, known.order_number) == (given["number"], given["order_number"])
    assert (invoice["document_number"], invoice["order_number"]) == (given["number"], given["order_number"])
    shown = json.loads((await stack.command("order", "show", order.key, "--json")).stdout)["shipments"][0]
    assert (shown["b2bInvoice"]["number"], shown["b2bInvoice"]["unusedNumbers"]) == (given["number"], [])
    (document,) = shown["b2bInvoice"]["documents"]
    part = invoice["parts"][0]
    assert (document["number"], document["registration"]) == (given["number"], invoice["registration"])
    assert (document["ackNumber"], document["signedQrCode"]) == (part["ack_number"], part["signed_qr_code"])

    again = (await order.pack()).json()
    assert again["outcome"] == "PACKED"
    await order.cancel()
    await order.until_closed()
    (back,) = await order.returns()
    assert (back.invoice_number, back.order_number) == (given["number"], given["order_number"])
    assert order.row.invoice_state is InvoiceState.VOIDED


async def test_the_packer_is_told_what_is_printed_on_the_invoice(stack: Stack) -> None:
    order = await Ordered.placed(stack, "PRINTED", WMS, L1=1)
    await order.pack_in_warehouse()
    await order.until_registered()
    told = (await order.pack()).json()["b2bInvoice"]
    (invoice,) = order.book("rms", "invoices")
    part = invoice["parts"][0]
    assert told["number"] == invoice["document_number"] == part["document_number"]
    (document,) = told["documents"]
    assert document["registration"] == part["registration"]
    assert (document["ackNumber"], document["signedQrCode"]) == (part["ack_number"], part["signed_qr_code"])
    assert datetime.fromisoformat(document["ackDate"]) == datetime.fromisoformat(part["ack_date"])


async def test_a_credit_note_has_a_number_of_its_own_series_though_it_comes_late(stack: Stack) -> None:
    order = await Ordered.placed(stack, "NOTED", L1=2)
    await order.pack()
    await order.until_registered()
    await order.hand_over()
    await order.deliver()
    stack.sandbox.faults_of(order.key, erp=PROMPT | LATE | {"calls": ["numbers"]})
    await order.give_back(L1=[PASSED])
    await order.until_closed()
    (note,) = order.book("erp", "credit_notes")
    given = [row for row in order.book("erp", "numbers") if row["type"] == "CRN"]
    assert [row["number"] for row in given] == [note["document_number"]]
    assert order.row.shipments[0].reversals[0].numbers == (note["document_number"],)
    asked = [call for call in await calls(order) if "credit_note" in call]
    assert asked == ["request_credit_note_number", "request_credit_note_number", "issue_credit_note"]


async def test_a_wrong_address_is_told_put_right_and_the_same_number_registered(stack: Stack) -> None:
    order = await Ordered.placed(stack, "MOVED", L1=1)
    pin = CONSUMER.shipping_address.pin
    stack.sandbox.faults_of(order.key, erp=PROMPT | {"unknown_pins": [pin]})
    answer = await order.pack()
    assert (answer.status_code, answer.json()["outcome"]) == (409, "INVOICE_REFUSED")
    assert answer.json()["reason"] == "3039: the PIN code *** does not exist"
    number = order.row.shipments[0].invoice.number

    astray = replace(MOVED, shipping_address=replace(NEXT_HOME, state="29"))
    refused = await stack.call("/v1/recipient-corrections", correction(order, astray))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "recipient.shippingAddress.pin"
    assert (await stack.call("/v1/recipient-corrections", correction(order, MOVED))).status_code == 202
    await order.until_registered()
    (invoice,) = order.book("erp", "invoices")
    assert (invoice["document_number"], invoice["ship_to"]["pin"]) == (number, NEXT_HOME.pin)
    await order.until(lambda row: row.shipments[0].documents, "packed on the marketplace")
    shown = (await stack.command("order", "show", order.key)).stdout
    assert "by care desk: the consumer's call" in shown
    assert all(word not in shown for word in (pin, NEXT_HOME.pin, "Elsewhere"))
    await order.hand_over()
    await order.deliver()
    await order.until_closed()


async def test_no_credit_note_follows_a_document_that_a_person_cancelled_at_the_portal(stack: Stack) -> None:
    order = await Ordered.placed(stack, "BY-HAND", L1=1)
    await order.pack()
    await order.until_registered()
    number = order.row.shipments[0].invoice.number
    by_hand = {
        "account": order.story.shop.account,
        "orderCode": "BY-HAND",
        "documentNumber": number,
        "reason": "wrong buyer",
    }
    assert stack.sandbox.post("/erp/portal-cancellations", order.key, by_hand).status_code == 200
    stack.sandbox.faults_of(order.key, erp=PROMPT | SILENT | {"calls": ["voids"]})
    await order.cancel()
    await order.until_closed()
    (invoice,) = order.book("erp", "invoices")
    assert (invoice["status"], invoice["voided_for"]) == ("VOIDED", None)
    assert order.book("erp", "credit_notes") == []
    assert "credit" not in " ".join(await calls(order))
    assert order.row.invoice_state is InvoiceState.VOIDED
    assert "9999" in (order.row.shipments[0].invoice.problem or "")
    assert [back.invoice_number for back in await order.returns()] == [number]
    assert len(order.book("wms", "put_aways")) == 1


async def test_goods_worth_more_than_may_move_without_wait_for_their_e_way_bill(stack: Stack) -> None:
    order = await Ordered.placed(stack, "EWAY", WMS, **HEAVY)
    stack.sandbox.faults_of(order.key, rms=PROMPT | {"eway_bill_apart": 1} | LATE | {"calls": ["eway-bills"]})
    await order.pack_in_warehouse()
    assert (await order.pack()).json()["outcome"] == "PACKED"
    held = await order.hand_over()
    assert held.json()["outcome"] in {"HELD", "HANDED_OVER"}
    await order.until(lambda row: row.shipments[0].handed_over_at, "handed over, without another call")
    (bill,) = order.book("rms", "eway_bills")
    assert bill["cancelled_at"] is None
    told = (await order.hand_over()).json()
    assert told["outcome"] == "HANDED_OVER"
    assert [one["number"] for one in told["b2bInvoice"]["ewayBills"]] == [bill["number"]]
    asked = [call for call in await calls(order, "rms") if call == "request_eway_bill"]
    assert len(asked) == 2
    handed = order.row.shipments[0].handed_over_at
    assert handed is not None
    assert handed.timestamp() > bill["issued_at"]
    await order.deliver()
    await order.until_closed()


async def test_an_e_way_bill_is_cancelled_before_its_document_is_voided(stack: Stack) -> None:
    order = await Ordered.placed(stack, "EWAY-VOID", WMS, **HEAVY)
    stack.sandbox.faults_of(order.key, rms=PROMPT | SILENT | {"calls": ["eway-bill-cancellations"]})
    await order.pack_in_warehouse()
    await order.until_registered()
    (bill,) = order.book("rms", "eway_bills")
    assert order.row.shipments[0].invoice.eway_bills[0].number == bill["number"]
    await order.cancel()
    await order.until_closed()
    (bill,), (invoice,) = order.book("rms", "eway_bills"), order.book("rms", "invoices")
    assert invoice["status"] == "VOIDED"
    assert bill["cancelled_at"] < invoice["voided_at"]
    assert order.book("rms", "credit_notes") == []


async def test_the_series_in_the_issuers_books_has_no_gap_and_each_number_its_fate(stack: Stack) -> None:
    order = await Ordered.placed(stack, "GIVEN-UP", L1=1)
    stack.sandbox.faults_of(order.key, erp=PROMPT | LATE | {"calls": ["numbers"]})
    await stack.tell(events.pack_confirmed(order.story, order.parcel))
    await order.until(lambda row: row.shipments, "a number is asked for")
    await order.cancel()
    await order.until_closed()
    await stack.until(lambda: order.book("erp", "numbers"), "the number that nobody waits for any more")
    proved = await stack.command("prove", "--json")
    proof = json.loads(proved.stdout)
    assert (proved.returncode, proof["differences"]) == (0, [])
    given = {system: stack.sandbox.book(system, table="numbers") for system in ("erp", "rms")}
    for numbers in given.values():
        for kind in {row["type"] for row in numbers}:
            serials = sorted(row["serial"] for row in numbers if row["type"] == kind)
            assert serials == list(range(1, len(serials) + 1))
    assert total_of(proof, "numbers given") == sum(map(len, given.values()))
    assert total_of(proof, "numbers given up") >= 1
    assert stack.parked == []


def total_of(proof: dict[str, Any], measure: str) -> int:
    """By the books of all accounts together."""
    return sum(account["measures"][measure]["books"] or 0 for account in proof["accounts"].values())
