"""Record batches as bytes: where each begins and ends, and of one that aiokafka can't read whole, what can be read.

Source: Kafka's documentation, "Record Batch" and "Record" (magic 2): https://kafka.apache.org/documentation/#recordbatch
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.util import calc_crc32c

FRAME = struct.Struct(">qi")
"""Base offset, and the length of what follows."""
HEAD = struct.Struct(">iBIhiqqqhii")
"""What follows: leader epoch, magic, CRC, attributes, last offset delta, times, producer, epoch, sequence, count."""
CRC_AT, CHECKED_FROM = 17, 21
MAGIC = 2
MAGIC_AT = 16
FLAWED_NAME = "backslashreplace"
"""How a header's name that is no UTF-8 is shown: its bytes as `\\xff`."""


@dataclass(frozen=True, slots=True)
class Read:
    """One record of a batch; `flaw` says why it is not to be trusted, if it is not."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class BatchBytes:
    """One batch, from its base offset to its last byte."""

    data: bytes

    @property
    def base_offset(self) -> int:
        """The offset of its first record."""
        return int(FRAME.unpack_from(self.data)[0])

    @property
    def foreign(self) -> str | None:
        """What to say of one whose magic byte names another format than the one that is known."""
        magic = self.data[MAGIC_AT] if len(self.data) > MAGIC_AT else MAGIC
        return None if magic == MAGIC else f"magic byte {magic} is of no format that is known"

    @property
    def flaw(self) -> str | None:
        """What is wrong with its head; None: its checksum is right, so its sender meant it as it is."""
        if len(self.data) < FRAME.size + HEAD.size:
            return f"a batch of {len(self.data)} bytes: shorter than a head"
        if calc_crc32c(self.data[CHECKED_FROM:]) != struct.unpack_from(">I", self.data, CRC_AT)[0]:
            return "checksum (CRC) is wrong"
        return None

    @property
    def end(self) -> int:
        """The offset behind its last record; to be believed where the checksum is right."""
        return self.base_offset + int(HEAD.unpack_from(self.data, FRAME.size)[4]) + 1

    def records(self) -> Iterator[Read]:
        """Its records one by one; of one that is flawed, what can be had.

        Raises:
            Exception: nothing can be had, as the codec is unknown or its bytes are spoilt.
        """
        batch = _DefaultRecordBatchPy(self.data)
        if batch.is_control_batch:
            return
        batch._maybe_uncompress()  # noqa: SLF001 - its records alone can be asked for, as long as all are good
        payload = bytes(batch._buffer[batch._pos :])  # noqa: SLF001
        fixed = batch.max_timestamp if batch.timestamp_type == batch.LOG_APPEND_TIME else None
        at, offset = 0, self.base_offset
        for _ in range(HEAD.unpack_from(self.data, FRAME.size)[10]):
            length, at = _varint(payload, at)
            body, at = _cut(payload, at, length)
            read = _record(body, batch, fixed, offset)
            offset = read.offset + 1
            yield read
        if at != len(payload):
            raise ValueError(f"{len(payload) - at} bytes are left behind the last record")


def split(data: bytes) -> Iterator[BatchBytes]:
    """The whole batches of fetched bytes, as their lengths say; what is cut off at the end is left out."""
    return (BatchBytes(bytes(data[at:end])) for at, end in _frames(data))


def is_known(data: bytes) -> bool:
    """Whether each whole batch of fetched bytes is of the format that is known."""
    return all(data[at + MAGIC_AT] == MAGIC for at, end in _frames(data) if end > at + MAGIC_AT)


def _frames(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at + FRAME.size <= len(data):
        end = at + FRAME.size + int(FRAME.unpack_from(data, at)[1])
        if not at + FRAME.size <= end <= len(data):
            return
        yield at, end
        at = end


def _record(body: bytes, batch: _DefaultRecordBatchPy, fixed: int | None, expected: int) -> Read:
    """The record of a body; one that can't be read stands at the offset that is `expected`, as the bytes it is."""
    try:
        _, at = body[0], 1
        delta, at = _varint(body, at)
        offset_delta, at = _varint(body, at)
        key, at = _nullable(body, at)
        value, at = _nullable(body, at)
        count, at = _varint(body, at)
        headers: list[tuple[str, bytes | None]] = []
        flaw = None
        for _ in range(count):
            raw, at = _nullable(body, at)
            name = (raw or b"").decode(errors=FLAWED_NAME)
            if name.encode() != raw:
                flaw = f"a header's name is no UTF-8: {name[:60]}"
            found, at = _nullable(body, at)
            headers.append((name, found))
        if count < 0 or at != len(body):
            flaw = "a record has other headers than it says"
    except (ValueError, IndexError) as error:
        return Read(expected, fixed or batch.first_timestamp, None, body, (), f"a record is not as it says: {error}")
    if not 0 <= offset_delta <= batch.last_offset_delta:
        return Read(expected, fixed or batch.first_timestamp, None, body, (), "a record lies outside its batch")
    offset, timestamp = batch.base_offset + offset_delta, batch.first_timestamp + delta
    return Read(offset, timestamp if fixed is None else fixed, key, value, tuple(headers), flaw)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag varint of ten bytes at most, and where it ends."""
    found = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        found |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return (found >> 1) ^ -(found & 1), at
    raise ValueError("a number of more than ten bytes")


def _nullable(data: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = _varint(data, at)
    return (None, at) if length == -1 else _cut(data, at, length)


def _cut(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if length < 0 or at + length > len(data):
        raise ValueError(f"{length} bytes are announced, and {len(data) - at} are there")
    return data[at : at + length], at + length
