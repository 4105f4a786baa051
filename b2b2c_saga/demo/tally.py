"""What the players did and met, counted for the screen and the summary."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from b2b2c_saga.model.messages.upstream import HandoverRequested, PackConfirmed


@dataclass
class Tally:
    """Counts of one day."""

    orders: int
    placed: int = 0
    """Orders begun."""
    played: int = 0
    """Stories played to their end."""
    sent: int = 0
    """Events and calls, duplicates included."""
    duplicates: Counter[str] = field(default_factory=Counter)
    early: Counter[str] = field(default_factory=Counter)
    held: set[str] = field(default_factory=set)
    """Shipments that a handover answer named HELD at least once."""
    calls_repeated: int = 0
    pulled: int = 0
    """Orders that the marketplace was left to be asked for."""
    fixed: int = 0
    """Invoices that somebody put right."""
    surprises: list[str] = field(default_factory=list)
    """Answers that contradict the story: each is a failure of the demo."""

    half_placed: asyncio.Event = field(default_factory=asyncio.Event)

    def place(self) -> None:
        """One more order begins."""
        self.placed += 1
        if self.placed >= self.orders / 2:
            self.half_placed.set()

    def asked_again(self, event: PackConfirmed | HandoverRequested, said: dict[str, Any]) -> None:
        """A call got 202 or 503."""
        self.calls_repeated += 1
        if said.get("outcome") == "HELD":
            self.held.add(event.shipment_id)
