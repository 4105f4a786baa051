"""What the systems upstream say, each in its own way: on Kafka, through the gateway, or by being asked."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol

import httpx

from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.demo import events
from b2b2c_saga.demo.outside import Outside
from b2b2c_saga.demo.story import Count, Quirk, Story, Variant
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.model.errors import Bug, Unavailable
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.upstream import OrderPlaced

ASKED_AGAIN_AFTER = 0.5
"""Seconds."""


class Sender(Protocol):
    """Whoever brings a record to Kafka; returns once it is there."""

    async def send(
        self, topic: str, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = ()
    ) -> None:
        """One record."""


class Upstream:
    """Says it once, or twice: then it is the same event with the same id. `patience` is in seconds, for one call."""

    def __init__(  # noqa: PLR0913, PLR0917 - all the ways there are
        self,
        publisher: Sender,
        topics: Topics,
        gateway: httpx.AsyncClient,
        outside: Outside,
        tally: Tally,
        patience: float,
    ) -> None:
        self._publisher = publisher
        self._topics = topics
        self._gateway = gateway
        self.outside = outside
        self._tally = tally
        self._patience = patience

    async def order(self, story: Story) -> None:
        """The consumer orders; the marketplace pushes it to Kafka or to the gateway, or is asked for it (WMS variant).

        One that comes twice and is pulled comes the second time by the gateway.
        """
        event = events.order_placed(story, datetime.now(UTC))
        await self.outside.order(event)
        match story.variant:
            case Variant.ERP:
                await self.send(event)
            case Variant.PASS_THROUGH:
                await self.call("/v1/orders", event)
            case Variant.WMS:
                self._tally.pulled += 1
        if Quirk.ORDER_TWICE in story.quirks:
            self._tally.duplicates["order"] += 1
            await self._again(story, event)

    async def _again(self, story: Story, event: OrderPlaced) -> None:
        if story.variant is Variant.ERP:
            await self.send(event)
        else:
            await self.call("/v1/orders", event)

    async def count(self, count: Count) -> int:
        """The warehouse counts, and tells; the version of the count."""
        version = await self.outside.count(count)
        await asyncio.sleep(count.told_after)
        await self.send(events.stock_counted(count, version), twice=count.twice, called="count")
        return version

    async def send(self, event: Event, *, twice: bool = False, called: str = "") -> None:
        """On Kafka."""
        envelope = events.envelope(event, datetime.now(UTC))
        for _ in range(1 + twice):
            await self._publisher.send(self._topics.name(event.topic), envelope.key, envelope.value, envelope.headers)
            self._tally.sent += 1
        if twice:
            self._tally.duplicates[called] += 1

    async def call(self, path: str, event: Event) -> None:
        """Through the gateway, until it has taken it in.

        Raises:
            Bug: it refuses what is right.
            Unavailable: it never does.
        """
        body = event.model_dump_json(exclude_none=True).encode()
        until = asyncio.get_running_loop().time() + self._patience
        while asyncio.get_running_loop().time() < until:
            try:
                said = await self._gateway.post(path, content=body, headers={"Content-Type": "application/json"})
            except httpx.TransportError:
                pass
            else:
                if said.status_code == HTTPStatus.ACCEPTED:
                    self._tally.sent += 1
                    return
                if said.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise Bug(f"the gateway answered {said.status_code} to a good call: {said.text}")
            await asyncio.sleep(ASKED_AGAIN_AFTER)
        raise Unavailable(f"{path} {event.key}: not taken in after {self._patience:.0f} s")
