"""Faults leave nothing broken, whatever is drawn, and when they are cut short too."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from b2b2c_saga.chaos.cluster import Cluster
from b2b2c_saga.chaos.kinds import Victims, all_faults, chosen
from b2b2c_saga.chaos.nemesis import Fault
from b2b2c_saga.chaos.proxy import Network
from b2b2c_saga.chaos.worker_faults import WORKER
from b2b2c_saga.model.errors import BadInput

SLOTS = (1, 2, 3, 4)


@dataclass
class Pretended:
    """A crew without processes."""

    slots: tuple[int, ...] = SLOTS
    up: set[int] = field(default_factory=lambda: {1, 2, 3})
    paused: set[int] = field(default_factory=set)
    clocks: dict[int, float] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    @property
    def running(self) -> list[int]:
        return sorted(self.up)

    def start(self, slot: int) -> None:
        assert slot not in self.up
        self.up.add(slot)
        self.done.append("start")

    def kill(self, slot: int) -> None:
        self.up.remove(slot)
        self.done.append("kill")

    async def stop(self, slot: int) -> None:
        self.up.remove(slot)
        self.done.append("stop")
        await asyncio.sleep(1)

    def pause(self, slot: int) -> None:
        assert slot in self.up
        self.paused.add(slot)
        self.done.append("pause")

    def resume(self, slot: int) -> None:
        self.paused.remove(slot)

    def set_clock(self, slot: int, seconds: float) -> None:
        self.clocks[slot] = seconds
        self.done.append("clock")


@pytest.fixture
def network() -> Network:
    places = [(slot, node) for slot in SLOTS for node in (1, 2, 3)]
    return Network(dict.fromkeys(places, 1), dict.fromkeys(places, 2))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody really waits; how long they would have."""
    lengths: list[float] = []
    really = asyncio.sleep

    async def sleep(seconds: float) -> None:
        lengths.append(seconds)
        await really(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return lengths


@pytest.fixture
def crew() -> Pretended:
    return Pretended()


@pytest.fixture
async def faults(crew: Pretended, network: Network, tmp_path: Path) -> AsyncIterator[dict[str, Fault]]:
    """All of them, by name; the brokers are none."""
    cluster = Cluster(tmp_path, brokers=1, slots=1)
    yield {fault.kind: fault for fault in all_faults(Victims(crew, cluster, network, "group", ["intake"], 8, 6))}
    await cluster.stop()


def assert_at_rest(crew: Pretended) -> None:
    assert len(crew.up) >= 2
    assert crew.paused == set()
    assert set(crew.clocks.values()) <= {0}


@pytest.mark.parametrize("kind", ["kill-worker", "zombie", "scale-out", "scale-in", "rolling-restart", "clock-jump"])
async def test_workers_are_broken_and_healed(kind: str, crew: Pretended, faults: dict[str, Fault], slept: list[float]):
    for seed in range(30):
        told = await faults[kind].inflict(random.Random(seed))
        assert told
        assert_at_rest(crew)
    assert crew.done
    assert slept


async def test_a_zombie_sleeps_longer_than_its_session(faults: dict[str, Fault], slept: list[float]):
    for seed in range(50):
        await faults["zombie"].inflict(random.Random(seed))
    assert min(slept) > 6


async def test_what_is_cut_short_is_healed(crew: Pretended, faults: dict[str, Fault]):
    for kind in ("kill-worker", "zombie", "clock-jump"):
        task = asyncio.create_task(faults[kind].inflict(random.Random(1)))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert crew.done
        assert crew.up == {1, 2, 3}
        assert_at_rest(crew)


@pytest.mark.parametrize("kind", ["drop", "half-open", "delay", "reset"])
async def test_the_network_is_open_again(kind: str, faults: dict[str, Fault], network: Network, slept: list[float]):
    broken = 0
    for seed in range(20):
        task = asyncio.create_task(faults[kind].inflict(random.Random(seed)))
        for _ in range(3):
            await asyncio.sleep(0)
            broken += any(
                link.delay or not link.requests.is_set() or not link.answers.is_set() for link in network.links.values()
            )
        await task
        for link in network.links.values():
            assert link.requests.is_set()
            assert link.answers.is_set()
            assert link.delay == 0
    assert kind == "reset" or broken


async def test_nobody_waits_for_commits_afterwards(
    faults: dict[str, Fault], network: Network, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("b2b2c_saga.chaos.network_faults.COMMITS_WITHIN", 0.05)
    told = await faults["reset-after-commit"].inflict(random.Random(1))
    assert told.startswith("0 commits of worker")
    assert all(link.take_commit() is None for link in network.links.values())


async def test_kinds_are_chosen_by_name(faults: dict[str, Fault]):
    of_workers = [fault for fault in faults.values() if fault.where == WORKER]
    assert chosen(of_workers, ()) == of_workers
    assert [fault.kind for fault in chosen(of_workers, ("zombie", "kill-worker"))] == ["kill-worker", "zombie"]
    with pytest.raises(BadInput, match="some of kill-worker, rolling-restart"):
        chosen(of_workers, ("meteor",))
