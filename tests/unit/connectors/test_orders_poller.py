"""The polling of one account's order list: what is published together, and where it goes on after a failure."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from test_orders_pull import ACCOUNT, CATALOGUE, order

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.transactions import Fenced
from b2b2c_saga.connectors import orders_poller
from b2b2c_saga.connectors.exchange import Heard, Request
from b2b2c_saga.connectors.orders_poller import Pace, Poller
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

TOPICS = load_topics()
CURSORS = TOPICS.name("cursors")
Together = list[tuple[str, str]]
"""Keys and topics of what was published in one transaction; of a cursor its value in place of the key."""


class Kafka:
    """Keeps transactions, and the cursor; the next ones may fail."""

    def __init__(self) -> None:
        self.published: list[Together] = []
        self.cursor: bytes | None = None
        self.opened = 0
        self.failures: list[Exception] = []

    @asynccontextmanager
    async def publisher(self, *_: object) -> AsyncIterator["Kafka"]:
        self.opened += 1
        yield self

    async def publish(self, records: Sequence[Outgoing]) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        names = {CURSORS: "cursor", TOPICS.name("intake"): "intake", TOPICS.name("parked"): "parked"}
        one = [((r.value if r.topic == CURSORS else r.key) or b"", names[r.topic]) for r in records]
        self.published.append([(text.decode(), topic) for text, topic in one])
        self.cursor = next((r.value for r in records if r.topic == CURSORS), self.cursor)

    async def newest(self, *_: object) -> Record | None:
        return Record(CURSORS, 0, 0, b"", self.cursor, (), 0) if self.cursor else None


class List:
    """The marketplace's: its orders by codes, a page two of them; tells when all was asked for."""

    def __init__(self, *codes: str) -> None:
        self.codes = codes
        self.keys: list[str] = []
        self.ended = asyncio.Event()

    async def call(self, request: Request, _: str, key: str) -> Heard:
        self.keys.append(key)
        after = int(request.query.get("after", "0"))
        orders = [order(code) for code in self.codes[after : after + 2]]
        behind = after + len(orders)
        if not orders:
            self.ended.set()
        page = {"orders": orders, "cursor": str(behind), "more": behind < len(self.codes)}
        return Heard(200, json.dumps(page).encode())


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    kafka = Kafka()
    monkeypatch.setattr(orders_poller, "atomic_publisher", kafka.publisher)
    monkeypatch.setattr(orders_poller, "newest", kafka.newest)
    monkeypatch.setattr(orders_poller, "AWAY_S", 0.001)
    monkeypatch.setattr(orders_poller, "STANDS_BACK_S", 0.001)
    return kafka


async def polled(told: List) -> None:
    """Until its end was reached."""
    caller: Any = told
    poller = Poller(ACCOUNT, lambda: CATALOGUE, caller, Settings(_env_file=None), Pace(_env_file=None, every=0.001))
    polling = asyncio.create_task(poller.run())
    async with asyncio.timeout(5):
        await told.ended.wait()
        poller.stop()
        await polling


def page(cursor: str, *codes: str) -> Together:
    return [*((f"{ACCOUNT}/{code}", "intake") for code in codes), (cursor, "cursor")]


async def test_a_page_and_the_cursor_behind_it_are_one_transaction(kafka: Kafka):
    told = List("O-1", "O-2", "O-3")
    await polled(told)
    assert kafka.published == [page("2", "O-1", "O-2"), page("3", "O-3")]
    assert told.keys[:3] == [f"{ACCOUNT}/{cursor}" for cursor in ("", "2", "3")]


async def test_the_list_is_read_on_where_it_was_published(kafka: Kafka):
    kafka.cursor = b"2"
    await polled(List("O-1", "O-2", "O-3"))
    assert kafka.published == [page("3", "O-3")]


@pytest.mark.parametrize("failure", [Unavailable("no answer"), Fenced("another")])
async def test_after_a_failure_the_publisher_is_another_and_the_cursor_is_read_again(kafka: Kafka, failure: Exception):
    kafka.failures = [failure]
    await polled(List("O-1"))
    assert (kafka.published, kafka.opened) == ([page("1", "O-1")], 2)


async def test_a_bad_order_goes_with_the_others_of_its_page(kafka: Kafka):
    await polled(List("O-1", "a/b"))
    assert kafka.published == [[(f"{ACCOUNT}/O-1", "intake"), (ACCOUNT, "parked"), ("2", "cursor")]]


async def test_orders_without_a_new_cursor_are_not_taken_in(kafka: Kafka):
    class Stuck(List):
        async def call(self, request: Request, account: str, key: str) -> Heard:
            await super().call(request, account, key)
            self.ended.set()
            return Heard(200, json.dumps({"orders": [order("O-1")], "cursor": "", "more": True}).encode())

    await polled(Stuck())
    assert kafka.published == []
