"""E-way bills: with the registration or asked for alone; an active one stops the void."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from papers import TRANSPORT, bill_of_supply, changed, en16931, inv01, moved, moving, sent, which
from sandbox_client import AT_ONCE, Client, shipment

VOID = shipment() | {"documentNumber": "BO1", "reversal": "R1"}
OF_DOCUMENT = {"account": "A", "orderCode": "O1", "documentNumber": "BO1"}


def asked(number: str = "BO1", order: str = "O1", **transport: str) -> dict[str, Any]:
    return shipment(order) | {"documentNumber": number, "transport": TRANSPORT | transport}


def bills_in(said: dict[str, Any]) -> list[dict[str, str]]:
    return [part["ewayBill"] for part in said["documents"] if "ewayBill" in part]


async def test_an_e_way_bill_comes_with_the_registration_that_asked_for_it(client: Client, name: str):
    client.control.change({name: {"registration_delay_s": [3600, 3600]}})
    _, said = await client.say(f"/{name}/invoices", moving(inv01(i1=2), inv01("BO12", i2=1)))
    assert (said["status"], bills_in(said)) == ("PENDING", [])
    assert (await client.say(f"/{name}/eway-bills", asked()))[0] == 425
    client.clock.put_on(hours=2)
    said = (await client.ask(f"/{name}/look-ups", **which()))[1]
    bills = bills_in(said)
    assert [len(bill["number"]) for bill in bills] == [12, 12]
    assert len({bill["number"] for bill in bills}) == 2
    until = datetime.fromisoformat(bills[0]["validUntil"])
    assert until.timestamp() > client.clock() + 24 * 3600
    rows = await client.book(name, table="eway_bills", order="A/O1")
    assert [(row["document_number"], row["number"], row["shipment_id"], row["cancelled_at"]) for row in rows] == [
        ("BO1", bills[0]["number"], "O1-S1", None),
        ("BO12", bills[1]["number"], "O1-S1", None),
    ]
    assert (int(rows[0]["valid_until"]), abs(rows[0]["issued_at"] - client.clock()) < 60) == (until.timestamp(), True)


async def test_it_is_asked_for_alone_and_asked_again_it_is_the_same(client: Client, name: str):
    _, said = await client.say(f"/{name}/invoices", sent(inv01(i1=2), inv01("BO12", i2=1)))
    assert bills_in(said) == []
    status, first = await client.say(f"/{name}/eway-bills", asked())
    assert (status, [bill["documentNumber"] for bill in first["ewayBills"]]) == (200, ["BO1", "BO12"])
    assert (await client.say(f"/{name}/eway-bills", asked()))[1] == first
    said = (await client.ask(f"/{name}/look-ups", **which()))[1]
    named = [{"documentNumber": part["documentNumber"]} | part["ewayBill"] for part in said["documents"]]
    assert named == first["ewayBills"]


async def test_a_bill_of_supply_may_have_one_too(client: Client, name: str):
    _, said = await client.say(f"/{name}/invoices", moving(bill_of_supply()))
    assert (said["status"], len(bills_in(said))) == ("ISSUED", 1)
    assert (await client.say(f"/{name}/voids", VOID))[1]["code"] == "EWAY_BILL"


async def test_two_issuers_give_no_e_way_bill_the_same_number(tmp_path: Path):
    client = Client(tmp_path, erp=AT_ONCE, rms=AT_ONCE)
    said = [(await client.say(f"/{name}/invoices", moving()))[1] for name in ("erp", "rms")]
    assert bills_in(said[0])[0]["number"] != bills_in(said[1])[0]["number"]


async def test_one_that_comes_apart_must_be_asked_for(client: Client, name: str):
    client.control.change({name: {"eway_bill_apart": 1}})
    _, said = await client.say(f"/{name}/invoices", moving())
    assert (said["status"], bills_in(said)) == ("REGISTERED", [])
    client.control.fix("A/O1")
    assert bills_in((await client.ask(f"/{name}/look-ups", **which()))[1]) == []
    assert len((await client.say(f"/{name}/eway-bills", asked()))[1]["ewayBills"]) == 1


async def test_a_refused_one_is_given_once_it_is_put_right(client: Client, name: str):
    client.control.change({name: {"refuse_eway_bill": 1}})
    _, said = await client.say(f"/{name}/invoices", moving())
    assert (said["status"], bills_in(said)) == ("REGISTERED", [])
    for _ in range(2):
        status, said = await client.say(f"/{name}/eway-bills", asked())
        assert (status, said["code"]) == (422, "REFUSED")
    client.control.fix("A/O1")
    assert (await client.say(f"/{name}/eway-bills", asked()))[0] == 200


async def test_which_documents_get_none_is_the_same_at_each_repeat(client: Client, name: str):
    client.control.change({name: {"refuse_eway_bill": 0.5}})
    without = set()
    for n in range(30):
        _, said = await client.say(f"/{name}/invoices", moving(inv01(f"BO{n}"), order=f"O{n}"))
        if not bills_in(said):
            without.add(n)
            assert (await client.say(f"/{name}/eway-bills", asked(f"BO{n}", f"O{n}")))[1]["code"] == "REFUSED"
    assert 5 < len(without) < 25


async def test_what_a_request_and_its_payload_say_of_the_transport_is_the_same(client: Client, name: str):
    other = changed(moved(inv01()), "EwbDtls.TransName", "Konkan Parcels")
    rule = "documents.payload.EwbDtls: the transporter of `transport`; and only with it"
    for body in (sent(inv01(), transport=TRANSPORT), sent(moved(inv01())), sent(other, transport=TRANSPORT)):
        status, said = await client.say(f"/{name}/invoices", body)
        assert (status, said["code"], said["reason"]) == (422, "INVALID", rule)
    half = sent(moved(inv01(i1=2)), inv01("BO12", i2=1), transport=TRANSPORT)
    assert (await client.say(f"/{name}/invoices", half))[1]["reason"] == "documents.transport: the same in all parts"
    assert bills_in((await client.say(f"/{name}/invoices", sent(en16931(), transport=TRANSPORT)))[1])


async def test_no_e_way_bill_is_given_for_what_does_not_stand(client: Client, name: str):
    assert (await client.say(f"/{name}/eway-bills", asked()))[1]["code"] == "UNKNOWN_DOCUMENT"
    client.control.change({name: {"refuse": 1}})
    await client.say(f"/{name}/invoices", moving())
    assert (await client.say(f"/{name}/eway-bills", asked()))[1]["code"] == "REFUSED"
    client.control.fix("A/O1")
    await client.say(f"/{name}/invoices", sent(inv01()))
    status, said = await client.say(f"/{name}/eway-bills", asked(transporterId="DECCAN"))
    assert (status, said["reason"][:26]) == (422, "transport.transporterId: a")
    await client.say(f"/{name}/voids", VOID)
    status, said = await client.say(f"/{name}/eway-bills", asked())
    assert (status, said["code"], said["voidedFor"]) == (422, "VOIDED", VOID["reversal"])
    client.control.fix("A/O2")
    await client.say(f"/{name}/invoices", sent(inv01("BO2"), order="O2"))
    await client.say(f"/{name}/revocations", shipment("O2") | {"documentNumber": "BO2"})
    said = (await client.say(f"/{name}/eway-bills", asked("BO2", "O2")))[1]
    assert (said["code"], said.get("voidedFor")) == ("REVOKED", None)


async def test_an_active_one_stops_the_void_until_it_is_cancelled(client: Client, name: str):
    [bill] = bills_in((await client.say(f"/{name}/invoices", moving()))[1])
    assert (await client.say(f"/{name}/voids", VOID))[0] == 409
    assert (await client.say(f"/{name}/voids", VOID))[1]["code"] == "EWAY_BILL"
    cancelled = await client.say(f"/{name}/eway-bill-cancellations", OF_DOCUMENT)
    assert cancelled == (200, {"cancelled": [bill["number"]]})
    assert await client.say(f"/{name}/eway-bill-cancellations", OF_DOCUMENT) == (200, {"cancelled": []})
    assert bills_in((await client.ask(f"/{name}/look-ups", **which()))[1]) == []
    assert (await client.say(f"/{name}/voids", VOID))[0] == 200
    [row] = await client.book(name, table="eway_bills")
    assert abs(row["cancelled_at"] - client.clock()) < 60


async def test_after_a_cancellation_another_is_given(client: Client, name: str):
    [first] = bills_in((await client.say(f"/{name}/invoices", moving()))[1])
    await client.say(f"/{name}/eway-bill-cancellations", OF_DOCUMENT)
    [second] = (await client.say(f"/{name}/eway-bills", asked()))[1]["ewayBills"]
    assert second["number"] != first["number"]
    assert (await client.say(f"/{name}/voids", VOID))[1]["code"] == "EWAY_BILL"


async def test_one_is_cancelled_within_its_first_day_all_or_none(client: Client, name: str):
    await client.say(f"/{name}/invoices", sent(inv01()))
    client.clock.put_on(hours=20)
    await client.say(f"/{name}/eway-bills", asked())
    client.clock.put_on(hours=23)
    # the document's own window is over: no need to cancel anything
    assert (await client.say(f"/{name}/voids", VOID))[1]["code"] == "WINDOW_OVER"
    assert len((await client.say(f"/{name}/eway-bill-cancellations", OF_DOCUMENT))[1]["cancelled"]) == 1
    await client.say(f"/{name}/eway-bills", asked())
    client.clock.put_on(hours=25)
    status, said = await client.say(f"/{name}/eway-bill-cancellations", OF_DOCUMENT)
    assert (status, said["code"]) == (409, "TOO_LATE")
    rows = await client.book(name, table="eway_bills")
    assert [row["cancelled_at"] is None for row in rows] == [False, True]


async def test_nothing_is_cancelled_of_a_document_that_nobody_knows(client: Client, name: str):
    assert (await client.say(f"/{name}/eway-bill-cancellations", OF_DOCUMENT))[1]["code"] == "UNKNOWN_DOCUMENT"


@pytest.mark.parametrize("call", ["eway-bills", "eway-bill-cancellations", "portal-cancellations"])
@pytest.mark.parametrize(("fault", "status", "done"), [("late_effect", 504, 1), ("busy", 409, 0)])
async def test_the_general_faults_befall_the_new_calls(
    client: Client, name: str, call: str, fault: str, *, status: int, done: int
):
    await client.say(f"/{name}/invoices", sent(inv01()))
    if call == "eway-bill-cancellations":
        await client.say(f"/{name}/eway-bills", asked())
    client.control.change({name: {fault: 1, "stall_s": 0, "late_s": [0, 0], "calls": [call]}})
    assert (await client.say(f"/{name}/{call}", asked()))[0] == status
    await asyncio.sleep(0.05)
    row = (await client.book(name, table="eway_bills")) or [{"cancelled_at": None}]
    happened = {
        "eway-bills": len(await client.book(name, table="eway_bills")),
        "eway-bill-cancellations": int(row[0]["cancelled_at"] is not None),
        "portal-cancellations": int((await client.book(name, table="invoices"))[0]["status"] == "VOIDED"),
    }
    assert happened[call] == done
