"""Faults that only orders can meet: connectors, gateway and poll that die, and outside systems that have a bad hour."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from b2b2c_saga.chaos.faults import ClockJump, any_of
from b2b2c_saga.chaos.orders.others import CONNECTORS, Others
from b2b2c_saga.demo.faults import EVERYDAY
from b2b2c_saga.model.errors import Unavailable

OUTSIDE = "outside"
"""One system has its bad hour at a time."""
CALL_WITHIN = 30.0
"""Seconds in which there must be a call for the connectors to die at."""
FARTHEST_JUMP = 60.0
"""Seconds."""
ASKED_AGAIN_AFTER = 0.5
ANSWERS_WITHIN = 60.0
"""Seconds that the sandbox has on a busy machine."""


@dataclass
class ShortClockJump(ClockJump):
    """A worker's clock jumps, though not by many minutes.

    An alarm that rings while the clock is fast sets the next one by that clock: the order waits that much longer, and
    the run with it.
    """

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        slot, seconds = any_of(self.crew, chance), chance.uniform(4, 15)
        jump = chance.choice((-1, 1)) * chance.uniform(5, FARTHEST_JUMP)
        self.crew.set_clock(slot, jump)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.crew.set_clock(slot, 0)
        return f"the clock of worker {slot} {jump:+.0f} s off for {seconds:.1f} s"


@dataclass
class DieAtAnswer:
    """The connectors die with an answer in hand: the effect is done, and nobody has been told."""

    others: Others
    kind: str = "kill-connectors-before-answer"
    where: str = CONNECTORS

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        seconds = chance.uniform(0.5, 8)
        try:
            died = await self.others.die_at_answer(CALL_WITHIN)
            await asyncio.sleep(seconds)
        finally:
            self.others.start(CONNECTORS)
        how = "with an answer in hand" if died else f"without one: no call in {CALL_WITHIN:.0f} s"
        return f"SIGKILL to the connectors {how}, started again after {seconds:.1f} s"


@dataclass
class KillOther:
    """SIGKILL to the gateway, or to the poll, at any moment."""

    others: Others
    name: str
    kind: str = field(init=False)
    where: str = field(init=False)

    def __post_init__(self) -> None:
        self.kind, self.where = f"kill-{self.name}", self.name

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        seconds = chance.uniform(0.5, 8)
        self.others.kill(self.name)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.others.start(self.name)
        return f"SIGKILL to the {self.name}, started again after {seconds:.1f} s"


class Sandbox:
    """The outside systems' faults of now, changed over HTTP."""

    def __init__(self, url: str, everyday: Mapping[str, Any] = EVERYDAY) -> None:
        self._url = url
        self._everyday = everyday

    async def worsen(self, system: str, faults: Mapping[str, Any]) -> None:
        """These on top of what is usual."""
        await self.change({system: faults})

    async def mend(self, system: str, faults: Mapping[str, Any]) -> None:
        """As usual again."""
        usual = self._everyday.get(system, {})
        await self.change({system: {name: usual.get(name) for name in faults}})

    async def change(self, wanted: Mapping[str, Any]) -> None:
        """Merge faults over those that hold.

        Raises:
            Unavailable: the sandbox refuses them, or does not answer for long.
        """
        limit = asyncio.get_running_loop().time() + ANSWERS_WITHIN
        async with httpx.AsyncClient(timeout=ANSWERS_WITHIN) as http:
            while True:
                try:
                    said = await http.post(f"{self._url}/control/faults", json=wanted)
                    if said.is_error:
                        raise Unavailable(f"the sandbox refuses these faults: {said.text}")
                except httpx.TransportError as error:
                    if asyncio.get_running_loop().time() > limit:
                        raise Unavailable(f"the sandbox does not answer: {type(error).__name__}") from None
                    await asyncio.sleep(ASKED_AGAIN_AFTER)
                else:
                    return


@dataclass
class BadHour:
    """One outside system is worse than usual for a while. `seconds`: the shortest and longest."""

    sandbox: Sandbox
    kind: str
    systems: tuple[str, ...]
    faults: Mapping[str, Any]
    seconds: tuple[float, float]
    where: str = OUTSIDE

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        system, seconds = chance.choice(self.systems), chance.uniform(*self.seconds)
        await self.sandbox.worsen(system, self.faults)
        try:
            await asyncio.sleep(seconds)
        finally:
            await self.sandbox.mend(system, self.faults)
        return f"{system}: {', '.join(f'{name} {value}' for name, value in self.faults.items())}, for {seconds:.0f} s"


ALL = ("erp", "rms", "marketplace", "wms", "omni")


def bad_hours(sandbox: Sandbox, scale: float = 1) -> list[BadHour]:
    """Slow, failing, silent though it does what it is asked, and away; `scale` shortens them for a short run."""
    some, outage = (10 * scale, 25 * scale), (60 * scale, 70 * scale)
    return [
        BadHour(sandbox, "outside-slow", ALL, {"latency_ms": [700, 1_600]}, some),
        BadHour(sandbox, "outside-failing", ALL, {"error_500": 0.7}, some),
        BadHour(sandbox, "outside-silent", ALL, {"timeout_after_effect": 0.6}, some),
        BadHour(sandbox, "outside-away", ALL, {"down": True}, outage),
    ]
