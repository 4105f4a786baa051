"""Faults that only orders can meet: connectors, gateway and poll that die, and outside systems that have a bad hour."""

import asyncio
import random
from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx

from b2b2c_saga.chaos.crew import Crew
from b2b2c_saga.chaos.nemesis import Fault, for_a_while
from b2b2c_saga.chaos.orders.others import CONNECTORS, GATEWAY, PULL, Others
from b2b2c_saga.chaos.worker_faults import CLOCK, clock_jump
from b2b2c_saga.demo.faults import EVERYDAY
from b2b2c_saga.model.errors import Unavailable

ALL = ("erp", "rms", "marketplace", "wms", "omni")
OUTSIDE = "outside"
"""One system has its bad hour at a time."""
CALL_WITHIN = 30.0
"""Seconds in which there must be a call for the connectors to die at."""
FARTHEST_JUMP = 60.0
JUMPS = (5.0, FARTHEST_JUMP)
"""Seconds. No more: an alarm that rings while the clock is fast sets the next one by that clock, so the order waits
that much longer, and the run with it."""
ASKED_AGAIN_AFTER = 0.5
ANSWERS_WITHIN = 60.0
"""Seconds that the sandbox has on a busy machine."""


async def die_at_answer(others: Others, chance: random.Random) -> str:
    """The connectors die with an answer in hand: the effect is done, and nobody has been told."""
    seconds = chance.uniform(0.5, 8)
    try:
        died = await others.die_at_answer(CALL_WITHIN)
        await asyncio.sleep(seconds)
    finally:
        others.start(CONNECTORS)
    how = "with an answer in hand" if died else f"without one: no call in {CALL_WITHIN:.0f} s"
    return f"SIGKILL to the connectors {how}, started again after {seconds:.1f} s"


async def kill_other(others: Others, name: str, chance: random.Random) -> str:
    """SIGKILL to the gateway, or to the poll, at any moment."""
    seconds = chance.uniform(0.5, 8)
    others.kill(name)
    await for_a_while(seconds, lambda: others.start(name))
    return f"SIGKILL to the {name}, started again after {seconds:.1f} s"


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


async def bad_hour(
    sandbox: Sandbox, faults: Mapping[str, Any], length: tuple[float, float], chance: random.Random
) -> str:
    """One outside system is worse than usual for a while. `length`: the shortest and the longest, in seconds."""
    system, seconds = chance.choice(ALL), chance.uniform(*length)
    await sandbox.worsen(system, faults)
    try:
        await asyncio.sleep(seconds)
    finally:
        await sandbox.mend(system, faults)
    return f"{system}: {', '.join(f'{name} {value}' for name, value in faults.items())}, for {seconds:.0f} s"


def own_faults(crew: Crew, others: Others, sandbox: Sandbox, scale: float = 1) -> list[Fault]:
    """One of each kind; `scale` shortens the bad hours of outside systems for a short run."""
    some, outage = (10 * scale, 25 * scale), (60 * scale, 70 * scale)
    return [
        Fault("clock-jump", CLOCK, partial(clock_jump, crew, JUMPS)),
        Fault("kill-connectors-before-answer", CONNECTORS, partial(die_at_answer, others)),
        Fault("kill-gateway", GATEWAY, partial(kill_other, others, GATEWAY)),
        Fault("kill-pull", PULL, partial(kill_other, others, PULL)),
        Fault("outside-slow", OUTSIDE, partial(bad_hour, sandbox, {"latency_ms": [700, 1_600]}, some)),
        Fault("outside-failing", OUTSIDE, partial(bad_hour, sandbox, {"error_500": 0.7}, some)),
        Fault("outside-silent", OUTSIDE, partial(bad_hour, sandbox, {"timeout_after_effect": 0.6}, some)),
        Fault("outside-away", OUTSIDE, partial(bad_hour, sandbox, {"down": True}, outage)),
    ]
