"""What aiokafka can't take apart is set aside by its place, once; what lies before and behind it is read, once."""

import struct
from collections.abc import Callable, Sequence

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.record.default_records import DefaultRecordBatchBuilder, _DefaultRecordBatchPy
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.bus import driver
from b2b2c_saga.bus.batch_bytes import BatchBytes, split
from b2b2c_saga.bus.undecodable import FETCHED_AGAIN, FetchedBytes, PartitionRecords, Undecoded
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.model.errors import Bug, Unreadable
from b2b2c_saga.runtime.engine.recovery import _take
from b2b2c_saga.runtime.engine.table import Table

PLACE = TopicPartition("b2b2c.intake.v1", 3)
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
ATTRIBUTES = 22
"""Of the low byte, within a batch."""


@pytest.fixture(autouse=True)
def _nothing_spoilt_before() -> None:
    PartitionRecords._spoilt.clear()


def batch(base: int, *values: bytes, codec: str = "none", producer: int = -1, names: Sequence[str] = ()) -> bytes:
    """Good records from an offset on, each with its value as key."""
    builder = DefaultRecordBatchBuilder(2, CODECS[codec], int(producer >= 0), producer, 0, 0, 1 << 20)
    for number, value in enumerate(values):
        headers: list[tuple[str, bytes | None]] = [(name, b"1") for name in names]
        builder.append(number, 1_000 + number, value, value, headers)
    built = bytearray(builder.build())
    struct.pack_into(">q", built, 0, base)
    return bytes(built)


def resealed(data: bytes | bytearray) -> bytes:
    """With the checksum of what it is now: as if its sender had meant it."""
    sealed = bytearray(data)
    struct.pack_into(">I", sealed, 17, calc_crc32c(bytes(sealed[21:])))
    return bytes(sealed)


def changed(data: bytes, at: int, to: bytes) -> bytes:
    return data[:at] + to + data[at + len(to) :]


class Log:
    """A partition's batches, and what a consumer has of them that asks until it is at the end."""

    def __init__(self, *batches: bytes, aborted: Sequence[tuple[int, int, int]] = ()) -> None:
        self.batches = batches
        self.aborted = aborted
        self.position = 0
        self.fetches = 0
        self.found: list[ConsumerRecord] = []

    def read(self, end: int, at_most: int = 40) -> list[tuple[int, bytes | None]]:
        """Offsets and values of all before an offset; of what can't be decoded the value is None."""
        while self.position < end:
            self.fetches += 1
            assert self.fetches < at_most, "no end"
            self.found += self.fetch()
        return [(r.offset, None if isinstance(r, Undecoded) else r.value) for r in self.found]

    def fetch(self) -> list[ConsumerRecord]:
        ends = [struct.unpack_from(">q", data)[0] + struct.unpack_from(">i", data, 23)[0] + 1 for data in self.truth]
        data = b"".join(data for data, end in zip(self.batches, ends, strict=True) if end > self.position)
        aborted = [(producer, first) for producer, first, marker in self.aborted if marker >= self.position]
        got = PartitionRecords(PLACE, FetchedBytes(data), aborted, self.position, None, None, True, READ_COMMITTED)
        records = list(got)
        self.position = got.next_fetch_offset
        return records

    truth: Sequence[bytes] = ()
    """The batches as the cluster's index knows them."""


def log(
    *batches: bytes, spoilt: dict[int, Callable[[bytes], bytes]], aborted: Sequence[tuple[int, int, int]] = ()
) -> Log:
    made = Log(*(spoilt.get(n, bytes)(data) for n, data in enumerate(batches)), aborted=aborted)
    made.truth = batches
    return made


def three() -> tuple[bytes, ...]:
    return batch(0, b"a", b"b"), batch(2, b"c", b"d", b"e", names=["one"]), batch(5, b"f")


WHOLE = [(0, b"a"), (1, b"b"), (2, b"c"), (3, b"d"), (4, b"e"), (5, b"f")]


@pytest.mark.parametrize("codec", CODECS)
def test_good_batches_are_read_as_aiokafka_reads_them(codec: str):
    assert log(*three(), batch(6, b"g", codec=codec), spoilt={}).read(7) == [*WHOLE, (6, b"g")]


def test_a_name_that_is_no_text_sets_its_record_aside_alone():
    def one(data: bytes) -> bytes:
        at = data.index(b"one", data.index(b"one") + 3)
        return resealed(changed(data, at, b"\xff\xfee"))

    here = log(*three(), spoilt={1: one})
    assert here.read(6) == [(0, b"a"), (1, b"b"), (2, b"c"), (3, None), (4, b"e"), (5, b"f")]
    [odd] = [record for record in here.found if isinstance(record, Undecoded)]
    assert (odd.key, odd.value, odd.headers, odd.timestamp) == (b"d", b"d", (("\\xff\\xfee", b"1"),), 1_001)
    assert "a header's name is no UTF-8: \\xff\\xfee" in odd.undecoded
    assert here.fetches == 1


