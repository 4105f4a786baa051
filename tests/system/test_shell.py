"""`publish`, `orders` and `order show` as a user runs them, on real Kafka."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from b2b2c_saga.bus.clients import producer, read_all
from b2b2c_saga.bus.event_lines import read_lines
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.config import load_catalogue
from b2b2c_saga.model.messages.integration import OrderProgressed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import encode_order
from b2b2c_saga.settings import Settings
from b2b2c_saga.steps import ORDERS

ROOT = Path(__file__).parents[2]
FIRST = ROOT / "examples/first-order.jsonl"
AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
KEY = "YELLOW-MKT/FIRST-ORDER"


def run(settings: Settings, *words: str, said: str | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "B2B2C_BOOTSTRAP_SERVERS": settings.bootstrap,
        "B2B2C_TOPIC_PREFIX": settings.topic_prefix,
    }
    command = [sys.executable, "-c", "from b2b2c_saga.cli import app; app()", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=said, capture_output=True, text=True, timeout=60, check=False
    )


async def published(settings: Settings, topics: Topics) -> dict[str, list[Envelope]]:
    shorts = ("intake", "pack", "handover", "inventory")
    found: dict[str, list[Envelope]] = {short: [] for short in shorts}
    async for record in read_all(settings, [topics.name(short) for short in shorts]):
        short = topics.short(record.topic)
        found[short].append(decode(record, short))
    return found


async def test_a_file_is_published_to_the_topics_and_keys_that_its_data_says(settings: Settings, topics: Topics):
    done = run(settings, "publish", str(FIRST), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "events": 4,
        "sent": True,
        "byType": [
            {"type": "Delivered", "topic": topics.name("handover"), "events": 1},
            {"type": "HandoverRequested", "topic": topics.name("handover"), "events": 1},
            {"type": "OrderPlaced", "topic": topics.name("intake"), "events": 1},
            {"type": "PackConfirmed", "topic": topics.name("pack"), "events": 1},
        ],
    }
    placed, packed, handover, delivered = read_lines(FIRST.read_bytes().splitlines())
    assert await published(settings, topics) == {
        "intake": [placed],
        "pack": [packed],
        "handover": [handover, delivered],
        "inventory": [],
    }


async def test_the_standard_input_is_published_and_counted_for_people(settings: Settings, topics: Topics):
    done = run(settings, "publish", "-", said=(ROOT / "examples/inventory.jsonl").read_text())
    assert done.returncode == 0
    assert f"3  StockCounted             {topics.name('inventory')}" in done.stdout
    assert "3  acknowledged by Kafka" in done.stdout
    assert len((await published(settings, topics))["inventory"]) == 3


async def test_of_a_file_with_one_bad_line_nothing_is_sent(settings: Settings, topics: Topics, tmp_path: Path):
    lines = FIRST.read_text().splitlines()
    bad = tmp_path / "bad.jsonl"
    bad.write_text("\n".join([*lines[:3], lines[3].replace('"deliveredAt"', '"delivered"')]))
    done = run(settings, "publish", str(bad))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "b2b2c-saga: line 4: field breaks its rule: data.deliveredAt: Field required\n"
    assert not any((await published(settings, topics)).values())


async def test_a_dry_run_sends_nothing(settings: Settings, topics: Topics):
    done = run(settings, "publish", str(FIRST), "--dry-run")
    assert done.returncode == 0
    assert "4  good; nothing sent (--dry-run)" in done.stdout
    assert not any((await published(settings, topics)).values())


def test_without_topics_the_remedy_is_named(settings: Settings):
    for words in (["orders"], ["order", "show", KEY]):
        done = run(settings, *words)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "create it with `b2b2c-saga topics apply`" in done.stderr


async def _kept(settings: Settings, topics: Topics) -> None:
    """The changelog of three orders, and what was told of the first one, as a worker would have written them."""
    account = load_catalogue(ROOT / "config").account("YELLOW-MKT")
    envelopes = read_lines(FIRST.read_bytes().splitlines())
    name = topics.name("changelog.orders")
    async with producer(settings) as publisher:
        order = Order("YELLOW-MKT", "FIRST-ORDER", account.terms)
        for n, envelope in enumerate(envelopes[:2]):
            order = ORDERS.decide(order, envelope.message, AT + timedelta(minutes=n), account.prices).row
            await publisher.send(name, order.key.encode(), encode_order(order), [("parked", b"2")])
            await publisher.send(topics.name(envelope.message.topic), envelope.key, envelope.value, envelope.headers)
        told = OrderProgressed(
            account=order.account, order_code=order.code, fulfilment="PACKING", invoice="REQUESTED", at=AT
        )
        event = Envelope(told, "t", "tests", envelopes[1].time + timedelta(seconds=1))
        await publisher.send(topics.name("order-events"), event.key, event.value, event.headers)
        await publisher.send(topics.name("pack"), event.key, b"unreadable", [])
        early = ORDERS.decide(
            Order("YELLOW-MKT", "SECOND", account.terms), envelopes[1].message, AT, account.prices
        ).row
        await publisher.send(name, early.key.encode(), encode_order(early))
        await publisher.send(name, b"YELLOW-MKT/GONE", encode_order(Order("YELLOW-MKT", "GONE", account.terms)))
        await publisher.send(name, b"YELLOW-MKT/GONE", None)


async def test_orders_are_listed_by_their_last_row(settings: Settings, topics: Topics):
    await _kept(settings, topics)
    done = run(settings, "orders", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == [
        {
            "account": "YELLOW-MKT",
            "order": "FIRST-ORDER",
            "fulfilment": "PARKED",
            "invoice": "REQUESTED",
            "units": 3,
            "shipments": 1,
            "dispatchBy": "2036-01-06T18:00:00Z",
            "parked": 2,
            "parkedBecause": None,
        },
        {
            "account": "YELLOW-MKT",
            "order": "SECOND",
            "fulfilment": "OPEN",
            "invoice": "NONE",
            "units": 0,
            "shipments": 0,
            "dispatchBy": None,
            "parked": 0,
            "parkedBecause": None,
        },
    ]
    listed = [
        [order["order"] for order in json.loads(run(settings, "orders", "--json", *words).stdout)]
        for words in (
            ["--state", "PARKED"],
            ["--state", "OPEN", "--state", "PARKED"],
            ["--invoice", "NONE"],
            ["--account", "OTHER"],
        )
    ]
    assert listed == [["FIRST-ORDER"], ["FIRST-ORDER", "SECOND"], ["SECOND"], []]
    for_people = run(settings, "orders").stdout
    assert KEY in for_people
    assert "2 orders" in for_people
    assert run(settings, "orders", "--state", "LOST").returncode == 2


async def test_one_order_is_shown_with_its_timeline(settings: Settings, topics: Topics):
    await _kept(settings, topics)
    done = run(settings, "order", "show", KEY, "--json")
    assert done.returncode == 0
    said = json.loads(done.stdout)
    assert (said["fulfilment"], said["invoice"], said["parked"]) == ("PARKED", "REQUESTED", 2)
    assert "invoice acknowledged" in said["waiting"]["pack on marketplace SHIPMENT-1"]
    assert said["timeline"] == [
        {"time": "2026-01-05T09:00:00Z", "topic": "intake", "type": "OrderPlaced", "about": "", "detail": ""},
        {"time": "2026-01-05T11:00:00Z", "topic": "pack", "type": "PackConfirmed", "about": "SHIPMENT-1", "detail": ""},
        {
            "time": "2026-01-05T11:00:01Z",
            "topic": "order-events",
            "type": "OrderProgressed",
            "about": "",
            "detail": "fulfilment PACKING, invoice REQUESTED",
        },
    ]
    for_people = run(settings, "order", "show", KEY).stdout
    assert all(words in for_people for words in ("Lines", "Waiting", "Timeline", "KURTA-BLUE-M", "2 records"))
    assert "Asha" not in for_people + done.stdout


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("YELLOW-MKT/NOBODY", 1, "no such order: 'YELLOW-MKT/NOBODY': `b2b2c-saga orders` lists the ones there are"),
        ("NOBODY", 2, "is not ACCOUNT/ORDER"),
    ],
)
async def test_an_unknown_order_is_said_to_be_unknown(
    settings: Settings, topics: Topics, name: str, code: int, sentence: str
):
    del topics  # they exist: it is the order that does not
    done = run(settings, "order", "show", name)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
