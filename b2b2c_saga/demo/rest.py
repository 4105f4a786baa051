"""Waits for the end of a day: until each story is closed or held and each count offered, or nothing moves any more."""

import asyncio
import time
from datetime import UTC, datetime

from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.demo.story import Day
from b2b2c_saga.demo.verdict import End, Verdict, judge_all
from b2b2c_saga.demo.watch import Watch
from b2b2c_saga.reconcile.ledger import read_orders, read_stock
from b2b2c_saga.settings import Settings

LOOKED_AT_EVERY = 1.0
STALLED_AFTER = 25.0
"""Seconds without any event, while orders are open, until one gives up and names them."""


async def rest(
    settings: Settings, topics: Topics, day: Day, watch: Watch, stalled_after: float = STALLED_AFTER
) -> list[Verdict]:
    """The verdict on each story of the day."""
    while True:
        await asyncio.sleep(LOOKED_AT_EVERY)
        is_stalled = time.monotonic() - watch.last_event > stalled_after
        if watch.at_rest < len(day.stories) and not is_stalled:
            continue  # cheaper than reading all rows
        orders = await read_orders(settings, topics)
        verdicts = judge_all(day.stories, orders, datetime.now(UTC))
        stock = await read_stock(settings, topics)
        is_offered = all(row.marketplace_has == row.version for row in stock.values())
        if is_stalled or (is_offered and all(verdict.end is not End.OPEN for verdict in verdicts)):
            return verdicts
