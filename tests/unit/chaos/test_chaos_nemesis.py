"""The nemesis: by its seed the same again, each kind at least once, never two in one place, everything healed."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from b2b2c_saga.chaos.nemesis import AT_ONCE, Nemesis


@dataclass
class Going:
    """Which faults are under way."""

    now: Counter[str] = field(default_factory=Counter)
    most: int = 0
    together: set[str] = field(default_factory=set)


@dataclass
class Pretended:
    """A fault that breaks nothing and says what it drew."""

    kind: str
    where: str
    going: Going
    fails: bool = False

    async def inflict(self, chance: random.Random) -> str:
        self.going.now[self.where] += 1
        self.going.most = max(self.going.most, self.going.now.total())
        if self.going.now[self.where] > 1:
            self.going.together.add(self.where)
        try:
            if self.fails:
                raise ValueError("broken")
            await asyncio.sleep(chance.uniform(0.001, 0.02))
        finally:
            self.going.now[self.where] -= 1
        return f"{self.kind} {chance.randrange(1_000_000)}"


KINDS = (("a", "worker"), ("b", "worker"), ("c", "broker"), ("d", "network"), ("e", "clock"))


async def run(seed: int, seconds: float, *, fails: str = "") -> tuple[list[str], Going]:
    going = Going()
    faults = [Pretended(kind, where, going, kind == fails) for kind, where in KINDS]
    nemesis, until = Nemesis(seed, faults, (0.0, 0.01)), asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, until.set)
    try:
        inflicted = await nemesis.run(until)
    finally:
        assert going.now.total() == 0
    return sorted(one.what for one in inflicted), going


async def test_each_kind_occurs_however_short_the_run():
    told, _ = await run(1, 0.0)
    assert [what.split()[0] for what in told] == ["a", "b", "c", "d", "e"]


async def test_the_seed_decides_what_is_drawn():
    assert (await run(7, 0.0))[0] == (await run(7, 0.0))[0]
    assert (await run(7, 0.0))[0] != (await run(8, 0.0))[0]


async def test_faults_overlap_but_never_in_one_place():
    told, going = await run(3, 1.0)
    assert len(told) > 2 * len(KINDS)
    assert going.together == set()
    assert 1 < going.most <= AT_ONCE


async def test_a_fault_that_fails_ends_the_run():
    with pytest.raises(ValueError, match="broken"):
        await run(1, 1.0, fails="d")
