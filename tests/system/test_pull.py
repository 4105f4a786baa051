"""Orders pulled from the sandbox's marketplace by processes that are killed, fenced and left without answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from outside import Process, Sandbox, running_sandbox, tail

from b2b2c_saga.bus.clients import follow, newest, read_all
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.transactions import atomic_publisher
from b2b2c_saga.model.admission import order_event_id
from b2b2c_saga.model.messages.upstream import OrderPlaced
from b2b2c_saga.settings import Settings

ACCOUNT = "YELLOW-WMS"
CONFIG = Path(__file__).parents[2] / "config"
HOME = {"line": "7 Hidden Lane", "city": "Pune", "pin": "411033", "state": "27"}


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    with running_sandbox(settings) as sandbox:
        yield sandbox


@contextmanager
def pulling(settings: Settings, sandbox: Sandbox, **more: str) -> Iterator[Process]:
    """A poller that looks five times a second, for ten orders at a time."""
    given = {"B2B2C_CONFIG": str(CONFIG), "B2B2C_MARKETPLACE_URL": f"{sandbox.url}/marketplace"}
    process = Process(settings, "pull", "--every", "0.2", "--page", "10", **given, **more)
    try:
        assert process.said == f"pulls: {ACCOUNT}"
        yield process
    finally:
        process.kill()


def item(number: int, sku: str) -> dict[str, Any]:
    return {"channelSkuCode": sku, "orderItemCode": str(number), "quantity": 1, "sellingPricePerUnit": "499.50"}


def place(sandbox: Sandbox, code: str, *skus: str) -> None:
    """A consumer orders these SKUs of Client Y."""
    order = {
        "account": ACCOUNT,
        "orderCode": code,
        "parentOrderCode": f"P-{code}",
        "channel": "MARKETPLACE-FBF",
        "location": "WH",
        "orderTime": datetime.now(UTC).isoformat(),
        "dispatchByTime": "2036-01-06T11:00:00Z",
        "paymentMethod": "COD",
        "items": [item(number, sku) for number, sku in enumerate(skus or ("KURTA-RED-S",), 1)],
        "recipient": {
            "name": "Asha Hidden",
            "phone": "+91 99",
            "email": "asha@hidden.example",
            "shippingAddress": HOME,
            "billingAddress": HOME,
        },
    }
    answer = sandbox.post("/marketplace/orders", code, order)
    assert answer.status_code == 200, answer.text


async def until(holds: Callable[[], bool], poller: Process, within: float = 30) -> None:
    """Wait for something, and show the poller's log if it does not come."""
    deadline = asyncio.get_running_loop().time() + within
    while not holds():
        assert asyncio.get_running_loop().time() < deadline, tail(poller.log)
        await asyncio.sleep(0.05)


class Heard:
    """Committed records of the topics that a poller writes to."""

    def __init__(self, settings: Settings, topics: Topics) -> None:
        self._settings, self._topics = settings, topics
        self.orders: list[str] = []

    def has(self, orders: int) -> bool:
        """So many orders, at least."""
        return len(self.orders) >= orders

    async def listen(self) -> None:
        """Order codes on the intake topic, as they are committed."""
        async for record in follow(self._settings, [self._topics.name("intake")], from_end=False):
            self.orders.append(json.loads(record.value or b"")["orderCode"])

    async def all(self, short: str) -> list[Record]:
        """All of a topic."""
        return [record async for record in read_all(self._settings, [self._topics.name(short)])]

    async def cursor(self) -> bytes | None:
        """The account's cursor."""
        record = await newest(self._settings, self._topics.name("cursors"), ACCOUNT.encode())
        return record and record.value


