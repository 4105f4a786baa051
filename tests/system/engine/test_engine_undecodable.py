"""Bytes that lie spoilt on the broker's disk stop no partition: they are set aside once, all around them is done.

The broker is one of this module's own, since its log is written into by hand.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import event, everything, header, outputs, publish, until, working

from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.clients import Subscription, consume
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.settings import Settings

KEY = "a/key"
MARK = "spoilt-here!"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the broker keeps its logs."""
    return tmp_path_factory.mktemp("spoilt")


@pytest.fixture(scope="module")
def broker(data: Path) -> Iterator[str]:
    """A broker of this module's own."""
    embedded = EmbeddedBroker(data, port=0)
    yield embedded.up()
    embedded.down()


def spoil(data: Path, topic: str, marker: bytes) -> int:
    """Change the last byte of what lies there as that; returns the partition."""
    logs = [log for log in data.rglob("*.log") if log.parent.name.rpartition("-")[0] == topic]
    [log] = [log for log in logs if marker in log.read_bytes()]
    with log.open("r+b") as file:
        file.seek(log.read_bytes().index(marker) + len(marker) - 1)
        file.write(b"#")
    return int(log.parent.name.rpartition("-")[2])


async def spoilt_topic(settings: Settings, topics: Topics, data: Path, short: str) -> int:
    """Three batches of one key, the second of two records and with a wrong checksum; and records of other keys."""
    await publish(settings, [event(topics, short, KEY, id=1)])
    await publish(settings, [event(topics, short, KEY, id=2), event(topics, short, KEY, id=3, mark=MARK)])
    others = (event(topics, short, f"a/{n}", id=n) for n in range(9, 30))
    await publish(settings, [event(topics, short, KEY, id=4), *others])
    return spoil(data, topics.name(short), MARK.encode())


async def test_a_worker_sets_a_spoilt_batch_aside_once(
    settings: Settings, topics: Topics, tmp_path: Path, data: Path
) -> None:
    number = await spoilt_topic(settings, topics, data, "intake")
    expected = {1, 4, *range(9, 30)}

    async def all_done() -> bool:
        return {told["id"] for told in await outputs(settings, topics)} >= expected

    async with working(settings, tmp_path / "a.log") as worker:
        await until(all_done, "all good ones are decided")
        worker.kill()
        worker.again()
        await publish(settings, [event(topics, "intake", KEY, id=5)])
        expected.add(5)
        await until(all_done, "the next is decided by the next worker")
        assert worker.stop() < 10
    assert sorted(one["id"] for one in await outputs(settings, topics)) == sorted(expected)
    [parked] = await everything(settings, topics.name("parked"))
    assert (parked.key, parked.partition) == (None, number)
    assert (header(parked, "__dlq.errors.class"), header(parked, "__dlq.errors.offset")) == ("Undecodable", "2")
    assert header(parked, "__dlq.errors.message") == "checksum (CRC) is wrong, offsets 1 to 2"
    assert b"spoilt-here#" in (parked.value or b"")


async def test_a_group_passes_over_it_once_and_a_reader_comes_to_its_end(
    settings: Settings, topics: Topics, data: Path
) -> None:
    number = await spoilt_topic(settings, topics, data, "commands.erp")
    name = topics.name("commands.erp")
    records = [record for record in await everything(settings, name) if record.partition == number]
    assert [record.offset for record in records if record.undecoded] == [2]
    assert [record.offset for record in records][:3] == [0, 2, 3]

    async def taken(subscription: Subscription, offset: int) -> list[int]:
        found: list[Record] = []

        async def complete() -> bool:
            found.extend(one for one in await subscription.batch() if one.partition == number)
            return bool(found) and found[-1].offset >= offset

        await until(complete, "the batch and what is behind it are read")
        return [one.offset for one in found]

    offsets = [record.offset for record in records]
    async with consume(settings, [name], "spoilt") as subscription:
        assert await taken(subscription, offsets[-1]) == offsets
        await subscription.commit({(name, number): 3})
    async with consume(settings, [name], "spoilt") as subscription:
        assert await taken(subscription, offsets[-1]) == offsets[2:]
