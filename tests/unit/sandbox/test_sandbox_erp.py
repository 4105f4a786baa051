"""The ERP's own rules: a number once, registered later, voided in time, never more credited than invoiced."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sandbox_client import Client, credit_note, invoice, shipment

AT_ONCE = {"registration_delay_s": [0, 0]}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path, erp=AT_ONCE)


async def look_up(client: Client, number: str = "BO1") -> dict[str, Any]:
    return dict((await client.get("/erp/look-ups", documentNumber=number)).json())


async def test_an_invoice_is_acknowledged_and_registered_when_released(tmp_path: Path):
    client = Client(tmp_path, erp=AT_ONCE | {"hold_registration": True})
    acknowledged = (200, {"documentNumber": "BO1", "status": "ACKNOWLEDGED"})
    assert await client.say("/erp/invoices", invoice(), "k") == acknowledged
    assert await look_up(client) == {"documentNumber": "BO1", "status": "PENDING"}
    client.control.change({"erp": {"hold_registration": False}})
    # 31 March 20:00 UTC is 1 April in India: the next financial year
    irn = hashlib.sha256(b"29AABCK1234M1ZG2026-27INVBO1").hexdigest()
    assert await look_up(client) == {"documentNumber": "BO1", "status": "REGISTERED", "registration": irn}
    assert (
        await client.say("/erp/invoices", invoice(), "k") == acknowledged
    )  # the first answer, whatever happened since
    assert (await client.say("/erp/invoices", invoice(), "other"))[1]["status"] == "REGISTERED"
    [row] = await client.book("erp", table="invoices")
    assert (row["seller"]["account_code"], row["buyer"]["account_code"]) == ("X-1000", "Y-2000")


async def test_a_number_is_used_once(client: Client):
    await client.say("/erp/invoices", invoice())
    for other in (invoice("O2", number="BO1"), invoice(total="199.00")):
        status, said = await client.say("/erp/invoices", other)
        assert (status, said["code"]) == (409, "DUPLICATE")
    assert len(await client.book("erp")) == 1


async def test_what_was_never_asked_for_is_unknown(client: Client):
    assert (await look_up(client))["code"] == "UNKNOWN_DOCUMENT"
    for path, body in (("voids", shipment() | {"documentNumber": "BO1"}), ("credit-notes", credit_note("C1", 1))):
        assert (await client.say(f"/erp/{path}", body))[0] == 404
    await client.say("/erp/invoices", invoice())
    assert (await client.say("/erp/voids", shipment("O2") | {"documentNumber": "BO1"}))[0] == 404


async def test_what_is_not_registered_yet_can_not_be_undone_yet(tmp_path: Path):
    client = Client(tmp_path, erp=AT_ONCE | {"hold_registration": True})
    await client.say("/erp/invoices", invoice())
    asked = (
        ("/erp/voids", shipment() | {"documentNumber": "BO1"}, "v"),
        ("/erp/credit-notes", credit_note("C1", 1), "c"),
    )
    assert [(await client.say(*one))[0] for one in asked] == [425, 425]
    client.control.change({"erp": {"hold_registration": False}})
    assert (await client.say(*asked[1]))[0] == 200  # "not yet" was no final answer to that key
    assert (await client.say(*asked[0]))[1]["code"] == "CREDITED"


async def test_a_refused_document_can_not_be_undone(tmp_path: Path):
    client = Client(tmp_path, erp=AT_ONCE | {"refuse": 1})
    assert (await client.say("/erp/invoices", invoice()))[0] == 422
    assert (await client.say("/erp/voids", shipment() | {"documentNumber": "BO1"}))[0] == 422
    assert (await client.say("/erp/credit-notes", credit_note("C1", 1)))[0] == 422
    assert (await look_up(client))["status"] == "REFUSED"


async def test_a_void_undoes_all_and_leaves_nothing_to_credit(client: Client):
    await client.say("/erp/invoices", invoice())
    void = shipment() | {"documentNumber": "BO1"}
    assert [await client.say("/erp/voids", void, key) for key in ("v1", "v1", "v2")] == [
        (200, {"documentNumber": "BO1"})
    ] * 3
    assert (await client.say("/erp/credit-notes", credit_note("C1", 1)))[0] == 422
    assert [row["status"] for row in await client.book("erp")] == ["VOIDED"]


async def test_credit_notes_never_exceed_the_invoice_line_by_line(client: Client):
    await client.say("/erp/invoices", invoice())
    assert (await client.say("/erp/credit-notes", credit_note("C1", 1, "R1")))[0] == 200
    assert (await client.say("/erp/credit-notes", credit_note("C1", 1, "R1")))[0] == 200  # the same, not another
    assert (await client.say("/erp/credit-notes", credit_note("C1", 1, "R2")))[0] == 409
    assert (await client.say("/erp/credit-notes", credit_note("C2", 2, "R2")))[1]["code"] == "TOO_MUCH"
    assert (await client.say("/erp/credit-notes", credit_note("C3", 1, "R3")))[0] == 200
    notes = await client.book("erp", table="credit_notes")
    assert [(row["document_number"], row["lines"][0]["quantity"]) for row in notes] == [("C1", 1), ("C3", 1)]


async def test_after_the_window_there_is_no_void(tmp_path: Path):
    client = Client(tmp_path, erp=AT_ONCE | {"void_window_s": 0})
    await client.say("/erp/invoices", invoice())
    status, said = await client.say("/erp/voids", shipment() | {"documentNumber": "BO1"})
    assert (status, said["code"]) == (409, "WINDOW_OVER")
