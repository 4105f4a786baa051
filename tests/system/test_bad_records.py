"""Whatever comes on a step topic: it is parked whole and said why, and the next order goes on.

What can't even be read is parked alone; what the saga refuses parks its order, and what follows of it waits.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from odd_sender import Name, Odd, send_as_they_are, send_batch
from ordered import PERSONAL, Ordered, story
from stack import Stack, standing

from b2b2c_saga.bus.broker.probe import free_port
from b2b2c_saga.bus.records import Headers, Record, header_values, partition_of
from b2b2c_saga.bus.security import connection
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

    def add_with(code: str, reason: str, *headers: tuple[str, bytes | None]) -> None:
        """A good one but for headers that are there too, or instead."""
        good = events.envelope(events.order_placed(story(code, L1=1), AT), AT)
        rest = tuple((name, text) for name, text in good.headers if (name, None) not in headers)
        found.append(Bad(code, reason, "intake", good.key, good.value, (*rest, *headers)))

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
    add_with("NULL-TYPE", "header without a value: ce_type", ("ce_type", None))
    add_with("NULL-ID", "header without a value: ce_id", ("ce_id", None))
    add_with("NULL-TRACE", "header without a value: traceparent", ("traceparent", None))
    add_with("NULL-OTHER", "header without a value: x-theirs", ("x-theirs", None))
    add_with("TWO-TYPES", "header stands twice: ce_type", ("ce_type", b"b2b2c.CancellationPosted.v1"))
    add_with("TWO-TRACES", "header stands twice: traceparent", ("traceparent", b"00-1"), ("traceparent", b"00-2"))
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


STEPS = ("inventory", "intake", "invoice", "pack", "handover", "cancel", "return")
ODD: tuple[Odd, ...] = (
    (b"YELLOW-MKT/ODD", b"{}", (("ce_type", None),)),
    (b"YELLOW-MKT/ODD", b"{}", (("ce_type", b"b2b2c.HandOverOnMarketplace.v1"), ("ce_id", None))),
    (b"YELLOW-MKT/ODD", None, (("ce_type", b"b2b2c.OfferStock.v1"), ("ce_type", b"b2b2c.OfferStock.v1"))),
    (b"\xff\xfe", b"{}", (("ce_type", b"\xff"), ("ce_idempotencykey", None))),
    (None, None, ()),
    (None, b"{}", (("traceparent", None), ("", None))),
)
"""Keys, values and headers that no sender of ours writes, and that Kafka takes."""
SYSTEMS = ("omni", "marketplace", "erp", "wms", "rms")


async def odd_on(stack: Stack, short: str) -> None:
    """All of them, on a topic."""
    topics = stack.stage.topics
    await send_as_they_are(stack.stage.settings, topics.name(short), topics.partitions_of(short), ODD)


async def test_odd_commands_are_set_aside_and_no_connector_dies(aftermath: Aftermath) -> None:
    stack = aftermath.stack
    before = len(stack.parked)
    for system in SYSTEMS:
        await odd_on(stack, f"commands.{system}")
    await stack.until(lambda: len(stack.parked) == before + len(SYSTEMS) * len(ODD), "all odd commands are parked")
    found = Counter((record.key, record.value) for record in stack.parked[before:])
    assert found == Counter((key, b"" if key is value is None else value) for key, value, _ in ODD for _ in SYSTEMS)
    assert {why(record)["class"] for record in stack.parked[before:]} == {"Unreadable"}
    order = await Ordered.placed(stack, "AFTER-ODD-COMMANDS", L1=1)
    assert (await order.pack()).status_code == 200
    await order.cancel()
    await order.until_closed()
    assert stack.pids == aftermath.pids


async def test_odd_parked_records_are_listed_and_skipped_like_others(aftermath: Aftermath) -> None:
    stack = aftermath.stack
    before = len(stack.parked)
    await odd_on(stack, "parked")
    said = tuple((f"__dlq.errors.{name}", None) for name in (*ORIGIN, "place", "since", "redrives", "release"))
    parked = stack.stage.topics.name("parked")
    await stack.publisher.send(parked, b"YELLOW-MKT/ODD", None, said)
    absurd = tuple((f"__dlq.errors.{name}", b"9" * 30) for name in ("offset", "place", "since", "redrives"))
    await stack.publisher.send(parked, b"YELLOW-MKT/ODD", None, (*absurd, ("__dlq.errors.scope", b"key")))
    await stack.until(lambda: len(stack.parked) == before + len(ODD) + 2, "all odd records lie there")
    listed = await stack.command("replay", "list")
    assert (listed.returncode, "YELLOW-MKT/ODD" in listed.stdout) == (0, True), listed.stderr
    as_json = await stack.command("replay", "list", "--json")
    assert as_json.returncode == 0, as_json.stderr
    shown = {(one["partition"], one["offset"]) for waits in json.loads(as_json.stdout) for one in waits["parked"]}
    odd = {(record.partition, record.offset) for record in stack.parked[before:]}
    assert odd <= shown
    places = [word for number, offset in sorted(odd) for word in ("--offset", f"{number}:{offset}")]
    for skipping in (places[:2], places[2:]):
        skipped = await stack.command("replay", "skip", *skipping, "--reason", "noise")
        assert (skipped.returncode, "Audited as" in skipped.stdout) == (0, True), skipped.stderr
    again = await stack.command("replay", "list", "--json")
    left = {(one["partition"], one["offset"]) for waits in json.loads(again.stdout) for one in waits["parked"]}
    assert left == shown - odd
    assert stack.pids == aftermath.pids


async def test_odd_records_on_every_topic_end_no_process_and_no_listing(aftermath: Aftermath) -> None:
    stack = aftermath.stack
    before = len(stack.parked)
    decided = [short for short in stack.stage.topics.declared if short in {*STEPS, "released"} or "commands." in short]
    for short in (*decided, "parked", "replies", "order-events", "b2c-returns", "audit"):
        await odd_on(stack, short)
    await stack.until(lambda: len(stack.parked) == before + (len(decided) + 1) * len(ODD), "all are parked")
    order = await Ordered.placed(stack, "AFTER-ALL-ODD", L1=1)
    assert (await order.pack()).status_code == 200
    await order.cancel()
    await order.until_closed()
    for words in (("replay", "list"), ("replay", "list", "--json"), ("orders",), ("order", "show", order.key)):
        done = await stack.command(*words)
        assert done.returncode == 0, (words, done.stderr)
    proved = await stack.command("prove")
    assert "Traceback" not in proved.stderr, proved.stderr
    planned = await stack.command("replay", "plan")
    assert "Traceback" not in planned.stderr, planned.stderr
    assert stack.pids == aftermath.pids


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
async def test_a_good_order_is_taken_in_whatever_it_is_compressed_with(aftermath: Aftermath, codec: str | None) -> None:
    stack = aftermath.stack
    told = story(f"CODEC-{codec}", L1=1)
    said = events.envelope(events.order_placed(told, datetime.now(UTC)), datetime.now(UTC))
    async with AIOKafkaProducer(**connection(stack.stage.settings), compression_type=codec) as sender:
        topic = stack.stage.topics.name("intake")
        await sender.send_and_wait(topic, said.value + b" " * 5_000, said.key, headers=list(said.headers))
    await stack.until(lambda: is_known(stack, told), "it is taken in")
    assert len(await stack.records("intake", key=told.key)) == 1


async def test_a_header_whose_name_is_no_text_sets_its_record_aside_and_nothing_else(aftermath: Aftermath) -> None:
    """In one batch with good orders: on a step, among commands, and on the parked topic."""
    stack = aftermath.stack
    settings, topics = stack.stage.settings, stack.stage.topics
    before = len(stack.parked)
    names = [f"NAME-{n}" for n in range(30)]
    home = partition_of(story(names[0], L1=1).key.encode(), topics.partitions)
    told = [one for name in names if partition_of((one := story(name, L1=1)).key.encode(), topics.partitions) == home]
    odd = (b"YELLOW-MKT/NO-TEXT", b"{}", ((Name.of(b"\xff\xfe"), b"1"), ("ce_type", b"b2b2c.OrderPlaced.v1")))
    good = [events.envelope(events.order_placed(one, AT), AT) for one in told]
    records = [(envelope.key, envelope.value, envelope.headers) for envelope in good]
    async with AIOKafkaProducer(**connection(settings)) as sender:
        await send_batch(sender, topics.name("intake"), home, [records[0], odd, *records[1:]])
        for short in (*(f"commands.{system}" for system in SYSTEMS), "parked", "replies", "audit"):
            await send_batch(sender, topics.name(short), 0, [odd])
    await stack.until(lambda: all(is_known(stack, one) for one in told), "all good orders are taken in")
    await stack.until(lambda: len(stack.parked) == before + 1 + len(SYSTEMS) + 1, "each odd one is set aside")
    reasons = {
        (why(record).get("class"), "a header's name is no UTF-8" in why(record).get("message", ""))
        for record in stack.parked[before:]
    }
    assert reasons == {("Undecodable", True), ("Unreadable", True), (None, False)}
    assert {(record.key, record.value) for record in stack.parked[before:]} == {odd[:2]}
    order = await Ordered.placed(stack, "AFTER-NO-TEXT", L1=1)
    assert (await order.pack()).status_code == 200
    await order.cancel()
    await order.until_closed()
    for words in (("replay", "list"), ("replay", "list", "--json"), ("orders",), ("order", "show", order.key)):
        done = await stack.command(*words)
        assert done.returncode == 0, (words, done.stderr)
    assert stack.pids == aftermath.pids


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

    logs = stack.logs
    assert set(logs) == {*WORKERS, "connectors", "gateway", "pull", "sandbox"}
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
