"""A writer's transactions on a real broker: all of it or nothing, and said so."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from harness import everything

from b2b2c_saga.bus.security import connection
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.parking import Line
from b2b2c_saga.runtime.engine.transaction import Fenced, Refused, Transactions
from b2b2c_saga.settings import Settings


def _transactions(settings: Settings) -> Transactions:
    group = f"{settings.topic_prefix}counting"
    return Transactions(connection(settings), f"{group}-0", group)


def _line(size: int) -> Line:
    return b"k", b"x" * size, [], None


async def _takes_at_most(settings: Settings, topic: str, size: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(size)})
        await admin.alter_configs([resource])
    finally:
        await admin.close()


async def test_one_refused_delivery_of_many_refuses_all(settings: Settings, topics: Topics) -> None:
    rows, small = Place(topics.name("changelog.orders"), 0), Place(topics.name("order-events"), 0)
    await _takes_at_most(settings, small.topic, 1_000)
    transactions = _transactions(settings)
    try:
        refused = False
        async with asyncio.timeout(30):
            while not refused:  # the new limit is not everywhere at once
                await transactions.open()
                before = await everything(settings, rows.topic)
                try:
                    await transactions.commit({rows: [_line(10)], small: [_line(50_000)]}, {})
                except Refused:
                    refused = True
        assert await everything(settings, rows.topic) == before
        await transactions.open()
        await transactions.commit({rows: [_line(11)]}, {})
        assert [len(r.value or b"") for r in await everything(settings, rows.topic)][-1:] == [11]
    finally:
        await transactions.close()


async def test_the_one_before_is_fenced_and_what_it_sent_is_never_seen(settings: Settings, topics: Topics) -> None:
    rows = Place(topics.name("changelog.orders"), 0)
    older, newer = _transactions(settings), _transactions(settings)
    try:
        await older.open()
        await older.commit({rows: [_line(1)]}, {})
        await newer.open()
        with pytest.raises(Fenced):
            await older.commit({rows: [_line(2)]}, {})
        await newer.commit({rows: [_line(3)]}, {})
        assert [len(r.value or b"") for r in await everything(settings, rows.topic)] == [1, 3]
    finally:
        await older.close()
        await newer.close()
