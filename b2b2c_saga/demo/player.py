"""Plays stories: the marketplace, the warehouse and the consumers through Kafka, Omni through the gateway."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from b2b2c_saga.bus.clients import Publisher
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.demo import events
from b2b2c_saga.demo.groups import leaves
from b2b2c_saga.demo.omni import Answer, Omni
from b2b2c_saga.demo.story import Count, Day, Fate, Parcel, Quirk, Story
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.model.messages import Event

STORIES_AT_ONCE = 150
"""A slow machine plays the same day, and takes longer for it."""
A_HEAD_START = 0.4
"""Seconds by which an early event is sent before what it needs."""


Answers = dict[Fate, frozenset[str]]


class Player:
    """Plays the stories of a day; what it sends twice is the same event with the same id."""

    def __init__(self, publisher: Publisher, topics: Topics, omni: Omni, tally: Tally) -> None:
        self._publisher = publisher
        self._topics = topics
        self._omni = omni
        self._tally = tally
        self._room = asyncio.Semaphore(STORIES_AT_ONCE)

    async def play_day(self, day: Day) -> None:
        """All of it; returns when each story has been played to its end."""
        async with asyncio.TaskGroup() as group:
            for count in day.counts:
                group.create_task(self._count_later(count))
            for story in day.stories:
                group.create_task(self._play(story))

    async def count(self, count: Count) -> None:
        """The warehouse counts, now."""
        await self._send(events.stock_counted(count))

    async def _count_later(self, count: Count) -> None:
        await asyncio.sleep(count.after)
        await self.count(count)

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
        await self._send(
            events.order_placed(story, datetime.now(UTC)), twice=Quirk.ORDER_TWICE in story.quirks, called="order"
        )
        await asyncio.sleep(story.pace.pack)
        if story.fate is Fate.CANCELLED_BEFORE_INVOICE and Quirk.CANCEL_EARLY not in story.quirks:
            await self._cancel(story)
        async with asyncio.TaskGroup() as group:
            parcels = [group.create_task(self._play_parcel(story, parcel)) for parcel in story.parcels]
        answers = [parcel.result() for parcel in parcels]
        if story.fate is Fate.REFUSED_THEN_CANCELLED or story.fate is Fate.CANCELLED_AFTER_INVOICE:
            await asyncio.sleep(story.pace.second_thoughts)
            await self._cancel(story)
        if Quirk.CANCEL_ON_THE_WAY in story.quirks:
            await self._cancel(story)
        await asyncio.gather(
            *(
                self._after_handover(story, parcel)
                for parcel, answer in zip(story.parcels, answers, strict=True)
                if answer.outcome == "HANDED_OVER"
            )
        )

    async def _play_parcel(self, story: Story, parcel: Parcel) -> Answer:
        """Pack and handover; the last answer."""
        pack = events.pack_confirmed(story, parcel)
        answer = await self._call(story, self._omni.confirm_pack(pack), _PACK_ANSWERS)
        if Quirk.PACK_TWICE in story.quirks:
            await self._again(story, "pack confirmation", answer, self._omni.confirm_pack(pack))
        if answer.outcome != "PACKED" or story.fate is Fate.CANCELLED_AFTER_INVOICE:
            return answer
        await asyncio.sleep(story.pace.handover)
        if Quirk.DELIVERY_EARLY in story.quirks:
            self._tally.early[Quirk.DELIVERY_EARLY] += 1
            await self._send(events.delivered(story, parcel, datetime.now(UTC)))
        handover = events.handover_requested(story, parcel)
        answer = await self._call(story, self._omni.hand_over(handover), _HANDOVER_ANSWERS)
        if Quirk.HANDOVER_TWICE in story.quirks:
            await self._again(story, "handover", answer, self._omni.hand_over(handover))
        return answer

    async def _after_handover(self, story: Story, parcel: Parcel) -> None:
        if story.fate is not Fate.RETURNED_TO_ORIGIN:
            await asyncio.sleep(story.pace.delivery)
            if Quirk.DELIVERY_EARLY not in story.quirks:
                twice = Quirk.DELIVERY_TWICE in story.quirks
                await self._send(events.delivered(story, parcel, datetime.now(UTC)), twice=twice, called="delivery")
        if parcel.comes_back:
            await asyncio.sleep(story.pace.second_thoughts)
            comes_back = events.return_received(story, parcel, parcel.comes_back)
            await self._send(comes_back, twice=Quirk.RETURN_TWICE in story.quirks, called="return")

    async def _cancel(self, story: Story) -> None:
        reason = "no invoice, no parcel" if story.fate is Fate.REFUSED_THEN_CANCELLED else "changed my mind"
        event = events.cancellation_posted(story, story.cancelled, reason)
        await self._send(event, twice=Quirk.CANCEL_TWICE in story.quirks, called="cancellation")

    async def _call(self, story: Story, call: Coroutine[Any, Any, Answer], expected: Answers) -> Answer:
        self._tally.sent += 1
        answer = await call
        if answer.outcome not in expected.get(story.fate, expected[Fate.SOLD]):
            why = answer.said.get("reason") or answer.said.get("detail") or ""
            self._tally.surprises.append(f"{story.key} ({story.fate}) was answered {answer.outcome} {why}".strip())
        return answer

    async def _again(self, story: Story, called: str, first: Answer, call: Coroutine[Any, Any, Answer]) -> None:
        """A repeat must succeed with the same answer."""
        self._tally.sent += 1
        self._tally.duplicates[called] += 1
        second = await call
        if second != first:
            self._tally.surprises.append(
                f"{story.key}: the second {called} was answered otherwise: {first} then {second}"
            )

    async def _send(self, event: Event, *, twice: bool = False, called: str = "") -> None:
        """Publish an event; its duplicate is the same record once more."""
        envelope = events.envelope(event, datetime.now(UTC))
        for _ in range(1 + twice):
            await self._publisher.send(self._topics.name(event.topic), envelope.key, envelope.value, envelope.headers)
            self._tally.sent += 1
        if twice:
            self._tally.duplicates[called] += 1


_PACK_ANSWERS: Answers = {
    Fate.SOLD: frozenset({"PACKED"}),
    Fate.REFUSED_THEN_CANCELLED: frozenset({"INVOICE_REFUSED"}),
    Fate.REFUSED_THEN_OVERDUE: frozenset({"INVOICE_REFUSED"}),
    # An ERP that was silent when it acknowledged is heard of again only when it refuses.
    Fate.REFUSED_LATE: frozenset({"PACKED", "INVOICE_REFUSED"}),
}
_HANDOVER_ANSWERS: Answers = {Fate.SOLD: frozenset({"HANDED_OVER"}), Fate.REFUSED_LATE: frozenset({"CANCELLED"})}
"""What the pack and the handover of a story may be answered; SOLD stands for every fate not named."""