def test_a_record_that_is_not_as_it_says_is_set_aside_alone():
    def lying(data: bytes) -> bytes:
        return resealed(changed(data, data.index(b"\x02d\x02d"), b"\x7fd\x02d"))

    here = log(*three(), spoilt={1: lying})
    assert here.read(6) == [(0, b"a"), (1, b"b"), (2, b"c"), (3, None), (4, b"e"), (5, b"f")]


def test_a_record_that_lies_outside_its_batch_is_set_aside_at_its_place():
    def lying(data: bytes) -> bytes:
        named = changed(data, data.index(b"one"), b"\xff\xfee")
        return resealed(changed(named, named.index(b"\x02d\x02d") - 1, b"\x7e"))

    here = log(*three(), spoilt={1: lying})
    assert here.read(6) == [(0, b"a"), (1, b"b"), (2, None), (3, None), (4, b"e"), (5, b"f")]


def test_a_marker_that_cannot_be_read_is_no_record():
    odd = {1: lambda data: resealed(changed(data, ATTRIBUTES, b"\x30"))}
    batches = (batch(0, b"a", b"b"), batch(2, b"c", b"d", producer=7), batch(4, b"e"))
    assert log(*batches, spoilt=odd).read(5) == [(0, b"a"), (1, b"b"), (4, b"e")]


@pytest.mark.parametrize("sealed", [True, False])
def test_what_follows_a_marker_that_cannot_be_read_is_not_taken_for_aborted(*, sealed: bool):
    def odd(data: bytes) -> bytes:
        marker = changed(data, ATTRIBUTES, b"\x30")
        return resealed(marker) if sealed else marker

    batches = (batch(0, b"a", producer=7), batch(1, b"m", producer=7), batch(2, b"c", producer=7))
    found = log(*batches, spoilt={1: odd}, aborted=[(7, 0, 1)]).read(3)
    assert found == [(2, b"c")] if sealed else [(1, None), (2, b"c")]


@pytest.mark.parametrize("count", [b"\x00", b"\x01"])
def test_a_record_with_more_than_it_says_is_set_aside_alone(count: bytes):
    def lying(data: bytes) -> bytes:
        return resealed(changed(data, data.index(b"\x02d\x02d") + 4, count))

    here = log(*three(), spoilt={1: lying})
    assert here.read(6) == [(0, b"a"), (1, b"b"), (2, b"c"), (3, None), (4, b"e"), (5, b"f")]
    [odd] = [record for record in here.found if isinstance(record, Undecoded)]
    assert (odd.key, odd.value) == (b"d", b"d")


@pytest.mark.parametrize("codec", [5, 6, 7])
def test_a_codec_that_nobody_knows_sets_its_batch_aside_at_its_last_offset(codec: int):
    here = log(*three(), spoilt={1: lambda data: resealed(changed(data, ATTRIBUTES, bytes([codec])))})
    assert here.read(6) == [(0, b"a"), (1, b"b"), (4, None), (5, b"f")]
    [odd] = [record for record in here.found if isinstance(record, Undecoded)]
    assert odd.value == here.batches[1]
    assert "offsets 2 to 4" in odd.undecoded
    here.position = 5  # what is committed behind it is never asked for again
    assert [record.offset for record in here.fetch()] == [5]


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_bytes_that_are_spoilt_set_their_batch_aside(codec: str):
    good = batch(2, b"c" * 500, b"d" * 500, codec=codec)
    noise = {1: lambda data: resealed(data[:61] + b"\xff" * (len(data) - 61))}
    here = log(
        batch(0, b"a", b"b"),
        good,
        batch(4, b"e"),
        spoilt=noise,
    )
    assert here.read(5) == [(0, b"a"), (1, b"b"), (3, None), (4, b"e")]


def test_a_wrong_checksum_is_asked_for_again_before_it_is_believed():
    here = log(*three(), spoilt={1: lambda data: changed(data, len(data) - 3, b"\x00")})
    good = here.batches
    assert [record.offset for record in here.fetch()] == [0, 1]
    assert here.position == 2
    here.batches = here.truth  # it was spoilt on the way
    assert here.read(6) == WHOLE[2:]
    PartitionRecords._spoilt.clear()
    here = log(*three(), spoilt={})
    here.batches = good
    assert here.read(6) == [(0, b"a"), (1, b"b"), (4, None), (5, b"f")]
    assert here.fetches == 2 + FETCHED_AGAIN


@pytest.mark.parametrize("magic", [0, 1, 3, 99])
def test_a_foreign_magic_byte_is_set_aside_where_its_batch_cannot_be_read(magic: int):
    here = log(*three(), spoilt={1: lambda data: changed(changed(data, 16, bytes([magic])), len(data) - 3, b"\x00")})
    assert here.read(6) == [(0, b"a"), (1, b"b"), (4, None), (5, b"f")]
    [odd] = [record for record in here.found if isinstance(record, Undecoded)]
    assert f"magic byte {magic}" in odd.undecoded


