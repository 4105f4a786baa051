"""Plays stories: consumers, marketplace, warehouse, packing station, Omni and the registry, each by its own way in."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from b2b2c_saga.demo import events
from b2b2c_saga.demo.groups import leaves
from b2b2c_saga.demo.omni import Answer, Omni
from b2b2c_saga.demo.parcels import Parcels
from b2b2c_saga.demo.story import CANCELLATIONS, TO_ORIGIN, Count, Day, Fate, Parcel, Quirk, Story, Variant
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.upstream import Upstream
from b2b2c_saga.model.errors import Unavailable

STORIES_AT_ONCE = 150
"""A slow machine plays the same day, and takes longer for it."""
A_HEAD_START = 0.4
"""Seconds by which an early event is sent before what it needs."""


class Player:
    """Plays the stories of a day; what it sends twice is the same event with the same id."""

    def __init__(self, upstream: Upstream, omni: Omni, tally: Tally, at_once: int = STORIES_AT_ONCE) -> None:
        self._upstream = upstream
        self._omni = omni
        self._tally = tally
        self._parcels = Parcels(upstream, omni, tally)
        self._room = asyncio.Semaphore(at_once)

    async def play_day(self, day: Day) -> None:
        """All of it; returns when each story has been played to its end."""
        async with asyncio.TaskGroup() as group:
            for count in day.counts:
                group.create_task(self._count_later(count))
            for story in day.stories:
                group.create_task(self._play(story))

    async def _count_later(self, count: Count) -> None:
        await asyncio.sleep(count.after)
        await self._upstream.count(count)

    async def _play(self, story: Story) -> None:
        await asyncio.sleep(story.pace.order)
        try:
            async with self._room:
                await self._tell(story)
        except* Unavailable as errors:
            self._tally.surprises += map(str, leaves(errors))
        self._tally.played += 1

    async def _tell(self, story: Story) -> None:
        early: list[Coroutine[Any, Any, Any]] = []
        if Quirk.CANCEL_EARLY in story.quirks:
            early.append(self._cancel(story))
        if Quirk.PACK_EARLY in story.quirks:
            early += [self._omni.confirm_pack(events.pack_confirmed(story, parcel)) for parcel in story.parcels]
        if Quirk.HANDOVER_EARLY in story.quirks:
            early += [self._omni.hand_over(events.handover_requested(story, parcel)) for parcel in story.parcels]
        self._tally.early.update(quirk for quirk in story.quirks if quirk.endswith("before the order"))
        async with asyncio.TaskGroup() as group:
            for one in early:
                group.create_task(one)
            if early:
                await asyncio.sleep(A_HEAD_START)
            group.create_task(self._from_order_on(story))

    async def _from_order_on(self, story: Story) -> None:
        self._tally.place()
        await self._upstream.order(story)
        if story.fate is Fate.CANCELLED_BEFORE_INVOICE and Quirk.CANCEL_EARLY not in story.quirks:
            await asyncio.sleep(story.pace.pack)
            await self._cancel(story)
        if story.variant is Variant.WMS and Quirk.B2B_PACK_EARLY not in story.quirks:
            await self._upstream.outside.b2b_order(story)
        async with asyncio.TaskGroup() as group:
            parcels = [group.create_task(self._parcels.play(story, parcel)) for parcel in story.parcels]
        answers = [parcel.result() for parcel in parcels]
        if story.fate is Fate.REFUSED_THEN_CANCELLED or story.fate is Fate.CANCELLED_AFTER_INVOICE:
            await asyncio.sleep(story.pace.second_thoughts)
            await self._cancel(story)
        if Quirk.CANCEL_ON_THE_WAY in story.quirks:
            await self._cancel(story)
        pairs: list[tuple[Parcel, Answer]] = list(zip(story.parcels, answers, strict=True))
        left = [parcel for parcel, answer in pairs if answer.outcome == "HANDED_OVER"]
        await asyncio.gather(*(self._after_handover(story, parcel) for parcel in left))

    async def _after_handover(self, story: Story, parcel: Parcel) -> None:
        if story.fate not in TO_ORIGIN:
            await asyncio.sleep(story.pace.delivery)
            if Quirk.DELIVERY_EARLY not in story.quirks:
                twice = Quirk.DELIVERY_TWICE in story.quirks
                delivered = events.delivered(story, parcel, datetime.now(UTC))
                await self._upstream.send(delivered, twice=twice, called="delivery")
        if parcel.comes_back:
            await asyncio.sleep(story.pace.second_thoughts)
            comes_back = events.return_received(story, parcel, parcel.comes_back)
            await self._upstream.send(comes_back, twice=Quirk.RETURN_TWICE in story.quirks, called="return")

    async def _cancel(self, story: Story) -> None:
        """By the consumer, at the marketplace; or by somebody else, who tells us alone."""
        reason = "no invoice, no parcel" if story.fate is Fate.REFUSED_THEN_CANCELLED else "changed my mind"
        event = events.cancellation_posted(story, story.cancelled, reason)
        if story.fate in CANCELLATIONS:
            await self._upstream.outside.cancel(event)
        await self._upstream.send(event, twice=Quirk.CANCEL_TWICE in story.quirks, called="cancellation")
