"""Whatever dies when: each event takes effect once, each key's sequence has neither gap nor repeat."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import (
    Worker,
    assert_exactly_once,
    assert_order_kept,
    event,
    lag,
    latest,
    outputs,
    until,
    working,
)

from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.broker.state import read_state
from b2b2c_saga.bus.clients import producer
from b2b2c_saga.bus.records import Outgoing
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.settings import Settings

STEPS = ("intake", "invoice", "pack", "inventory")
KEYS = 200


def stream(topics: Topics, count: int, first: int = 0) -> Iterator[tuple[str, Outgoing]]:
    """Events of many keys over several steps; the stock table's keys are its own."""
    chance = random.Random(first)
    for number in range(first, first + count):
        step = STEPS[number % len(STEPS)]
        key = f"{'sku' if step == 'inventory' else 'acme'}/{chance.randrange(KEYS)}"
        yield key, event(topics, step, key, id=number)


async def feed(settings: Settings, topics: Topics, count: int, parts: int, pause: float) -> list[tuple[str, str]]:
    """Publish in parts, so that faults fall between and within; returns what is expected to come out."""
    expected: list[tuple[str, str]] = []
    async with producer(settings) as publisher:  # one for all: it carries on through a broker's death
        for part in range(parts):
            first = part * count // parts
            made = list(stream(topics, count // parts, first))
            await publisher.publish_all(record for _, record in made)
            expected += [(key, str(number)) for number, (key, _) in enumerate(made, first)]
            await asyncio.sleep(pause)
    return expected


async def assert_all_there(settings: Settings, topics: Topics, expected: list[tuple[str, str]]) -> None:
    async def complete() -> bool:
        return len(await outputs(settings, topics)) >= len(expected)

    await until(complete, f"{len(expected)} outputs")
    told = await outputs(settings, topics)
    assert_exactly_once(told, expected)
    assert_order_kept(told)
    counted = {o["key"]: o["n"] for o in told}
    for changelog in ("changelog.orders", "changelog.stock"):
        for key, record in (await latest(settings, topics.name(changelog))).items():
            assert record.value == b'{"n": %d}' % counted[key.decode()]
    # Transaction markers lie after the last record: none of the input topics has any, publishers aren't transactional.
    assert await lag(settings, topics, STEPS) == 0


async def test_two_workers_share_and_a_graceful_stop_is_quick(
    settings: Settings, topics: Topics, tmp_path: Path
) -> None:
    async with working(settings, tmp_path / "a.log") as a:
        await until(lambda: len(a.ready()) == 8, "first worker ready")
        feeding = asyncio.create_task(feed(settings, topics, 4_000, 8, 0.5))
        async with working(settings, tmp_path / "b.log") as b:
            await until(lambda: len(b.ready()) == 4, "second worker has its half")
            expected = await feeding
            assert b.stop() < 5
        await assert_all_there(settings, topics, expected)
        assert a.stop() < 5


async def test_a_killed_worker_loses_and_doubles_nothing(settings: Settings, topics: Topics, tmp_path: Path) -> None:
    async with working(settings, tmp_path / "a.log") as a:
        await until(lambda: len(a.ready()) == 8, "worker ready")
        feeding = asyncio.create_task(feed(settings, topics, 12_000, 6, 0.3))
        for _ in range(2):
            await asyncio.sleep(1.2)
            a.kill()
            a.again()
            await asyncio.sleep(4)
        await assert_all_there(settings, topics, await feeding)


async def test_a_crashed_membership_begins_anew_in_place(
    settings: Settings, topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRASH_ONCE", "yes")
    async with working(settings, tmp_path / "a.log") as a:
        expected = await feed(settings, topics, 400, 1, 0.0)
        await assert_all_there(settings, topics, expected)
        assert [line["reason"] for line in a.told("stopping")] == ["RuntimeError"]
        assert a.stop() < 5


async def test_a_zombie_writes_nothing(settings: Settings, topics: Topics, tmp_path: Path) -> None:
    async with working(settings, tmp_path / "a.log") as a, working(settings, tmp_path / "b.log") as b:
        await until(lambda: a.ready() | b.ready() == set(range(8)), "both ready")
        feeding = asyncio.create_task(feed(settings, topics, 8_000, 20, 0.6))
        await asyncio.sleep(1)
        a.process.send_signal(signal.SIGSTOP)
        await until(lambda: len(_since(b)) == 8, "the other took all over")
        a.process.send_signal(signal.SIGCONT)
        await assert_all_there(settings, topics, await feeding)
        assert a.process.poll() is None
        assert b.process.poll() is None


def _since(worker: Worker) -> set[int]:
    last = worker.told("assigned")[-1:]
    return set(last[0]["partitions"]) if last else set()


async def _some_came_out(settings: Settings, topics: Topics) -> bool:
    return len(await outputs(settings, topics)) > 0


@pytest.mark.parametrize("fault", ["kill", "stop"])
async def test_a_broken_broker_restarts_writers_in_place(tmp_path: Path, fault: str) -> None:
    """`kill`: dies and comes back. `stop`: says nothing for longer than a transaction lives."""
    broker = EmbeddedBroker(tmp_path / "broker", port=0)
    address = broker.up()
    broker = EmbeddedBroker(tmp_path / "broker", port=int(address.rsplit(":", 1)[1]))
    settings = Settings(_env_file=None, bootstrap_servers=address, topic_prefix="own.")
    topics = load_topics("own.")
    try:
        await apply_topics(settings, topics)
        async with working(settings, tmp_path / "a.log") as a:
            await until(lambda: len(a.ready()) == 8, "worker ready")
            # A stream without a breath: whenever the broker falls silent, a transaction is under way.
            feeding = asyncio.create_task(feed(settings, topics, 30_000, 60, 0.0))
            await until(lambda: _some_came_out(settings, topics), "first outputs")
            state = read_state(tmp_path / "broker")
            assert state is not None
            if fault == "kill":
                os.kill(state.pid, signal.SIGKILL)
                await asyncio.sleep(3)
                assert broker.up() == address
            else:
                os.kill(state.pid, signal.SIGSTOP)
                await asyncio.sleep(25)
                os.kill(state.pid, signal.SIGCONT)
            await assert_all_there(settings, topics, await feeding)
            if fault == "stop":
                assert a.told("writer failed, starting again") or a.told("batch aborted, asking again")
            assert a.process.poll() is None
            assert a.stop() < 15
    finally:
        broker.down()