@pytest.mark.parametrize("magic", [0, 1, 3, 99])
def test_a_foreign_magic_byte_is_never_read_as_that_of_now(magic: int):
    here = log(*three(), spoilt={1: lambda data: changed(data, 16, bytes([magic]))})
    assert here.read(6) == [(0, b"a"), (1, b"b"), (4, None), (5, b"f")]
    [odd] = [record for record in here.found if isinstance(record, Undecoded)]
    assert f"magic byte {magic}" in odd.undecoded


def test_records_beyond_the_count_of_their_batch_are_not_lost_without_a_word():
    here = log(*three(), spoilt={1: lambda data: resealed(changed(data, 57, struct.pack(">i", 2)))})
    assert here.read(6) == [*WHOLE[:4], (4, None), (5, b"f")]


def test_a_head_that_lies_about_its_end_takes_no_other_batch_with_it():
    here = log(*three(), spoilt={1: lambda data: changed(data, 23, struct.pack(">i", 1_000_000))})
    assert here.read(6) == [(0, b"a"), (1, b"b"), (4, None), (5, b"f")]


def test_the_last_batch_of_a_log_is_passed_over_offset_by_offset_where_nothing_tells_its_end():
    here = log(*three()[:2], spoilt={1: lambda data: changed(data, 23, struct.pack(">i", 1_000_000))})
    assert here.read(5) == [(0, b"a"), (1, b"b"), (2, None), (3, None), (4, None)]


@pytest.mark.parametrize("length", [-1, 0, 3, 1 << 30])
def test_a_length_that_is_wrong_ends_nothing(length: int):
    here = log(*three(), spoilt={1: lambda data: changed(data, 8, struct.pack(">i", length))})
    found = here.read(6)
    assert [one for one in found if one[1] is not None] == [(0, b"a"), (1, b"b"), (5, b"f")]
    assert {offset for offset, value in found if value is None} <= {2, 3, 4}


def test_what_was_aborted_stays_aborted_behind_a_batch_that_is_set_aside():
    batches = (batch(0, b"a", producer=7), batch(1, b"b", producer=9), batch(2, b"c", producer=7), batch(3, b"d"))
    broken = {1: lambda data: resealed(changed(data, ATTRIBUTES, b"\x17"))}
    assert log(*batches, spoilt=broken, aborted=[(7, 0, 9)]).read(4) == [(1, None), (3, b"d")]
    aborted = {0: lambda data: resealed(changed(data, ATTRIBUTES, b"\x17"))}
    assert log(*batches, spoilt=aborted, aborted=[(7, 0, 9)]).read(4) == [(1, b"b"), (3, b"d")]


@given(noise=st.binary(max_size=40), at=st.integers(0, 400), sealed=st.booleans())
def test_whatever_stands_in_a_batch_good_ones_are_read_once_and_nothing_ends(*, noise: bytes, at: int, sealed: bool):
    PartitionRecords._spoilt.clear()

    def spoilt(data: bytes) -> bytes:
        start = 21 + at % (len(data) - 21)
        noisy = changed(data, start, noise[: len(data) - start])
        noisy = noisy[:23] + data[23:27] + noisy[27:]  # how many offsets it has, the cluster checks
        return resealed(noisy) if sealed else noisy

    found = log(*three(), spoilt={1: spoilt}).read(6)
    assert [one for one in found if one[0] in {0, 1, 5}] == [(0, b"a"), (1, b"b"), (5, b"f")]
    assert sealed or [offset for offset, _ in found] == sorted({offset for offset, _ in found})


def test_an_undecoded_record_is_unreadable_and_rows_are_never_passed_over():
    odd = Undecoded(*PLACE, 4, 1, 0, None, b"x", None, -1, 1, (), undecoded="checksum (CRC) is wrong")
    record = driver.to_record(odd)
    assert record.undecoded == "checksum (CRC) is wrong"
    with pytest.raises(Unreadable, match=r"checksum \(CRC\) is wrong"):
        decode(record)
    with pytest.raises(Bug, match=r"changelog b2b2c.intake.v1:3 can't be decoded: checksum"):
        _take(Table(), odd)


def test_every_consumer_of_ours_sets_aside_and_what_we_reach_into_is_still_there():
    assert fetcher.PartitionRecords is PartitionRecords
    assert fetcher.MemoryRecords is FetchedBytes
    good = batch(0, b"a")
    [one] = split(good)
    assert one == BatchBytes(good)
    assert [read.value for read in one.records()] == [b"a"]
    assert {"_maybe_uncompress", "max_timestamp"} <= set(dir(_DefaultRecordBatchPy))
