"""What may go wrong with workers: killed, paused beyond their session, more, fewer, restarted, on a wrong clock.

With brokers: `broker_faults`; with the network between them: `network_faults`.
"""

import asyncio
import random
from dataclasses import dataclass

from b2b2c_saga.chaos.crew import Crew

WORKER, CLOCK = "worker", "clock"
LEFT_OVER = 2
"""Workers that scaling in leaves, so that there is one to take over."""


def any_of(crew: Crew, chance: random.Random) -> int:
    """The slot of a worker that runs; should the last one be dead right now, of one that may come."""
    return chance.choice(crew.running or list(crew.slots))


@dataclass
class KillWorker:
    """SIGKILL, and a new process after a while."""

    crew: Crew
    kind: str = "kill-worker"
    where: str = WORKER

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        slot, seconds = chance.choice(self.crew.running), chance.uniform(0.5, 6)
        self.crew.kill(slot)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.crew.start(slot)
        return f"SIGKILL to worker {slot}, started again after {seconds:.1f} s"


@dataclass
class Zombie:
    """SIGSTOP for longer than its session lives, then SIGCONT: it goes on in the belief that nothing happened."""

    crew: Crew
    session_seconds: float
    kind: str = "zombie"
    where: str = WORKER

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        slot, seconds = chance.choice(self.crew.running), self.session_seconds * chance.uniform(1.2, 2.5)
        self.crew.pause(slot)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.crew.resume(slot)
        return f"worker {slot} paused for {seconds:.1f} s, with a session of {self.session_seconds:.0f} s"


@dataclass
class ScaleOut:
    """One worker more."""

    crew: Crew
    kind: str = "scale-out"
    where: str = WORKER

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        free = [slot for slot in self.crew.slots if slot not in self.crew.running]
        first = ""
        if not free:
            free = [chance.choice(self.crew.running)]
            await self.crew.stop(free[0])
            first = f"worker {free[0]} stopped to make room, "
            await asyncio.sleep(chance.uniform(1, 5))
        slot = chance.choice(free)
        self.crew.start(slot)
        await asyncio.sleep(chance.uniform(3, 8))
        return f"{first}worker {slot} joined: {len(self.crew.running)} run"


@dataclass
class ScaleIn:
    """One worker fewer, told to stop."""

    crew: Crew
    kind: str = "scale-in"
    where: str = WORKER

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        first = ""
        if len(self.crew.running) <= LEFT_OVER:
            free = [slot for slot in self.crew.slots if slot not in self.crew.running]
            for slot in free[:1]:
                self.crew.start(slot)
                first = f"worker {slot} joined, "
                await asyncio.sleep(chance.uniform(4, 9))
        slot = chance.choice(self.crew.running)
        await self.crew.stop(slot)
        await asyncio.sleep(chance.uniform(1, 4))
        return f"{first}worker {slot} left: {len(self.crew.running)} run"


@dataclass
class RollingRestart:
    """All workers, one after another, as a deployment does."""

    crew: Crew
    kind: str = "rolling-restart"
    where: str = WORKER

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        slots, pause = self.crew.running, chance.uniform(0.5, 4)
        for slot in slots:
            await self.crew.stop(slot)
            self.crew.start(slot)
            await asyncio.sleep(pause)
        return f"workers {', '.join(map(str, slots))} restarted, {pause:.1f} s apart"


@dataclass
class ClockJump:
    """A worker's clock jumps by minutes, and back."""

    crew: Crew
    kind: str = "clock-jump"
    where: str = CLOCK

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        slot, seconds = any_of(self.crew, chance), chance.uniform(4, 15)
        jump = chance.choice((-1, 1)) * chance.uniform(60, 900)
        self.crew.set_clock(slot, jump)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.crew.set_clock(slot, 0)
        return f"the clock of worker {slot} {jump:+.0f} s off for {seconds:.1f} s"
