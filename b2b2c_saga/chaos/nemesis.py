"""Picks faults by a seed, inflicts them one after another and over one another, and writes down what it did.

The same seed and faults give the same order of kinds, pauses, lengths and choices. When each falls is the machine's:
how long a broker takes to come back is not drawn.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

ALONE = 0.25
"""How often a fault is over before the next begins."""
AT_ONCE = 3
"""Faults under way together, at most; never two in the same place."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault."""

    kind: str
    where: str
    """What it breaks: two faults in one place never overlap, such as two brokers down."""
    inflict: Callable[[random.Random], Awaitable[str]]
    """Break something, leave it so for a drawn while, heal it; returns a sentence that says what was done.

    The system must be able to come to rest afterwards, and if this is cancelled too.
    """


async def for_a_while(seconds: float, heal: Callable[[], object]) -> None:
    """Leave what is broken as it is, then heal it; also if this is cut short."""
    try:
        await asyncio.sleep(seconds)
    finally:
        heal()


@dataclass(frozen=True, slots=True)
class Inflicted:
    """One fault as it happened."""

    kind: str
    at: float
    """Seconds since the epoch when it began."""
    seconds: float
    """Until it was healed."""
    what: str


class Nemesis:
    """A run's faults.

    Args:
        seed: Of all choices.
        faults: The kinds to pick from.
        pause: Shortest and longest seconds between the beginnings of two faults.
        told: Hears each fault when it is over.
    """

    def __init__(
        self,
        seed: int,
        faults: Sequence[Fault],
        pause: tuple[float, float],
        told: Callable[[Inflicted], None] = lambda _: None,
    ) -> None:
        self._seed = seed
        self._faults = faults
        self._pause = pause
        self._told = told
        self.inflicted: list[Inflicted] = []
        """What is over, in the order of its end."""

    async def run(self, until: asyncio.Event) -> list[Inflicted]:
        """Go on until told to stop, and until each kind has occurred; returns once everything is healed.

        Raises:
            Exception: a fault could not be inflicted or healed: the run says nothing then.
        """
        chance = random.Random(self._seed)  # noqa: S311 - a schedule, no secret
        going: dict[asyncio.Task[None], str] = {}
        try:
            for number, fault in enumerate(self._order(chance)):
                if until.is_set() and number >= len(self._faults):
                    break
                alone, pause = chance.random() < ALONE, chance.uniform(*self._pause)
                while len(going) >= AT_ONCE or fault.where in going.values() or (alone and going):
                    await self._ended(going)
                own = random.Random(f"{self._seed}/{number}/{fault.kind}")  # noqa: S311
                going[asyncio.create_task(self._inflict(fault, own), name=fault.kind)] = fault.where
                await self._rest(pause, until, going)
            while going:
                await self._ended(going)
        finally:
            for task in going:
                task.cancel()
            await asyncio.gather(*going, return_exceptions=True)
        return sorted(self.inflicted, key=lambda one: one.at)

    def _order(self, chance: random.Random) -> Iterator[Fault]:
        """Round after round, each kind once a round, one place seldom twice running: else they wait for each other."""
        recent: list[str] = []
        while True:
            left = chance.sample(self._faults, len(self._faults))
            while left:
                fault = next((one for one in left if one.where not in recent[1 - AT_ONCE :]), left[0])
                left.remove(fault)
                recent = [*recent[1 - AT_ONCE :], fault.where]
                yield fault

    async def _inflict(self, fault: Fault, chance: random.Random) -> None:
        began = time.time()
        what = await fault.inflict(chance)
        one = Inflicted(fault.kind, began, time.time() - began, what)
        self.inflicted.append(one)
        self._told(one)

    async def _ended(self, going: dict[asyncio.Task[None], str]) -> None:
        """Wait for the next end of a fault."""
        done, _ = await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            del going[task]
            task.result()

    async def _rest(self, pause: float, until: asyncio.Event, going: dict[asyncio.Task[None], str]) -> None:
        """Let some time pass; a fault that fails ends it."""
        stop = asyncio.create_task(until.wait())
        limit = asyncio.get_running_loop().time() + pause
        try:
            while (left := limit - asyncio.get_running_loop().time()) > 0 and not stop.done():
                await asyncio.wait([stop, *going], timeout=left, return_when=asyncio.FIRST_COMPLETED)
                for task in [task for task in going if task.done()]:
                    del going[task]
                    task.result()
        finally:
            stop.cancel()
