"""Faust as the engine sees it: a group that assigns, fetches with queues behind them, and a worker around the engine.

Rebalances may be eager (all is revoked, then assigned) or cooperative (only what changes hands is revoked). The new
owner of a partition may begin before the old one has let go: what keeps them apart is the engine's fencing, not this.
"""

import asyncio
import inspect
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from model_network import OUTSIDE, Network
from plans import Drop, Fault, Linger
from virtual_time import Process

from b2b2c_saga.runtime.engine.labels import Fetched, Labels, Place
from b2b2c_saga.runtime.engine.owners import Owners

SESSION_SECONDS = 10.0
HEARTBEAT_SECONDS = 2.0
JOIN_SECONDS = 12.0
FETCHED_AT_ONCE = 3


class Group:
    """The group's coordinator."""

    def __init__(self, network: Network, numbers: int) -> None:
        self.network = network
        self._numbers = numbers
        self.members: set[str] = set()
        self.generation = 0
        self._joined: dict[str, asyncio.Future[tuple[int, list[int]]]] = {}
        self._deadline: asyncio.TimerHandle | None = None

    def rebalance(self) -> None:
        """Have everyone join again."""
        if self._deadline is None:
            self.generation += 1
            self._deadline = self.network.loop.call_later(JOIN_SECONDS, self._close, context=OUTSIDE)

    def expel(self, name: str) -> None:
        """A member was silent for too long, or left."""
        if name in self.members:
            self.network.say(f"group: {name} is out")
            self.members.discard(name)
            waiting = self._joined.pop(name, None)
            if waiting is not None and not waiting.done():
                waiting.set_result((-1, []))
            self.rebalance()
            self._look()

    async def join(self, name: str) -> tuple[int, list[int]]:
        """Join, or join again; returns the generation, and the partition numbers once all have joined."""
        if name not in self.members:
            self.members.add(name)
        self.rebalance()
        self._joined[name] = self.network.loop.create_future()
        self.network.loop.call_later(self.network.hop(), self._look, context=OUTSIDE)
        return await self._joined[name]

    def has(self, name: str, generation: int) -> bool:
        """A heartbeat: whether the member may go on."""
        return name in self.members and generation == self.generation

    def _look(self) -> None:
        if self._deadline is not None and self.members and self._joined.keys() >= self.members:
            self._close()

    def _close(self) -> None:
        assert self._deadline is not None
        self._deadline.cancel()
        self._deadline = None
        self.members &= self._joined.keys()
        names = sorted(self.members)
        given: dict[str, list[int]] = {name: [] for name in names}
        for number in range(self._numbers if names else 0):
            given[names[(number + self.generation // 3) % len(names)]].append(number)
        self.network.say(f"group: generation {self.generation}: {given}")
        for name, waiting in self._joined.items():
            if not waiting.done() and name in given:
                waiting.set_result((self.generation, given[name]))
        self._joined.clear()


class ModelSource:
    """Fetches for the writers of one worker, with the engine's labels; between fetch and writer lies a queue."""

    def __init__(self, network: Network, faults: "Deliveries", submit: Callable[[Fetched], None]) -> None:
        self.labels = Labels()
        self.assigned: frozenset[Place] = frozenset()
        self._network = network
        self._faults = faults
        self._submit = submit
        self._positions: dict[Place, int] = {}
        self._held: frozenset[Place] = frozenset()
        self._more = asyncio.Event()
        self._queue: deque[Fetched] = deque()

    async def ask_from(self, place: Place, offset: int) -> int:
        await asyncio.sleep(self._network.hop() / 4)
        self._positions[place] = offset
        self._more.set()
        return self.labels.asked(place)

    def taken(self, place: Place) -> tuple[int, int | None]:
        return self.labels.taken(place)

    def hold(self, places: frozenset[Place], held: bool) -> None:  # noqa: FBT001
        self._held = self._held | places if held else self._held - places
        self._more.set()

    def more(self) -> None:
        """There may be more to fetch."""
        self._more.set()

    def clear(self) -> None:
        """As Faust does in a rebalance."""
        self._queue.clear()

    async def fetch(self, process: Process) -> None:
        """For ever."""
        while True:
            await self._more.wait()
            self._more.clear()
            await asyncio.sleep(self._network.hop())
            if self._network.is_cut(process):
                self._network.loop.call_later(0.5, self._more.set)
                continue
            for place in sorted(self.assigned - self._held):
                position = self._positions.get(place)
                if position is None:
                    continue
                log = self._network.broker.logs[place]
                at_most = 1 + self._network.draw.randrange(FETCHED_AT_ONCE)
                records, self._positions[place] = log.read(position, at_most)
                if records:
                    self._more.set()
                    self._deliver(self.labels.label(place, records))

    def _deliver(self, fetched: Fetched) -> None:
        fault = self._faults.next()
        if isinstance(fault, Drop):
            self._network.say(f"dropped on the way: {fetched.place} {[r.offset for r in fetched.records]}")
            return
        self._queue.append(fetched)
        seconds = fault.seconds if isinstance(fault, Linger) else 0.0
        self._network.loop.call_later(self._network.hop() / 2 + seconds, self._hand_over)

    def _hand_over(self) -> None:
        if self._queue:
            self._submit(self._queue.popleft())


class Deliveries:
    """What happens to the nth delivery, counted over all workers."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = {fault.nth: fault for fault in faults if isinstance(fault, Drop | Linger)}
        self._count = -1

    def next(self) -> Drop | Linger | None:
        """Of the next one."""
        self._count += 1
        return self._faults.get(self._count)


class Worker:
    """One process: the engine's owners and writers, and Faust's part around them."""

    def __init__(
        self, process: Process, group: Group, owners: Callable[[ModelSource], Owners], deliveries: Deliveries
    ) -> None:
        self.process = process
        self.source = ModelSource(group.network, deliveries, self._submit)
        self.owners = owners(self.source)
        self.leaving = asyncio.Event()
        self._group = group
        self._given: set[int] = set()

    def _submit(self, fetched: Fetched) -> None:
        self.owners.submit(fetched)

    async def run(self, network: Network, steps: Iterable[str], *, cooperative: bool) -> None:
        """Be a member until told to leave."""
        fetching = asyncio.create_task(self.source.fetch(self.process))
        name, steps = self.process.name, list(steps)
        while not self.leaving.is_set():
            if not cooperative:
                self.source.clear()
                await self.owners.revoked()
            generation, numbers = await self._group.join(name)
            if taken := self._given - set(numbers):
                await _revoke(self.owners, [Place(step, n) for step in steps for n in sorted(taken)])
            self._given = set(numbers)
            places = [Place(step, n) for n in numbers for step in steps]
            self.source.assigned = frozenset(places)
            await self.owners.assigned(places)
            self.source.more()
            while not self.leaving.is_set():
                await self._heart(network)
                if not network.is_cut(self.process) and not self._group.has(name, generation):
                    break
        await self.owners.close()
        self._group.expel(name)
        fetching.cancel()

    async def _heart(self, network: Network) -> None:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS + network.hop()):
                await self.leaving.wait()
        except TimeoutError:
            pass


async def _revoke(owners: Any, places: list[Place]) -> None:
    """Only what is taken away, where the owners can do that."""
    if inspect.signature(owners.revoked).parameters:
        await owners.revoked(places)
    else:
        await owners.revoked()
