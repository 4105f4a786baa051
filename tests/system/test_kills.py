"""A worker dies, or leaves, amid orders: they end as if nothing had happened."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
from ordered import Ordered
from stack import Stack, stack, standing

from b2b2c_saga.bus.wire import decode
from b2b2c_saga.demo.day import seeded_day
from b2b2c_saga.demo.faults import faults_of
from b2b2c_saga.demo.omni import Omni
from b2b2c_saga.demo.outside import Outside
from b2b2c_saga.demo.player import Player
from b2b2c_saga.demo.stage import WORKERS
from b2b2c_saga.demo.story import Day, Fate
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.upstream import Upstream
from b2b2c_saga.demo.verdict import End, judge
from b2b2c_saga.model.messages.integration import Trouble
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import encode_order
from b2b2c_saga.model.shipment import Fulfilment

__all__ = ["stack"]

ORDERS, SEED = 80, 11
IN_FLIGHT = 60
ALL_PLACED_WITHIN = 2.0
"""Seconds."""

TIME = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?")
"""Compared as known or not known: each run has its own clock."""
ATTEMPTS = frozenset({"acknowledged", "not_found", "silences", "first_attempt"})
"""Left out: which attempts of a call were answered, and how, and with which a document began. A worker that is away
learns of an answer later, and may have found out by a look-up what it would have heard; what it then knows (registered,
refused) is compared."""
LOOK_UPS = frozenset(
    {"looked_up_at", "looked_up_attempt", "looked_up_for_handover", "look_ups_answered", "last_chance"}
)
"""Left out: how often, when and for what reason the ERP was asked again. It is asked while an answer is missing."""
OUTCOMES = frozenset({"refused", "differs", "revoked", "fixed", "outdated"})
"""Compared as happened or not: which attempt it was depends on what was heard of those before."""
CALLS = frozenset({"opened", "refusals", "fixes"})
ASKED_AGAIN = frozenset({"look_up_invoice", "fetch_label"})
"""Compared by name: how often a call was made depends on its answers."""
LABELS = frozenset({"label_asked_at", "labels_answered"})
"""Left out: how often the marketplace was asked for a label."""
SERIES = frozenset({"numbers", "given", "order_number", "registration", "undone_by", "eway_bills"})
"""Compared as known or not, parts by parts: the series gives its numbers in the order in which they are asked for."""
HEARD = frozenset({"answered_before"})
"""Left out: whether the packer was answered before the registration was heard of."""
COUNTS = frozenset({"counted"})
"""Left out: what the warehouse had on a shelf just then is the business of all orders."""


def end_of(order: Order) -> object:
    """An order's row without what may differ between two runs of the same story; all else must be equal.

    Of the gates it says which have opened, not how often: a call without an answer is made again.
    """

    def part(name: str, value: object) -> object:
        if isinstance(value, str) and TIME.fullmatch(value):
            return "known"
        if name in CALLS:
            return sorted(call for call, _ in cast("list[list[str]]", value) if call not in ASKED_AGAIN)
        if name in OUTCOMES:
            return "an attempt" if value else "none"
        if name in SERIES or (name == "documents" and isinstance(value, list)):
            return len(value) if isinstance(value, list) else "known"
        if name == "alerted":  # that an event waited for long depends on how long its order was not decided on
            troubles = (told for told in cast("list[str]", value) if told.startswith(tuple(Trouble)))
            return sorted(re.sub(r"attempt \d+", "an attempt", told) for told in troubles)
        if isinstance(value, dict):
            parts = {n: part(n, v) for n, v in value.items() if n not in ATTEMPTS | LOOK_UPS | LABELS | HEARD | COUNTS}
            return {n: v for n, v in parts.items() if v != []}
        return [part("", one) for one in value] if isinstance(value, list) else value

    return part("", json.loads(encode_order(order)))


def differing(one: object, other: object, place: str) -> list[str]:
    """Where two ends differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other})
        return [told for name in names for told in differing(one.get(name), other.get(name), f"{place} {name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [told for n, (a, b) in pairs for told in differing(a, b, f"{place} {n}")]
    return [] if one == other else [f"{place}: {one} / {other}"]


@dataclass(frozen=True)
class Ended:
    """What a run came to."""

    orders: dict[str, Any]
    """`end_of` each."""
    returns: list[str]
    """Each B2C return that was told, without its time; sorted."""
    documents: list[tuple[str, str, str]]
    """Shipment, state or reversal, and total of each document in the issuers' books; sorted."""
    differences: list[Any]
    parked: int


def busy_minute() -> Day:
    """Many orders at almost the same time.

    Those whose invoice is refused after it was acknowledged are left out: what the marketplace has seen of them by then
    depends on whether the acknowledgement was heard, so two runs may rightly end differently.
    """
    day = seeded_day(ORDERS, SEED)
    told = [
        replace(story, pace=replace(story.pace, order=story.pace.order / day.span * ALL_PLACED_WITHIN))
        for story in day.stories
        if story.fate is not Fate.REFUSED_LATE
    ]
    return Day(tuple(told), day.counts, ALL_PLACED_WITHIN)


async def play(stack: Stack, day: Day, meanwhile: Callable[[Tally], Awaitable[None]] | None = None) -> Ended:
    """Play a day to its end; `meanwhile` is given the tally of what was sent so far."""
    stack.sandbox.faults(**faults_of(day))
    tally = Tally(len(day.stories))
    async with (
        httpx.AsyncClient(base_url=stack.stage.gateway_url, timeout=30) as http,
        httpx.AsyncClient(base_url=stack.stage.sandbox_url, timeout=30) as sandbox,
        asyncio.TaskGroup() as group,
    ):
        outside = Outside(sandbox, 90)
        upstream = Upstream(stack.publisher, stack.stage.topics, http, outside, tally, 90)
        player = Player(upstream, Omni(http, tally, 90), tally)
        playing = group.create_task(player.play_day(day))
        if meanwhile:
            group.create_task(meanwhile(tally))
        await playing
    now = datetime.now(UTC)
    await stack.until(
        lambda: all(judge(told, stack.order(told.key), now).end is End.CLOSED for told in day.stories), "all are closed"
    )
    assert tally.surprises == []
    await stack.until(lambda: counts_are_offered(stack, day), "every count is offered")
    return await ended(stack, day)


def counts_are_offered(stack: Stack, day: Day) -> bool:
    """Each SKU was counted, and the newest count that is known is offered."""
    rows = [stack.stock(count.key) for count in day.counts]
    return all(row is not None and row.marketplace_has == row.version for row in rows)


async def ended(stack: Stack, day: Day) -> Ended:
    """As it is in topics and books now."""
    keys = {told.key for told in day.stories}
    told = [decode(record).message for record in await stack.records("b2c-returns")]
    numbered = {"required_at", "invoice_number", "order_number"}  # the series gives them as they are asked for
    returns = [event.model_dump_json(exclude=numbered) for event in told if event.key in keys]
    proof = json.loads((await stack.command("prove", "--json")).stdout)
    documents = [
        (row["shipment_id"], row.get("reversal", row["status"]), row["total"])
        for issuer in ("erp", "rms")
        for table in ("invoices", "credit_notes")
        for row in stack.sandbox.book(issuer, table=table)
        if f"{row['account']}/{row['order_code']}" in keys
    ]
    rows = {key: stack.order(key) for key in keys}
    return Ended(
        {key: end_of(row) for key, row in rows.items() if row},
        sorted(returns),
        sorted(documents),
        proof["differences"],
        len(stack.parked),
    )


def in_flight(stack: Stack) -> int:
    rows = [stack.order(key) for table, key in stack.rows if table == "orders"]
    return len([row for row in rows if row and row.fulfilment is not Fulfilment.CLOSED])


async def test_orders_end_the_same_when_every_worker_is_killed_amid_them(
    stack: Stack, broker: str, tmp_path: Path
) -> None:
    day = busy_minute()
    undisturbed = await play(stack, day)
    async with standing(broker, tmp_path) as shaken:
        then: list[int] = []

        async def kill_one_after_the_other(tally: Tally) -> None:
            await shaken.until(lambda: in_flight(shaken) >= IN_FLIGHT, f"{IN_FLIGHT} orders in flight")
            for worker in WORKERS:
                then.append(in_flight(shaken))
                shaken.stage.fleet.kill(worker)
                await asyncio.sleep(1)
                shaken.stage.fleet.start(worker, "worker")

        killed = await play(shaken, day, kill_one_after_the_other)
        assert then[0] >= IN_FLIGHT
        assert min(then) >= ORDERS // 2
        assert len(killed.orders) == len(day.stories)
        other = [told for key, end in undisturbed.orders.items() for told in differing(end, killed.orders[key], key)]
        assert other == []
        assert killed == undisturbed
        assert (killed.differences, killed.parked) == ([], 0)
        assert killed.returns


async def test_two_workers_share_the_partitions_and_one_takes_over_when_the_other_stops(stack: Stack) -> None:
    everything = set(range(stack.stage.topics.partitions))

    def share(*workers: str) -> bool:
        owned = [stack.owned(worker) for worker in workers]
        return all(owned) and sum(map(len, owned)) == len(everything) and set.union(*owned) == everything

    async def end(order: Ordered) -> None:
        assert (await order.pack()).status_code == 200
        await order.cancel()
        await order.until_closed()

    stays, leaves = WORKERS
    await stack.until(lambda: share(stays, leaves), "both own some, and together all")
    orders = await asyncio.gather(*(Ordered.placed(stack, f"SHARED-{n}", L1=1) for n in range(2 * len(everything))))
    assert await stack.stop(leaves) == 0
    await asyncio.gather(*(end(order) for order in orders))
    assert stack.owned(stays) == everything
    told = Counter(decode(record).message.key for record in await stack.records("b2c-returns"))
    assert {order.key: told[order.key] for order in orders} == {order.key: 1 for order in orders}
    stack.stage.fleet.start("comes", "worker")
    await stack.until(lambda: share(stays, "comes"), "both own some again")
