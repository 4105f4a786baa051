"""The marketplace's orders: listed for sellers in a stable order, and cancelled by quantities."""

import json
from pathlib import Path
from typing import Any

import pytest
from sandbox_client import Client, ordered, pack, shipment

from b2b2c_saga.model.messages.upstream import OrderPlaced


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


async def pages(client: Client, limit: int, after: str = "") -> list[tuple[list[str], str, bool]]:
    """Every page from there on: order codes, cursor, more."""
    found = []
    more = True
    while more:
        _, said = await client.ask("/marketplace/orders", account="A", after=after, limit=str(limit))
        after, more = said["cursor"], said["more"]
        found.append(([order["orderCode"] for order in said["orders"]], after, more))
    return found


async def test_an_order_is_told_as_it_was_placed_and_is_what_the_saga_takes_in(client: Client):
    assert await client.say("/marketplace/orders", ordered()) == (200, {"orderCode": "O1"})
    _, said = await client.ask("/marketplace/orders", account="A")
    assert said["orders"] == [ordered()]
    assert OrderPlaced.model_validate_json(json.dumps(said["orders"][0])).recipient.name == "Asha Rao"


async def test_the_list_is_read_page_by_page_and_from_any_place_again(client: Client):
    for n in range(5):
        await client.say("/marketplace/orders", ordered(f"O{n}"))
        await client.say("/marketplace/orders", ordered(f"O{n}", account="B"))
    read = await pages(client, 2)
    assert [(codes, more) for codes, _, more in read] == [(["O0", "O1"], True), (["O2", "O3"], True), (["O4"], False)]
    assert await pages(client, 2, after=read[0][1]) == read[1:]
    end = read[-1][1]
    assert await pages(client, 2, after=end) == [([], end, False)]
    await client.say("/marketplace/orders", ordered("O9"))
    assert [codes for codes, _, _ in await pages(client, 2, after=end)] == [["O9"]]


async def test_a_book_is_read_for_one_order_for_several_and_for_all(client: Client):
    for code in ("O1", "O2", "O3"):
        await client.say("/marketplace/orders", ordered(code))
    asked: list[str | list[str]] = ["A/O2", ["A/O1", "A/O3"], ["A/O9"], "no order"]
    read = [[row["order_code"] for row in await client.book("marketplace", order=order)] for order in asked]
    assert read == [["O2"], ["O1", "O3"], [], ["O1", "O2", "O3"]]


async def test_nobody_has_ordered_yet(client: Client):
    assert await client.ask("/marketplace/orders", account="A") == (200, {"orders": [], "cursor": "", "more": False})


@pytest.mark.parametrize(
    "query", [{"after": "7"}, {"after": "x"}, {"after": "-1"}, {"limit": "0"}, {"limit": "501"}, {"account": None}]
)
async def test_a_place_that_it_never_gave_is_refused(client: Client, query: dict[str, Any]):
    asked = {"account": "A"} | query
    status, said = await client.ask("/marketplace/orders", **{k: v for k, v in asked.items() if v is not None})
    assert (status, said["code"]) == (400, "BAD_REQUEST")


async def test_an_order_is_placed_once(client: Client):
    for _ in range(2):
        assert (await client.say("/marketplace/orders", ordered()))[0] == 200
    assert (await client.say("/marketplace/orders", ordered(i1=9)))[1]["code"] == "DUPLICATE"
    assert len(await client.book("marketplace")) == 1


async def test_the_book_shows_the_region_and_no_consumer(client: Client):
    await client.say("/marketplace/orders", ordered())
    [row] = await client.book("marketplace", order="A/O1")
    assert (row["table"], row["ship_to"]) == ("orders", {"city": "Mumbai", "pin": "400001", "state": "27"})
    assert row["lines"] == [
        {"order_item_code": "i1", "sku": "SKU-i1", "quantity": 2, "selling_price": "100.00"},
        {"order_item_code": "i2", "sku": "SKU-i2", "quantity": 1, "selling_price": "100.00"},
    ]
    assert "Asha" not in (await client.get("/marketplace/books")).text


async def test_an_order_of_which_nothing_is_left_is_neither_packed_nor_handed_over(client: Client):
    await client.say("/marketplace/orders", ordered(i1=2, i2=1))
    order = {"account": "A", "orderCode": "O1"}
    cancelled = [{"orderItemCode": "i1", "quantity": 2}]
    assert (await client.say("/marketplace/packs", pack("O1", "S1", i2=1)))[0] == 200
    await client.say("/marketplace/consumer-cancellations", order | {"items": cancelled})
    assert (await client.say("/marketplace/packs", pack("O1", "S2", i1=2)))[1]["code"] == "CANCELLED"
    assert (await client.say("/marketplace/handovers", shipment() | {"shipmentId": "S1"}))[0] == 200
    rest = [{"orderItemCode": "i2", "quantity": 1}]
    assert (await client.say("/marketplace/cancellations", order | {"items": rest}))[1]["code"] == "HANDED_OVER"


async def test_a_parcel_of_which_a_part_is_cancelled_goes_on(client: Client):
    await client.say("/marketplace/orders", ordered(i1=3))
    one = {"account": "A", "orderCode": "O1", "items": [{"orderItemCode": "i1", "quantity": 1}]}
    await client.say("/marketplace/cancellations", one)
    assert (await client.say("/marketplace/packs", pack("O1", "S1", i1=2)))[0] == 200
    assert (await client.say("/marketplace/packs", pack("O1", "S2", i1=1)))[1]["code"] == "CANCELLED"  # nothing left
    await client.say("/marketplace/consumer-cancellations", one | {"items": [{"orderItemCode": "i1", "quantity": 3}]})
    assert (await client.say("/marketplace/handovers", shipment() | {"shipmentId": "S1"}))[1]["code"] == "CANCELLED"


async def test_no_more_is_packed_than_was_ordered(client: Client):
    await client.say("/marketplace/orders", ordered(i1=3))
    for shipment_id, units, status in (("S1", {"i1": 4}, 422), ("S2", {"i1": 2}, 200), ("S3", {"i1": 2}, 422)):
        assert (await client.say("/marketplace/packs", pack("O1", shipment_id, **units)))[0] == status
    assert (await client.say("/marketplace/packs", pack("O1", "S4", i1=1, i7=1)))[0] == 422


async def test_the_whole_order_is_what_has_not_left(client: Client):
    await client.say("/marketplace/orders", ordered(i1=3, i2=1))
    await client.say("/marketplace/packs", pack("O1", "S1", i1=1))
    await client.say("/marketplace/handovers", shipment() | {"shipmentId": "S1"})
    order = {"account": "A", "orderCode": "O1", "reason": "changed my mind"}
    left = [{"orderItemCode": "i1", "quantity": 2}, {"orderItemCode": "i2", "quantity": 1}]
    assert await client.say("/marketplace/consumer-cancellations", order) == (200, {"items": left})
    [row] = await client.book("marketplace", table="cancellations")
    assert row["items"] == [{"order_item_code": of["orderItemCode"], "quantity": of["quantity"]} for of in left]
