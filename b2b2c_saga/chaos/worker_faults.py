"""What may go wrong with workers: killed, paused beyond their session, more, fewer, restarted, on a wrong clock.

With brokers: `broker_faults`; with the network between them: `network_faults`.
"""

import asyncio
import random

from b2b2c_saga.chaos.crew import Crew
from b2b2c_saga.chaos.nemesis import for_a_while

WORKER, CLOCK = "worker", "clock"
LEFT_OVER = 2
"""Workers that scaling in leaves, so that there is one to take over."""


def any_of(crew: Crew, chance: random.Random) -> int:
    """The slot of a worker that runs; should the last one be dead right now, of one that may come."""
    return chance.choice(crew.running or list(crew.slots))


async def kill_worker(crew: Crew, chance: random.Random) -> str:
    """SIGKILL, and a new process after a while."""
    slot, seconds = chance.choice(crew.running), chance.uniform(0.5, 6)
    crew.kill(slot)
    await for_a_while(seconds, lambda: crew.start(slot))
    return f"SIGKILL to worker {slot}, started again after {seconds:.1f} s"


async def zombie(crew: Crew, session_seconds: float, chance: random.Random) -> str:
    """SIGSTOP for longer than its session lives, then SIGCONT: it goes on in the belief that nothing happened."""
    slot, seconds = chance.choice(crew.running), session_seconds * chance.uniform(1.2, 2.5)
    crew.pause(slot)
    await for_a_while(seconds, lambda: crew.resume(slot))
    return f"worker {slot} paused for {seconds:.1f} s, with a session of {session_seconds:.0f} s"


async def scale_out(crew: Crew, chance: random.Random) -> str:
    """One worker more."""
    free = [slot for slot in crew.slots if slot not in crew.running]
    first = ""
    if not free:
        free = [chance.choice(crew.running)]
        await crew.stop(free[0])
        first = f"worker {free[0]} stopped to make room, "
        await asyncio.sleep(chance.uniform(1, 5))
    slot = chance.choice(free)
    crew.start(slot)
    await asyncio.sleep(chance.uniform(3, 8))
    return f"{first}worker {slot} joined: {len(crew.running)} run"


async def scale_in(crew: Crew, chance: random.Random) -> str:
    """One worker fewer, told to stop."""
    first = ""
    if len(crew.running) <= LEFT_OVER:
        free = [slot for slot in crew.slots if slot not in crew.running]
        for slot in free[:1]:
            crew.start(slot)
            first = f"worker {slot} joined, "
            await asyncio.sleep(chance.uniform(4, 9))
    slot = chance.choice(crew.running)
    await crew.stop(slot)
    await asyncio.sleep(chance.uniform(1, 4))
    return f"{first}worker {slot} left: {len(crew.running)} run"


async def rolling_restart(crew: Crew, chance: random.Random) -> str:
    """All workers, one after another, as a deployment does."""
    slots, pause = crew.running, chance.uniform(0.5, 4)
    for slot in slots:
        await crew.stop(slot)
        crew.start(slot)
        await asyncio.sleep(pause)
    return f"workers {', '.join(map(str, slots))} restarted, {pause:.1f} s apart"


async def clock_jump(crew: Crew, jumps: tuple[float, float], chance: random.Random) -> str:
    """A worker's clock jumps, and back. `jumps`: the shortest and the longest, in seconds."""
    slot, seconds = any_of(crew, chance), chance.uniform(4, 15)
    jump = chance.choice((-1, 1)) * chance.uniform(*jumps)
    crew.set_clock(slot, jump)
    await for_a_while(seconds, lambda: crew.set_clock(slot, 0))
    return f"the clock of worker {slot} {jump:+.0f} s off for {seconds:.1f} s"
