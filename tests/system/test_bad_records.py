"""Whatever comes on a step topic is parked whole and said why, and the next order goes on.

What can't be read is parked alone; what the saga refuses parks its order, and what follows of it waits.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from odd_headers import SPOILT_BY
from ordered import PERSONAL, Ordered, story
from stack import Stack, standing

from b2b2c_saga.bus.broker.probe import free_port
from b2b2c_saga.bus.records import Headers, Record, header_values
from b2b2c_saga.bus.wire import PERSONAL as RECIPIENT
from b2b2c_saga.demo import events
from b2b2c_saga.demo.stage import WORKERS
from b2b2c_saga.demo.story import Parcel, Story
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.quantities import Quantities

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DEEP = b"[" * 500_000 + b"]" * 500_000
YELLOW_MKT = "YELLOW-MKT"
LARGE = 1_047_000
"""Bytes: close to what the cluster takes, and more than that with the reason added."""
WAITING = "CHANNEL"
"""The one whose order is refused, and waits with what follows."""
JSON = {"Content-Type": "application/json"}
ORIGIN = ("topic", "partition", "offset", "class", "message", "scope")


@dataclass(frozen=True)
class Bad:
    """A record that nobody can decide on, and a part of the reason that it is parked with."""

    code: str
    reason: str
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    error: str = "Unreadable"


def bad_records() -> list[Bad]:
    """One of each kind, each under the key of an order of its own, most made from a good one of the same consumer."""
    found: list[Bad] = []

    def add(code: str, reason: str, topic: str = "intake", error: str = "Unreadable", **instead: object) -> None:
        good = events.envelope(events.order_placed(story(code, L1=1), AT), AT)
        data = json.loads(good.value)
        data |= {name: value for name, value in instead.items() if name in data}
        if RECIPIENT in instead:
            data[RECIPIENT] = json.loads(good.value)[RECIPIENT] | instead[RECIPIENT]
        headers = {
            **dict(good.headers),
            **{f"ce_{name}": instead[name] for name in ("type", "time") if name in instead},
        }
        found.append(
            Bad(
                code,
                reason,
                topic,
                instead.get("key", good.key),
                instead.get("body", json.dumps({name: v for name, v in data.items() if v is not None}).encode()),
                tuple((name, text) for name, text in headers.items() if text is not None),
                error,
            )
        )

    recipient = json.dumps({RECIPIENT: {"name": "Zubeida Quraishi"}})
    add("BYTES", "value is not JSON", body=b"\xff\xfe\x00 Zubeida Quraishi")
    add("CUT-OFF", "value is not JSON", body=recipient.encode()[:-3])
    add("TWICE-ENCODED", "field breaks its rule", body=json.dumps(recipient).encode())
    add("NESTED", "value is not JSON", body=b'{"account": ' + DEEP[: 500_000 - 6] + DEEP[500_000 + 6 :] + b"}")
    add("LARGE", "value is not JSON", body=b"x" * LARGE)
    add("EMPTY", "value is not JSON", body=None)
    add("TYPE", "unknown message type: ce_type = 'b2b2c.Unheard.v1'", type=b"b2b2c.Unheard.v1")
    add("NO-TYPE", "CloudEvents attribute missing: ce_type", type=None)
    add("HEADER", "header is not UTF-8: ce_type", type=b"\xff")
    add("TIME", "not a time: ce_time = 'yesterday'", time=b"yesterday")
    add("MISSING", "field breaks its rule: location: Field required", location=None)
    add("WRONG", "field breaks its rule: channel = 7: Input should be a valid string", channel=7)
    nowhere = {"line": "4 Tank Lane", "city": "Pune", "pin": "9876501234", "state": "27"}
    add("PERSONAL", "recipient.billingAddress.pin = '(personal)'", recipient={"billingAddress": nowhere})
    add("NOWHERE", "recipient.shippingAddress", recipient={"shippingAddress": None})
    add("TOPIC", "message on the wrong topic: ce_type = 'b2b2c.OrderPlaced.v1'", topic="pack")
    add("OTHER", "key and message disagree: key = b'YELLOW-MKT/OTHERS'", key=b"YELLOW-MKT/OTHERS")
    add(
        "ACCOUNT",
        "unknown seller account: account = 'NOBODY'",
        error="BadInput",
        account="NOBODY",
        key=b"NOBODY/ACCOUNT",
    )
    add("CHANNEL", "not the channel that this account sells on", error="BadInput", channel="OWN-SHOP")
    add("KEYLESS", "a record without a key belongs to no order", error="NoKey", key=None)
    add("BLANK", "a record without a key belongs to no order", error="NoKey", key=b"")
    for code, reason, headers in SPOILT_BY:
        good = events.envelope(events.order_placed(story(code, L1=1), AT), AT)
        found.append(Bad(code, reason, "intake", good.key, good.value, (*good.headers, *headers)))
    return found


@dataclass(frozen=True)
class Aftermath:
    """All bad records were sent, and good ones between and behind them."""

    stack: Stack
    bad: list[Bad]
    pids: dict[str, int]
    good: list[Story]
    parked: list[Record]
    rows: set[str]
    metrics: str

    async def origins(self) -> dict[tuple[str, int, int], Record]:
        """Every record that lies on a step topic, by its place."""
        records = await self.stack.records("intake", "pack")
        return {(record.topic, record.partition, record.offset): record for record in records}


@pytest.fixture(scope="module")
async def aftermath(broker: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Aftermath]:
    ports = {worker: free_port() for worker in WORKERS}
    options = {worker: ("--metrics-port", str(port)) for worker, port in ports.items()}
    async with standing(broker, tmp_path_factory.mktemp("stack"), options) as stack:
        pids, bad, good = stack.pids, bad_records(), []
        name = stack.stage.topics.name
        for number, record in enumerate(bad):
            await stack.publisher.send(name(record.topic), record.key, record.value, record.headers)
            good.append(story(f"GOOD-{number}", L1=1))
            await stack.tell(events.order_placed(good[-1], datetime.now(UTC)))
        for record in bad:  # and what should have come is told again, as it should have been
            if record.code == WAITING:
                continue  # its order waits
            good.append(story(record.code, L1=1))
            await stack.tell(events.order_placed(good[-1], datetime.now(UTC)))
        await stack.until(lambda: len(stack.parked) >= len(bad), "all bad records are parked")
        await stack.until(lambda: all(is_known(stack, told) for told in good), "all good orders are taken in")
        measured = [httpx.get(f"http://127.0.0.1:{port}/metrics").text for port in ports.values()]
        rows = {key for table, key in stack.rows if table == "orders"}
        yield Aftermath(stack, bad, pids, good, await stack.records("parked"), rows, "\n".join(measured))


def is_known(stack: Stack, told: Story) -> bool:
    row = stack.order(told.key)
    return row is not None and row.is_known


def why(record: Record) -> dict[str, str]:
    return {
        name.removeprefix("__dlq.errors."): value.decode()
        for name, value in header_values(record.headers).items()
        if name.startswith("__dlq.errors.")
    }


async def test_each_lies_parked_once_with_its_reason_origin_and_bytes(aftermath: Aftermath) -> None:
    origins = await aftermath.origins()
    assert len(aftermath.parked) == len(aftermath.bad)
    found = {(record.key, record.value): record for record in aftermath.parked}
    assert len(found) == len(aftermath.parked)
    for bad in aftermath.bad:
        record = found[bad.key or None, bad.value]
        said = why(record)
        assert tuple(said) == ORIGIN, bad.code
        assert (said["class"], bad.reason in said["message"]) == (bad.error, True), (bad.code, said["message"])
        origin = origins[said["topic"], int(said["partition"]), int(said["offset"])]
        assert (origin.topic, origin.key, origin.value) == (
            aftermath.stack.stage.topics.name(bad.topic),
            bad.key,
            bad.value,
        )
        assert record.headers[: len(bad.headers)] == bad.headers == origin.headers
        assert record.partition == origin.partition
        assert record.timestamp >= origin.timestamp


async def test_each_is_counted(aftermath: Aftermath) -> None:
    counted: Counter[str] = Counter()
    for line in aftermath.metrics.splitlines():
        if line.startswith("b2b2c_parked_total{"):
            counted[line.split('"')[1]] += int(float(line.rsplit(" ", 1)[1]))
    assert counted == Counter(bad.error for bad in aftermath.bad)


async def test_no_process_has_died_and_no_good_order_is_lost(aftermath: Aftermath) -> None:
    aftermath.stack.stage.fleet.check()
    assert aftermath.stack.pids == aftermath.pids
    keys = {good.key for good in aftermath.good}
    told = Counter((record.key or b"").decode() for record in await aftermath.stack.records("order-events"))
    assert {key: told[key] for key in keys} == dict.fromkeys(keys, 1)  # taken in, once; with bad ones before it or not
    assert aftermath.rows == keys | {f"{YELLOW_MKT}/{WAITING}", "NOBODY/ACCOUNT"}


async def test_the_next_order_goes_on_to_its_end(aftermath: Aftermath) -> None:
    order = await Ordered.placed(aftermath.stack, "NEXT", L1=1)
    assert (await order.pack()).status_code == 200
    await order.cancel()
    await order.until_closed()
    assert len(await order.returns()) == 1


async def test_a_refused_event_leaves_the_order_as_it_was_and_what_follows_waits_until_it_is_skipped(
    aftermath: Aftermath,
) -> None:
    """More packed than is open, and nobody who waits for an answer: the order is parked."""
    stack = aftermath.stack
    order = await Ordered.placed(stack, "REFUSED", L1=1)
    before = len(stack.parked)
    await stack.tell(events.pack_confirmed(order.story, Parcel("REFUSED-S1", Quantities.of([("L1", 2)]))))
    await stack.until(lambda: len(stack.parked) > before, "parked")
    assert "more packed than is open" in why(stack.parked[-1])["message"]
    await order.cancel()
    await stack.until(lambda: len(stack.parked) > before + 1, "what follows is parked")
    assert why(stack.parked[-1])["class"] == "KeyParked"
    assert (order.row.shipments, order.row.cancelled_open.total) == ((), 0)
    shown = await stack.command("order", "show", order.key)
    assert "2 records: BadInput: more packed than is open" in shown.stdout
    skipped = await stack.command("replay", "skip", "--order", order.key, "--reason", "one was packed, not two")
    assert (skipped.returncode, "1 record skipped" in skipped.stdout) == (0, True), skipped.stderr
    released = await stack.command("replay", "release", "--order", order.key)
    assert (released.returncode, "1 order goes on" in released.stdout) == (0, True), released.stderr
    await order.until_closed()
    assert len(stack.parked) == before + 2


async def test_what_can_never_be_packed_is_refused_over_http(aftermath: Aftermath) -> None:
    stack = aftermath.stack
    order = await Ordered.placed(stack, "TOO-MUCH", L1=2)
    too_much = Parcel("TOO-MUCH-S1", Quantities.of([("L1", 3)]))
    over = await stack.call("/v1/pack-confirmations", events.pack_confirmed(order.story, too_much))
    assert (over.status_code, over.json()["outcome"], over.json()["reason"]) == (
        409,
        "REFUSED",
        "more packed than is open: items.quantity of L1 = 3: at most 2",
    )
    stranger = events.pack_confirmed(order.story, order.parcel).model_copy(update={"account": "NOBODY"})
    unknown = await stack.call("/v1/pack-confirmations", stranger)
    assert (unknown.status_code, unknown.json()["errors"]) == (
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
    assert (await order.pack()).status_code == 200  # what was refused has changed nothing
    await order.cancel()
    await order.until_closed()


async def test_what_is_too_large_for_kafka_is_refused_at_the_door(aftermath: Aftermath) -> None:
    stack = aftermath.stack
    with pytest.raises(BadInput):
        await stack.publisher.send(stack.stage.topics.name("intake"), b"YELLOW-MKT/HUGE", b"x" * 1_100_000)
    answer = await stack.gateway.post("/v1/handovers", content=b" " * 3_000_000, headers=JSON)
    assert answer.status_code == 413


async def test_the_consumer_is_in_no_log_key_header_reason_or_metric(aftermath: Aftermath) -> None:
    stack = aftermath.stack
    order = await Ordered.placed(stack, "PRIVATE", L1=1)
    stack.sandbox.faults_of(order.key, erp={"error_500": 1, "only_first": 1})
    assert (await order.pack()).status_code == 200  # after an answer that was not understood, and a look-up
    order_page = await stack.command("order", "show", order.key)
    assert "PRIVATE-S1" in order_page.stdout

    def is_clean(text: str) -> bool:
        return not any(part in text for part in PERSONAL)

    assert set(logs := stack.logs) == {*WORKERS, "connectors", "gateway", "pull", "sandbox"}
    assert "not decided here" in logs["worker-1"] + logs["worker-2"]
    assert {name for name, text in logs.items() if not is_clean(text)} == set()
    assert is_clean(aftermath.metrics)
    assert is_clean(order_page.stdout + order_page.stderr)
    shorts = [short for short in stack.stage.topics.declared if short != "audit"]
    records = await stack.records(*shorts)
    around = [
        (record.key or b"", *(part for name, value in record.headers for part in (name.encode(), value or b"")))
        for record in records
    ]
    assert [parts for parts in around if not all(is_clean(part.decode(errors="replace")) for part in parts)] == []
    # The value may hold the consumer where the consumer is needed: taken in, invoiced, kept, or parked as it came.
    within = {
        stack.stage.topics.short(r.topic) for r in records if not is_clean((r.value or b"").decode(errors="replace"))
    }
    assert within == {"intake", "pack", "commands.erp", "changelog.orders", "parked"}
    await order.cancel()
    await order.until_closed()
