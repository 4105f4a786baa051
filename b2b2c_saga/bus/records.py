"""A record as it lies in a partition, and the partition that a key belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka.partitioner import murmur2

Headers = tuple[tuple[str, bytes | None], ...]
"""Names and values. Kafka lets a name stand twice and a value be null, so whoever reads headers meets both."""


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
    undecoded: str | None = None
    """Why Kafka's client can't take it apart; the rest is then what could be had of it, or of a whole batch."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to send; its key decides the partition, without one any will do. No value: a tombstone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


def header_values(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, bytes]:
    """Headers by name: of a name that stands twice the last value; a null value says as much as no header."""
    return {name: value for name, value in dict(headers).items() if value is not None}


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that Kafka's default partitioner (murmur2) gives a key, out of a number of partitions."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
