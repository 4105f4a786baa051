"""Stock is sent by the message, not by the SKU (step 1): what waits for a place goes out together.

A SKU is in one message at a time, so its versions go out in order; of those that wait, the newest goes. Each SKU is
answered by itself: one that fails is sent again by its own row, and holds up no other.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.base import StockCommand

Answers = Mapping[str, Event]
"""What came back, by the command's key; a SKU that is not in it has no answer."""


class Asked(NamedTuple):
    """A command, and the id of its record's event."""

    command: StockCommand
    id: str


Tell = Callable[[Sequence[Asked]], Awaitable[Answers]]
"""Sends one message of one account and location, each SKU once. No answer is an empty one."""


@dataclass
class _Item:
    """All that waits of one SKU, and who waits for it."""

    newest: Asked
    waiting: list["asyncio.Future[Event | None]"]

    def answer(self, event: Event | None) -> None:
        """To all who still wait."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_result(event)

    def fail(self, error: Exception) -> None:
        """To all who still wait."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_exception(error)


@dataclass
class _Place:
    """What waits for one location of a seller place. `behind`: SKUs that are under way with an older version."""

    ready: dict[str, _Item] = field(default_factory=dict)
    behind: dict[str, _Item] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    timer: asyncio.TimerHandle | None = None


class StockBatches:
    """Gathers the stock commands of one system."""

    def __init__(self, tell: Tell, limits: Limits) -> None:
        self._tell = tell
        self._wait = limits.stock_waits
        self._at_most = limits.stock_at_once
        self._places: defaultdict[tuple[str, str], _Place] = defaultdict(_Place)
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, asked: Asked) -> Event | None:
        """The answer to this version of the SKU, or to a newer one that went out for it; None: there is none.

        Raises:
            Exception: what `tell` raised.
        """
        place = self._places[asked.command.account, asked.command.location]
        key = asked.command.key
        answer: asyncio.Future[Event | None] = asyncio.get_running_loop().create_future()
        where = place.behind if key in place.under_way else place.ready
        _put(where, key, _Item(asked, [answer]))
        self._look(place)
        return await answer

    def _look(self, place: _Place) -> None:
        """Send what is full; see to it that the rest does not wait too long."""
        while len(place.ready) >= self._at_most:
            self._send(place)
        if place.ready and place.timer is None:
            place.timer = asyncio.get_running_loop().call_later(self._wait, self._send, place)

    def _send(self, place: _Place) -> None:
        if place.timer is not None:
            place.timer.cancel()
            place.timer = None
        batch = {key: place.ready.pop(key) for key in list(place.ready)[: self._at_most]}
        place.under_way |= batch.keys()
        task = asyncio.create_task(self._ask(place, batch))
        self._sending.add(task)  # the loop keeps no strong reference to a task
        task.add_done_callback(self._sending.discard)

    async def _ask(self, place: _Place, batch: dict[str, _Item]) -> None:
        try:
            answers = await self._tell([item.newest for item in batch.values()])
        except Exception as error:  # noqa: BLE001 - whoever waits hears of it
            for item in batch.values():
                item.fail(error)
        else:
            for key, item in batch.items():
                item.answer(answers.get(key))
        finally:
            place.under_way -= batch.keys()
            for key in batch:
                if later := place.behind.pop(key, None):
                    _put(place.ready, key, later)
            self._look(place)


def _put(where: dict[str, _Item], key: str, item: _Item) -> None:
    """Among the others of its SKU: the newest version is the one that goes."""
    if known := where.get(key):
        item = _Item(max(known.newest, item.newest, key=_age), known.waiting + item.waiting)
    where[key] = item


_age = attrgetter("command.version", "command.attempt")
