"""What upstream systems say through the gateway, on real Kafka: on its topic before the answer, a repeat the same."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_process import client_of, started

from b2b2c_saga.bus.clients import read_all
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.gateway.doors import INVENTORY, TOLD
from b2b2c_saga.model.admission import order_event_id
from b2b2c_saga.model.messages.upstream import OrderPlaced, StockCounted
from b2b2c_saga.settings import Settings

DOC = (Path(__file__).parents[2] / "docs/publishing.md").read_text()
EXAMPLES: dict[str, dict[str, Any]] = {
    path: json.loads(body) for path, body in re.findall(r"8280(/v1/\S+) -H '[^']+' -d '([^']+)'", DOC)
}
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


@pytest.fixture
async def client(settings: Settings, topics: Topics) -> AsyncIterator[httpx.AsyncClient]:
    with started(settings.bootstrap, settings.topic_prefix) as gateway:
        async with client_of(gateway) as client:
            yield client


async def said(settings: Settings, topics: Topics, short: str) -> list[Envelope]:
    return [decode(record, short) async for record in read_all(settings, [topics.name(short)])]


async def test_each_call_is_on_its_topic_before_its_answer(
    settings: Settings, topics: Topics, client: httpx.AsyncClient
):
    for path, kind in TOLD.items():
        before = {event.id for event in await said(settings, topics, kind.topic)}
        answer = await client.post(path, json=EXAMPLES[path], headers={"traceparent": TRACE})
        [event] = [event for event in await said(settings, topics, kind.topic) if event.id not in before]
        assert (answer.status_code, answer.json()) == (202, {"status": "ACCEPTED", "eventId": event.id})
        assert event.message == kind.model_validate_json(json.dumps(EXAMPLES[path]))
        assert (event.source, event.carried) == ("b2b2c-saga/gateway", (("traceparent", TRACE.encode()),))


async def test_an_order_is_the_same_event_however_often_it_comes(
    settings: Settings, topics: Topics, client: httpx.AsyncClient
):
    order = EXAMPLES["/v1/orders"]
    for key in ("one", "two"):
        assert (await client.post("/v1/orders", json=order, headers={"Idempotency-Key": key})).status_code == 202
    first, again = await said(settings, topics, "intake")
    assert first.id == again.id == order_event_id(OrderPlaced.model_validate_json(json.dumps(order)))


async def test_other_calls_are_told_apart_by_what_they_say_or_by_their_key(
    settings: Settings, topics: Topics, client: httpx.AsyncClient
):
    path = "/v1/cancellations"
    said_again = EXAMPLES[path]
    other = {**said_again, "reason": "something else"}
    for body, key in ((said_again, ""), (said_again, ""), (other, ""), (said_again, "k"), (other, "k")):
        await client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
    a, b, c, d, e = [event.id for event in await said(settings, topics, "cancel")]
    assert (a == b, d == e, len({a, c, d})) == (True, True, 3)


async def test_a_bad_sku_does_not_keep_the_others_out(settings: Settings, topics: Topics, client: httpx.AsyncClient):
    items = [{"sku": f"K-{n}", "quantity": n - 1, "version": 5} for n in range(300)]
    answer = await client.post(INVENTORY, json={"account": "YELLOW-MKT", "location": "WH", "items": items})
    told = answer.json()
    assert (answer.status_code, told["accepted"], told["refused"]) == (207, 299, 1)
    rule = "Input should be greater than or equal to 0"
    bad = {"sku": "K-0", "status": "REFUSED", "errors": [{"field": "items.0.quantity", "value": -1, "rule": rule}]}
    assert told["items"] == [bad, *({"sku": f"K-{n}", "status": "ACCEPTED"} for n in range(1, 300))]
    counted = [event.message for event in await said(settings, topics, "inventory")]
    assert sorted(counted, key=lambda one: one.quantity) == [  # type: ignore[attr-defined]
        StockCounted(account="YELLOW-MKT", location="WH", sku=f"K-{n}", quantity=n - 1, version=5)
        for n in range(1, 300)
    ]


async def test_a_good_inventory_is_taken_in_and_a_repeat_is_the_same(
    settings: Settings, topics: Topics, client: httpx.AsyncClient
):
    for _ in range(2):
        answer = await client.post(INVENTORY, json=EXAMPLES[INVENTORY])
        skus = [{"sku": item["sku"], "status": "ACCEPTED"} for item in EXAMPLES[INVENTORY]["items"]]
        assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "refused": 0, "items": skus})
    ids = [event.id for event in await said(settings, topics, "inventory")]
    assert (len(ids), len(set(ids))) == (4, 2)


async def test_what_is_refused_is_on_no_topic(settings: Settings, topics: Topics, client: httpx.AsyncClient):
    items = [{"sku": f"K-{n}", "quantity": 1, "version": 5} for n in range(301)]
    for path, body in (
        ("/v1/orders", {**EXAMPLES["/v1/orders"], "account": "NOBODY"}),
        ("/v1/orders", {**EXAMPLES["/v1/orders"], "items": []}),
        (INVENTORY, {"account": "YELLOW-MKT", "location": "WH", "items": items}),
        (INVENTORY, {"account": "NOBODY", "location": "WH", "items": items[:1]}),
    ):
        assert (await client.post(path, json=body)).status_code == 422
    assert await said(settings, topics, "intake") + await said(settings, topics, "inventory") == []
