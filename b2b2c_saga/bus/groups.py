"""A consumer in a group, its offsets committed by hand: at least once, for those who repeat without harm."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from b2b2c_saga.bus.driver import POLL_MS, plainly, start_client, to_record
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.security import connection
from b2b2c_saga.settings import Settings

log = structlog.get_logger(__name__)
Place = tuple[str, int]
"""Topic and partition."""


class Subscription:
    """A member of a group: takes batches of records and says which are done."""

    def __init__(self, client: AIOKafkaConsumer, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    @property
    def places(self) -> frozenset[Place]:
        """The partitions that this member has now."""
        return frozenset((tp.topic, tp.partition) for tp in self._client.assignment())

    async def batch(self, wait: float = POLL_MS / 1000, at_most: int = 500) -> list[Record]:
        """The next committed records, in order per partition; an empty list if none came within `wait` seconds.

        Raises:
            Unavailable: the cluster does not answer.
        """
        with plainly(self._settings):
            batches = await self._client.getmany(timeout_ms=int(wait * 1000), max_records=at_most)
        return [to_record(raw) for records in batches.values() for raw in records]

    async def commit(self, offsets: Mapping[Place, int]) -> None:
        """The offset to read next, per partition: everything before it is done.

        A partition that has gone to another member is left to it: it reads again what was not committed.

        Raises:
            Unavailable: the cluster does not answer; the records come again.
        """
        mine = self.places
        kept = {TopicPartition(*place): offset for place, offset in offsets.items() if place in mine}
        if not kept:
            return
        with plainly(self._settings):
            try:
                await self._client.commit(kept)
            except (CommitFailedError, IllegalStateError) as error:
                log.info("commit left to the next owner", reason=type(error).__name__, partitions=len(kept))


@asynccontextmanager
async def consume(settings: Settings, topics: Sequence[str], group: str) -> AsyncIterator[Subscription]:
    """Join a group (named with the topic prefix before it), reading from the beginning what it never committed."""
    client = AIOKafkaConsumer(
        *topics,
        **connection(settings),
        group_id=f"{settings.topic_prefix}{group}",
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=1_000,
    )
    await start_client(client, settings)
    try:
        yield Subscription(client, settings)
    finally:
        await client.stop()
