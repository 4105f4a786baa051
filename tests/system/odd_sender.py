"""Records that no sender of ours writes and that Kafka takes all the same, sent as they are."""

from collections.abc import Iterable

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from b2b2c_saga.bus.records import Headers, partition_of
from b2b2c_saga.bus.security import connection
from b2b2c_saga.settings import Settings

Odd = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers."""


class Name(str):
    """A header's name that is on the wire what `raw` says, text or not."""

    __slots__ = ("raw",)
    raw: bytes

    @classmethod
    def of(cls, raw: bytes) -> "Name":
        """These bytes."""
        name = cls("(bytes)")
        name.raw = raw
        return name

    def encode(self, *_: object) -> bytes:
        """The bytes."""
        return self.raw


async def send_as_they_are(settings: Settings, topic: str, partitions: int, records: Iterable[Odd]) -> None:
    """Each in a batch of its own, acknowledged; one without a key to partition 0."""
    async with AIOKafkaProducer(**connection(settings), acks="all") as producer:
        for key, value, headers in records:
            await send_batch(
                producer, topic, 0 if key is None else partition_of(key, partitions), [(key, value, headers)]
            )


async def send_batch(producer: AIOKafkaProducer, topic: str, partition: int, records: Iterable[Odd]) -> None:
    """Together in one batch."""
    batch = producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 1 << 20)
    for key, value, headers in records:
        assert batch.append(timestamp=None, key=key, value=value, headers=list(headers)) is not None
    batch.close()
    await (await producer.send_batch(batch, topic, partition=partition))
