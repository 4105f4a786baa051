"""Reading on and on: each look takes in what was committed since the last, and ends."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from b2b2c_saga.bus.clients import lone_reader, partitions_of
from b2b2c_saga.bus.driver import POLL_MS, plainly, to_record
from b2b2c_saga.bus.records import Record
from b2b2c_saga.settings import Settings


class Reading:
    """Topics being read, from their beginning."""

    def __init__(self, client: AIOKafkaConsumer, places: list[TopicPartition], settings: Settings) -> None:
        self._client = client
        self._places = places
        self._settings = settings

    async def more(self) -> AsyncIterator[Record]:
        """What was committed since the last look, up to the last stable offsets of now; in order per partition.

        Raises:
            Unavailable: the cluster does not answer.
        """
        client = self._client
        with plainly(self._settings):
            ends: dict[TopicPartition, int] = await client.end_offsets(self._places)
            unread = {tp for tp in self._places if await client.position(tp) < ends[tp]}
        while unread:
            with plainly(self._settings):
                batches = await client.getmany(*unread, timeout_ms=POLL_MS)
            for records in batches.values():
                for raw in records:
                    yield to_record(raw)
            with plainly(self._settings):
                unread = {tp for tp in unread if await client.position(tp) < ends[tp]}


@asynccontextmanager
async def reading(settings: Settings, topics: Sequence[str], partition: int | None = None) -> AsyncIterator[Reading]:
    """All partitions of topics, or one partition number of them, for the length of a block.

    Raises:
        BadInput: a topic does not exist.
    """
    async with lone_reader(settings) as client:
        with plainly(settings):
            places = await partitions_of(client, topics, partition)
            client.assign(places)
            await client.seek_to_beginning(*places)
        yield Reading(client, places, settings)


async def record_at(settings: Settings, topic: str, partition: int, offset: int) -> Record | None:
    """The committed record at a place; None: it is not there any more.

    Raises:
        BadInput: the topic does not exist.
    """
    async with lone_reader(settings) as client:
        with plainly(settings):
            place = TopicPartition(topic, partition)
            await partitions_of(client, [topic], partition)
            client.assign([place])
            first = (await client.beginning_offsets([place]))[place]
            end = (await client.end_offsets([place]))[place]
            if not first <= offset < end:
                return None
            client.seek(place, offset)
            while await client.position(place) <= offset:
                batches = await client.getmany(place, timeout_ms=POLL_MS, max_records=1)
                for raw in batches.get(place, ()):
                    return to_record(raw) if raw.offset == offset else None
    return None
