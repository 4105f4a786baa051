"""The model of the broker against Kafka's rules; each test here runs against a real broker too."""

import itertools
import os

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from clusters import ModelCluster, RealCluster, Who
from model_broker import INVALID_TXN_STATE, Broker, State
from model_log import INVALID_PRODUCER_EPOCH, NONE, OUT_OF_ORDER_SEQUENCE

from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.settings import Settings

PARTITIONS = 12
_partitions = itertools.count()


@pytest.fixture(scope="module")
async def real_topic(broker):
    """A topic for all tests of this file, each of which takes a partition of its own."""
    settings = Settings(_env_file=None, bootstrap_servers=broker, topic_prefix=f"model{os.getpid()}.")
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    topic = f"{settings.topic_prefix}log"
    await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    await admin.close()
    return settings, topic


@pytest.fixture(params=["model", "kafka"])
def either(request):
    if request.param == "model":
        return ModelCluster("intake")
    settings, topic = request.getfixturevalue("real_topic")
    return RealCluster(settings, topic, next(_partitions))


@pytest.fixture
async def cluster(either):
    await either.start()
    yield either
    await either.stop()


async def _write(cluster: ModelCluster | RealCluster, who: Who, first: int, *values: bytes) -> int:
    assert await cluster.add(who) == NONE
    error, offset = await cluster.produce(who, first, *values)
    assert error == NONE
    return offset


async def test_the_epoch_stays_from_commit_to_commit_and_rises_by_one_with_a_new_producer(cluster):
    who = await cluster.init("id")
    for first in range(3):
        await _write(cluster, who, first, b"%d" % first)
        assert await cluster.end(who, commit=True) == NONE
        await cluster.settled()
    again = await cluster.init("id")
    assert (again.producer, again.epoch) == (who.producer, who.epoch + 1)


async def test_markers_take_offsets_and_aborted_records_are_not_seen(cluster):
    who = await cluster.init("id")
    await _write(cluster, who, 0, b"a", b"b")
    await cluster.end(who, commit=True)
    await cluster.settled()
    await _write(cluster, who, 2, b"c")
    await cluster.end(who, commit=False)
    await cluster.settled()
    await _write(cluster, who, 3, b"d")
    await cluster.end(who, commit=True)
    assert await cluster.read() == {0: b"a", 1: b"b", 5: b"d"}
    assert await cluster.stable() == 7


async def test_a_new_producer_ends_the_open_transaction_and_fences_what_comes_late(cluster):
    old = await cluster.init("id")
    await _write(cluster, old, 0, b"a")
    assert await cluster.stable() == 0
    new = await cluster.init("id")
    assert new.epoch == old.epoch + 2  # one that fences, one that is given
    assert await cluster.stable() == 2
    assert await cluster.end(old, commit=True) == INVALID_PRODUCER_EPOCH
    assert (await cluster.produce(old, 1, b"b"))[0] == INVALID_PRODUCER_EPOCH
    assert await cluster.add(old) == INVALID_PRODUCER_EPOCH
    assert await cluster.read() == {}


async def test_offsets_count_once_their_transaction_is_committed(cluster):
    who = await cluster.init("id")
    await cluster.add_offsets(who)
    assert await cluster.commit_offset(who, 5) == NONE
    await cluster.end(who, commit=False)
    assert not await cluster.committed()
    await cluster.add_offsets(who)
    assert await cluster.commit_offset(who, 6) == NONE
    await cluster.end(who, commit=True)
    assert await cluster.committed() == 6


async def test_a_repeated_batch_is_acknowledged_and_written_once_and_a_gap_is_refused(cluster):
    who = await cluster.init("id")
    offset = await _write(cluster, who, 0, b"a")
    assert await cluster.produce(who, 0, b"a") == (NONE, offset)
    assert (await cluster.produce(who, 2, b"c"))[0] == OUT_OF_ORDER_SEQUENCE
    await cluster.end(who, commit=True)
    assert await cluster.read() == {0: b"a"}


async def test_an_end_is_answered_alike_when_repeated_and_refused_when_opposite(cluster):
    who = await cluster.init("id")
    await _write(cluster, who, 0, b"a")
    assert await cluster.end(who, commit=True) == NONE
    await cluster.settled()
    assert await cluster.end(who, commit=True) == NONE
    assert await cluster.end(who, commit=False) == INVALID_TXN_STATE


async def test_records_and_offsets_outside_of_a_transaction_are_refused(cluster):
    who = await cluster.init("id")
    assert (await cluster.produce(who, 0, b"a"))[0] == INVALID_TXN_STATE
    await _write(cluster, who, 0, b"b")
    await cluster.end(who, commit=True)
    await cluster.settled()
    assert (await cluster.produce(who, 1, b"late"))[0] == INVALID_TXN_STATE


async def test_the_late_copy_of_an_end_ends_the_next_transaction_of_its_epoch(cluster):
    """Why `Transactions` gives up an epoch in which a request got no answer."""
    who = await cluster.init("id")
    await _write(cluster, who, 0, b"a")
    await cluster.end(who, commit=True)
    await cluster.settled()
    await _write(cluster, who, 1, b"half")
    assert await cluster.end(who, commit=True) == NONE  # the copy
    assert await cluster.read() == {0: b"a", 2: b"half"}


async def test_the_late_copy_of_an_offset_commit_counts_in_the_next_transaction_of_its_epoch(cluster):
    """As above."""
    who = await cluster.init("id")
    for offset in (5, 6):
        await cluster.add_offsets(who)
        assert await cluster.commit_offset(who, offset) == NONE
        if offset == 6:
            assert await cluster.commit_offset(who, 5) == NONE  # the copy
        await cluster.end(who, commit=True)
        await cluster.settled()
    assert await cluster.committed() == 5


def test_a_transaction_that_lasts_too_long_is_aborted_and_its_producer_fenced():
    """In the model alone: a real broker looks for them every ten seconds."""
    due = []
    broker = Broker({"intake": 1}, lambda why, step: due.append((why, step)))
    _, producer, epoch = broker.init_producer_id("id", 20.0)
    broker.add("id", producer, epoch, [Place("intake", 0)])
    broker.produce("id", producer, epoch, Place("intake", 0), 0, [(b"k", b"a", (), 0)], 10)
    assert [why for why, _ in due] == ["timeout 20.0"]
    due.pop()[1]()
    assert broker.ids["id"].state is State.PREPARE_ABORT
    due.pop()[1]()
    assert broker.end("id", producer, epoch, commit=True) == INVALID_PRODUCER_EPOCH
    assert broker.logs[Place("intake", 0)].read(0, 9) == ([], 2)
