"""Kafka's clients, typed and thin: what is sent is acknowledged, what is read is committed.

Topics are full names here (`Topics.name`). Kafka's errors become `Unavailable` or `BadInput`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import islice

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from b2b2c_saga.bus.driver import POLL_MS, no_such_topic, plainly, start_client, to_record
from b2b2c_saga.bus.groups import Subscription, consume
from b2b2c_saga.bus.records import Outgoing, Record, partition_of
from b2b2c_saga.bus.security import connection
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

__all__ = ["Publisher", "Subscription", "consume", "ends_of", "follow", "newest", "producer", "read_all"]

PRODUCER_BACKOFF_MS = 5
"""aiokafka's default of 100 ms turns each retriable answer of Kafka 4 into a stall of that length."""
STALLED_SECONDS = 60.0
"""More than any transaction's life."""
SENT_AT_ONCE = 2_000
"""Records of `publish_all` that wait for their acknowledgement together."""
LARGEST_RECORD = 8 << 20
"""Bytes that we send at most: as much as any topic takes (`max_message` in topics.yaml)."""


class Publisher:
    """Sends records, idempotently, and returns when all in-sync replicas have them."""

    def __init__(self, producer: AIOKafkaProducer, settings: Settings) -> None:
        self._producer = producer
        self._settings = settings

    async def send(
        self, topic: str, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = ()
    ) -> None:
        """Send one record to the partition of its key.

        Raises:
            BadInput: the record is larger than the cluster takes, or the topic does not exist.
            Unavailable: not acknowledged; it may have arrived all the same.
        """
        with plainly(self._settings):
            await self._producer.send_and_wait(topic, value, key, headers=list(headers))

    async def reaches_cluster(self) -> bool:
        """Some broker answers a question about the cluster."""
        return bool(await self._producer.client.force_metadata_update())

    async def publish_all(self, records: Iterable[Outgoing], sent: Callable[[int], None] = lambda _: None) -> int:
        """Send many records, in order per partition; returns their number. `sent` hears how many more arrived.

        Raises:
            BadInput, Unavailable: as `send`; the ones before may have arrived.
        """
        total = 0
        source = iter(records)
        with plainly(self._settings):
            while chunk := list(islice(source, SENT_AT_ONCE)):
                pending = [await self._producer.send(r.topic, r.value, r.key, headers=list(r.headers)) for r in chunk]
                await asyncio.gather(*pending)
                total += len(chunk)
                sent(len(chunk))
        return total


@asynccontextmanager
async def producer(settings: Settings) -> AsyncIterator[Publisher]:
    """An idempotent producer with acks=all, for the length of a block."""
    client = AIOKafkaProducer(
        **connection(settings),
        acks="all",
        enable_idempotence=True,
        retry_backoff_ms=PRODUCER_BACKOFF_MS,
        max_request_size=LARGEST_RECORD,
    )
    await start_client(client, settings)
    try:
        yield Publisher(client, settings)
    finally:
        await client.stop()


async def read_all(settings: Settings, topics: Sequence[str], partition: int | None = None) -> AsyncIterator[Record]:
    """All committed records of topics (of one partition number, or of all), up to the last stable offset of now.

    It ends: transaction markers and aborted records at a partition's end are stepped over, and records of a
    transaction still open, or of later ones, are left out. In order per partition, not among partitions.

    Raises:
        BadInput: a topic does not exist.
    """
    async with lone_reader(settings) as client:
        with plainly(settings):
            assigned = await partitions_of(client, topics, partition)
            ends: dict[TopicPartition, int] = await client.end_offsets(assigned)  # read_committed: the last stable ones
            starts: dict[TopicPartition, int] = await client.beginning_offsets(assigned)
        unread = {tp: end for tp, end in ends.items() if starts[tp] < end}
        client.assign(list(unread))
        for tp in unread:
            client.seek(tp, starts[tp])
        while unread:
            with plainly(settings):
                batches = await client.getmany(*unread, timeout_ms=POLL_MS)
            for tp, records in batches.items():
                for record in records:
                    if record.offset < unread[tp]:
                        yield to_record(record)
            with plainly(settings):
                # The position moves past markers, which are no records: a last record would never come.
                done = [tp for tp, end in unread.items() if await client.position(tp) >= end]
            for tp in done:
                del unread[tp]
            client.pause(*done)


