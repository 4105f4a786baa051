"""The warehouse's book: what tells one put-away from another."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from b2b2c_saga.sandbox.faults import Control
from b2b2c_saga.sandbox.server import sandbox


@pytest.mark.asyncio
async def test_two_shipments_of_a_cancelled_order_are_put_away_each_under_the_same_reversal(tmp_path: Path):
    transport = httpx.ASGITransport(sandbox(tmp_path, Control()))
    async with httpx.AsyncClient(transport=transport, base_url="http://wms.test") as wms:
        for shipment in ("S1", "S2", "S2"):
            answer = await wms.post("/wms/put-aways", json=_put_away(shipment), headers={"Idempotency-Key": shipment})
            assert answer.status_code == 200
        shelf = (await wms.get("/wms/stock", params={"location": "WH", "sku": "SKU-1"})).json()
        book = (await wms.get("/wms/books", params={"table": "put_aways"})).text.splitlines()
    assert (len(book), shelf["available"]) == (2, 2)


def _put_away(shipment: str) -> dict[str, Any]:
    goods = {"orderItemCode": "L1", "sku": "SKU-1", "quantity": 1, "disposition": "PUT_AWAY"}
    order = {
        "account": "YELLOW-MKT",
        "orderCode": "A",
        "shipmentId": shipment,
        "reversal": "cancel-2",
        "location": "WH",
    }
    return order | {"goods": [goods]}
