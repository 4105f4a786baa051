"""A sandbox in this process, without a network."""

import json
from pathlib import Path
from typing import Any

import httpx

from b2b2c_saga.sandbox.faults import Control
from b2b2c_saga.sandbox.server import sandbox

PLACE = {"line": "1 Lake View", "city": "Mumbai", "pin": "400001", "state": "27"}
PARTY = {"gstin": "29AABCK1234M1ZG", "billingAddress": PLACE, "shippingAddress": PLACE}
LINES = [
    {"orderItemCode": "i1", "sku": "K1", "quantity": 2, "unitPrice": "80.00"},
    {"orderItemCode": "i2", "sku": "K2", "quantity": 1, "unitPrice": "40.00"},
]


class Client:
    """Asks the sandbox; each call has a key of its own unless one is given."""

    def __init__(self, folder: Path, seed: int = 1, **faults: dict[str, Any]) -> None:
        self.control = Control(seed, faults)
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(sandbox(folder, self.control)), base_url="http://sandbox"
        )
        self._keys = 0

    async def post(self, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        self._keys += 1
        return await self._http.post(path, json=body, headers={"Idempotency-Key": key or f"key-{self._keys}"})

    async def say(self, path: str, body: dict[str, Any], key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        answer = await self.post(path, body, key)
        return answer.status_code, answer.json()

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self._http.get(path, params=query)

    async def book(self, system: str, **query: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await self.get(f"/{system}/books", **query)).text.splitlines()]


def shipment(order: str = "O1") -> dict[str, Any]:
    return {"account": "A", "orderCode": order, "shipmentId": f"{order}-S1"}


def invoice(order: str = "O1", number: str | None = None, total: str = "200.00") -> dict[str, Any]:
    return shipment(order) | {
        "documentNumber": number or f"B{order}",
        "documentTime": "2026-03-31T20:00:00Z",
        "seller": PARTY | {"legalName": "Kurta House", "accountCode": "X-1000"},
        "buyer": PARTY | {"legalName": "Yellow Retail", "accountCode": "Y-2000"},
        "lines": LINES,
        "total": total,
        "orderIdentifier": "SO1",
        "invoiceIdentifier": "IV1",
    }


def credit_note(number: str, units: int, reversal: str = "R1", order: str = "O1") -> dict[str, Any]:
    return shipment(order) | {
        "reversal": reversal,
        "documentNumber": number,
        "precedingDocument": f"B{order}",
        "lines": [LINES[0] | {"quantity": units}],
        "total": f"{units * 80}.00",
    }


def pack(order: str = "O1") -> dict[str, Any]:
    return shipment(order) | {"items": [{"orderItemCode": "i1", "quantity": 2}]}
