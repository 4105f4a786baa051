"""Marketplace, Omni and warehouse: each effect once, by key and by what it is about."""

from pathlib import Path

import pytest
from sandbox_client import Client, pack, shipment


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


async def test_a_shipment_has_one_invoice_and_label_whatever_the_key(client: Client):
    first, same_key, other_key = [await client.post("/marketplace/packs", pack(), key) for key in ("a", "a", "b")]
    assert first.content == same_key.content == other_key.content
    assert first.json()["shippingLabel"]["awbNumber"].startswith("AWB")
    assert len(await client.book("marketplace")) == 1


async def test_papers_are_the_same_in_another_sandbox(tmp_path: Path):
    codes = set()
    for name in ("one", "two"):
        _, said = await Client(tmp_path / name).say("/marketplace/packs", pack())
        codes.add((said["invoiceCode"], said["shippingLabel"]["awbNumber"]))
    assert len(codes) == 1


async def test_an_effect_needs_a_key(client: Client):
    for key, code in (("", "KEY_MISSING"), ("k", "BAD_REQUEST")):
        answer = await client._http.post("/marketplace/packs", json={}, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert await client.book("marketplace") == []


async def test_a_bad_request_is_told_without_its_values(client: Client):
    _, said = await client.say("/marketplace/packs", pack() | {"items": "Asha Rao"})
    assert said["reason"].startswith("items: ")
    assert "Asha" not in said["reason"]


async def test_what_is_not_packed_is_not_fetched_and_may_be_later(client: Client):
    handover = shipment() | {"gatePassCode": "GP-1"}
    assert (await client.say("/marketplace/handovers", handover, "h"))[1]["code"] == "NOT_PACKED"
    await client.say("/marketplace/packs", pack())
    status, said = await client.say("/marketplace/handovers", handover, "h")
    assert status == 200
    assert (await client.say("/marketplace/handovers", handover, "other")) == (200, said)


async def test_after_the_handover_nothing_is_cancelled(client: Client):
    await client.say("/marketplace/packs", pack())
    await client.say("/marketplace/handovers", shipment())
    for by in ("cancellations", "consumer-cancellations"):
        assert (await client.say(f"/marketplace/{by}", {"account": "A", "orderCode": "O1"}))[1]["code"] == "HANDED_OVER"


async def test_cancelled_quantities_are_absolute_and_never_fall(client: Client):
    order = {"account": "A", "orderCode": "O1", "reason": "r"}
    for quantity, known in ((2, 2), (1, 2), (3, 3)):
        items = [{"orderItemCode": "i1", "quantity": quantity}]
        _, said = await client.say("/marketplace/cancellations", order | {"items": items})
        assert said == {"items": [{"orderItemCode": "i1", "quantity": known}]}
    assert (await client.say("/marketplace/packs", pack()))[0] == 200  # a part is cancelled, the rest goes on
    await client.say("/marketplace/consumer-cancellations", order)
    assert (await client.say("/marketplace/packs", pack()))[0] == 200  # packed before: the same answer
    assert (await client.say("/marketplace/handovers", shipment()))[1]["code"] == "CANCELLED"


async def test_an_older_version_of_a_quantity_is_passed_over(client: Client):
    for system in ("omni", "marketplace"):
        stock = {"account": "A", "location": "L", "sku": "K"}
        said = [(await client.say(f"/{system}/stock", stock | {"quantity": n, "version": n}))[1] for n in (5, 4, 5, 6)]
        assert [(one["version"], one["taken"]) for one in said] == [(5, True), (5, False), (5, True), (6, True)]
        assert await client.book(system) == [{"table": "stock"} | stock | {"quantity": 6, "version": 6}]


async def test_goods_come_back_once_for_each_reversal(client: Client):
    def goods(disposition: str) -> dict[str, object]:
        return {"orderItemCode": "i1", "sku": "K", "quantity": 2, "disposition": disposition}

    await client.say("/wms/counts", {"location": "L", "sku": "K", "quantity": 10})
    for reversal, disposition in (("R1", "PUT_AWAY"), ("R2", "RESTOCK"), ("R3", "QUARANTINE")):
        body = shipment() | {"reversal": reversal, "location": "L", "goods": [goods(disposition)]}
        for _ in range(2):
            assert await client.say("/wms/put-aways", body) == (200, {"reversal": reversal})
    release = {"account": "A", "orderCode": "O1", "release": "x", "location": "L", "goods": [goods("PUT_AWAY")]}
    for _ in range(2):
        assert await client.say("/wms/releases", release) == (200, {"release": "x"})
    stock = (await client.get("/wms/stock", location="L", sku="K")).json()
    assert stock == {"location": "L", "sku": "K", "available": 16, "quarantined": 2, "version": 5}
    assert (await client.get("/wms/stock", location="L", sku="other")).status_code == 404


async def test_a_book_is_read_by_order_and_by_table(client: Client):
    for n in range(1_100):
        client_pack = pack(f"O{n}")
        client_pack["account"] = f"A{n % 2}"
        await client.say("/marketplace/packs", client_pack)
    assert len(await client.book("marketplace")) == 1_100
    assert [row["shipment_id"] for row in await client.book("marketplace", order="A1/O7")] == ["O7-S1"]
    assert await client.book("marketplace", order="A0/O7") == []
    assert await client.book("marketplace", table="handovers") == []
