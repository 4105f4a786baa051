"""The gateway as its own process, on real Kafka; the saga's side is a small stand-in of the test."""

import asyncio
import json
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest
from gateway_process import AT, COMMAND, client_of, eventually, handed, packed, saga, started

from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.clients import read_all
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.model.messages import Reply
from b2b2c_saga.model.messages.replies import HandoverOutcome, PackOutcome
from b2b2c_saga.model.messages.upstream import HandoverRequested, PackConfirmed
from b2b2c_saga.settings import Settings

SHIPMENT = {"account": "YELLOW-MKT", "orderCode": "O-1", "shipmentId": "S-1"}
PACK = {**SHIPMENT, "items": [{"orderItemCode": "L", "quantity": 2}]}
HANDOVER = {**SHIPMENT, "gatePassCode": "G-1"}
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


async def records_of(settings: Settings, topics: Topics, short: str) -> list[Record]:
    return [record async for record in read_all(settings, [topics.name(short)])]


async def test_a_pack_confirmation_is_answered_in_the_same_call_and_a_repeat_the_same(
    settings: Settings, topics: Topics
):
    with started(settings.bootstrap, settings.topic_prefix) as gateway:
        async with saga(settings, topics, packed) as stand_in, client_of(gateway) as client:
            headers = {"Idempotency-Key": "once", "traceparent": TRACE}
            first = await client.post("/v1/pack-confirmations", json=PACK, headers=headers)
            again = await client.post("/v1/pack-confirmations", json=PACK, headers=headers)
            other = await client.post("/v1/pack-confirmations", json={**PACK, "requestId": "mine"})
    assert first.status_code == 200
    assert first.json() == {
        "account": "YELLOW-MKT",
        "orderCode": "O-1",
        "shipmentId": "S-1",
        "outcome": "PACKED",
        "invoiceCode": "INV-1",
        "invoiceDate": "2026-01-05T11:00:00Z",
        "label": {"transporter": "T", "awbNumber": "AWB-1", "url": "https://labels.invalid/1"},
    }
    assert again.content == other.content == first.content
    one, two, three = stand_in.heard
    assert one.source == "b2b2c-saga/gateway"
    assert one.carried == (("traceparent", TRACE.encode()),)
    assert one.id == two.id != three.id
    assert one.message == two.message, "a repeat is the same request: it adds nothing to the row"
    assert one.message == PackConfirmed.model_validate_json(json.dumps(PACK)).model_copy(
        update={"request_id": one.message.request_id}
    )
    assert "mine" not in (one.message.request_id, three.message.request_id)
    assert three.carried[0][1] != TRACE.encode()
    assert (await records_of(settings, topics, "pack"))[0].key == b"YELLOW-MKT/O-1"


@pytest.mark.parametrize("outcome", [outcome for outcome in PackOutcome if outcome is not PackOutcome.PACKED])
async def test_a_pack_that_comes_to_nothing_is_a_conflict_with_its_reason(
    settings: Settings, topics: Topics, outcome: PackOutcome
):
    with started(settings.bootstrap, settings.topic_prefix) as gateway:
        async with saga(settings, topics, lambda event: packed(event, outcome)), client_of(gateway) as client:
            answer = await client.post("/v1/pack-confirmations", json=PACK)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["outcome"], said["reason"], said["shipmentId"]) == (outcome, f"it is {outcome}", "S-1")


async def test_a_handover_is_answered_by_what_became_of_it(settings: Settings, topics: Topics):
    outcomes = iter([HandoverOutcome.HELD, HandoverOutcome.HANDED_OVER, HandoverOutcome.CANCELLED])
    with started(settings.bootstrap, settings.topic_prefix) as gateway:
        async with (
            saga(settings, topics, lambda event: handed(event, next(outcomes))) as stand_in,
            client_of(gateway) as client,
        ):
            answers = [await client.post("/v1/handovers", json=HANDOVER) for _ in range(3)]
    assert [(a.status_code, a.json()["outcome"]) for a in answers] == [
        (202, "HELD"),
        (200, "HANDED_OVER"),
        (409, "CANCELLED"),
    ]
    assert answers[0].json()["waitsFor"] == ["invoice registered"]
    assert isinstance(stand_in.heard[0].message, HandoverRequested)
    assert stand_in.heard[0].message.gate_pass_code == "G-1"


async def test_without_an_answer_the_call_is_pending_and_a_repeat_gets_it(settings: Settings, topics: Topics):
    calls: list[str] = []

    def from_the_second_on(event: PackConfirmed | HandoverRequested) -> Reply | None:
        calls.append(event.order_code)
        return packed(event) if len(calls) > 1 else None

    with started(settings.bootstrap, settings.topic_prefix, "--wait", "0.5") as gateway:
        async with saga(settings, topics, from_the_second_on), client_of(gateway) as client:
            began = time.monotonic()
            first = await client.post("/v1/pack-confirmations", json=PACK)
            took = time.monotonic() - began
            second = await client.post("/v1/pack-confirmations", json=PACK)
    assert (first.status_code, first.json()["status"], first.headers["retry-after"]) == (202, "PENDING", "2")
    assert "repeat the same call" in first.json()["remedy"]
    assert 0.5 <= took < 5
    assert (second.status_code, second.json()["outcome"]) == (200, "PACKED")


