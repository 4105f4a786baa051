"""The warehouse: each movement once, by key and by what it is about; counts are absolute, and never below zero."""

from pathlib import Path
from typing import Any

import pytest
from sandbox_client import Client, shipment

PLACE = {"line": "7 Dock Street", "city": "Mumbai", "pin": "400001", "state": "27"}
B2B_ORDER = {
    "account": "A",
    "orderCode": "O1",
    "location": "L",
    "seller": {"legalName": "Kurta House", "gstin": "29AABCK1234M1ZG", "accountCode": "X-1000"},
    "buyer": {"legalName": "Yellow Retail", "gstin": "27AACCY5678N1ZF", "accountCode": "Y-2000"},
    "billedTo": PLACE,
    "shipTo": PLACE | {"name": "Asha Rao", "line": "1 Lake View", "city": "Pune", "pin": "411001"},
    "lines": [
        {"orderItemCode": "i1", "sku": "K", "quantity": 3, "costPrice": "80.00"},
        {"orderItemCode": "i2", "sku": "M", "quantity": 1, "costPrice": "40.00"},
    ],
}


def goods(units: int = 2, disposition: str = "PUT_AWAY", sku: str = "K") -> dict[str, Any]:
    line = {"K": "i1", "M": "i2"}[sku]
    return {"orderItemCode": line, "sku": sku, "quantity": units, "disposition": disposition}


def put_away(reversal: str, *lines: dict[str, Any], shipment_id: str = "O1-S1", **more: str) -> dict[str, Any]:
    about = shipment() | {"shipmentId": shipment_id, "reversal": reversal, "location": "L"}
    return about | {"goods": list(lines)} | more


def let_go(release: str, *lines: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"account": "A", "orderCode": "O1", "release": release, "location": "L", "goods": list(lines)} | more


def level(quantity: int, version: int, sku: str = "K") -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "version": version}


@pytest.fixture
async def client(tmp_path: Path) -> Client:
    """A warehouse with ten K on the shelf."""
    client = Client(tmp_path)
    assert (await client.say("/wms/counts", {"location": "L", "sku": "K", "quantity": 10}))[0] == 200
    return client


async def test_goods_come_back_once_for_each_reversal(client: Client):
    moved = (("R1", "PUT_AWAY", level(12, 2)), ("R2", "RESTOCK", level(14, 3)), ("R3", "QUARANTINE", level(14, 4)))
    for reversal, disposition, counted in moved:
        for _ in range(2):
            answer = await client.say("/wms/put-aways", put_away(reversal, goods(disposition=disposition)))
            assert answer == (200, {"reversal": reversal, "counted": [counted]})
    for _ in range(2):
        answer = await client.say("/wms/releases", let_go("x", goods(), goods(1, sku="M")))
        assert answer == (200, {"release": "x", "counted": [level(16, 5), level(1, 1, "M")]})
    _, stock = await client.ask("/wms/stock", location="L", sku="K")
    assert stock == {"location": "L", "sku": "K", "available": 16, "quarantined": 2, "version": 5}
    assert (await client.get("/wms/stock", location="L", sku="other")).status_code == 404


async def test_a_repeat_under_its_key_is_told_the_same_and_under_another_what_is_there_now(client: Client):
    first = await client.say("/wms/releases", let_go("x", goods()), "k")
    await client.say("/wms/counts", {"location": "L", "sku": "K", "quantity": 3})
    assert (
        await client.say("/wms/releases", let_go("x", goods()), "k")
        == first
        == (
            200,
            {"release": "x", "counted": [level(12, 2)]},
        )
    )
    _, again = await client.say("/wms/releases", let_go("x", goods()), "other")
    assert again["counted"] == [level(3, 3)]


async def test_two_shipments_of_a_cancelled_order_are_put_away_each_under_the_same_reversal(client: Client):
    for name in ("S1", "S2", "S2"):
        await client.say("/wms/put-aways", put_away("cancel-2", goods(1), shipment_id=name))
    assert len(await client.book("wms", table="put_aways")) == 2
    assert (await client.ask("/wms/stock", location="L", sku="K"))[1]["available"] == 12


@pytest.mark.parametrize("quantity", [-1, 0])
async def test_there_is_never_less_than_nothing(client: Client, quantity: int):
    status, _ = await client.say("/wms/counts", {"location": "L", "sku": "K", "quantity": quantity})
    assert status == (200 if quantity == 0 else 400)
    assert (await client.say("/wms/releases", let_go("x", goods(quantity))))[0] == 400
    assert (await client.ask("/wms/stock", location="L", sku="K"))[1]["available"] == (10 if quantity else 0)


async def test_a_b2b_order_is_made_once_and_of_the_consumer_the_region_is_kept(client: Client):
    (_, said), (_, again) = [await client.say("/wms/b2b-orders", B2B_ORDER) for _ in range(2)]
    assert said == again
    [row] = await client.book("wms", table="b2b_orders")
    assert (row["b2b_order_code"], row["billed_to"]) == (said["b2bOrderCode"], PLACE)
    assert row["ship_to"] == {"city": "Pune", "pin": "411001", "state": "27"}
    assert [(line["order_item_code"], line["quantity"], line["cost_price"]) for line in row["lines"]] == [
        ("i1", 3, "80.00"),
        ("i2", 1, "40.00"),
    ]
    assert (await client.ask("/wms/stock", location="L", sku="K"))[1]["available"] == 10  # set aside when ordered


async def test_no_more_comes_off_a_b2b_order_than_is_on_it(client: Client):
    code = (await client.say("/wms/b2b-orders", B2B_ORDER))[1]["b2bOrderCode"]
    for _ in range(2):
        answer = await client.say("/wms/b2b-cancellations", let_go("c1", goods(1), b2bOrderCode=code))
        assert answer == (200, {"release": "c1", "counted": [level(11, 2)]})
    asked = put_away("R1", goods(1), b2bOrderCode=code)
    assert await client.say("/wms/put-aways", asked) == (200, {"reversal": "R1", "counted": [level(12, 3)]})
    too_much = (
        ("/wms/b2b-cancellations", let_go("c2", goods(2), b2bOrderCode=code)),
        ("/wms/put-aways", put_away("R2", goods(2), b2bOrderCode=code)),
        ("/wms/put-aways", put_away("R2", goods(1), b2bOrderCode="WB-OTHER")),
    )
    for path, body in too_much:
        status, said = await client.say(path, body)
        assert (status, said["code"]) == (422, "TOO_MUCH")
    assert (await client.say("/wms/put-aways", put_away("R2", goods(2))))[0] == 200  # invoiced: the order stays
    assert (await client.say("/wms/b2b-cancellations", let_go("c3", goods(1), b2bOrderCode=code)))[0] == 200
    assert (await client.ask("/wms/stock", location="L", sku="K"))[1]["available"] == 15


async def test_what_the_warehouse_refuses_it_takes_once_it_is_put_right(client: Client):
    client.control.change({"wms": {"refuse": 1}})
    asked = (("/wms/b2b-orders", B2B_ORDER), ("/wms/put-aways", put_away("R1", goods())))
    assert [(await client.say(*one, "k"))[0] for one in asked] == [422, 422]
    client.control.fix("A/O1")
    assert [(await client.say(*one, "k"))[0] for one in asked] == [200, 200]
