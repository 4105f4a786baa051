"""Messages of stock over a real socket: what each SKU hears of its message."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from b2b2c_saga.connectors.caller import Caller
from b2b2c_saga.connectors.counts import NOT_UNDERSTOOD
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.stock_batches import Asked
from b2b2c_saga.connectors.stock_messages import StockMessages
from b2b2c_saga.model.messages.answers import StockRefused, StockTaken, StockUnanswered
from b2b2c_saga.model.messages.commands import OfferStock

WHERE = {"account": "A", "location": "L"}
Said = tuple[int, dict[str, Any]]


def asked(sku: str, version: int = 3) -> Asked:
    return Asked(OfferStock(**WHERE, sku=sku, quantity=7, version=version, attempt=2), f"id-{sku}")


class Shop:
    """An HTTP server that remembers what it was told."""

    def __init__(self, says: Callable[[dict[str, Any]], Said]) -> None:
        self.says = says
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        named = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        body = json.loads(await reader.readexactly(int(named["content-length"])))
        self.bodies.append(body)
        self.keys.append(named["idempotency-key"])
        status, answer = self.says(body)
        said = json.dumps(answer).encode()
        writer.write(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (status, len(said), said))
        writer.close()

    @property
    def skus(self) -> list[list[str]]:
        return [[item["sku"] for item in body["items"]] for body in self.bodies]


@asynccontextmanager
async def told(shop: Shop) -> AsyncIterator[StockMessages]:
    server = await asyncio.start_server(shop.serve, "127.0.0.1", 0)
    async with server:
        caller = Caller(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 2, Limits(_env_file=None))
        yield StockMessages("marketplace", caller)
        await caller.close()


def takes(body: dict[str, Any]) -> Said:
    return 200, {"items": [{"sku": i["sku"], "status": "TAKEN", "version": i["version"]} for i in body["items"]]}


def taken(sku: str, version: int = 3) -> StockTaken:
    return StockTaken(**WHERE, sku=sku, version=version, system="marketplace")


async def test_one_message_answers_each_sku_by_itself():
    became = {
        "OLD": {"status": "OLDER", "version": 9},
        "NO": {"status": "REFUSED", "code": "UNKNOWN_SKU", "reason": "no such SKU"},
        "BUSY": {"status": "BUSY", "code": "BUSY", "reason": "not now"},
    }
    shop = Shop(lambda body: (200, {"items": [{"sku": i["sku"], **became[i["sku"]]} for i in body["items"]]}))
    async with told(shop) as messages:
        answers = await messages.tell([asked("OLD"), asked("NO"), asked("BUSY")])
    item = {"quantity": 7, "version": 3}
    assert shop.bodies == [{**WHERE, "items": [{"sku": sku, **item} for sku in ("OLD", "NO", "BUSY")]}]
    assert answers["A/L/OLD"].version >= 3  # type: ignore[attr-defined]
    assert answers["A/L/NO"] == StockRefused(**WHERE, sku="NO", version=3, system="marketplace", reason="no such SKU")
    assert answers["A/L/BUSY"] == StockUnanswered(**WHERE, sku="BUSY", call="offer_stock", attempt=2)


async def test_a_system_that_says_nothing_answers_none():
    shop = Shop(lambda _: (500, {}))
    async with told(shop) as messages:
        assert await messages.tell([asked("S1"), asked("S2")]) == {}
    assert len(shop.bodies) == 1


async def test_an_answer_that_means_nothing_is_none_and_is_counted():
    counted = NOT_UNDERSTOOD.labels("marketplace", "offer_stock")
    before = counted._value.get()
    async with told(Shop(lambda _: (200, {"hello": 1}))) as messages:
        assert await messages.tell([asked("S1"), asked("S2")]) == {}
    assert counted._value.get() == before + 1


async def test_the_sku_for_which_all_are_refused_is_found_by_halves():
    def bears_no_poison(body: dict[str, Any]) -> Said:
        return (400, {"code": "BAD", "reason": "x"}) if "POISON" in str(body) else takes(body)

    shop = Shop(bears_no_poison)
    skus = [*(f"S{n}" for n in range(7)), "POISON"]
    async with told(shop) as messages:
        answers = await messages.tell([asked(sku) for sku in skus])
    assert answers == {f"A/L/{sku}": taken(sku) for sku in skus[:7]}
    assert [len(skus) for skus in shop.skus] == [8, 4, 4, 2, 2, 1, 1]


async def test_a_repeat_of_a_message_has_its_key_and_another_message_another():
    shop = Shop(takes)
    async with told(shop) as messages:
        for skus in ("AB", "AB", "A"):
            await messages.tell([asked(sku) for sku in skus])
    first, again, other = shop.keys
    assert first == again != other
