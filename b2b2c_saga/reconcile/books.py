"""The outside systems' books, read over HTTP: `GET /<system>/books`, one JSON row a line."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any

import httpx

from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.model.messages.base import order_key
from b2b2c_saga.settings import Settings

Entry = dict[str, Any]
"""A row of a book, as the system keeps it."""
SYSTEMS = ("marketplace", "omni", "erp", "rms", "wms")
OF_ORDERS = frozenset(
    {"orders", "packs", "handovers", "invoices", "credit_notes", "numbers", "eway_bills"}
    | {"put_aways", "releases", "b2b_orders", "b2b_cancellations"}
)
"""Tables whose entries are about orders that we must know; anybody may cancel what we never heard of."""
READ_WITHIN = 60.0
"""Seconds in which a book's next page must come."""


@dataclass(frozen=True)
class Books:
    """All entries, by system and table, and there by order (stock: under its own key)."""

    entries: dict[tuple[str, str], dict[str, list[Entry]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Entry]]) -> "Books":
        """From pairs of system and row; a row names its table."""
        entries: dict[tuple[str, str], dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        for system, row in rows:
            if "order_code" in row:
                key = order_key(row["account"], row["order_code"])
            else:
                key = "/".join(row[name] for name in ("account", "location", "sku") if name in row)
            entries[system, row["table"]][key].append(row)
        return cls({name: dict(by_key) for name, by_key in entries.items()})

    def about(self, system: str, table: str, key: str) -> list[Entry]:
        """A table's entries about one order or one SKU."""
        return self.entries.get((system, table), {}).get(key, [])

    def orders(self) -> Iterator[str]:
        """Every order that some book mentions."""
        return (key for (_, table), by_key in self.entries.items() if table in OF_ORDERS for key in by_key)

    @cached_property
    def sellers(self) -> frozenset[str]:
        """Seller accounts of which the marketplace's book has orders: it has all of theirs, then."""
        return frozenset(key.split("/")[0] for key in self.entries.get(("marketplace", "orders"), {}))

    def shelves(self, system: str) -> dict[str, Entry]:
        """A system's stock, by account, location and SKU; the warehouse knows no accounts."""
        return {key: rows[-1] for key, rows in self.entries.get((system, "stock"), {}).items()}


async def read_books(settings: Settings) -> Books:
    """All books, read at the same time.

    Raises:
        Unavailable: a system does not show its book; names it and where it was looked for.
    """
    async with httpx.AsyncClient(timeout=READ_WITHIN) as client:
        pages = await asyncio.gather(*(_read(client, system, _address(settings, system)) for system in SYSTEMS))
    return Books.of((system, row) for system, rows in zip(SYSTEMS, pages, strict=True) for row in rows)


def _address(settings: Settings, system: str) -> str:
    return f"{getattr(settings, f'{system}_url')}/books"


async def _read(client: httpx.AsyncClient, system: str, address: str) -> list[Entry]:
    remedy = f"start it with `b2b2c-saga sandbox`, or say where it is with B2B2C_{system.upper()}_URL"
    try:
        async with client.stream("GET", address) as response:
            if response.status_code != HTTPStatus.OK:
                raise Unavailable(f"{system} shows no book: {address} answers {response.status_code}; {remedy}")
            return [json.loads(line) async for line in response.aiter_lines() if line]
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(f"{system} shows no book: {address} gives {type(error).__name__}; {remedy}") from None
