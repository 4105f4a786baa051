"""A record as it lies in a partition, and the partition that a key belongs to."""

from dataclasses import dataclass

from aiokafka.partitioner import murmur2

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One record read from Kafka, its bytes untouched."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int
    """Milliseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to send; its key decides the partition. No value: a tombstone."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers = ()


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that Kafka's default partitioner (murmur2) gives a key, out of a number of partitions."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
