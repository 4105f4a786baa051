"""What is refused at the doors: each bad call is answered with field, value and rule, and comes no farther."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from example_set import example_catalogue

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.gateway.app import application
from b2b2c_saga.gateway.doors import PATHS
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.settings import Settings

HOME = {"line": "7 Hidden Lane", "city": "Pune", "pin": "411033", "state": "27"}
ITEM = {"channelSkuCode": "K-1", "orderItemCode": "1", "quantity": 2, "sellingPricePerUnit": "499.50"}
UNITS = [{"orderItemCode": "1", "quantity": 1}]
OF_SHIPMENT = {"account": "YELLOW-MKT", "orderCode": "O-1", "shipmentId": "S-1"}
SOON = (datetime.now(UTC) + timedelta(days=1)).isoformat()
TOO_SOON = "at most 10 minutes after now, "


def order(**others: object) -> dict[str, Any]:
    return {
        "account": "YELLOW-MKT",
        "orderCode": "O-1",
        "parentOrderCode": "P-1",
        "channel": "MARKETPLACE",
        "location": "WH",
        "orderTime": "2026-01-05T10:59:00Z",
        "dispatchByTime": "2026-01-06T11:00:00Z",
        "paymentMethod": "COD",
        "items": [ITEM],
        "recipient": recipient(),
        **others,
    }


def recipient(**others: object) -> dict[str, object]:
    known = {"name": "Asha Hidden", "phone": "+91 99", "email": "a@example.org"}
    return known | {"shippingAddress": HOME, "billingAddress": HOME} | others


def corrected(**others: object) -> dict[str, object]:
    said = {"account": "YELLOW-MKT", "orderCode": "O-1", "recipient": recipient(), "reason": "it moved"}
    return said | {"correctedAt": "2026-01-05T12:00:00Z", "correctedBy": "care desk"} | others


def inventory(*items: object, **others: object) -> dict[str, Any]:
    return {"account": "YELLOW-MKT", "location": "WH", "items": list(items), **others}


def count(sku: object, quantity: object = 1, version: object = 1) -> dict[str, object]:
    return {"sku": sku, "quantity": quantity, "version": version}


MANY = [{**ITEM, "channelSkuCode": f"K-{n}", "orderItemCode": str(n)} for n in range(2_501)]
AT_LEAST_ONE = "Input should be greater than or equal to 1"
CODE = "String should match pattern '^[A-Za-z0-9._:#-]+$'"
BAD: list[tuple[str, dict[str, Any], str, object, str]] = [
    (
        "/v1/orders",
        order(items=MANY),
        "items",
        2_501,
        "Tuple should have at most 2500 items after validation, not 2501",
    ),
    (
        "/v1/orders",
        order(dispatchByTime="9999-12-31T23:59:59-05:30"),
        "dispatchByTime",
        "9999-12-31T23:59:59-05:30",
        "Value error, a time that there is in UTC",
    ),
    ("/v1/orders", order(items=[]), "items", 0, "Tuple should have at least 1 item after validation, not 0"),
    (
        "/v1/orders",
        order(items=[ITEM, {**ITEM, "orderItemCode": "2"}]),
        "items.1.channelSkuCode",
        "K-1",
        "appears twice; each may appear once in an order",
    ),
    (
        "/v1/orders",
        order(items=[ITEM, {**ITEM, "channelSkuCode": "K-2"}]),
        "items.1.orderItemCode",
        "1",
        "appears twice; each may appear once in an order",
    ),
    ("/v1/orders", order(items=[{**ITEM, "quantity": -1}]), "items.0.quantity", -1, AT_LEAST_ONE),
    (
        "/v1/orders",
        order(items=[{**ITEM, "quantity": 1.5}]),
        "items.0.quantity",
        1.5,
        "Input should be a valid integer",
    ),
    (
        "/v1/orders",
        order(items=[{**ITEM, "sellingPricePerUnit": "-0.01"}]),
        "items.0.sellingPricePerUnit",
        "-0.01",
        "Input should be greater than or equal to 0",
    ),
    (
        "/v1/orders",
        order(items=[{**ITEM, "sellingPricePerUnit": "1.001"}]),
        "items.0.sellingPricePerUnit",
        "1.001",
        "Decimal input should have no more than 2 decimal places",
    ),
    ("/v1/orders", order(account="NOBODY"), "account", "NOBODY", "set up under accounts in config/"),
    ("/v1/orders", order(account="YELLOW/MKT"), "account", "YELLOW/MKT", CODE),
    ("/v1/orders", {k: v for k, v in order().items() if k != "location"}, "location", None, "Field required"),
    ("/v1/orders", order(orderTime=SOON), "orderTime", SOON, TOO_SOON),
    ("/v1/orders", order(orderTime="2026-01-05T10:59:00"), "orderTime", "2026-01-05T10:59:00", "timezone"),
    ("/v1/orders", order(paymentMethod="CASH"), "paymentMethod", "CASH", "Input should be 'COD' or 'PREPAID'"),
    (
        "/v1/orders",
        order(recipient=recipient(shippingAddress={**HOME, "pin": "560001"})),
        "recipient.shippingAddress.pin",
        "(personal)",
        "a PIN code of the address's state: the first two digits tell",
    ),
    ("/v1/recipient-corrections", corrected(correctedAt=SOON), "correctedAt", SOON, TOO_SOON),
    (
        "/v1/recipient-corrections",
        {name: value for name, value in corrected().items() if name != "reason"},
        "reason",
        None,
        "Field required",
    ),
    (
        "/v1/recipient-corrections",
        corrected(recipient=recipient(billingAddress={**HOME, "state": "96"})),
        "recipient.billingAddress.state",
        "(personal)",
        "a GST state code: 01 to 38, or 97",
    ),
    ("/v1/deliveries", {**OF_SHIPMENT, "deliveredAt": SOON}, "deliveredAt", SOON, TOO_SOON),
    (
        "/v1/cancellations",
        {"account": "YELLOW-MKT", "orderCode": "O-1", "items": [{"orderItemCode": "1", "cancelledQuantity": -2}]},
        "items.0.cancelledQuantity",
        -2,
        AT_LEAST_ONE,
    ),
    (
        "/v1/returns",
        {**OF_SHIPMENT, "returnOrderCode": "R", "type": "LOST", "units": []},
        "type",
        "LOST",
        "Input should be 'CUSTOMER_RETURN' or 'RETURN_TO_ORIGIN'",
    ),
    ("/v1/b2b-packs", {**OF_SHIPMENT, "items": [{**UNITS[0], "quantity": 0}]}, "items.0.quantity", 0, AT_LEAST_ONE),
    ("/v1/pack-confirmations", {**OF_SHIPMENT, "items": []}, "items", 0, "Tuple should have at least 1 item"),
    ("/v1/handovers", {**OF_SHIPMENT, "shipmentId": ""}, "shipmentId", "", "String should have at least 1 character"),
    ("/v1/invoice-revocations", {**OF_SHIPMENT, "attempt": "1"}, "attempt", "1", "Input should be a valid integer"),
    ("/v1/fixes/invoices", {**OF_SHIPMENT, "attempt": "1"}, "attempt", "1", "Input should be a valid integer"),
    ("/v1/fixes/packs", OF_SHIPMENT, "attempt", None, "Field required"),
    ("/v1/fixes/reversals", {**OF_SHIPMENT, "reversal": "r", "attempt": 1}, "call", None, "Field required"),
    (
        "/v1/inventory",
        inventory(*(count(f"K-{n}") for n in range(301))),
        "items",
        301,
        "Tuple should have at most 300 items after validation, not 301",
    ),
    ("/v1/inventory", inventory(), "items", 0, "Tuple should have at least 1 item after validation, not 0"),
    ("/v1/inventory", inventory(count("K"), account="NOBODY"), "account", "NOBODY", "set up under accounts in config/"),
    (
        "/v1/inventory",
        inventory(count("K", -1), account="NOBODY"),
        "account",
        "NOBODY",
        "set up under accounts in config/",
    ),
    ("/v1/inventory", {"account": "YELLOW-MKT", "items": [count("K")]}, "location", None, "Field required"),
]
BODIES: dict[str, dict[str, Any]] = {
    "/v1/orders": order(),
    "/v1/recipient-corrections": corrected(),
    "/v1/inventory": inventory(count("K")),
    "/v1/cancellations": {**OF_SHIPMENT, "items": [{"orderItemCode": "1", "cancelledQuantity": 2}]},
    "/v1/returns": {
        **OF_SHIPMENT,
        "returnOrderCode": "R",
        "type": "CUSTOMER_RETURN",
        "units": [{"unitCode": "U", "orderItemCode": "1", "qualityCheck": "PASS"}],
    },
    "/v1/deliveries": {**OF_SHIPMENT, "deliveredAt": "2026-01-05T10:59:00Z"},
}
WHOLE = {**OF_SHIPMENT, "items": UNITS, "attempt": 1, "reason": "r", "reversal": "v", "call": "c"}
"""Enough for all others."""


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """The application, never connected: what is not refused gets a 503."""
    exchange = Exchange(Settings(_env_file=None, bootstrap_servers="127.0.0.1:1"), load_topics())
    app = application(exchange, 1, Watch(Path("config"), example_catalogue()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "body", "field", "value", "rule"), BAD, ids=[f"{path} {field}" for path, _, field, _, _ in BAD]
)
async def test_a_bad_call_is_refused_with_field_value_and_rule(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], field: str, value: object, rule: str
):
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    said = answer.json()
    assert said["detail"] == "nothing was done; correct each field and call again"
    found = next(error for error in said["errors"] if error["field"] == field)
    assert found.get("value") == value
    assert rule in found["rule"]
    assert "Hidden" not in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_no_door_takes_what_is_about_an_account_that_nobody_set_up(client: httpx.AsyncClient, path: str):
    body = BODIES.get(path, WHOLE)
    assert (await client.post(path, json=body)).status_code == 503, "it is good but for Kafka"
    refused = await client.post(path, json={**body, "account": "NOBODY"})
    assert (refused.status_code, refused.json()["errors"]) == (
        422,
        [
            {
                "field": "account",
                "value": "NOBODY",
                "rule": "set up under accounts in config/",
                "reason": "unknown seller account",
            }
        ],
    )


async def test_a_minute_of_another_clock_is_no_time_to_come(client: httpx.AsyncClient):
    ahead = (datetime.now(UTC) + timedelta(minutes=9)).isoformat()
    assert (await client.post("/v1/orders", json=order(orderTime=ahead))).status_code == 503


async def test_each_bad_sku_is_refused_by_itself(client: httpx.AsyncClient):
    items = (
        count("K-1", -1),
        count("K-2", version="7"),
        count("TWICE"),
        {"sku": "K-3"},
        "Asha Hidden",
        count("TWICE", version=2),
        count(7),
        count("x" * 100),
    )
    answer = await client.post("/v1/inventory", json=inventory(*items))
    said = answer.json()
    assert (answer.status_code, said["accepted"], said["refused"]) == (422, 0, 8)
    twice = "appears twice; each may appear once in a message"
    assert [(item["sku"], [(e["field"], e.get("value")) for e in item["errors"]]) for item in said["items"]] == [
        ("K-1", [("items.0.quantity", -1)]),
        ("K-2", [("items.1.version", "7")]),
        ("TWICE", [("items.2.sku", "TWICE")]),
        ("K-3", [("items.3.quantity", None), ("items.3.version", None)]),
        (None, [("items.4", None)]),
        ("TWICE", [("items.5.sku", "TWICE")]),
        (None, [("items.6.sku", 7)]),
        ("x" * 64, [("items.7.sku", "x" * 60 + "…")]),
    ]
    assert said["items"][2]["errors"][0]["rule"] == twice
    assert "Hidden" not in answer.text


async def test_an_inventory_is_as_large_as_it_may_be(client: httpx.AsyncClient):
    body = json.dumps(inventory(*(count(f"{n:064}") for n in range(300))))
    answer = await client.post("/v1/inventory", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 503
