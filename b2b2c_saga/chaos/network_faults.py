"""What may go wrong on the way between a worker and brokers: silence, one-sided silence, delay, resets."""

import asyncio
import random
from dataclasses import dataclass

from b2b2c_saga.chaos.crew import Crew
from b2b2c_saga.chaos.faults import any_of
from b2b2c_saga.chaos.proxy import Link, Network

NETWORK = "network"
COMMITS_WITHIN = 15.0
"""Seconds to wait for a worker to commit something; one without partitions never does."""


def _struck(crew: Crew, network: Network, chance: random.Random) -> tuple[list[Link], str]:
    """Between one worker and one broker, or now and then all of them."""
    slot = any_of(crew, chance)
    links = network.of(slot)
    if chance.random() < 1 / 3:
        return links, f"worker {slot} and all brokers"
    number = chance.randrange(len(links))
    return [links[number]], f"worker {slot} and broker {number + 1}"


@dataclass
class Dropped:
    """A black hole: what is sent does not arrive until later, and no end learns of it."""

    crew: Crew
    network: Network
    kind: str = "drop"
    where: str = NETWORK

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        links, between = _struck(self.crew, self.network, chance)
        seconds = chance.uniform(3, 30)
        await _held(links, seconds, requests=True, answers=True)
        return f"nothing between {between} for {seconds:.1f} s"


@dataclass
class HalfOpen:
    """One direction goes on: requests are carried out and not answered, or not even that."""

    crew: Crew
    network: Network
    kind: str = "half-open"
    where: str = NETWORK

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        links, between = _struck(self.crew, self.network, chance)
        seconds, answers = chance.uniform(3, 30), chance.random() < 2 / 3
        await _held(links, seconds, requests=not answers, answers=answers)
        return f"no {'answers' if answers else 'requests'} between {between} for {seconds:.1f} s"


async def _held(links: list[Link], seconds: float, *, requests: bool, answers: bool) -> None:
    for link in links:
        link.hold(requests=requests, answers=answers)
    try:
        await asyncio.sleep(seconds)
    finally:
        for link in links:
            link.release()


@dataclass
class Delayed:
    """Each piece takes longer, both ways."""

    crew: Crew
    network: Network
    kind: str = "delay"
    where: str = NETWORK

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        links, between = _struck(self.crew, self.network, chance)
        seconds, delay = chance.uniform(4, 15), chance.uniform(0.05, 1.0)
        for link in links:
            link.delay = delay
        try:
            await asyncio.sleep(seconds)
        finally:
            for link in links:
                link.delay = 0.0
        return f"{1000 * delay:.0f} ms more each way between {between} for {seconds:.1f} s"


@dataclass
class Reset:
    """RST to both ends of all connections, several times."""

    crew: Crew
    network: Network
    kind: str = "reset"
    where: str = NETWORK

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        links, between = _struck(self.crew, self.network, chance)
        times, broken = chance.randint(1, 6), 0
        for _ in range(times):
            broken += sum(link.reset() for link in links)
            await asyncio.sleep(chance.uniform(0.1, 2))
        return f"{broken} connections between {between} reset, in {times} strokes"


@dataclass
class ResetAfterCommit:
    """The commit request reaches the broker and is carried out; both ends get a RST before the answer."""

    crew: Crew
    network: Network
    kind: str = "reset-after-commit"
    where: str = NETWORK

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        slot, wanted = any_of(self.crew, chance), chance.randint(1, 4)
        links, broken = self.network.of(slot), 0
        limit = asyncio.get_running_loop().time() + COMMITS_WITHIN
        try:
            while broken < wanted and (left := limit - asyncio.get_running_loop().time()) > 0:
                broken += await _broken_commit(links, left)
                await asyncio.sleep(chance.uniform(0.1, 1))
        finally:
            for link in links:
                link.let_commits_pass()
        return f"{broken} commits of worker {slot} sent, carried out, and their answers cut off"


async def _broken_commit(links: list[Link], seconds: float) -> int:
    waits = [asyncio.create_task(link.reset_after_commit().wait()) for link in links]
    done, left = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in left:
        wait.cancel()
    return len(done)
