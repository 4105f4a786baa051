"""Faults leave nothing broken, whatever is drawn, and when they are cut short too."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from b2b2c_saga.chaos.faults import ClockJump, KillWorker, RollingRestart, ScaleIn, ScaleOut, Zombie
from b2b2c_saga.chaos.kinds import chosen
from b2b2c_saga.chaos.nemesis import Fault
from b2b2c_saga.chaos.network_faults import Delayed, Dropped, HalfOpen, Reset, ResetAfterCommit
from b2b2c_saga.chaos.proxy import Network
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


def of_workers(crew: Pretended) -> list[Fault]:
    return [KillWorker(crew), Zombie(crew, 6), ScaleOut(crew), ScaleIn(crew), RollingRestart(crew), ClockJump(crew)]


def assert_at_rest(crew: Pretended) -> None:
    assert len(crew.up) >= 2
    assert crew.paused == set()
    assert set(crew.clocks.values()) <= {0}


@pytest.mark.parametrize("number", range(6))
async def test_workers_are_broken_and_healed(number: int, slept: list[float]):
    crew = Pretended()
    fault = of_workers(crew)[number]
    for seed in range(30):
        told = await fault.inflict(random.Random(seed))
        assert told
        assert_at_rest(crew)
    assert crew.done
    assert slept


async def test_a_zombie_sleeps_longer_than_its_session(slept: list[float]):
    fault = Zombie(Pretended(), 6)
    for seed in range(50):
        await fault.inflict(random.Random(seed))
    assert min(slept) > 6


async def test_what_is_cut_short_is_healed():
    crew = Pretended()
    for fault in (KillWorker(crew), Zombie(crew, 6), ClockJump(crew)):
        task = asyncio.create_task(fault.inflict(random.Random(1)))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert crew.done
        assert crew.up == {1, 2, 3}
        assert_at_rest(crew)


@pytest.mark.parametrize("kind", [Dropped, HalfOpen, Delayed, Reset])
async def test_the_network_is_open_again(kind, network: Network, slept: list[float]):
    broken = 0
    for seed in range(20):
        task = asyncio.create_task(kind(Pretended(), network).inflict(random.Random(seed)))
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
    assert kind is Reset or broken


async def test_nobody_waits_for_commits_afterwards(network: Network, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("b2b2c_saga.chaos.network_faults.COMMITS_WITHIN", 0.05)
    told = await ResetAfterCommit(Pretended(), network).inflict(random.Random(1))
    assert told.startswith("0 commits of worker")
    assert all(link.take_commit() is None for link in network.links.values())


def test_kinds_are_chosen_by_name():
    faults = of_workers(Pretended())
    assert chosen(faults, ()) == faults
    assert [fault.kind for fault in chosen(faults, ("zombie", "kill-worker"))] == ["kill-worker", "zombie"]
    with pytest.raises(BadInput, match="some of clock-jump, kill-worker"):
        chosen(faults, ("meteor",))
