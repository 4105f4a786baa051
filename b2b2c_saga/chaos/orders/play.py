"""Plays a day so that no fault stops it: whoever is not answered asks again, for many minutes."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import httpx

from b2b2c_saga.bus.clients import Publisher, follow, producer
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.chaos.orders.stage import Stage
from b2b2c_saga.demo.omni import Omni
from b2b2c_saga.demo.outside import Outside
from b2b2c_saga.demo.player import Player
from b2b2c_saga.demo.show import HTTP_TIMEOUT, NO_QUEUE
from b2b2c_saga.demo.story import Day
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.upstream import Upstream
from b2b2c_saga.demo.watch import STEPS, TOLD, Watch
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

PATIENCE = 600.0
"""Seconds in which a call must get its final answer, or something be seen."""
STORIES_AT_ONCE = 300
"""More than are under way in peace, and few enough that their repeated calls are no load of their own in an outage."""
ASKS_AGAIN_AFTER = 3.0
"""Seconds; each call that is repeated is an event to be decided on."""
AGAIN_AFTER = 0.5


class Steady:
    """Sends until Kafka has it, through one producer after another; the same record again is the same event."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._open = contextlib.AsyncExitStack()
        self._publisher: Publisher | None = None
        self._opening = asyncio.Lock()

    async def send(
        self, topic: str, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = ()
    ) -> None:
        """One record.

        Raises:
            Unavailable: not acknowledged for many minutes.
        """
        limit = asyncio.get_running_loop().time() + PATIENCE
        while True:
            publisher = self._publisher
            try:
                publisher = await self._ready()
                await publisher.send(topic, key, value, headers)
            except Unavailable:
                if asyncio.get_running_loop().time() > limit:
                    raise
                await self._drop(publisher)
                await asyncio.sleep(AGAIN_AFTER)
            else:
                return

    async def close(self) -> None:
        """Let go of the producer."""
        await self._drop(self._publisher)

    async def _ready(self) -> Publisher:
        async with self._opening:
            if self._publisher is None:
                self._publisher = await self._open.enter_async_context(producer(self._settings()))
            return self._publisher

    async def _drop(self, failed: Publisher | None) -> None:
        """It may have counted what the log has not; whoever comes later finds another."""
        async with self._opening:
            if failed is not None and failed is self._publisher:
                self._publisher = None
                with contextlib.suppress(Exception):
                    await self._open.aclose()


async def play(here: Stage, day: Day, tally: Tally) -> None:
    """All stories, to their end.

    Raises:
        Bug: the gateway gave an answer that it may not give.
    """
    steady = Steady(lambda: here.settings)
    async with (
        httpx.AsyncClient(base_url=here.gateway_url, timeout=HTTP_TIMEOUT, limits=NO_QUEUE) as gateway,
        httpx.AsyncClient(base_url=here.sandbox_url, timeout=HTTP_TIMEOUT, limits=NO_QUEUE) as sandbox,
    ):
        upstream = Upstream(steady, here.topics, gateway, Outside(sandbox, PATIENCE), tally, PATIENCE)
        try:
            omni = Omni(gateway, tally, PATIENCE, ASKS_AGAIN_AFTER)
            await Player(upstream, omni, tally, STORIES_AT_ONCE).play_day(day)
        finally:
            await steady.close()


async def follow_on(watch: Watch, settings: Callable[[], Settings], topics: Topics) -> None:
    """Keep a watch up to date, for ever; when the cluster is lost, from the beginning again, each record once."""
    names = {topics.name(short): short for short in (*STEPS, *TOLD)}
    heard: dict[tuple[str, int], int] = {}
    while True:
        try:
            async for record in follow(settings(), list(names), from_end=False):
                place = (record.topic, record.partition)
                if record.offset > heard.get(place, -1):
                    heard[place] = record.offset
                    watch.hear(names[record.topic], record)
        except Unavailable:
            await asyncio.sleep(AGAIN_AFTER)
