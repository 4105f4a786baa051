"""The outside systems' own doors, for those who use them: consumers, people who count, the registry.

Not for the saga: that has its connectors. Whoever gets no answer asks again, with the same key.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx

from b2b2c_saga.demo import events
from b2b2c_saga.demo.faults import issuer_of
from b2b2c_saga.demo.story import Count, Parcel, Story
from b2b2c_saga.model.errors import Bug, Unavailable
from b2b2c_saga.model.messages.base import order_key
from b2b2c_saga.model.messages.upstream import CancellationPosted, OrderPlaced

ASKED_AGAIN_AFTER = 0.3
"""Seconds."""
READ_AGAIN_AFTER = 0.4
Entry = dict[str, Any]


class Book:
    """One table of a system's book, read once for all who wait for something in it."""

    def __init__(self, client: httpx.AsyncClient, system: str, table: str) -> None:
        self._client = client
        self._place = f"/{system}/books"
        self._table = table
        self._reading = asyncio.Lock()
        self._waiting: Counter[str] = Counter()
        self._entries: dict[str, list[Entry]] = {}
        self._asked: frozenset[str] = frozenset()
        self._read_at = 0.0

    @contextmanager
    def waits(self, key: str) -> Iterator[None]:
        """Somebody waits for something about an order: whoever reads reads for him too."""
        self._waiting[key] += 1
        try:
            yield
        finally:
            self._waiting[key] -= 1
            self._waiting += Counter()  # drops who waits no more

    async def about(self, key: str) -> list[Entry]:
        """Its entries about an order that somebody waits for, as they were a moment ago."""
        async with self._reading:
            now = asyncio.get_running_loop().time()
            if key not in self._asked or now - self._read_at > READ_AGAIN_AFTER:
                await self._read(frozenset(self._waiting))
                self._read_at = now
        return self._entries.get(key, [])

    async def _read(self, asked: frozenset[str]) -> None:
        entries: dict[str, list[Entry]] = {}
        wanted = {"table": self._table, "order": sorted(asked)}
        for line in (await self._client.get(self._place, params=wanted)).text.splitlines():
            entry: Entry = json.loads(line)
            entries.setdefault(order_key(entry["account"], entry["order_code"]), []).append(entry)
        self._entries, self._asked = entries, asked


class Outside:
    """The sandbox, by its address; `patience` is in seconds, for one thing to be done or to be seen."""

    def __init__(self, client: httpx.AsyncClient, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._books: dict[tuple[str, str], Book] = {}

    async def order(self, event: OrderPlaced) -> None:
        """A consumer orders at the marketplace."""
        await self._do("/marketplace/orders", f"order {event.key}", json.loads(event.model_dump_json()))

    async def cancel(self, event: CancellationPosted) -> None:
        """A consumer cancels there."""
        items = [{"orderItemCode": line, "quantity": units} for line, units in event.quantities]
        body = {"account": event.account, "orderCode": event.order_code, "items": items, "reason": event.reason}
        await self._do("/marketplace/consumer-cancellations", f"cancel {event.key} {event.quantities.total}", body)

    async def count(self, count: Count) -> int:
        """Somebody counts in the warehouse; the version of that count."""
        body = {"location": count.location, "sku": count.sku, "quantity": count.quantity}
        said = await self._do("/wms/counts", f"count {count.key} {count.after}", body)
        return int(said["version"])

    async def fix(self, story: Story) -> None:
        """Somebody puts right whatever is refused about an order."""
        await self._do(f"/control/fix?{urlencode({'order': story.key})}", f"fix {story.key}", {})

    async def revoke(self, story: Story, parcel: Parcel) -> int:
        """The registry takes back the parcel's invoice, once it is registered; the attempt that had brought it."""
        invoice = await self.invoice(story, parcel, lambda entry: entry["status"] == "REGISTERED")
        number = invoice["document_number"]
        body = {
            "account": story.account,
            "orderCode": story.code,
            "documentNumber": number,
            "reason": events.REVOKED_BECAUSE,
        }
        await self._do(f"/{issuer_of(story)}/revocations", f"revoke {number}", body)
        return int(invoice["attempt"])

    async def invoice(self, story: Story, parcel: Parcel, holds: Callable[[Entry], bool] = lambda _: True) -> Entry:
        """The parcel's B2B invoice, once its issuer's book has one of which that holds."""

        def is_it(entry: Entry) -> bool:
            return entry["shipment_id"] == parcel.id and holds(entry)

        return await self._seen(issuer_of(story), "invoices", story, is_it)

    async def b2b_order(self, story: Story) -> Entry:
        """The B2B order, once the warehouse has it."""
        return await self._seen("wms", "b2b_orders", story, lambda _: True)

    async def _seen(self, system: str, table: str, story: Story, holds: Callable[[Entry], bool]) -> Entry:
        until = asyncio.get_running_loop().time() + self._patience
        book = self._books.setdefault((system, table), Book(self._client, system, table))
        with book.waits(story.key):
            while asyncio.get_running_loop().time() < until:
                with suppress(httpx.TransportError):  # asked again, as for everything else here
                    for entry in await book.about(story.key):
                        if holds(entry):
                            return entry
                await asyncio.sleep(ASKED_AGAIN_AFTER)
        raise Unavailable(f"{story.key}: {system} has no such entry in {table} after {self._patience:.0f} s")

    async def _do(self, path: str, key: str, body: Entry) -> Entry:
        until = asyncio.get_running_loop().time() + self._patience
        last = "no answer"
        while asyncio.get_running_loop().time() < until:
            try:
                answer = await self._client.post(path, json=body, headers={"Idempotency-Key": f"demo {key}"})
            except httpx.TransportError as error:
                last = type(error).__name__
            else:
                if answer.status_code == HTTPStatus.OK:
                    done: Entry = answer.json()
                    return done
                if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise Bug(f"{path} answered {answer.status_code}: {answer.text}")
                last = str(answer.status_code)
            await asyncio.sleep(ASKED_AGAIN_AFTER)
        raise Unavailable(f"{path}: {last} after {self._patience:.0f} s")
