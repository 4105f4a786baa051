"""A sandbox in this process, without a network."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from b2b2c_saga.sandbox.faults import Control
from b2b2c_saga.sandbox.server import sandbox

AT_ONCE = {"registration_delay_s": [0, 0]}


class Clock:
    """Goes as all clocks do, from 1 April 2026, 9:30 in India, on; and may be put on."""

    def __init__(self) -> None:
        self._ahead = datetime(2026, 4, 1, 4, tzinfo=UTC).timestamp() - time.time()

    def __call__(self) -> float:
        return time.time() + self._ahead

    def put_on(self, *, days: float = 0, hours: float = 0) -> None:
        self._ahead += (days * 24 + hours) * 3600


class Client:
    """Asks the sandbox; each call has a key of its own unless one is given."""

    def __init__(self, folder: Path, seed: int = 1, **faults: dict[str, Any]) -> None:
        self.control = Control(seed, faults)
        self.clock = Clock()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(sandbox(folder, self.control, self.clock)), base_url="http://sandbox"
        )
        self._keys = 0

    async def post(self, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        self._keys += 1
        return await self._http.post(path, json=body, headers={"Idempotency-Key": key or f"key-{self._keys}"})

    async def say(self, path: str, body: dict[str, Any], key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        answer = await self.post(path, body, key)
        return answer.status_code, answer.json()

    async def get(self, path: str, **query: str | list[str]) -> httpx.Response:
        return await self._http.get(path, params=query)

    async def ask(self, path: str, **query: str) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        answer = await self.get(path, **query)
        return answer.status_code, answer.json()

    async def book(self, system: str, **query: str | list[str]) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await self.get(f"/{system}/books", **query)).text.splitlines()]


def shipment(order: str = "O1") -> dict[str, Any]:
    return {"account": "A", "orderCode": order, "shipmentId": f"{order}-S1"}


def pack(order: str = "O1", shipment_id: str | None = None, **units: int) -> dict[str, Any]:
    """Two units of i1, unless it is told otherwise."""
    items = [{"orderItemCode": line, "quantity": quantity} for line, quantity in (units or {"i1": 2}).items()]
    return shipment(order) | {"items": items} | ({"shipmentId": shipment_id} if shipment_id else {})


def ordered(order: str = "O1", account: str = "A", **units: int) -> dict[str, Any]:
    """What the marketplace is told when a consumer orders: as the topics carry it."""
    home = {"line": "1 Lake View", "city": "Mumbai", "pin": "400001", "state": "27"}
    items = [
        {
            "channelSkuCode": f"SKU-{line}",
            "orderItemCode": line,
            "quantity": quantity,
            "sellingPricePerUnit": "100.00",
            "discount": "0",
        }
        for line, quantity in (units or {"i1": 2, "i2": 1}).items()
    ]
    return {
        "account": account,
        "orderCode": order,
        "parentOrderCode": f"P-{order}",
        "channel": "MARKETPLACE",
        "location": "WH-BLR",
        "orderTime": "2026-04-01T09:30:00Z",
        "dispatchByTime": "2026-04-02T09:30:00Z",
        "paymentMethod": "COD",
        "items": items,
        "recipient": {
            "name": "Asha Rao",
            "phone": "+919900000000",
            "email": "asha@example.org",
            "shipping_address": home,
            "billing_address": home,
        },
    }
