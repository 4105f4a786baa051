"""Which partition a key belongs to: what Kafka's own clients say."""

import pytest

from b2b2c_saga.bus.records import partition_of


# Source: UtilsTest.testMurmur2 of Apache Kafka's Java client.
@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_partition_of_a_key_is_that_of_kafkas_java_client(key, hashed):
    for partitions in (1, 7, 8, 1_000):
        assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions
