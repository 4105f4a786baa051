"""Step 1 over HTTP: up to 300 SKUs of one account and location in a call, each taken or refused by itself."""

from collections import Counter
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from b2b2c_saga.gateway.bodies import read_body
from b2b2c_saga.gateway.calls import Call, Desk, come_again, enveloped, same_content
from b2b2c_saga.gateway.problems import DO, Problem, broken_fields
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.model.messages.base import Part
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.model.words import Code, Count

SKUS_AT_MOST = 300
SKU_SHOWN_AT_MOST = 64
ONCE = "appears twice; each may appear once in a message"


class Inventory(Part):
    """The warehouse's absolute quantities at one location, offered through one account."""

    account: Code
    location: Code
    items: Annotated[tuple[Any, ...], Field(min_length=1, max_length=SKUS_AT_MOST)]
    """`InventoryItem`s: one that is none is refused by itself."""


class InventoryItem(Part):
    """What is there of one SKU; the newest version wins."""

    sku: Code
    quantity: Count
    version: Count


def inventory(desk: Desk) -> Call:
    """A call that is answered once Kafka has all that is good in it."""

    async def call(request: Request) -> Response:
        said = await read_body(request, Inventory)
        desk.admit(said.account)
        counted = _counted(said)
        events = [event for event in counted if isinstance(event, StockCounted)]
        try:
            if events:
                await desk.exchange.tell([enveloped(event, same_content(event), request) for event in events])
        except Unavailable as error:
            raise come_again(error) from None
        return _answer(said, counted)

    return call


Broken = list[dict[str, object]]
"""Fields of an item, each with its value and rule."""


def _counted(said: Inventory) -> list[StockCounted | Broken]:
    """What each item says."""
    times = Counter(sku for item in said.items if isinstance(sku := _sku(item), str))
    return [_one(said, place, times) for place in range(len(said.items))]


def _one(said: Inventory, place: int, times: Counter[str]) -> StockCounted | Broken:
    item = said.items[place]
    try:
        known = InventoryItem.model_validate_json(to_json(item), by_name=False)
    except ValidationError as error:
        return broken_fields(error, ("items", place))
    if times[known.sku] > 1:  # which of them holds, nobody knows
        return [{"field": f"items.{place}.sku", "value": known.sku, "rule": ONCE}]
    return StockCounted(account=said.account, location=said.location, **known.model_dump())


def _answer(said: Inventory, counted: list[StockCounted | Broken]) -> Response:
    """202 if all are taken, 207 if some are, 422 if none is; each item's word in the order of the call."""
    items = [
        {"sku": _sku(item), "status": "ACCEPTED"}
        if isinstance(one, StockCounted)
        else {"sku": _sku(item), "status": "REFUSED", "errors": one}
        for item, one in zip(said.items, counted, strict=True)
    ]
    refused = sum(item["status"] == "REFUSED" for item in items)
    body: dict[str, Any] = {"accepted": len(items) - refused, "refused": refused, "items": items}
    if refused == len(items):
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "broken-fields", DO, **body).response()
    return JSONResponse(body, HTTPStatus.MULTI_STATUS if refused else HTTPStatus.ACCEPTED)


def _sku(item: object) -> str | None:
    """The SKU as it was given, if it was given as text; no longer than one can be."""
    sku = item.get("sku") if isinstance(item, dict) else None
    return sku[:SKU_SHOWN_AT_MOST] if isinstance(sku, str) else None
