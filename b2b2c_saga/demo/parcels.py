"""The way of one parcel: packed in the warehouse (WMS variant), packed for the consumer, handed over."""

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

from b2b2c_saga.demo import events
from b2b2c_saga.demo.omni import Answer, Omni
from b2b2c_saga.demo.story import PUT_RIGHT, Fate, Parcel, Quirk, Story, Variant
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.upstream import Upstream

FIXES = "/v1/fixes/invoices"
CORRECTIONS = "/v1/recipient-corrections"
REVOCATIONS = "/v1/invoice-revocations"
Answers = Mapping[Fate, frozenset[str]]
PACK_ANSWERS: Answers = {
    Fate.SOLD: frozenset({"PACKED"}),
    Fate.REFUSED_THEN_CANCELLED: frozenset({"INVOICE_REFUSED"}),
    Fate.REFUSED_THEN_OVERDUE: frozenset({"INVOICE_REFUSED", "CANCELLED"}),
    **dict.fromkeys(PUT_RIGHT, frozenset({"INVOICE_REFUSED"})),
    # An issuer that was silent when it acknowledged is heard of again only when it refuses; and where the pack takes
    # long, the dispatch may be overdue and the order cancelled before the marketplace is asked again.
    Fate.REFUSED_LATE: frozenset({"PACKED", "INVOICE_REFUSED", "CANCELLED", "PACK_REFUSED"}),
}
HANDOVER_ANSWERS: Answers = {Fate.SOLD: frozenset({"HANDED_OVER"}), Fate.REFUSED_LATE: frozenset({"CANCELLED"})}
"""What the pack and the handover of a story may be answered; SOLD stands for every fate not named."""
NOT_PACKED = Answer("NOT_PACKED", {})


class Parcels:
    """Plays what its story tells of a parcel."""

    def __init__(self, upstream: Upstream, omni: Omni, tally: Tally) -> None:
        self._upstream = upstream
        self._omni = omni
        self._tally = tally

    async def play(self, story: Story, parcel: Parcel) -> Answer:
        """From the B2B order, or the order, to the handover; the last answer that Omni got."""
        if story.variant is Variant.WMS:
            await self._pack_in_warehouse(story, parcel)
            if story.fate is Fate.CANCELLED_AFTER_INVOICE:
                await self._upstream.outside.invoice(story, parcel)
                return NOT_PACKED
        await asyncio.sleep(story.pace.pack)
        answer = await self._confirm(story, parcel)
        if answer.outcome != "PACKED" or story.fate is Fate.CANCELLED_AFTER_INVOICE:
            return answer
        await asyncio.sleep(story.pace.handover)
        return await self._hand_over(story, parcel)

    async def _pack_in_warehouse(self, story: Story, parcel: Parcel) -> None:
        """Steps 8 to 10, from the B2B order on; or earlier than we know of it."""
        if Quirk.B2B_PACK_EARLY in story.quirks:
            self._tally.early[Quirk.B2B_PACK_EARLY] += 1
        else:
            await asyncio.sleep(story.pace.b2b_pack)
        await self._upstream.send(events.b2b_packed(story, parcel))

    async def _confirm(self, story: Story, parcel: Parcel) -> Answer:
        pack = events.pack_confirmed(story, parcel)
        answer = await self._call(story, self._omni.confirm_pack(pack), PACK_ANSWERS)
        if Quirk.PACK_TWICE in story.quirks:
            await self._again(story, "pack confirmation", answer, self._omni.confirm_pack(pack))
        if story.fate not in PUT_RIGHT:
            return answer
        await asyncio.sleep(story.pace.second_thoughts)
        await self._put_right(story, parcel)
        return await self._omni.confirm_pack(pack, but_not=answer.outcome)

    async def _put_right(self, story: Story, parcel: Parcel) -> None:
        refused = await self._upstream.outside.invoice(story, parcel, lambda entry: entry["status"] == "REFUSED")
        if story.fate is Fate.REFUSED_THEN_CORRECTED:
            await self._upstream.call(CORRECTIONS, events.recipient_corrected(story, datetime.now(UTC)))
        else:
            await self._upstream.outside.fix(story)
            await self._upstream.call(FIXES, events.invoice_fixed(story, parcel, refused["attempt"]))
        self._tally.fixed += 1

    async def _hand_over(self, story: Story, parcel: Parcel) -> Answer:
        if story.fate is Fate.CANCELLED_TOO_LATE:
            quantities, reason = story.cancelled, "changed my mind"
            await self._upstream.send(events.cancellation_posted(story, quantities, reason))
        if Quirk.DELIVERY_EARLY in story.quirks:
            self._tally.early[Quirk.DELIVERY_EARLY] += 1
            await self._upstream.send(events.delivered(story, parcel, datetime.now(UTC)))
        async with asyncio.TaskGroup() as group:
            if story.fate is Fate.REVOKED_THEN_FIXED:
                attempt = await self._upstream.outside.revoke(story, parcel)
                await self._upstream.call(REVOCATIONS, events.invoice_revoked(story, parcel, attempt))
                group.create_task(self._have_it_made_anew(story, parcel, attempt))
            handover = events.handover_requested(story, parcel)
            answer = await self._call(story, self._omni.hand_over(handover), HANDOVER_ANSWERS)
        if Quirk.HANDOVER_TWICE in story.quirks:
            await self._again(story, "handover", answer, self._omni.hand_over(handover))
        return answer

    async def _have_it_made_anew(self, story: Story, parcel: Parcel, attempt: int) -> None:
        """While the parcel waits at the ramp."""
        await asyncio.sleep(story.pace.second_thoughts)
        await self._upstream.call(FIXES, events.invoice_fixed(story, parcel, attempt))
        self._tally.fixed += 1

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