async def ends_of(settings: Settings, topics: Sequence[str], *, stable: bool = True) -> dict[tuple[str, int], int]:
    """The end of each partition of topics: of what is committed, or (not `stable`) of all that was ever written.

    Raises:
        BadInput: a topic does not exist.
    """
    async with lone_reader(settings, "read_committed" if stable else "read_uncommitted") as client:
        with plainly(settings):
            assigned = await partitions_of(client, topics, None)
            ends: dict[TopicPartition, int] = await client.end_offsets(assigned)
    return {(tp.topic, tp.partition): end for tp, end in ends.items()}


async def newest(settings: Settings, topic: str, key: bytes) -> Record | None:
    """The newest committed record of a key, a tombstone too; None: there is none.

    Unlike `read_all` it waits for transactions of others that are open now: what was committed behind them counts.

    Raises:
        BadInput: the topic does not exist.
        Unavailable: one of them is not ended for long.
    """
    found: Record | None = None
    async with lone_reader(settings) as client:
        with plainly(settings):
            partitions = await partitions_of(client, [topic], None)
            mine = partitions[partition_of(key, len(partitions))]
            client.assign([mine])
            await client.seek_to_beginning(mine)
        end: int | None = None
        last_moved, position = asyncio.get_running_loop().time(), -1
        while end is None or position < end:
            with plainly(settings):
                batches = await client.getmany(mine, timeout_ms=POLL_MS)
                end = client.highwater(mine) if end is None else end
                before, position = position, await client.position(mine)
            found = next((to_record(raw) for raw in reversed(batches.get(mine, ())) if raw.key == key), found)
            now = asyncio.get_running_loop().time()
            last_moved = now if position != before else last_moved
            if now - last_moved > STALLED_SECONDS:
                raise Unavailable(f"topic {topic} could not be read to its end: a transaction is open on it")
    return found


async def follow(
    settings: Settings,
    topics: Sequence[str],
    from_end: bool,  # noqa: FBT001 - read_all is the other choice, and callers name it
    ready: asyncio.Event | None = None,
) -> AsyncIterator[Record]:
    """Committed records as they come, without a group, for ever; from the end of now, or from the beginning.

    `ready` is set once the place to begin is fixed: what is sent after that is not missed.
    """
    async with lone_reader(settings) as client:
        with plainly(settings):
            assigned = await partitions_of(client, topics, None)
            offsets = await (client.end_offsets(assigned) if from_end else client.beginning_offsets(assigned))
        client.assign(assigned)
        for tp, offset in offsets.items():
            client.seek(tp, offset)
        if ready is not None:
            ready.set()
        while True:
            with plainly(settings):
                batches = await client.getmany(timeout_ms=1_000)
            for records in batches.values():
                for record in records:
                    yield to_record(record)


@asynccontextmanager
async def lone_reader(settings: Settings, isolation: str = "read_committed") -> AsyncIterator[AIOKafkaConsumer]:
    """A client that reads committed records, unless told otherwise, without a group, for the length of a block."""
    client = AIOKafkaConsumer(
        **connection(settings),
        group_id=None,
        enable_auto_commit=False,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=POLL_MS,
    )
    await start_client(client, settings)
    try:
        yield client
    finally:
        await client.stop()


async def partitions_of(client: AIOKafkaConsumer, topics: Sequence[str], partition: int | None) -> list[TopicPartition]:
    """All partitions of topics, or one partition number of them.

    Raises:
        BadInput: a topic does not exist.
    """
    cluster = await client._client.fetch_all_metadata()  # noqa: SLF001 - the public `topics()` drops the partitions
    known = cluster.topics()
    for topic in topics:
        if topic not in known:
            raise no_such_topic(topic)
    return [
        TopicPartition(topic, number)
        for topic in topics
        for number in sorted(cluster.partitions_for_topic(topic))
        if partition is None or number == partition
    ]
