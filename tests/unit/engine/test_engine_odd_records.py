"""What no sender of ours writes is set aside alone by the worker, and the parked copy is as it came."""

from dataclasses import replace

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from odd_headers import ODD
from partition import KEYS, Partition

from b2b2c_saga.bus.records import Headers, header_values
from b2b2c_saga.bus.wire import decode

odd = pytest.mark.parametrize(("key", "value", "headers"), ODD)


@odd
def test_the_worker_sets_it_aside_alone_and_it_goes_out_as_it_came(
    key: bytes | None, value: bytes | None, headers: Headers
):
    here = Partition()
    here.rules.decide = lambda key, row, record: decode(record)  # type: ignore[assignment, method-assign, return-value]
    key = KEYS[0] if key and key.strip() else key
    here.fold([here.write("intake", key, value, headers)])
    [found] = here.logs["parked"]
    assert (found.key, found.value, found.headers[: len(headers)]) == (key or None, value, headers)
    assert here.held() == ({}, {})
    batch = DefaultRecordBatchBuilder(2, 0, 1, -1, -1, 0, 1 << 20)
    assert batch.append(0, 1, found.key, found.value, list(found.headers))


@pytest.mark.parametrize("topic", ["intake", "inventory", "released"])
@pytest.mark.parametrize("key", [None, KEYS[0]])
def test_what_cannot_be_decoded_is_set_aside_alone_with_what_could_be_had(topic: str, key: bytes | None):
    here = Partition()
    here.tell(b"a")
    batch = here.fold([replace(here.write(topic, key, b"bytes"), undecoded="checksum (CRC) is wrong")])
    here.tell(b"b")
    [found] = here.logs["parked"]
    said = header_values(found.headers)
    assert (found.key, found.value, said["__dlq.errors.class"]) == (key, b"bytes", b"Undecodable")
    assert (said["__dlq.errors.message"], said["__dlq.errors.scope"]) == (b"checksum (CRC) is wrong", b"record")
    assert (batch.parked, here.out(), here.held()) == ({"Undecodable": 1}, [b"a", b"b"], ({}, {}))
    assert here.waiting()[0].alone


def test_what_had_a_key_and_could_not_be_decoded_is_decided_when_it_is_released():
    here = Partition()
    here.fold([replace(here.write("intake", KEYS[0], b"a", (("\\xff", b"1"),)), undecoded="a name is no UTF-8")])
    assert here.out() == []
    here.release()
    assert (here.out(), here.waiting(), here.held()) == ([b"a"], [], ({}, {}))


@odd
def test_the_worker_sets_it_aside_on_the_released_topic_too(key: bytes | None, value: bytes | None, headers: Headers):
    here = Partition()
    here.fold([here.write("released", key, value, headers)])
    assert [header_values(record.headers)["__dlq.errors.class"] for record in here.logs["parked"]] == [b"NotReleased"]
