"""Publishes numbered events of many keys over several step topics, in bursts, whatever happens to the cluster."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from b2b2c_saga.bus.clients import producer
from b2b2c_saga.bus.records import Outgoing
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

STEPS = ("intake", "invoice", "pack", "handover", "inventory")
STOCK = "inventory"
KEYS = 2_000
TICK = 0.25
BURST = (0.1, 2.5)
"""A tick has this much of the mean, uniformly drawn, so that the mean is kept in the long run."""
ALARMS = 1 / 200
ALARM_SECONDS = (1, 15)
REFUSED = 1 / 20_000
"""A refused event; as often a bug, and one whose output the cluster refuses: their keys are parked, so few of them."""
TOO_LARGE = 1_100_000
"""Bytes: more than Kafka's default of about 1 MiB a message."""
AGAIN_AFTER = 1.0
BEHIND_TICKS = 240
"""After an outage it says at once what it could not say, of a minute at most."""


@dataclass
class Generator:
    """A stream of events by a seed.

    Args:
        settings: Asked anew for each connection: the brokers that are up.
        topics: Where to.
        seed: Of keys, topics, bursts and alarms.
        rate: Events a second, in the mean.
        plain: Neither alarms nor events that are refused: for engines that know none.
    """

    settings: Callable[[], Settings]
    topics: Topics
    seed: int
    rate: float
    plain: bool = False
    accepted: set[int] = field(default_factory=set)
    """Ids of the events that were acknowledged."""
    unsure: int = 0
    """Events that may have arrived or not: their publisher lost the cluster."""
    alarms_until: float = 0.0
    """When the last alarm is due, in seconds since the epoch."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - a load, no secret
        self._next = 0

    async def run(self, until: asyncio.Event) -> None:
        """Publish until told to stop, with one idempotent producer after another if need be."""
        clock = asyncio.get_running_loop().time
        due = clock()  # kept from one producer to the next: what an outage left unsaid is still due
        while not until.is_set():
            try:
                async with producer(self.settings()) as publisher:
                    while not until.is_set():
                        first, records = self._tick()
                        try:
                            await publisher.publish_all(records)
                        except Unavailable:
                            self.unsure += len(records)
                            raise
                        self.accepted.update(range(first, first + len(records)))
                        due = max(due + TICK, clock() - BEHIND_TICKS * TICK)
                        await asyncio.sleep(max(0.0, due - clock()))
            except Unavailable:
                await asyncio.sleep(AGAIN_AFTER)

    def _tick(self) -> tuple[int, list[Outgoing]]:
        chance, first = self._chance, self._next
        mean = sum(BURST) / 2
        self._next += max(1, round(self.rate * TICK * chance.uniform(*BURST) / mean))
        return first, [self._event(number) for number in range(first, self._next)]

    def _event(self, number: int) -> Outgoing:
        chance = self._chance
        step = chance.choice(STEPS)
        key = f"{'sku' if step == STOCK else 'acme'}/{chance.randrange(KEYS)}"
        event: dict[str, object] = {"id": number}
        drawn = chance.random()
        if not self.plain:
            if drawn < ALARMS:
                due = time.time() + chance.uniform(*ALARM_SECONDS)
                self.alarms_until = max(self.alarms_until, due)
                event |= {"do": "alarm", "at": int(1_000 * due)}
            elif drawn < ALARMS + REFUSED:
                event["do"] = "refuse"
            elif drawn < ALARMS + 2 * REFUSED:
                event["do"] = "bug"
            elif drawn < ALARMS + 3 * REFUSED:
                event["grow"] = TOO_LARGE
        return Outgoing(self.topics.name(step), key.encode(), json.dumps(event).encode())
