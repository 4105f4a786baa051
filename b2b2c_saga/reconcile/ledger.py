"""Our side: the orders' rows, the B2C returns that were told downstream, and what the warehouse counted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from b2b2c_saga.bus.clients import read_all
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order, decode_stock
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.settings import Settings


@dataclass(frozen=True)
class Ledger:
    """Everything of ours that is to be proved, by key."""

    orders: dict[str, Order] = field(default_factory=dict)
    returns: dict[str, list[B2CReturnRequired]] = field(default_factory=dict)
    stock: dict[str, Stock] = field(default_factory=dict)
    counts: dict[str, StockCounted] = field(default_factory=dict)
    """The newest count of each SKU that the inventory topic still has."""


async def read_ledger(settings: Settings, topics: Topics) -> Ledger:
    """All committed records of now.

    Raises:
        BadInput, Unavailable: as `read_all`.
    """
    orders = await read_table(settings, topics.name("changelog.orders"))
    stock = await read_stock(settings, topics)
    returns: dict[str, list[B2CReturnRequired]] = defaultdict(list)
    counts: dict[str, StockCounted] = {}
    async for record in read_all(settings, [topics.name("b2c-returns"), topics.name("inventory")]):
        message = _readable(record)
        if isinstance(message, B2CReturnRequired):
            returns[message.key].append(message)
        elif isinstance(message, StockCounted):
            counts[message.key] = newest([counts.get(message.key), message])
    return Ledger(
        {key: order for key, row in orders.items() if (order := decode_order(row)).lines},
        dict(returns),
        stock,
        counts,
    )


async def read_orders(settings: Settings, topics: Topics) -> dict[str, Order]:
    """The rows of all orders, of those too that have only early events yet."""
    rows = await read_table(settings, topics.name("changelog.orders"))
    return {key: decode_order(row) for key, row in rows.items()}


async def read_stock(settings: Settings, topics: Topics) -> dict[str, Stock]:
    """The rows of all stock."""
    rows = await read_table(settings, topics.name("changelog.stock"))
    return {key: decode_stock(row) for key, row in rows.items()}


async def read_table(settings: Settings, changelog: str) -> dict[str, bytes]:
    """The last row of each key of a changelog; left out: deleted ones, and keys whose first records are parked."""
    rows: dict[str, bytes] = {}
    async for record in read_all(settings, [changelog]):
        key = (record.key or b"").decode(errors="replace")
        if not record.value:
            rows.pop(key, None)
        else:
            rows[key] = record.value
    return rows


def newest(counts: Iterable[StockCounted | None]) -> StockCounted:
    """The count with the highest version; the first of equals."""
    return max((count for count in counts if count is not None), key=lambda count: count.version)


def _readable(record: Record) -> object:
    try:
        return decode(record).message
    except BadInput:
        return None  # the worker parked it