async def test_many_calls_at_once_each_get_their_own_answer(settings: Settings, topics: Topics):
    with started(settings.bootstrap, settings.topic_prefix) as gateway:
        async with saga(settings, topics, packed), client_of(gateway) as client:
            calls = [{**PACK, "orderCode": f"O-{n % 20}"} for n in range(60)]
            answers = await asyncio.gather(*(client.post("/v1/pack-confirmations", json=call) for call in calls))
    assert [(a.status_code, a.json()["orderCode"]) for a in answers] == [(200, call["orderCode"]) for call in calls]


async def test_replies_of_others_and_unreadable_ones_are_passed_over(settings: Settings, topics: Topics):
    with started(settings.bootstrap, settings.topic_prefix) as gateway:
        async with saga(settings, topics, packed) as stand_in, client_of(gateway) as client:
            for value in (b"\xff", b"{}", None):
                await stand_in.publisher.send(topics.name("replies"), b"YELLOW-MKT/O-1", value, [("ce_type", b"\xff")])
            strange = packed(PackConfirmed.model_validate_json(json.dumps({**PACK, "requestId": "of-another"})))
            await stand_in.say(Envelope(strange, "r", "tests", AT))
            answer = await client.post("/v1/pack-confirmations", json=PACK)
    assert answer.status_code == 200


async def test_a_bad_call_publishes_nothing(settings: Settings, topics: Topics):
    with started(settings.bootstrap, settings.topic_prefix) as gateway:
        async with client_of(gateway) as client:
            json_type = {"Content-Type": "application/json"}
            bad = [
                await client.post("/v1/pack-confirmations", json={**PACK, "items": []}),
                await client.post("/v1/handovers", content=b"[" * 900_000, headers=json_type),
                await client.post("/v1/handovers", content=b" " * 1_000_001, headers=json_type),
                await client.post("/v1/handovers", content=b"account=A"),
                await client.post("/v1/unknown", json=PACK),
            ]
    assert [answer.status_code for answer in bad] == [422, 422, 413, 415, 404]
    assert {answer.headers["content-type"] for answer in bad} == {"application/problem+json"}
    assert await records_of(settings, topics, "pack") + await records_of(settings, topics, "handover") == []


async def test_a_stop_answers_open_calls_at_once(settings: Settings, topics: Topics):
    with started(settings.bootstrap, settings.topic_prefix, "--wait", "60") as gateway:
        async with client_of(gateway) as client:
            calls = [
                asyncio.create_task(client.post("/v1/pack-confirmations", json={**PACK, "orderCode": f"O-{n}"}))
                for n in range(5)
            ]

            async def all_are_published() -> bool:
                return len(await records_of(settings, topics, "pack")) == 5

            await eventually(all_are_published)
            began = time.monotonic()
            code = await asyncio.to_thread(gateway.stop)
            answers = await asyncio.gather(*calls)
    assert [(a.status_code, a.json()["status"]) for a in answers] == [(202, "PENDING")] * 5
    assert time.monotonic() - began < 5
    assert code == 0


async def test_kafka_goes_away_and_comes_back(tmp_path: Path):
    folder = tmp_path / "broker"
    address = EmbeddedBroker(folder, port=0).up()
    port = int(address.rpartition(":")[2])
    settings = Settings(_env_file=None, bootstrap_servers=address)
    topics = load_topics()
    await apply_topics(settings, topics)
    try:
        with started(address, "", "--wait", "5") as gateway:
            async with client_of(gateway) as client:
                await asyncio.to_thread(EmbeddedBroker(folder, port=port).down)
                began = time.monotonic()
                away = await client.post("/v1/pack-confirmations", json=PACK)
                took = time.monotonic() - began

                async def health_is(status: int) -> bool:
                    return (await client.get("/health")).status_code == status

                await eventually(partial(health_is, 503), seconds=10)
                began_again = time.monotonic()
                assert (await client.post("/v1/pack-confirmations", json=PACK)).status_code == 503
                took_again = time.monotonic() - began_again
                await asyncio.to_thread(EmbeddedBroker(folder, port=port).up)
                async with saga(settings, topics, packed):

                    async def is_answered() -> bool:
                        return (await client.post("/v1/pack-confirmations", json=PACK)).status_code == 200

                    await eventually(is_answered, seconds=60)
                    assert await health_is(200)
                assert gateway.stop() == 0
    finally:
        EmbeddedBroker(folder, port=port).down()
    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    assert away.headers["content-type"] == "application/problem+json"
    assert took < 10
    assert took_again < 3, "it knows by then that nobody is there"


async def test_started_before_kafka_it_lives_and_is_not_ready():
    with started("127.0.0.1:1", "") as gateway:
        async with client_of(gateway, ready=False) as client:
            health = await client.get("/health")
            answer = await client.post("/v1/pack-confirmations", json=PACK)
        assert gateway.stop() == 0
    assert (health.status_code, health.json()) == (503, {"live": True, "ready": False})
    assert answer.status_code == 503


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_another_host_than_loopback_is_refused_in_one_sentence(host: str):
    refused = subprocess.run([*COMMAND, "gateway", "--host", host], capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "no authentication yet" in refused.stderr
    assert host in refused.stderr
