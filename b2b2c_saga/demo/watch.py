"""What comes of the day, read from the topics: states of orders, events, B2C returns, parked records."""

import asyncio
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from b2b2c_saga.bus.clients import follow
from b2b2c_saga.bus.records import Record, header_values
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages.commands import UpdateOmniStock
from b2b2c_saga.model.messages.integration import OrderProgressed
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.settings import Settings

STEPS = ("inventory", "intake", "invoice", "pack", "handover", "cancel", "return")
TOLD = ("order-events", "b2c-returns", "parked", "commands.omni")
RATE_OVER = 5.0
"""Seconds over which events per second are taken."""


@dataclass
class Watch:
    """What is known so far; `follow` keeps it up to date."""

    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Fulfilment and invoice of each order."""
    events: int = 0
    """Records on the step topics: what the workers have to decide on."""
    b2c_returns: int = 0
    parked: list[str] = field(default_factory=list)
    """The reason of each parked record."""
    reversed_orders: set[str] = field(default_factory=set)
    last_event: float = field(default_factory=time.monotonic)
    passed_on: dict[str, int] = field(default_factory=dict)
    """The newest version of each SKU's count that a worker passed on to Omni."""
    _recent: deque[float] = field(default_factory=deque)

    @property
    def by_state(self) -> Counter[str]:
        """Orders by fulfilment."""
        return Counter(fulfilment for fulfilment, _ in self.states.values())

    @property
    def by_end(self) -> Counter[str]:
        """Orders by both regions."""
        return Counter(f"{fulfilment} / {invoice}" for fulfilment, invoice in self.states.values())

    @property
    def closed(self) -> int:
        """Orders that are closed for now."""
        return self.by_state[Fulfilment.CLOSED]

    @property
    def at_rest(self) -> int:
        """Orders that are closed, or parked at an operator's door, for now."""
        return self.closed + self.by_state[Fulfilment.PARKED]

    @property
    def events_per_second(self) -> float:
        """Of the last seconds."""
        since = time.monotonic() - RATE_OVER
        while self._recent and self._recent[0] < since:
            self._recent.popleft()
        return len(self._recent) / RATE_OVER

    async def follow(self, settings: Settings, topics: Topics, ready: asyncio.Event) -> None:
        """Read for ever; `ready` is set once nothing can be missed any more."""
        names = {topics.name(short): short for short in (*STEPS, *TOLD)}
        async for record in follow(settings, list(names), from_end=False, ready=ready):
            self.hear(names[record.topic], record)

    def hear(self, topic: str, record: Record) -> None:
        """One record of a topic, by its short name."""
        if topic == "commands.omni":
            self._passed_on(record)
            return
        now = self.last_event = time.monotonic()
        if topic == "order-events":
            self._progressed(record)
        elif topic == "b2c-returns":
            self.b2c_returns += 1
        elif topic == "parked":
            reason = header_values(record.headers).get("__dlq.errors.message", b"").decode(errors="replace")
            self.parked.append(f"{(record.key or b'').decode(errors='replace')}: {reason}")
        else:
            self.events += 1
            self._recent.append(now)

    def _passed_on(self, record: Record) -> None:
        try:
            message = decode(record).message
        except BadInput:
            return
        if isinstance(message, UpdateOmniStock):
            self.passed_on[message.key] = max(message.version, self.passed_on.get(message.key, message.version))

    def _progressed(self, record: Record) -> None:
        try:
            message = decode(record).message
        except BadInput:
            return
        if isinstance(message, OrderProgressed) and message.shipment_id is None:
            self.states[message.key] = (message.fulfilment, message.invoice)
            if message.fulfilment == Fulfilment.REVERSING:
                self.reversed_orders.add(message.key)
