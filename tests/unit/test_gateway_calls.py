"""Calls that never reach Kafka: bad bodies, wrong doors, and a gateway that has no Kafka."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from example_set import example_catalogue
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.gateway.app import application
from b2b2c_saga.gateway.bodies import BODY_AT_MOST
from b2b2c_saga.gateway.doors import ASKED
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.gateway.problems import broken_fields
from b2b2c_saga.gateway.serve import listen
from b2b2c_saga.gateway.trace import traceparent
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages.replies import HandoverAnswered, HandoverOutcome, PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import OrderPlaced
from b2b2c_saga.settings import Settings

PACK = {"account": "YELLOW-MKT", "orderCode": "O", "shipmentId": "S", "items": [{"orderItemCode": "L", "quantity": 1}]}
PATH = "/v1/pack-confirmations"
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
JSON = {"content-type": "application/json"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """The application, never connected."""
    exchange = Exchange(Settings(_env_file=None, bootstrap_servers="127.0.0.1:1"), load_topics())
    transport = httpx.ASGITransport(
        application(exchange, 1, Watch(Path("config"), example_catalogue())), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


def problem(answer: httpx.Response, status: int) -> dict:
    said = answer.json()
    assert answer.status_code == said["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["type"].startswith("urn:b2b2c:problem:")
    assert said["title"]
    assert said["detail"]
    return said


async def test_each_broken_field_is_named_with_value_and_rule(client: httpx.AsyncClient):
    bad = {"account": "a/b", "shipmentId": 7, "items": [{"orderItemCode": "L", "quantity": 0}], "weightGrams": "1"}
    said = problem(await client.post(PATH, json=bad), 422)
    assert [(e["field"], e.get("value")) for e in said["errors"]] == [
        ("account", "a/b"),
        ("orderCode", None),
        ("shipmentId", 7),
        ("items.0.quantity", 0),
        ("weightGrams", "1"),
    ]
    assert said["errors"][1] == {"field": "orderCode", "rule": "Field required"}
    assert said["errors"][3]["rule"] == "Input should be greater than or equal to 1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b"[" * 900_000,
        b'{"items":' * 90_000,
        b'{"account":"\\ud800"}',
        b"1e999",
        b"-Infinity",
        b"9" * 4_000,
        b"9" * 9_000,
    ],
    ids=lambda body: repr(body[:10]),
)
async def test_rubbish_is_refused_as_such(client: httpx.AsyncClient, body: bytes):
    said = problem(await client.post(PATH, content=body, headers=JSON), 422)
    assert said["errors"][0]["field"]
    assert len(json.dumps(said)) < 2_000


async def test_no_refusal_shows_what_may_be_personal(client: httpx.AsyncClient):
    secret = {"recipient": {"name": "Asha Secret"}}
    bad_bodies = (
        {**PACK, "account": secret},
        {**PACK, "items": [secret]},
        {**PACK, "items": [[secret]]},
        [secret],
        json.dumps(secret),
    )
    for bad in bad_bodies:
        assert "Secret" not in (await client.post(PATH, json=bad)).text


def test_a_personal_value_is_never_among_broken_fields():
    bad = {
        "recipient": {
            "name": "SECRET",
            "phone": 5550199,
            "shippingAddress": {"pin": 5550199},
            "billingAddress": "SECRET",
        }
    }
    with pytest.raises(ValueError, match="recipient") as caught:
        OrderPlaced.model_validate_json(json.dumps(bad), by_name=False)
    broken = broken_fields(caught.value)
    pin = "recipient.shippingAddress.pin"
    assert {"field": pin, "value": "(personal)", "rule": "Input should be a valid string"} in broken
    assert "SECRET" not in str(broken)
    assert "5550199" not in str(broken)


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient):
    async def without_length() -> AsyncIterator[bytes]:
        for _ in range(BODY_AT_MOST // 1_000 + 1):
            yield b" " * 1_000

    problem(await client.post(PATH, content=b" " * (BODY_AT_MOST + 1), headers=JSON), 413)
    problem(await client.post(PATH, content=without_length(), headers=JSON), 413)
    at_limit = json.dumps(PACK).encode().ljust(BODY_AT_MOST)
    problem(await client.post(PATH, content=at_limit, headers=JSON), 503)


@pytest.mark.parametrize("media", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
async def test_a_body_of_another_content_type_is_refused(client: httpx.AsyncClient, media: str | None):
    headers = {"content-type": media} if media else {}
    answer = await client.post(PATH, content=json.dumps(PACK).encode(), headers=headers)
    problem(answer, 415)
    assert answer.headers["accept-post"] == "application/json"


@pytest.mark.parametrize("media", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.omni+json"])
async def test_json_by_another_name_is_taken(client: httpx.AsyncClient, media: str):
    answer = await client.post(PATH, content=json.dumps(PACK).encode(), headers={"content-type": media})
    problem(answer, 503)


async def test_an_unknown_path_names_the_doors(client: httpx.AsyncClient):
    said = problem(await client.post("/v1/nothing", json=PACK), 404)
    assert said["detail"].startswith("this API has POST /v1/pack-confirmations, POST /v1/handovers, POST /v1/orders, ")
    assert said["detail"].endswith(", POST /v1/inventory, GET /openapi.json, GET /health, GET /metrics")
    answer = await client.get(PATH)
    problem(answer, 405)
    assert answer.headers["allow"] == "POST"


async def test_without_kafka_a_caller_is_told_to_come_again(client: httpx.AsyncClient):
    answer = await client.post(PATH, json=PACK)
    said = problem(answer, 503)
    assert said["detail"] == "the gateway has no Kafka; repeat the same call, it is taken in once"
    assert answer.headers["retry-after"] == "2"
    health = await client.get("/health")
    assert (health.status_code, health.json()) == (503, {"live": True, "ready": False})


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (PackOutcome.PACKED, 200),
        (PackOutcome.CANCELLED, 409),
        (PackOutcome.INVOICE_REFUSED, 409),
        (PackOutcome.PACK_REFUSED, 409),
        (PackOutcome.REFUSED, 409),
        (HandoverOutcome.HANDED_OVER, 200),
        (HandoverOutcome.HELD, 202),
        (HandoverOutcome.CANCELLED, 409),
        (HandoverOutcome.REFUSED, 409),
    ],
)
def test_each_outcome_has_its_status(outcome: PackOutcome | HandoverOutcome, status: int):
    kind = PackAnswered if isinstance(outcome, PackOutcome) else HandoverAnswered
    answer = kind(account="A", order_code="O", shipment_id="S", request_id="R", outcome=outcome, reason="so it is")
    door = next(door for door in ASKED if door.answers is kind)
    response = door.response(answer)
    said = json.loads(bytes(response.body))
    assert response.status_code == status
    assert (said["outcome"], said["shipmentId"], said["reason"]) == (outcome, "S", "so it is")
    assert "requestId" not in said


def test_the_callers_trace_is_kept_and_another_is_minted():
    assert traceparent(TRACE) == TRACE
    minted = {
        traceparent(bad) for bad in (None, "", TRACE.upper(), f"{TRACE}\n", TRACE.replace("a", "0"), "ff" + TRACE[2:])
    }
    assert len(minted) == 6
    assert all(traceparent(trace) == trace for trace in minted)


@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"))
def test_whatever_the_caller_sends_the_trace_is_well_formed(given_trace: str):
    trace = traceparent(given_trace)
    assert trace == traceparent(trace)
    assert len(trace) == len(TRACE)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", "", "127.0.0.1.example.com"])
def test_another_host_than_loopback_is_refused(host: str):
    with pytest.raises(BadInput, match="no authentication yet") as caught:
        listen(host, 0)
    assert caught.value.field == "--host"


def test_a_taken_port_is_told():
    with listen("127.0.0.1", 0) as taken, pytest.raises(BadInput, match="cannot listen") as caught:
        listen("127.0.0.1", taken.getsockname()[1])
    assert caught.value.field == "--port"


async def test_each_answer_is_counted_by_path_and_status(client: httpx.AsyncClient):
    async def counted() -> dict[str, float]:
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        lines = (line for line in answer.text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    before = await counted()
    await client.post(PATH, json={})
    await client.post(PATH, json=PACK)
    after = await counted()
    assert after["b2b2c_gateway_ready"] == 0
    for name in (
        'b2b2c_gateway_answered_total{path="/v1/pack-confirmations",status="422"}',
        'b2b2c_gateway_answered_total{path="/v1/pack-confirmations",status="503"}',
    ):
        assert after[name] - before.get(name, 0) == 1
    seconds = 'b2b2c_gateway_seconds_count{path="/v1/pack-confirmations"}'
    assert after[seconds] - before.get(seconds, 0) == 2
