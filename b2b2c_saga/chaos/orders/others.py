"""The processes of a run that are not workers: connectors, gateway, and the poll of the marketplace's orders."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from b2b2c_saga.chaos.crew import Command
from b2b2c_saga.demo.fleet import Fleet, last_words

COMES_BACK_AFTER = 1.0
"""Seconds until who ended by himself is started again, as an init system would."""
TRY_LATER = 69
"""The exit code of a command that found no Kafka: it says "start me again", and no more than that is asked of it."""
PULSE = 0.05
STOPS_WITHIN = 30.0
CONNECTORS, GATEWAY, PULL = "connectors", "gateway", "pull"


class Others:
    """They are killed, stopped, and started again; who ends by himself is started again too, and noted."""

    def __init__(self, fleet: Fleet, commands: Mapping[str, Command]) -> None:
        self._fleet = fleet
        self._commands = commands
        self._down: dict[str, float] = {}
        self._doomed: set[str] = set()
        self.deaths: list[str] = []
        """Ended without being told to, and not because Kafka was away."""
        self.tries: list[str] = []
        """Ended because Kafka was away when they began."""

    @property
    def wish(self) -> Path:
        """The file by which the connectors die between a call and its answer."""
        return self._fleet.folder / "wish"

    @property
    def names(self) -> tuple[str, ...]:
        """All that there are."""
        return tuple(self._commands)

    def start(self, name: str) -> None:
        """Start it, or start it again."""
        command = self._commands[name]
        self._doomed.discard(name)
        self._fleet.run(name, command.module, *command.arguments, environment=command.environment)

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self._doomed.add(name)
        if name in self._fleet.members:
            self._fleet.kill(name)

    async def die_at_answer(self, patience: float) -> bool:
        """The connectors get the wish to die; whether they did so within so many seconds. They are gone in any case."""
        self._doomed.add(CONNECTORS)
        self.wish.touch()
        limit = asyncio.get_running_loop().time() + patience
        while asyncio.get_running_loop().time() < limit and self._lives(CONNECTORS):  # noqa: ASYNC110 - a process
            await asyncio.sleep(PULSE)
        died = not self._lives(CONNECTORS) and not self.wish.exists()
        self.wish.unlink(missing_ok=True)
        self.kill(CONNECTORS)
        return died

    async def stop(self) -> None:
        """SIGTERM to all, in the order of their names here, and wait for the end of each."""
        for name in self.names:
            member = self._fleet.members.pop(name, None)
            if member is None:
                continue
            member.process.terminate()
            code = await asyncio.to_thread(member.process.wait, STOPS_WITHIN)
            if code:
                self.deaths.append(f"{name} ended with code {code} when told to stop: {last_words(member.log)}")

    def bury(self) -> None:
        """Start anew whoever ended without being told to."""
        now = asyncio.get_running_loop().time()
        for name in self.names:
            member = self._fleet.members.get(name)
            if name in self._doomed or member is None or (code := member.process.poll()) is None:
                continue
            if name not in self._down:
                self._down[name] = now
                noted = self.tries if code == TRY_LATER else self.deaths
                noted.append(f"{name} ended by itself with code {code}: {last_words(member.log)}")
            elif now - self._down[name] > COMES_BACK_AFTER:
                del self._down[name]
                self.start(name)

    def _lives(self, name: str) -> bool:
        member = self._fleet.members.get(name)
        return member is not None and member.process.poll() is None
