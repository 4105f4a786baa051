"""One partition as Kafka keeps it: records, markers, open transactions, and what it knows of producers.

Rules from Kafka's documentation of its log: markers take an offset each; the last stable offset is the first offset of
the first open transaction; a producer's batches are numbered, a repeat is acknowledged and not written again, a gap
and an older epoch are refused.
"""

from collections import deque
from dataclasses import dataclass, field

from b2b2c_saga.bus.records import Headers, Record

NONE = 0
MESSAGE_TOO_LARGE = 10
OUT_OF_ORDER_SEQUENCE = 45
INVALID_PRODUCER_EPOCH = 47
REMEMBERED = 5
"""Batches of a producer that the log knows again."""


@dataclass(slots=True)
class Entry:
    """A record or a marker at its offset."""

    record: Record
    producer: int | None = None
    marker: bool = False
    aborted: bool = False


@dataclass(slots=True)
class Numbering:
    """What a partition knows of one producer."""

    epoch: int
    batches: "deque[tuple[int, int, int]]" = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """First and last number, and offset, of the last batches."""


Line = tuple[bytes | None, bytes | None, Headers, int]


class PartitionLog:
    """Offsets are list indexes: nothing is ever deleted here."""

    def __init__(self, topic: str, number: int) -> None:
        self.topic = topic
        self.number = number
        self.entries: list[Entry] = []
        self.producers: dict[int, Numbering] = {}
        self.open: dict[int, int] = {}
        """Producer -> first offset of its open transaction."""

    @property
    def end(self) -> int:
        """The offset of what comes next."""
        return len(self.entries)

    @property
    def stable(self) -> int:
        """The last stable offset."""
        return min(self.open.values(), default=self.end)

    def append(self, lines: list[Line], producer: int | None = None) -> int:
        """Write records; returns the first one's offset."""
        base = self.end
        for offset, line in enumerate(lines, base):
            self.entries.append(Entry(Record(self.topic, self.number, offset, *line), producer))
        return base

    def produce(self, producer: int, epoch: int, first: int, lines: list[Line]) -> tuple[int, int]:
        """A numbered batch within a transaction; returns error code and offset."""
        known = self.producers.get(producer)
        last = first + len(lines) - 1
        if known is None or epoch > known.epoch:
            if first != 0:
                return OUT_OF_ORDER_SEQUENCE, -1
            known = self.producers[producer] = Numbering(epoch)
        elif epoch < known.epoch:
            return INVALID_PRODUCER_EPOCH, -1
        else:
            for seen_first, seen_last, offset in known.batches:
                if (seen_first, seen_last) == (first, last):
                    return NONE, offset
            if first != (known.batches[-1][1] + 1 if known.batches else 0):
                return OUT_OF_ORDER_SEQUENCE, -1
        self.open.setdefault(producer, self.end)
        offset = self.append(lines, producer)
        known.batches.append((first, last, offset))
        return NONE, offset

    def mark(self, producer: int, epoch: int, commit: bool) -> None:  # noqa: FBT001
        """Write the marker that ends a producer's transaction."""
        known = self.producers.get(producer)
        if known is None or epoch > known.epoch:
            self.producers[producer] = Numbering(epoch)
        begun = self.open.pop(producer, None)
        if begun is not None and not commit:
            for entry in self.entries[begun:]:
                if entry.producer == producer and not entry.marker:
                    entry.aborted = True
        marker = Record(self.topic, self.number, self.end, None, b"commit" if commit else b"abort", (), 0)
        self.entries.append(Entry(marker, producer, marker=True))

    def written_by(self, producer: int) -> list[Record]:
        """What a producer wrote in its open transaction."""
        begun = self.open.get(producer)
        if begun is None:
            return []
        return [e.record for e in self.entries[begun:] if e.producer == producer and not e.marker]

    def read(self, offset: int, at_most: int, *, committed: bool = True) -> tuple[list[Record], int]:
        """Records from an offset on, read committed, and the offset to go on from: it steps over what is not seen."""
        end = self.stable if committed else self.end
        records: list[Record] = []
        while offset < end and len(records) < at_most:
            entry = self.entries[offset]
            if not entry.marker and not (committed and entry.aborted):
                records.append(entry.record)
            offset += 1
        return records, offset
