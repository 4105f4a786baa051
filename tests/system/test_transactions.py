"""All or nothing, and one publisher of a name at a time, on a real broker."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError, ProducerFenced
from aiokafka.protocol.transaction import EndTxnRequest

from b2b2c_saga.bus.clients import newest, read_all
from b2b2c_saga.bus.epochs import Answers, epoch_of, follows
from b2b2c_saga.bus.records import Outgoing
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.transactions import Fenced, atomic_publisher
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.settings import Settings


@pytest.fixture
def cursors(topics: Topics) -> str:
    return topics.name("cursors")


async def values(settings: Settings, *topics: str) -> list[bytes | None]:
    return [record.value async for record in read_all(settings, topics)]


def both(topics: Topics, n: int) -> list[Outgoing]:
    """The same value on two topics."""
    return [Outgoing(topics.name(short), b"A", b"%d" % n) for short in ("intake", "cursors")]


def lose_the_first_answer(answers: Answers, kind: type) -> None:
    """The broker carries the request out; that it did is not told."""
    send, lost = answers._send, []

    async def losing(node: object, request: object, **options: object) -> object:
        answer = await send(node, request, **options)
        if isinstance(request, kind) and not lost:
            lost.append(request)
            raise KafkaConnectionError("reset")
        return answer

    answers._send = losing


async def test_what_is_published_together_is_seen_together(settings: Settings, topics: Topics, cursors: str):
    async with atomic_publisher(settings, "pull-A") as publisher:
        await publisher.publish(both(topics, 1))
        await publisher.publish(both(topics, 2))
    assert await values(settings, topics.name("intake")) == await values(settings, cursors) == [b"1", b"2"]


async def test_of_a_publication_that_fails_nothing_is_seen(settings: Settings, topics: Topics, cursors: str):
    too_large = Outgoing(cursors, b"A", b"x" * 3_000_000)
    async with atomic_publisher(settings, "pull-A") as publisher:
        with pytest.raises(BadInput, match="too large"):
            await publisher.publish([*both(topics, 1), too_large])
    async with atomic_publisher(settings, "pull-A") as publisher:
        await publisher.publish(both(topics, 2))
    assert await values(settings, topics.name("intake")) == await values(settings, cursors) == [b"2"]


async def test_a_second_publisher_of_a_name_ends_the_first(settings: Settings, topics: Topics, cursors: str):
    async with atomic_publisher(settings, "pull-A") as idle, atomic_publisher(settings, "pull-B") as other:
        await idle.publish(both(topics, 1))
        async with atomic_publisher(settings, "pull-A") as busy:
            await busy.publish(both(topics, 2))
            # In the middle of its next publication, as if it were killed there.
            await busy._client.begin_transaction()
            await busy._client.send_and_wait(cursors, b"9", b"A")
            async with atomic_publisher(settings, "pull-A") as heir:
                with pytest.raises(Fenced):
                    await idle.publish(both(topics, 3))
                with pytest.raises(ProducerFenced):
                    await busy._client.commit_transaction()
                await heir.publish(both(topics, 4))
        await other.publish(both(topics, 5))
    assert await values(settings, topics.name("intake")) == await values(settings, cursors) == [b"1", b"2", b"4", b"5"]


async def test_an_epoch_with_an_unanswered_request_carries_no_further_transaction(
    settings: Settings, topics: Topics, cursors: str
):
    async with atomic_publisher(settings, "pull-A") as publisher:
        lose_the_first_answer(publisher._answers, EndTxnRequest)
        before = epoch_of(publisher._client)
        await publisher.publish(both(topics, 1))
        assert epoch_of(publisher._client) == before
        await publisher.publish(both(topics, 2))
        await publisher.publish(both(topics, 3))
        assert follows(epoch_of(publisher._client), before)
    assert await values(settings, topics.name("intake")) == await values(settings, cursors) == [b"1", b"2", b"3"]


async def test_whoever_comes_between_the_epochs_of_a_publisher_has_its_name(settings: Settings, topics: Topics):
    async with atomic_publisher(settings, "pull-A") as publisher:
        lose_the_first_answer(publisher._answers, EndTxnRequest)
        await publisher.publish(both(topics, 1))
        async with atomic_publisher(settings, "pull-A"):
            with pytest.raises(Fenced):
                await publisher.publish(both(topics, 2))


async def test_the_newest_of_a_key_waits_for_transactions_that_were_begun_before(settings: Settings, cursors: str):
    keys = [b"A", b"B"]
    assert [await newest(settings, cursors, key) for key in keys] == [None, None]
    async with atomic_publisher(settings, "other") as other, atomic_publisher(settings, "ours") as ours:
        await ours.publish([Outgoing(cursors, key, b"1") for key in keys])
        await other._client.begin_transaction()
        for key in keys:
            await other._client.send_and_wait(cursors, b"never", key)
        await ours.publish([Outgoing(cursors, b"A", b"2")])
        assert await values(settings, cursors) == [b"1", b"1"], "whoever does not wait misses the last one"
        asking = asyncio.create_task(newest(settings, cursors, b"A"))
        await asyncio.sleep(0.5)
        assert not asking.done()
        await other._client.abort_transaction()
        found = await asking
    assert found is not None
    assert found.value == b"2"
    assert (await newest(settings, cursors, b"B")).value == b"1"  # type: ignore[union-attr]


async def test_a_topic_that_is_not_there_has_no_newest(settings: Settings, topics: Topics):
    with pytest.raises(BadInput, match="no such topic"):
        await newest(settings, "no-such-topic", b"A")
