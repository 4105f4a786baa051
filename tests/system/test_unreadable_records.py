"""Records that no sender of ours writes: they are set aside alone, on every topic, and no process and no listing ends.

Null and doubled headers, keys and values that are null or no text, names that are no text, every compression.
"""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer
from odd_sender import Name, Odd, send_as_they_are, send_batch
from ordered import Ordered, story
from stack import Stack, stack
from test_bad_records import AT, ORIGIN, is_known, why

from b2b2c_saga.bus.records import partition_of
from b2b2c_saga.bus.security import connection
from b2b2c_saga.demo import events

__all__ = ["stack"]
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


async def test_odd_commands_are_set_aside_and_no_connector_dies(stack: Stack) -> None:
    pids = stack.pids
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
    assert stack.pids == pids


async def test_odd_parked_records_are_listed_and_skipped_like_others(stack: Stack) -> None:
    pids = stack.pids
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
    assert stack.pids == pids


async def test_odd_records_on_every_topic_end_no_process_and_no_listing(stack: Stack) -> None:
    pids = stack.pids
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
    assert stack.pids == pids


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
async def test_a_good_order_is_taken_in_whatever_it_is_compressed_with(stack: Stack, codec: str | None) -> None:
    told = story(f"CODEC-{codec}", L1=1)
    said = events.envelope(events.order_placed(told, datetime.now(UTC)), datetime.now(UTC))
    async with AIOKafkaProducer(**connection(stack.stage.settings), compression_type=codec) as sender:
        topic = stack.stage.topics.name("intake")
        await sender.send_and_wait(topic, said.value + b" " * 5_000, said.key, headers=list(said.headers))
    await stack.until(lambda: is_known(stack, told), "it is taken in")
    assert len(await stack.records("intake", key=told.key)) == 1


async def test_a_header_whose_name_is_no_text_sets_its_record_aside_and_nothing_else(stack: Stack) -> None:
    """In one batch with good orders: on a step, among commands, and on the parked topic."""
    pids = stack.pids
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
    assert stack.pids == pids
