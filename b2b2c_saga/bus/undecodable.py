"""What aiokafka 0.14 can't take apart is set aside by its place, and what lies before and behind it is read.

aiokafka raises what its decoder raises: Faust's app ends at it, again and again, and a client that asks once more
loses the good records that were fetched before it. Here a record that is flawed, or a whole batch of which nothing can
be had, comes as a record that says so (`Record.undecoded`). It lies at the last offset that it stands for, so that
whoever commits it has passed over all of it, once.

Bytes whose checksum is wrong may have been spoilt on the way: they are fetched again before they are believed.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.memory_records import MemoryRecords

from b2b2c_saga.bus.batch_bytes import BatchBytes, Read, is_known, split
from b2b2c_saga.telemetry import metrics

log = structlog.get_logger(__name__)
FETCHED_AGAIN = 2
"""How often bytes are asked for again whose checksum is wrong."""
REASON_AT_MOST = 300
"""Characters."""


@dataclass
class Undecoded(ConsumerRecord):  # type: ignore[misc]
    """What stands for a record, or for a batch, that can't be decoded."""

    undecoded: str = ""
    """Why not."""


def set_undecodable_aside() -> None:
    """For every consumer of this process, from now on."""
    fetcher.MemoryRecords = FetchedBytes
    fetcher.PartitionRecords = PartitionRecords


class FetchedBytes:
    """Fetched batches as aiokafka reads them, and their bytes. They may be asked for more than is whole of them."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.batches = MemoryRecords(data)
        """Those that are whole, as aiokafka reads them."""
        self.is_begun = self.batches.has_next()

    def size_in_bytes(self) -> int:
        """How many were fetched."""
        return len(self.data)

    def has_next(self) -> bool:
        """Whether there is something to read: also where no batch is whole, since a cluster sends one at least."""
        return bool(self.data)


class PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """Fetched records of a partition, unpacked as aiokafka does, and with care from where that ends."""

    _spoilt: ClassVar[dict[TopicPartition, tuple[int, int]]] = {}
    """Where bytes were spoilt last, and how often they were fetched: each fetch begins with a new object."""
    _data: bytes
    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Any]:
        fetched: FetchedBytes = self._records
        self._data = fetched.data
        careful = not fetched.is_begun or not is_known(self._data)  # aiokafka takes any magic byte above 2 for 2
        if not careful:
            try:
                yield from self._of(fetched.batches)
            except Exception:  # noqa: BLE001 - whatever a decoder raises
                careful = True
        if careful and (batches := list(split(self._data))):
            yield from self._carefully(batches)
        elif careful:
            yield from self._spoilt_at(None, None, "no batch is whole: a length is wrong")

    def _of(self, records: Any) -> Iterator[Any]:  # noqa: ANN401
        self._records = records
        yield from super()._unpack_records()

    def _carefully(self, batches: list[BatchBytes]) -> Iterator[Any]:
        """Batch by batch, from the one that could not be read; ends behind what is, or may be, a transaction's marker.

        What is aborted behind it, only the next fetch is told.
        """
        for batch, following in zip(batches, [*batches[1:], None], strict=True):
            behind = _end(batch, following)
            if behind is not None and behind <= self.next_fetch_offset:
                continue
            if batch.foreign is not None:  # no checksum is over the magic byte
                yield from self._spoilt_at(batch, following, batch.foreign)
                return
            try:
                yield from self._of(MemoryRecords(batch.data))
            except Exception as error:  # noqa: BLE001 - as above
                cause = error
            else:
                continue
            if batch.flaw is not None:
                yield from self._spoilt_at(batch, following, batch.flaw)
                return
            try:
                found = list(batch.records())
            except Exception as error:  # noqa: BLE001 - as above
                why = f"{type(cause).__name__}: {cause}; {error}"
                yield self._stands_for(batch.data, batch.end, why[:REASON_AT_MOST])
                continue
            yield from self._as_read(found, batch.end)
            if not found:  # a marker
                return

    def _as_read(self, found: list[Read], end: int) -> Iterator[Any]:
        for read in found:
            if read.offset >= self.next_fetch_offset:
                self.next_fetch_offset = read.offset + 1
                yield self._record(read)
        self.next_fetch_offset = end

    def _spoilt_at(self, batch: BatchBytes | None, following: BatchBytes | None, flaw: str) -> Iterator[Any]:
        """Bytes that may have been spoilt on the way, or lie so: where they end, only what follows can tell."""
        here = self.next_fetch_offset
        where, times = self._spoilt.get(self._tp, (here, 0))
        if where != here or times < FETCHED_AGAIN:
            self._spoilt[self._tp] = here, 1 if where != here else times + 1
            return  # nothing was passed over: the same offset is asked for again
        self._spoilt.pop(self._tp, None)
        behind = None if batch is None else _end(batch, following)
        yield self._stands_for(self._data if batch is None else batch.data, behind or 0, flaw)

    def _stands_for(self, data: bytes, end: int, why: str) -> Undecoded:
        """One record for all before an offset; for the next alone where that is not known."""
        first = self.next_fetch_offset
        self.next_fetch_offset = max(end, first + 1)
        last = self.next_fetch_offset - 1
        return self._undecoded(
            Read(last, time.time_ns() // 1_000_000, None, data, (), f"{why}, offsets {first} to {last}")
        )

    def _record(self, read: Read) -> ConsumerRecord:
        return self._undecoded(read) if read.flaw else ConsumerRecord(*self._fields(read))

    def _undecoded(self, read: Read) -> Undecoded:
        topic, partition = self._tp
        why = read.flaw or ""
        log.error("record can't be decoded", topic=topic, partition=partition, offset=read.offset, reason=why)
        metrics.UNDECODABLE.labels(topic).inc()
        return Undecoded(*self._fields(read), undecoded=why)

    def _fields(self, read: Read) -> tuple[Any, ...]:
        sizes = (-1 if part is None else len(part) for part in (read.key, read.value))
        return (*self._tp, read.offset, read.timestamp, 0, read.key, read.value, None, *sizes, read.headers)


def _end(batch: BatchBytes, following: BatchBytes | None) -> int | None:
    """The offset behind a batch, as one of two heads tells whose checksum is right; None: neither does."""
    if batch.flaw is None:
        return batch.end
    return following.base_offset if following is not None and following.flaw is None else None
