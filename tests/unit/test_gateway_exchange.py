"""Calls that reach Kafka, in its place a double: what is published for a call, and who hears its answer."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from example_set import example_catalogue

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.gateway import exchange as exchanges
from b2b2c_saga.gateway.app import application
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.replies import PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import PackConfirmed
from b2b2c_saga.settings import Settings

TOPICS = load_topics()
LINE = {"orderItemCode": "L", "quantity": 1}
PACK = {"account": "YELLOW-MKT", "orderCode": "O", "shipmentId": "S", "items": [LINE]}
CANCEL = {"account": "YELLOW-MKT", "orderCode": "O", "items": [{"orderItemCode": "L", "cancelledQuantity": 1}]}
COUNTS = {"account": "YELLOW-MKT", "location": "WH", "items": [{"sku": s, "quantity": 1, "version": 1} for s in "KL"]}
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


class Kafka:
    """Keeps what is published, and hands on replies; `answers` each pack confirmation while it is being sent."""

    def __init__(self) -> None:
        self.published: list[Envelope] = []
        self.replies: asyncio.Queue[Record] = asyncio.Queue()
        self.answers = False
        self.failure: Exception | None = None

    @asynccontextmanager
    async def producer(self, *_: object) -> AsyncIterator["Kafka"]:
        yield self

    async def publish_all(self, records: Iterable[Outgoing]) -> int:
        if self.failure:
            raise self.failure
        found = [decode(Record(r.topic, 0, 0, r.key, r.value, r.headers, 0)) for r in records]
        self.published += found
        if self.answers:
            for said in found:
                self.reply(request_of(said.message))
            await self.replies.join()
        return len(found)

    def reply(self, request_id: str) -> None:
        about = {"account": "YELLOW-MKT", "order_code": "O", "shipment_id": "S", "outcome": PackOutcome.PACKED}
        said = Envelope(PackAnswered(**about, request_id=request_id), "id", "test", datetime.now(UTC))
        self.replies.put_nowait(Record(TOPICS.name("replies"), 0, 0, said.key, said.value, said.headers, 0))

    async def follow(self, *_: object, ready: asyncio.Event, **__: object) -> AsyncIterator[Record]:
        ready.set()
        while True:
            yield await self.replies.get()
            self.replies.task_done()

    async def so_many(self, count: int) -> None:
        """Until so many events were published."""
        async with asyncio.timeout(5):
            while len(self.published) < count:  # noqa: ASYNC110 - a double has no event to wait for
                await asyncio.sleep(0)


def request_of(event: object) -> str:
    assert isinstance(event, PackConfirmed)
    assert event.request_id
    return event.request_id


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    kafka = Kafka()
    monkeypatch.setattr(exchanges, "producer", kafka.producer)
    monkeypatch.setattr(exchanges, "follow", kafka.follow)
    return kafka


@pytest.fixture
async def exchange(kafka: Kafka) -> AsyncIterator[Exchange]:
    """Connected."""
    exchange = Exchange(Settings(_env_file=None), TOPICS)
    running = asyncio.create_task(exchange.run())
    async with asyncio.timeout(5):
        while not exchange.is_ready:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
    yield exchange
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def client(exchange: Exchange) -> AsyncIterator[httpx.AsyncClient]:
    app = application(exchange, 60, Watch(Path("config"), example_catalogue()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway", timeout=5) as client:
        yield client


def posted(client: httpx.AsyncClient, count: int) -> "asyncio.Future[list[httpx.Response]]":
    """The same call so many times; their answers, unless one takes far too long."""
    calls = (client.post("/v1/pack-confirmations", json=PACK) for _ in range(count))
    return asyncio.ensure_future(asyncio.wait_for(asyncio.gather(*calls), 5))


async def test_all_that_wait_for_one_request_get_its_reply(client: httpx.AsyncClient, kafka: Kafka):
    calls = posted(client, 3)
    await kafka.so_many(3)
    (request_id,) = {request_of(said.message) for said in kafka.published}
    kafka.reply(request_id)
    assert [(answer.status_code, answer.json()["outcome"]) for answer in await calls] == [(200, "PACKED")] * 3


async def test_a_reply_to_another_request_answers_nobody(exchange: Exchange, client: httpx.AsyncClient, kafka: Kafka):
    calls = posted(client, 1)
    await kafka.so_many(1)
    kafka.reply("another")
    await kafka.replies.join()
    exchange.stop()
    assert [answer.json()["status"] for answer in await calls] == ["PENDING"]


async def test_a_reply_that_comes_before_the_acknowledgement_is_heard(client: httpx.AsyncClient, kafka: Kafka):
    kafka.answers = True
    assert [answer.status_code for answer in await posted(client, 1)] == [200]


async def test_who_waits_no_more_is_forgotten(exchange: Exchange, client: httpx.AsyncClient, kafka: Kafka):
    kafka.answers = True
    await posted(client, 1)
    kafka.failure = Unavailable("gone")
    await posted(client, 1)
    assert exchange._waiting == {}


async def test_a_stop_lets_open_calls_go_at_once(exchange: Exchange, client: httpx.AsyncClient, kafka: Kafka):
    calls = posted(client, 1)
    await kafka.so_many(1)
    exchange.stop()
    assert [answer.status_code for answer in await calls] == [202]


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/pack-confirmations", PACK), ("/v1/cancellations", CANCEL), ("/v1/inventory", COUNTS)]
)
async def test_what_kafka_has_not_is_not_taken_in(
    client: httpx.AsyncClient, kafka: Kafka, path: str, body: dict[str, Any]
):
    kafka.failure = Unavailable("no acknowledgement")
    answer = await client.post(path, json=body)
    assert answer.status_code == 503
    assert answer.json()["detail"] == "no acknowledgement; repeat the same call, it is taken in once"


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/pack-confirmations", PACK), ("/v1/cancellations", CANCEL), ("/v1/inventory", COUNTS)]
)
async def test_the_callers_trace_goes_with_each_event(
    client: httpx.AsyncClient, kafka: Kafka, path: str, body: dict[str, Any]
):
    kafka.answers = path == "/v1/pack-confirmations"
    await client.post(path, json=body, headers={"traceparent": TRACE})
    assert {said.carried for said in kafka.published} == {(("traceparent", TRACE.encode()),)}


async def ids(client: httpx.AsyncClient, kafka: Kafka, *calls: tuple[str, dict[str, Any], str]) -> list[str]:
    """Of the events of these calls: path, body and `Idempotency-Key`."""
    kafka.published.clear()
    for path, body, key in calls:
        await client.post(path, json=body, headers={"idempotency-key": key} if key else {})
    return [said.id for said in kafka.published]


async def test_an_idempotency_key_counts_for_one_order_and_one_kind_of_event(client: httpx.AsyncClient, kafka: Kafka):
    kafka.answers = False
    fix = {"account": "YELLOW-MKT", "orderCode": "O", "shipmentId": "S", "attempt": 1}
    first, again, other_order, other_kind, other_key = await ids(
        client,
        kafka,
        ("/v1/cancellations", CANCEL, "k"),
        ("/v1/cancellations", CANCEL, "k"),
        ("/v1/cancellations", {**CANCEL, "orderCode": "P"}, "k"),
        ("/v1/fixes/packs", fix, "k"),
        ("/v1/cancellations", CANCEL, "l"),
    )
    assert first == again
    assert len({first, other_order, other_kind, other_key}) == 4


async def test_without_a_key_what_says_the_same_has_the_same_id(client: httpx.AsyncClient, kafka: Kafka):
    more = {**CANCEL, "items": [{"orderItemCode": "L", "cancelledQuantity": 2}]}
    first, again, other = await ids(
        client,
        kafka,
        ("/v1/cancellations", CANCEL, ""),
        ("/v1/cancellations", CANCEL, ""),
        ("/v1/cancellations", more, ""),
    )
    assert first == again != other


async def test_each_sku_of_one_call_is_an_event_of_its_own(client: httpx.AsyncClient, kafka: Kafka):
    first, second = await ids(client, kafka, ("/v1/inventory", COUNTS, "k"))
    assert first != second


async def test_what_is_told_is_what_kafka_has(client: httpx.AsyncClient, kafka: Kafka):
    answer = await client.post("/v1/cancellations", json=CANCEL)
    (said,) = kafka.published
    assert isinstance(said.message, Event)
    assert (answer.status_code, answer.json()) == (202, {"status": "ACCEPTED", "eventId": said.id})
    assert said.message.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True) == CANCEL
