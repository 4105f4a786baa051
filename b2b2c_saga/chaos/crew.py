"""The workers of a run: one process a slot, each behind the proxies of its slot and with a clock that can be set."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from b2b2c_saga.chaos.skewed import Clock
from b2b2c_saga.demo.fleet import Fleet, last_words

SETTLES_WITHIN = 60.0
"""Seconds for SIGTERM to end a worker: a batch in hand may wait for a cluster that is half dead."""


@dataclass(frozen=True)
class Command:
    """What a worker is: `python -m MODULE ARGUMENTS`, with more in its environment."""

    module: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None


class Crew(Protocol):
    """Workers that share one job, as the faults see them: numbered by slot, any of them may die."""

    slots: tuple[int, ...]
    """All that may be."""

    @property
    def running(self) -> list[int]:
        """Slots whose worker runs."""
        ...

    def start(self, slot: int) -> None:
        """Start the worker of a slot."""
        ...

    def kill(self, slot: int) -> None:
        """SIGKILL."""
        ...

    async def stop(self, slot: int) -> None:
        """SIGTERM, and wait for its end."""
        ...

    def pause(self, slot: int) -> None:
        """SIGSTOP."""
        ...

    def resume(self, slot: int) -> None:
        """SIGCONT."""
        ...

    def set_clock(self, slot: int, seconds: float) -> None:
        """Move its clock this far from the true time."""
        ...


class Workers:
    """A crew out of processes of a fleet.

    Args:
        fleet: Whose folder and environment they share.
        slots: Which slots there are.
        command: What the worker of a slot is.
    """

    def __init__(self, fleet: Fleet, slots: tuple[int, ...], command: Callable[[int], Command]) -> None:
        self.slots = slots
        self.deaths: list[str] = []
        """Workers that ended without being told to, or badly: what they said last."""
        self._fleet = fleet
        self._command = command
        self._clocks = {slot: Clock(fleet.folder / f"{_name(slot)}.clock") for slot in slots}

    @property
    def running(self) -> list[int]:
        """Slots whose worker runs."""
        return [slot for slot in self.slots if _name(slot) in self._fleet.members]

    def start(self, slot: int) -> None:
        """Start the worker of a slot."""
        command = self._command(slot)
        clock = str(self._clocks[slot].file)
        self._fleet.run(
            _name(slot), "b2b2c_saga.chaos.skewed", clock, command.module, *command.arguments,
            environment=command.environment,
        )  # fmt: skip

    def kill(self, slot: int) -> None:
        """SIGKILL."""
        self._fleet.kill(_name(slot))

    async def stop(self, slot: int) -> None:
        """SIGTERM, and wait for its end; one that does not end, or not well, is noted."""
        member = self._fleet.members.pop(_name(slot))
        member.process.terminate()
        try:
            code = await asyncio.to_thread(member.process.wait, SETTLES_WITHIN)
        except subprocess.TimeoutExpired:
            self.deaths.append(f"{member.name} did not stop within {SETTLES_WITHIN:.0f} s: {last_words(member.log)}")
            member.process.kill()
            member.process.wait()
        except BaseException:
            member.process.kill()
            raise
        else:
            if code not in {0, -signal.SIGTERM}:  # the latter: it was told before it could listen
                self.deaths.append(f"{member.name} stopped with code {code}: {last_words(member.log)}")

    def pause(self, slot: int) -> None:
        """SIGSTOP."""
        os.kill(self._pid(slot), signal.SIGSTOP)

    def resume(self, slot: int) -> None:
        """SIGCONT."""
        os.kill(self._pid(slot), signal.SIGCONT)

    def set_clock(self, slot: int, seconds: float) -> None:
        """Move its clock this far from the true time."""
        self._clocks[slot].shift(seconds)

    def bury(self) -> None:
        """Start anew whoever ended without being told to, as an init system would, and note it."""
        for slot in self.running:
            member = self._fleet.members[_name(slot)]
            if (code := member.process.poll()) is not None:
                self.deaths.append(f"{member.name} ended by itself with code {code}: {last_words(member.log)}")
                self._fleet.members.pop(member.name)
                self.start(slot)

    def _pid(self, slot: int) -> int:
        return self._fleet.members[_name(slot)].process.pid


def _name(slot: int) -> str:
    return f"worker-{slot}"