@pytest.fixture
async def heard(settings: Settings, topics: Topics) -> AsyncIterator[Heard]:
    heard = Heard(settings, topics)
    listening = asyncio.create_task(heard.listen())
    yield heard
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_a_poller_killed_in_the_middle_loses_no_order_and_repeats_none(
    settings: Settings, sandbox: Sandbox, heard: Heard
):
    codes = [f"O-{n:03}" for n in range(200)]
    for code in codes[:100]:
        place(sandbox, code)
    place(sandbox, "BAD", "KURTA-RED-S", "KURTA-RED-S")
    for code in codes[100:]:
        place(sandbox, code)
    sandbox.faults(marketplace={"latency_ms": [50, 150]})

    for some in (90, 200):
        with pulling(settings, sandbox) as poller:  # its end is a SIGKILL
            await until(partial(heard.has, some), poller)
    log = poller.log.read_text()
    assert sorted(heard.orders) == codes, "each once"
    records = await heard.all("intake")
    assert {dict(r.headers)["ce_id"].decode() for r in records} == {
        order_event_id(OrderPlaced.model_validate_json(r.value or b"")) for r in records
    }
    [bad] = await heard.all("parked")
    assert bad.key == f"{ACCOUNT}/BAD".encode()
    assert b"items.1.channelSkuCode = 'KURTA-RED-S': appears twice" in dict(bad.headers)["__dlq.errors.message"]
    assert await heard.cursor() == b"201"
    assert "orders pulled" in log
    assert "published=10" in log
    assert "Hidden" not in log


async def test_what_was_pulled_is_not_pulled_again_after_a_stop(settings: Settings, sandbox: Sandbox, heard: Heard):
    place(sandbox, "FIRST")
    with pulling(settings, sandbox) as poller:
        await until(lambda: heard.orders == ["FIRST"], poller)
        assert await asyncio.to_thread(poller.stop) == 0
    assert await heard.cursor() == b"1"
    place(sandbox, "SECOND")
    with pulling(settings, sandbox) as poller:
        await until(lambda: heard.orders == ["FIRST", "SECOND"], poller)
        place(sandbox, "THIRD")
        await until(lambda: heard.orders == ["FIRST", "SECOND", "THIRD"], poller)
    assert "after=1" in poller.log.read_text()


async def test_when_one_poller_dies_another_takes_over(settings: Settings, sandbox: Sandbox, heard: Heard):
    elsewhere = settings.model_copy(update={"data_dir": settings.data_dir / "other"})
    place(sandbox, "FIRST")
    with pulling(settings, sandbox) as one, pulling(elsewhere, sandbox) as other:
        await until(lambda: heard.orders == ["FIRST"], one)
        place(sandbox, "SECOND")
        await until(lambda: heard.orders == ["FIRST", "SECOND"], one)
        [first, second] = sorted((one, other), key=lambda poller: "cursor=2" not in poller.log.read_text())
        assert "cursor=2" not in second.log.read_text(), "one at a time"
        first.kill()
        place(sandbox, "THIRD")
        await until(lambda: "cursor=3" in second.log.read_text(), second)
    assert heard.orders == ["FIRST", "SECOND", "THIRD"]


async def test_a_poller_that_is_fenced_publishes_nothing_and_stands_back(
    settings: Settings, sandbox: Sandbox, heard: Heard
):
    place(sandbox, "FIRST")
    with pulling(settings, sandbox) as poller:
        await until(lambda: heard.orders == ["FIRST"], poller)
        async with atomic_publisher(settings, f"b2b2c-pull-{ACCOUNT}"):
            place(sandbox, "SECOND")
            await until(lambda: "another polls this account" in poller.log.read_text(), poller)
            assert await heard.cursor() == b"1"
        await until(lambda: "SECOND" in heard.orders, poller)
    assert heard.orders == ["FIRST", "SECOND"]


async def test_a_marketplace_that_does_not_answer_is_asked_again(settings: Settings, sandbox: Sandbox, heard: Heard):
    codes = [f"O-{n:02}" for n in range(40)]
    for code in codes:
        place(sandbox, code)
    sandbox.faults(marketplace={"down": True})
    with pulling(settings, sandbox, B2B2C_CALL_TIMEOUT="0.3", B2B2C_CONNECTOR_BREAKER_COOL_DOWN="0.3") as poller:
        await until(lambda: "no answer" in poller.log.read_text(), poller)
        sandbox.faults(marketplace={"down": False, "error_500": 0.3, "timeout_after_effect": 0.3})
        await until(lambda: len(heard.orders) == 40, poller)
    assert heard.orders.sort() is None
    assert heard.orders == codes
