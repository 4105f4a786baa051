"""Free text over HTTP: whatever it says, the call is taken in."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from example_set import example_catalogue
from test_gateway_bad_input import BODIES, WHOLE

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.gateway.app import application
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.settings import Settings


@pytest.fixture
async def gateway() -> AsyncIterator[httpx.AsyncClient]:
    """The application, never connected: what is not refused gets a 503."""
    exchange = Exchange(Settings(_env_file=None, bootstrap_servers="127.0.0.1:1"), load_topics())
    app = application(exchange, 1, Watch(Path("config"), example_catalogue()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield client


@pytest.mark.parametrize(
    "told", ["", " ", None, "two\nlines", "\x00", "x" * 201, 7, {"code": "X"}], ids=lambda told: repr(told)[:20]
)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/cancellations", "reason"),
        ("/v1/handovers", "gatePassCode"),
        ("/v1/invoice-revocations", "reason"),
        ("/v1/recipient-corrections", "reason"),
        ("/v1/recipient-corrections", "correctedBy"),
        ("/v1/orders", "recipient.name"),
        ("/v1/orders", "recipient.phone"),
        ("/v1/orders", "recipient.email"),
        ("/v1/orders", "recipient.shippingAddress.line"),
        ("/v1/recipient-corrections", "recipient.billingAddress.city"),
    ],
)
async def test_no_free_text_is_refused(gateway: httpx.AsyncClient, path: str, field: str, told: object):
    body = json.loads(json.dumps(BODIES.get(path, WHOLE)))
    *inner, last = field.split(".")
    place = body
    for part in inner:
        place = place[part]
    place[last] = told

    assert (await gateway.post(path, json=body)).status_code == 503, "it is good but for Kafka"


@pytest.mark.parametrize("letter", [b"\n", b"\x00", b"\xeb", rb"\ud83d"])
async def test_a_letter_that_is_none_is_no_reason_to_refuse_a_call(gateway: httpx.AsyncClient, letter: bytes):
    body = json.dumps({**BODIES["/v1/cancellations"], "reason": "HERE"}).encode()
    as_json = {"content-type": "application/json"}

    free = await gateway.post("/v1/cancellations", content=body.replace(b"HERE", letter), headers=as_json)
    code = await gateway.post("/v1/cancellations", content=body.replace(b"O-1", letter), headers=as_json)

    assert free.status_code == 503, "it is good but for Kafka"
    assert (code.status_code, code.json()["errors"][0]["field"]) == (422, "orderCode")
