"""Marketplace and Omni: each effect once, by key and by what it is about; stock SKU by SKU."""

import asyncio
from pathlib import Path
from typing import Any

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


async def test_a_label_may_come_after_the_invoice(client: Client):
    assert (await client.ask("/marketplace/labels", **shipment()))[1]["code"] == "NOT_PACKED"
    client.control.change({"marketplace": {"label_delay_s": [0.5, 0.5]}})
    _, packed = await client.say("/marketplace/packs", pack(), "k")
    assert packed["shippingLabel"] is None
    assert await client.ask("/marketplace/labels", **shipment()) == (200, packed)
    assert (await client.say("/marketplace/handovers", shipment()))[1]["code"] == "NO_LABEL"
    [row] = await client.book("marketplace")
    label = {"transporter": "EXPRESS", "awbNumber": row["awb_number"]}
    label["url"] = f"https://labels.example/{row['awb_number']}.pdf"
    await asyncio.sleep(0.5)
    assert await client.ask("/marketplace/labels", **shipment()) == (200, packed | {"shippingLabel": label})
    assert (await client.say("/marketplace/packs", pack(), "k"))[1] == packed | {"shippingLabel": label}
    assert (await client.say("/marketplace/handovers", shipment()))[0] == 200


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
    assert (status, list(said)) == (200, ["handedOverAt"])
    assert await client.say("/marketplace/handovers", handover, "other") == (200, said)
    status, said = await client.say("/marketplace/cancellations", {"account": "A", "orderCode": "O1"})
    assert (status, said["code"]) == (409, "HANDED_OVER")


async def test_a_parcel_may_have_left_already(client: Client):
    client.control.change({"marketplace": {"dispatched": 1}})
    await client.say("/marketplace/packs", pack())
    status, said = await client.say("/marketplace/handovers", shipment())
    [row] = await client.book("marketplace", table="handovers")
    assert (status, said["code"], said["handedOverAt"]) == (409, "ALREADY_DISPATCHED", row["handed_over_at"])
    assert await client.say("/marketplace/handovers", shipment()) == (200, {"handedOverAt": row["handed_over_at"]})


async def test_of_an_order_it_was_never_told_of_it_knows_what_is_cancelled_whole(client: Client):
    order = {"account": "A", "orderCode": "O1", "reason": "r"}
    for quantity, known in ((2, 2), (1, 2), (3, 3)):
        items = [{"orderItemCode": "i1", "quantity": quantity}]
        _, said = await client.say("/marketplace/cancellations", order | {"items": items})
        assert said == {"items": [{"orderItemCode": "i1", "quantity": known}]}
    assert (await client.say("/marketplace/packs", pack()))[0] == 200  # a part is cancelled, the rest goes on
    await client.say("/marketplace/consumer-cancellations", order)
    assert (await client.say("/marketplace/packs", pack()))[0] == 200  # packed before: the same answer
    assert (await client.say("/marketplace/handovers", shipment()))[1]["code"] == "CANCELLED"
    assert (await client.say("/marketplace/packs", pack(shipment_id="S2")))[1]["code"] == "CANCELLED"


async def test_a_refused_pack_is_taken_once_it_is_put_right(client: Client):
    client.control.change({"marketplace": {"refuse": 1}})
    assert (await client.say("/marketplace/packs", pack(), "k"))[1]["code"] == "INVALID"
    client.control.fix("A/O1")
    assert (await client.say("/marketplace/packs", pack(), "k"))[0] == 200


def offers(*items: tuple[str, int, int]) -> dict[str, Any]:
    return {
        "account": "A",
        "location": "L",
        "items": [{"sku": sku, "quantity": quantity, "version": version} for sku, quantity, version in items],
    }


@pytest.mark.parametrize("system", ["omni", "marketplace"])
async def test_each_sku_is_taken_by_itself_and_the_newest_version_wins(client: Client, system: str):
    client.control.change({system: {"refuse_sku": ["K3"], "busy_sku": ["K4"]}})
    await client.say(f"/{system}/stock/bulk", offers(("K2", 5, 5)))
    body = offers(("K1", 1, 1), ("K2", 4, 4), ("K3", 1, 1), ("K4", 1, 1), ("K5", -1, 1))
    told = [
        {"sku": "K1", "status": "TAKEN", "version": 1},
        {"sku": "K2", "status": "OLDER", "version": 5},
        {"sku": "K3", "status": "REFUSED", "code": "UNKNOWN_SKU", "reason": "no such SKU is sold here"},
        {"sku": "K4", "status": "BUSY", "code": "BUSY", "reason": "somebody else is at it: not now"},
        {"sku": "K5", "status": "REFUSED", "code": "NEGATIVE", "reason": "a quantity is never negative"},
    ]
    for _ in range(2):
        assert await client.say(f"/{system}/stock/bulk", body, "k") == (200, {"items": told})
    client.control.change({system: None})
    _, said = await client.say(f"/{system}/stock/bulk", body, "k")  # the version tells a repeat, not the key
    assert [one["status"] for one in said["items"]] == ["TAKEN", "OLDER", "TAKEN", "TAKEN", "REFUSED"]
    rows = {row["sku"]: (row["quantity"], row["version"]) for row in await client.book(system, table="stock")}
    assert rows == {"K1": (1, 1), "K2": (5, 5), "K3": (1, 1), "K4": (1, 1)}


async def test_a_share_of_skus_is_refused_the_same_ones_every_time(client: Client):
    client.control.change({"omni": {"refuse_sku": 0.5}})
    body = offers(*((f"K{n}", 1, 1) for n in range(100)))
    (_, first), (_, again) = [await client.say("/omni/stock/bulk", body) for _ in range(2)]
    assert first == again
    assert 30 < sum(one["status"] == "REFUSED" for one in first["items"]) < 70


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (offers(*((f"K{n}", 1, 1) for n in range(300))), 200),
        (offers(*((f"K{n}", 1, 1) for n in range(301))), 413),
        (offers(("K", 1, 1), ("K", 2, 2)), 400),
        (offers(), 400),
    ],
)
async def test_up_to_three_hundred_skus_each_once(client: Client, body: dict[str, Any], status: int):
    assert (await client.say("/marketplace/stock/bulk", body))[0] == status
    assert len(await client.book("marketplace")) == (300 if status == 200 else 0)


async def test_a_book_is_read_by_order_and_by_table(client: Client):
    for n in range(1_100):
        client_pack = pack(f"O{n}")
        client_pack["account"] = f"A{n % 2}"
        await client.say("/marketplace/packs", client_pack)
    assert len(await client.book("marketplace")) == 1_100
    assert [row["shipment_id"] for row in await client.book("marketplace", order="A1/O7")] == ["O7-S1"]
    assert await client.book("marketplace", order="A0/O7") == []
    assert await client.book("marketplace", table="handovers") == []
