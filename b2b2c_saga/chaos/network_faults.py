"""What may go wrong on the way between a worker and brokers: silence, one-sided silence, delay, resets."""

import asyncio
import random

from b2b2c_saga.chaos.crew import Crew
from b2b2c_saga.chaos.nemesis import for_a_while
from b2b2c_saga.chaos.proxy import Link, Network
from b2b2c_saga.chaos.worker_faults import any_of

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


async def drop(crew: Crew, network: Network, chance: random.Random) -> str:
    """A black hole: what is sent does not arrive until later, and no end learns of it."""
    links, between = _struck(crew, network, chance)
    seconds = chance.uniform(3, 30)
    await _held(links, seconds, requests=True, answers=True)
    return f"nothing between {between} for {seconds:.1f} s"


async def half_open(crew: Crew, network: Network, chance: random.Random) -> str:
    """One direction goes on: requests are carried out and not answered, or not even that."""
    links, between = _struck(crew, network, chance)
    seconds, answers = chance.uniform(3, 30), chance.random() < 2 / 3
    await _held(links, seconds, requests=not answers, answers=answers)
    return f"no {'answers' if answers else 'requests'} between {between} for {seconds:.1f} s"


async def _held(links: list[Link], seconds: float, *, requests: bool, answers: bool) -> None:
    for link in links:
        link.hold(requests=requests, answers=answers)

    def release() -> None:
        for link in links:
            link.release()

    await for_a_while(seconds, release)


async def delay(crew: Crew, network: Network, chance: random.Random) -> str:
    """Each piece takes longer, both ways."""
    links, between = _struck(crew, network, chance)
    seconds, more = chance.uniform(4, 15), chance.uniform(0.05, 1.0)

    def set_delay(each: float) -> None:
        for link in links:
            link.delay = each

    set_delay(more)
    await for_a_while(seconds, lambda: set_delay(0))
    return f"{1000 * more:.0f} ms more each way between {between} for {seconds:.1f} s"


async def reset(crew: Crew, network: Network, chance: random.Random) -> str:
    """RST to both ends of all connections, several times."""
    links, between = _struck(crew, network, chance)
    times, broken = chance.randint(1, 6), 0
    for _ in range(times):
        broken += sum(link.reset() for link in links)
        await asyncio.sleep(chance.uniform(0.1, 2))
    return f"{broken} connections between {between} reset, in {times} strokes"


async def reset_after_commit(crew: Crew, network: Network, chance: random.Random) -> str:
    """The commit request reaches the broker and is carried out; both ends get a RST before the answer."""
    slot, wanted = any_of(crew, chance), chance.randint(1, 4)
    links, broken = network.of(slot), 0
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
