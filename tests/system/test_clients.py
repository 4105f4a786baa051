"""Our Kafka clients against a real broker."""

import asyncio
from contextlib import aclosing

import pytest
from aiokafka import AIOKafkaProducer

from b2b2c_saga.bus.clients import Subscription, consume, follow, producer, read_all
from b2b2c_saga.bus.records import Outgoing, Record, partition_of
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.settings import Settings

KEY = b"acme/1"


async def everything(settings: Settings, *topics: str, partition: int | None = None) -> list[Record]:
    return [record async for record in read_all(settings, topics, partition)]


def transactional(settings: Settings, name: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, transactional_id=settings.topic_prefix + name, retry_backoff_ms=5
    )


async def test_a_record_comes_back_as_it_was_sent(settings: Settings, topics: Topics):
    name = topics.name("intake")
    async with producer(settings) as publisher:
        await publisher.send(name, KEY, b"\xff\x00 bytes", [("ce_id", b"1"), ("ce_id", b"2")])
        await publisher.send(name, KEY, None)
    first, tombstone = await everything(settings, name)
    assert first == Record(
        name,
        partition_of(KEY, topics.partitions),
        0,
        KEY,
        b"\xff\x00 bytes",
        (("ce_id", b"1"), ("ce_id", b"2")),
        first.timestamp,
    )
    assert (tombstone.offset, tombstone.key, tombstone.value, tombstone.headers) == (1, KEY, None, ())


async def test_many_records_keep_their_order_and_are_counted(settings: Settings, topics: Topics):
    name, heard = topics.name("pack"), []
    records = [Outgoing(name, f"acme/{n % 50}".encode(), str(n).encode()) for n in range(5_000)]
    async with producer(settings) as publisher:
        assert await publisher.publish_all(iter(records), heard.append) == 5_000
    assert sum(heard) == 5_000
    assert len(heard) > 1
    found = await everything(settings, name)
    assert {record.partition for record in found} == set(range(topics.partitions))
    for key in {record.key for record in records}:
        of_key = [record.value for record in found if record.key == key]
        assert of_key == [record.value for record in records if record.key == key]


async def test_reading_ends_at_the_markers_of_committed_and_aborted_transactions(settings: Settings, topics: Topics):
    name = topics.name("changelog.orders")
    writer = transactional(settings, "writer")
    await writer.start()
    async with writer.transaction():
        await writer.send_and_wait(name, b"committed", KEY, partition=3)
    for _ in range(3):  # the partition ends in records that are never delivered
        await writer.begin_transaction()
        await writer.send_and_wait(name, b"aborted", KEY, partition=3)
        await writer.abort_transaction()
    async with writer.transaction():
        await writer.send_and_wait(name, b"elsewhere", KEY, partition=4)
    await writer.stop()
    async with asyncio.timeout(10):
        of_three = await everything(settings, name, partition=3)
        of_all = await everything(settings, name)
    assert [record.value for record in of_three] == [b"committed"]
    assert {record.value for record in of_all} == {b"committed", b"elsewhere"}


async def test_reading_ends_before_an_open_transaction(settings: Settings, topics: Topics):
    name = topics.name("changelog.orders")
    writer = transactional(settings, "writer")
    await writer.start()
    async with writer.transaction():
        await writer.send_and_wait(name, b"before", KEY, partition=0)
    await writer.begin_transaction()
    await writer.send_and_wait(name, b"open", KEY, partition=0)
    other = transactional(settings, "other")
    await other.start()
    async with other.transaction():  # committed, but behind the open one: not stable yet
        await other.send_and_wait(name, b"after", KEY, partition=0)
    async with asyncio.timeout(10):
        found = await everything(settings, name)
    assert [record.value for record in found] == [b"before"]
    await writer.commit_transaction()
    assert [record.value for record in await everything(settings, name)] == [b"before", b"open", b"after"]
    await writer.stop()
    await other.stop()


async def test_reading_leaves_out_what_comes_meanwhile(settings: Settings, topics: Topics):
    name, found = topics.name("audit"), []
    async with producer(settings) as publisher, aclosing(read_all(settings, [name])) as records:
        await publisher.publish_all(Outgoing(name, KEY, b"early") for _ in range(3))
        async for record in records:
            found.append(record.value)
            await publisher.send(name, KEY, b"late")
    assert found == [b"early"] * 3


async def test_nothing_to_read_ends_at_once(settings: Settings, topics: Topics):
    assert await everything(settings, *(topics.name(short) for short in topics.declared)) == []


async def test_following_from_the_end_misses_nothing_sent_after_ready(settings: Settings, topics: Topics):
    name, ready = topics.name("replies"), asyncio.Event()
    async with producer(settings) as publisher:
        await publisher.send(name, KEY, b"old")
        async with aclosing(follow(settings, [name], from_end=True, ready=ready)) as records:
            following = asyncio.ensure_future(anext(records))
            await asyncio.wait_for(ready.wait(), 10)
            await publisher.send(name, KEY, b"new")
            assert (await asyncio.wait_for(following, 10)).value == b"new"


async def test_following_from_the_beginning_starts_with_the_oldest(settings: Settings, topics: Topics):
    name = topics.name("replies")
    async with producer(settings) as publisher:
        await publisher.send(name, KEY, b"old")
    async with aclosing(follow(settings, [name], from_end=False)) as records:
        assert (await asyncio.wait_for(anext(records), 10)).value == b"old"


async def test_a_group_goes_on_after_what_it_committed(settings: Settings, topics: Topics):
    name = topics.name("commands.erp")
    place = (name, partition_of(KEY, topics.partitions))
    async with producer(settings) as publisher:
        await publisher.publish_all(Outgoing(name, KEY, str(n).encode()) for n in range(3))
    async with consume(settings, [name], "erp") as group:
        assert [record.value for record in await taken(group, 3)] == [b"0", b"1", b"2"]
        assert place in group.places
        await group.commit({place: 2})
        await group.commit({("another", 0): 7})  # not ours: left to its owner
    async with consume(settings, [name], "erp") as group:
        assert [record.value for record in await taken(group, 1)] == [b"2"]
    async with consume(settings, [name], "omni") as group:
        assert len(await taken(group, 3)) == 3


async def taken(group: Subscription, count: int) -> list[Record]:
    found: list[Record] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            found += await group.batch()
    return found


async def test_a_topic_that_is_not_there_is_named(settings: Settings):
    with pytest.raises(BadInput) as caught:
        await everything(settings, "nowhere")
    assert str(caught.value) == "no such topic: topic = 'nowhere': create it with `b2b2c-saga topics apply`"


async def test_a_record_too_large_is_the_senders_fault(settings: Settings, topics: Topics):
    async with producer(settings) as publisher:
        with pytest.raises(BadInput, match="record too large"):
            await publisher.send(topics.name("intake"), KEY, b"x" * 2_000_000)


async def test_a_cluster_that_is_away_is_named(settings: Settings):
    away = settings.model_copy(update={"bootstrap_servers": "127.0.0.1:9"})
    with pytest.raises(Unavailable, match=r"no Kafka answers at 127\.0\.0\.1:9"):
        async with producer(away):
            pass
