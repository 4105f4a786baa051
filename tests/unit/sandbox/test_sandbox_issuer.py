"""The issuers' own rules, the same at ERP and RMS: a number once, registered later, taken back, voided in time."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from papers import BUYER, GOODS, SELLER, changed, credit_note, en16931, inv01, sent, which
from sandbox_client import Client, shipment

IRN = hashlib.sha256(f"{SELLER}2026-27INVBO1".encode()).hexdigest()
TOLD = shipment() | {
    "documentNumber": "BO1",
    "type": "INV",
    "status": "PENDING",
    "attempt": 1,
    "total": "266.00",
    "sellerGstin": SELLER,
    "buyerGstin": BUYER,
    "documents": [{"documentNumber": "BO1"} | {"registration": None}],
}
REGISTERED = TOLD | {"status": "REGISTERED", "documents": [{"documentNumber": "BO1", "registration": IRN}]}


def _irns(said: dict[str, Any]) -> dict[str, Any]:
    """Without what is printed of each registration."""
    parts = [{name: part[name] for name in ("documentNumber", "registration")} for part in said["documents"]]
    return said | {"documents": parts}


def _renumbered(number: str) -> dict[str, Any]:
    body = sent(inv01())
    body["documents"][0]["documentNumber"] = number
    return body


async def test_an_invoice_is_acknowledged_and_registered_when_released(client: Client, name: str):
    client.control.change({name: {"hold_registration": True}})
    assert await client.say(f"/{name}/invoices", sent(inv01())) == (200, TOLD)
    assert await client.ask(f"/{name}/look-ups", **which()) == (200, TOLD)
    client.control.change({name: {"hold_registration": False}})
    assert _irns((await client.ask(f"/{name}/look-ups", **which()))[1]) == REGISTERED
    [row] = await client.book(name, table="invoices")
    assert row["seller"] == {"gstin": SELLER, "legal_name": "Kurta House", "account_code": "X-1000"}
    assert row["buyer"] == {"gstin": BUYER, "legal_name": "Yellow Retail", "account_code": "Y-2000"}
    assert (row["document_date"], row["financial_year"], row["registration"]) == ("2026-04-01", "2026-27", IRN)
    assert row["lines"] == [
        {"document_number": "BO1", "order_item_code": code, "description": GOODS[code], "sku": None}
        | {"hsn_code": "61091000", "unit": "PCS"}
        | line
        for code, line in (
            ("i1", {"quantity": 2, "taxable_value": "200.00", "gst_rate": "5.0", "tax": "10.00", "total": "210.00"}),
            ("i2", {"quantity": 1, "taxable_value": "50.00", "gst_rate": "12.0", "tax": "6.00", "total": "56.00"}),
        )
    ]


async def test_of_the_consumer_the_books_keep_the_region(client: Client, name: str, tmp_path: Path):
    await client.say(f"/{name}/invoices", sent(inv01()))
    [row] = await client.book(name)
    assert row["ship_to"] == {"city": "Mumbai", "pin": "400001", "state": "27"}
    for file in tmp_path.iterdir():
        assert b"Asha" not in file.read_bytes()
        assert b"Lake View" not in file.read_bytes()


async def test_a_number_is_used_once_by_a_seller_and_a_repeat_is_a_duplicate(client: Client, name: str):
    await client.say(f"/{name}/invoices", sent(inv01()), "k")
    duplicate = (409, {"code": "DUPLICATE", "reason": "2150: duplicate IRN", "registration": IRN})
    assert await client.say(f"/{name}/invoices", sent(inv01()), "k") == duplicate  # whatever its key
    assert await client.say(f"/{name}/invoices", sent(inv01(i1=1), order="O2")) == duplicate
    other = changed(changed(inv01(), "SellerDtls.Gstin", "29AABCX1234M1ZG"), "SellerDtls.LglNm", "Sari House")
    assert (await client.say(f"/{name}/invoices", sent(other)))[0] == 200  # another seller's own numbers
    last_year = changed(inv01(), "DocDtls.Dt", "31/03/2026")
    assert (await client.say(f"/{name}/invoices", sent(last_year)))[0] == 200  # another year's
    assert len(await client.book(name)) == 3


async def test_all_parts_are_registered_or_none(client: Client, name: str):
    bad = sent(inv01(i1=2), changed(inv01("BO12", i2=1), "ItemList.0.HsnCd", "1"))
    status, said = await client.say(f"/{name}/invoices", bad)
    assert (status, said["code"], said["reason"][:21]) == (422, "INVALID", "ItemList.0.HsnCd: a t")
    assert await client.book(name) == []
    status, said = await client.say(f"/{name}/invoices", sent(inv01(i1=2), inv01("BO12", i2=1)))
    second = hashlib.sha256(f"{SELLER}2026-27INVBO12".encode()).hexdigest()
    assert (status, said["total"], _irns(said)["documents"]) == (
        200,
        "266.00",
        [{"documentNumber": "BO1", "registration": IRN}, {"documentNumber": "BO12", "registration": second}],
    )
    assert (await client.say(f"/{name}/invoices", sent(inv01("BO12", i2=1), order="O2")))[0] == 409
    [row] = await client.book(name)
    assert [(line["document_number"], line["order_item_code"]) for line in row["lines"]] == [
        ("BO1", "i1"),
        ("BO12", "i2"),
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (sent(inv01(), total="267.01"), "total: the sum over the parts"),
        (sent(inv01(), provider="fatoora"), "provider: one of india-inv01, en16931"),
        (sent(inv01("C1", "CRN", undoes="B")), "documents.payload: of type INV"),
        (_renumbered("BO2"), "documents.documentNumber: the payload's own number"),
        (sent(inv01(), documentNumber="BO2"), "documents.documentNumber: the first part bears the document's number"),
        (sent(inv01(i1=1), inv01(i2=1)), "documents.documentNumber: the first part bears the document's number"),
        (
            sent(inv01(i1=1), changed(inv01("BO12", i2=1), "DocDtls.Dt", "02/04/2026")),
            "documents.dated: the same in all parts",
        ),
    ],
)
async def test_a_request_that_contradicts_its_payloads_is_refused(
    client: Client, name: str, body: dict[str, Any], says: str
):
    status, said = await client.say(f"/{name}/invoices", body)
    assert (status, said["reason"][: len(says)]) == (422, says)


async def test_a_line_without_its_order_line_is_refused(client: Client, name: str):
    body = sent(inv01())
    body["documents"][0]["orderItemCodes"] = ["i1"]
    assert (await client.say(f"/{name}/invoices", body))[1]["reason"] == "documents.orderItemCodes: one for each line"


async def test_an_attempt_that_gets_there_after_a_later_one_was_refused_is_no_news(client: Client, name: str):
    client.control.change({name: {"refuse": 1}})
    for attempt in (2, 1):
        assert (await client.say(f"/{name}/invoices", sent(inv01(), attempt=attempt)))[0] == 422
    assert (await client.ask(f"/{name}/look-ups", **which()))[1]["attempt"] == 2
    assert [row["attempt"] for row in await client.book(name)] == [2]


async def test_a_refused_number_is_free_again_and_taken_once_it_is_put_right(client: Client, name: str):
    client.control.change({name: {"refuse": 1}})
    for attempt in (1, 2):
        status, said = await client.say(f"/{name}/invoices", sent(inv01(), attempt=attempt))
        assert (status, said["code"], said["attempt"]) == (422, "REFUSED", attempt)
    assert (await client.ask(f"/{name}/look-ups", **which()))[1]["status"] == "REFUSED"
    client.control.fix("A/O1")
    said = (await client.say(f"/{name}/invoices", sent(inv01(), attempt=3)))[1]
    assert _irns(said) == REGISTERED | {"attempt": 3}
    assert [row["status"] for row in await client.book(name)] == ["REGISTERED"]


async def test_a_pin_that_the_registry_does_not_know_is_refused_until_another_is_sent(client: Client, name: str):
    client.control.change({"orders": {"A/O1": {name: {"unknown_pins": [str(inv01()["ShipDtls"]["Pin"])]}}}})
    status, said = await client.say(f"/{name}/invoices", sent(inv01()))
    assert (status, said["code"], said["reason"][:5]) == (422, "REFUSED", "3039:")
    moved = changed(inv01(), "ShipDtls.Pin", inv01()["ShipDtls"]["Pin"] + 1)
    assert (await client.say(f"/{name}/invoices", sent(moved, attempt=2)))[0] == 200


async def test_what_is_refused_later_may_be_sent_again_too(client: Client, name: str):
    client.control.change({name: {"refuse_later": 1, "hold_registration": True}})
    assert (await client.say(f"/{name}/invoices", sent(inv01())))[1]["status"] == "PENDING"
    client.control.change({name: {"hold_registration": False}})
    said = (await client.ask(f"/{name}/look-ups", **which()))[1]
    assert (said["status"], said["reason"]) == ("REFUSED", "3028: the buyer's GSTIN is not active")
    client.control.fix("A/O1")
    assert (await client.say(f"/{name}/invoices", sent(inv01())))[1]["status"] == "REGISTERED"


async def test_the_registry_takes_a_document_back_by_fault_or_by_word(client: Client, name: str):
    client.control.change({name: {"revoke": 1, "revoke_after_s": [0, 0]}})
    await client.say(f"/{name}/invoices", sent(inv01()))
    assert (await client.ask(f"/{name}/look-ups", **which()))[1]["status"] == "REVOKED"
    client.control.fix("A/O2")
    await client.say(f"/{name}/invoices", sent(inv01("BO2"), order="O2"))
    assert (await client.ask(f"/{name}/look-ups", **which("BO2")))[1]["status"] == "REGISTERED"
    taken_back = shipment("O2") | {"documentNumber": "BO2", "reason": "cancelled GSTIN"}
    assert (await client.say(f"/{name}/revocations", taken_back))[0] == 200
    said = (await client.ask(f"/{name}/look-ups", **which("BO2")))[1]
    assert (said["status"], said["reason"]) == ("REVOKED", "cancelled GSTIN")
    for path, body in (("voids", {"documentNumber": "BO2", "reversal": "R1"}), ("credit-notes", None)):
        asked = shipment("O2") | body if body else credit_note("C1", undoes="BO2") | shipment("O2")
        assert (await client.say(f"/{name}/{path}", asked))[:1] == (422,)
    assert (await client.say(f"/{name}/invoices", sent(inv01("BO2"), order="O2")))[0] == 409  # never used again


async def test_what_was_to_be_taken_back_may_be_put_right_in_time(client: Client, name: str):
    client.control.change({name: {"revoke": 1, "revoke_after_s": [3600, 3600]}})
    assert (await client.say(f"/{name}/invoices", sent(inv01())))[1]["status"] == "REGISTERED"
    client.control.fix("A/O1")
    client.clock.put_on(hours=2)
    assert _irns((await client.ask(f"/{name}/look-ups", **which()))[1]) == REGISTERED
    unknown = shipment() | {"documentNumber": "BO9"}
    assert (await client.say(f"/{name}/revocations", unknown))[1]["code"] == "UNKNOWN_DOCUMENT"


async def test_a_number_may_belong_to_somebody_elses_document(client: Client, name: str):
    client.control.change({name: {"differs": 1}})
    assert (await client.say(f"/{name}/invoices", sent(inv01())))[0] == 409
    _, said = await client.ask(f"/{name}/look-ups", **which())
    assert said == {
        "documentNumber": "BO1",
        "type": "INV",
        "status": "REGISTERED",
        "total": "267.00",
        "sellerGstin": SELLER,
        "buyerGstin": BUYER,
        "documents": [{"documentNumber": "BO1", "registration": IRN}],
    }
    assert [row["table"] for row in await client.book(name)] == ["foreign_documents"]


async def test_what_was_never_asked_for_is_unknown(client: Client, name: str):
    void = shipment() | {"documentNumber": "BO1", "reversal": "R1"}
    assert (await client.ask(f"/{name}/look-ups", **which()))[1]["code"] == "UNKNOWN_DOCUMENT"
    for path, body in (("voids", void), ("credit-notes", credit_note("C1", i1=1))):
        assert (await client.say(f"/{name}/{path}", body))[1]["code"] == "UNKNOWN_DOCUMENT"
    await client.say(f"/{name}/invoices", sent(inv01()))
    assert (await client.say(f"/{name}/voids", void | shipment("O2")))[0] == 404


async def test_what_is_not_registered_yet_can_not_be_undone_yet(client: Client, name: str):
    client.control.change({name: {"hold_registration": True}})
    await client.say(f"/{name}/invoices", sent(inv01()))
    void = shipment() | {"documentNumber": "BO1", "reversal": "R1"}
    asked = ((f"/{name}/voids", void, "v"), (f"/{name}/credit-notes", credit_note("C1", i1=1), "c"))
    assert [(await client.say(*one))[0] for one in asked] == [425, 425]
    client.control.change({name: {"hold_registration": False}})
    assert (await client.say(*asked[1]))[0] == 200
    assert (await client.say(*asked[0]))[1]["code"] == "CREDITED"


async def test_a_void_undoes_all_and_leaves_nothing_to_credit(client: Client, name: str):
    await client.say(f"/{name}/invoices", sent(inv01()))
    void = shipment() | {"documentNumber": "BO1", "reversal": "R1"}
    assert await client.say(f"/{name}/voids", void) == (200, {"documentNumber": "BO1", "status": "VOIDED"})
    again = {"code": "VOIDED", "reason": "the document is voided already", "voidedFor": "R1"}
    assert await client.say(f"/{name}/voids", void) == (409, again)
    assert (await client.say(f"/{name}/credit-notes", credit_note("C1", i1=1)))[1]["code"] == "VOIDED"
    said = (await client.ask(f"/{name}/look-ups", **which()))[1]
    assert _irns(said) == REGISTERED | {"status": "VOIDED", "voidedFor": "R1"}


@pytest.mark.parametrize(("payload", "code"), [(inv01(), "WINDOW_OVER"), (en16931(), "NO_VOIDS")])
async def test_after_the_window_there_is_no_void_and_the_other_standard_has_none(
    client: Client, name: str, payload: dict[str, Any], code: str
):
    client.control.change({name: {"void_window_s": 0}})
    await client.say(f"/{name}/invoices", sent(payload))
    _, said = await client.say(f"/{name}/voids", shipment() | {"documentNumber": "BO1", "reversal": "R1"})
    assert said["code"] == code
    assert json.dumps([row["status"] for row in await client.book(name)]) == '["REGISTERED"]'
