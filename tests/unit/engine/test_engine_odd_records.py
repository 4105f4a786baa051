"""What no sender of ours writes is set aside alone by the worker, and the parked copy is as it came."""

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


@odd
def test_the_worker_sets_it_aside_on_the_released_topic_too(key: bytes | None, value: bytes | None, headers: Headers):
    here = Partition()
    here.fold([here.write("released", key, value, headers)])
    assert [header_values(record.headers)["__dlq.errors.class"] for record in here.logs["parked"]] == [b"NotReleased"]
