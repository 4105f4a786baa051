"""What a new owner reads, however the logs end: exactly what is committed, on a real broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import PolicyViolationError
from harness import assert_exactly_once, event, outputs, publish, until, working

from b2b2c_saga.bus.records import partition_of
from b2b2c_saga.bus.security import connection
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.chaos.counting import job
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.recovery import Recovered, recover
from b2b2c_saga.runtime.engine.transaction import Transactions
from b2b2c_saga.settings import Settings
from b2b2c_saga.telemetry import metrics

GROUP = "counting"


class Partition:
    """One partition number's owners, one after the other."""

    def __init__(self, settings: Settings, topics: Topics) -> None:
        self.settings = settings
        self.number = 3
        self.group = f"{settings.topic_prefix}{GROUP}"
        self.own = f"{self.group}-{self.number}"
        self.rows = topics.name("changelog.orders")
        self.intake = topics.name("intake")
        self._job = job(topics)

    async def commit(self, rows: dict[bytes, bytes], offset: int | None = None) -> None:
        """As a writer does, which then dies."""
        transactions = Transactions(connection(self.settings), self.own, self.group)
        await transactions.open()
        lines = [(key, row, [("sources", b"[]")], None) for key, row in rows.items()]
        offsets = {Place(self.intake, self.number): offset} if offset is not None else {}
        await transactions.commit({Place(self.rows, self.number): lines} if lines else {}, offsets)
        await transactions.close()

    async def take_over(self) -> Recovered:
        """Fence, and read."""
        transactions = Transactions(connection(self.settings), self.own, self.group)
        await transactions.open()
        try:
            async with asyncio.timeout(30):
                return await recover(connection(self.settings), self.group, self._job, self.number)
        finally:
            await transactions.close()

    async def recovered(self) -> dict[bytes, bytes]:
        """The rows of orders after a take-over."""
        return (await self.take_over()).tables[self.rows].rows

    async def delete_before(self, topic: str, offset: int) -> None:
        """Delete the head of a log; -1: all of it."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.bootstrap)
        await admin.start()
        try:
            policy = {"cleanup.policy": "delete"}  # a log that is compacted only keeps its head
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, policy)])
            gone = {TopicPartition(topic, self.number): RecordsToDelete(before_offset=offset)}
            async with asyncio.timeout(30):
                while not await _done(admin.delete_records(gone)):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            await admin.close()

    @asynccontextmanager
    async def in_transaction(self, name: str, topic: str) -> AsyncIterator[AIOKafkaProducer]:
        """A producer of that name with a record written and its transaction open; at the end it dies so."""
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.bootstrap, transactional_id=name)
        await producer.start()
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"never", b"open", partition=self.number)
        try:
            yield producer
        finally:
            sender = producer._sender.sender_task  # a proper stop would wait for the transaction
            while not sender.done():
                sender.cancel()
                await asyncio.sleep(0.01)
            await producer.client.close()
            producer._closed = True


async def _done(deletion: Awaitable[object]) -> bool:
    try:
        await deletion
    except PolicyViolationError:  # the new policy is not everywhere yet
        return False
    return True


@pytest.fixture
def partition(settings: Settings, topics: Topics) -> Partition:
    return Partition(settings, topics)


async def test_an_empty_log_has_no_rows(partition: Partition) -> None:
    taken = await partition.take_over()
    assert [table.rows for table in taken.tables.values()] == [{}, {}]
    assert set(taken.committed.values()) == {0}


async def test_markers_of_commits_at_the_end_are_stepped_over(partition: Partition) -> None:
    await partition.commit({b"a": b"1", b"b": b"1"}, offset=2)
    await partition.commit({b"a": b"2"}, offset=3)
    taken = await partition.take_over()
    assert taken.tables[partition.rows].rows == {b"a": b"2", b"b": b"1"}
    assert taken.committed[Place(partition.intake, partition.number)] == 3


async def test_a_log_of_nothing_but_aborted_records_has_no_rows(partition: Partition) -> None:
    for _ in range(2):
        async with partition.in_transaction(partition.own, partition.rows) as producer:
            await producer.abort_transaction()
    assert await partition.recovered() == {}


async def test_what_the_dead_owner_left_open_is_ended_and_never_seen(partition: Partition) -> None:
    await partition.commit({b"a": b"1"})
    async with partition.in_transaction(partition.own, partition.rows):
        pass
    assert await partition.recovered() == {b"a": b"1"}


async def test_rows_committed_behind_a_foreign_open_transaction_are_waited_for(partition: Partition) -> None:
    foreign = f"{partition.group}-of-another-tool"
    async with partition.in_transaction(foreign, partition.rows):
        pass
    await partition.commit({b"a": b"1"})
    taking = asyncio.create_task(partition.recovered())
    await asyncio.sleep(3)
    assert not taking.done()
    async with partition.in_transaction(foreign, partition.rows) as successor:  # which ends what was open before
        await successor.abort_transaction()
        assert await taking == {b"a": b"1"}


async def test_a_changelog_whose_head_is_gone_is_read_from_where_it_begins(partition: Partition) -> None:
    await partition.commit({b"a": b"1"})  # offset 0, its marker 1
    await partition.commit({b"b": b"1"})
    await partition.delete_before(partition.rows, 2)
    assert await partition.recovered() == {b"b": b"1"}
    await partition.delete_before(partition.rows, -1)
    assert await partition.recovered() == {}


async def test_records_deleted_before_they_were_read_are_counted(partition: Partition, settings: Settings) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
    await producer.start()
    for n in range(6):
        await producer.send_and_wait(partition.intake, b"%d" % n, b"a", partition=partition.number)
    await producer.stop()
    await partition.commit({}, offset=1)
    await partition.delete_before(partition.intake, 4)
    taken = await partition.take_over()
    assert taken.committed[Place(partition.intake, partition.number)] == 4
    assert metrics.DELETED_UNREAD.labels(partition.intake)._value.get() == 3


async def test_a_foreign_open_transaction_on_a_step_topic_delays_and_loses_nothing(
    partition: Partition, settings: Settings, topics: Topics, tmp_path: Path
) -> None:
    key = next(key for key in (f"a/{n}" for n in range(99)) if partition_of(key.encode(), 8) == partition.number)
    async with partition.in_transaction("a-tool", partition.intake):
        pass
    await publish(settings, [event(topics, "intake", key, id=1), event(topics, "pack", key, id=2)])
    async with working(settings, tmp_path / "a.log") as worker:

        async def told(count: int) -> bool:
            return len(await outputs(settings, topics)) == count

        await until(lambda: told(1), "the event on the other topic")
        assert worker.ready() == set(range(8))
        async with partition.in_transaction("a-tool", partition.intake) as successor:
            await successor.commit_transaction()
            await until(lambda: told(2), "the event behind")
            assert worker.stop() < 5
    assert_exactly_once(await outputs(settings, topics), [(key, "1"), (key, "2")])
