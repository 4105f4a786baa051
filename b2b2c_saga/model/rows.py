"""Rows as bytes: what the changelogs hold. Each names the version of its schema; older ones are upcast when read."""

import json
from typing import Any

from pydantic import TypeAdapter

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.model.upcasts import UPCASTS

VERSION = 1 + len(UPCASTS)
"""Of the schema of rows that are written today. Rows of the first version don't name it."""
_NAMED = f'{{"schema":{VERSION},'.encode()
_ORDER = TypeAdapter(Order)
_STOCK = TypeAdapter(Stock)


def encode_order(order: Order) -> bytes:
    """The row as JSON; equal rows give equal bytes."""
    return _NAMED + _ORDER.dump_json(order, exclude_defaults=True)[1:]


def decode_order(row: bytes) -> Order:
    """The order of a changelog record's value, whatever version wrote it.

    Raises:
        Bug: the version is newer than this program.
    """
    return _ORDER.validate_json(_todays(row))


def encode_stock(stock: Stock) -> bytes:
    """The row as JSON; equal rows give equal bytes."""
    return _NAMED + _STOCK.dump_json(stock, exclude_defaults=True)[1:]


def decode_stock(row: bytes) -> Stock:
    """The stock of a changelog record's value, whatever version wrote it.

    Raises:
        Bug: the version is newer than this program.
    """
    return _STOCK.validate_json(_todays(row))


def _todays(row: bytes) -> bytes:
    if row.startswith(_NAMED):
        return row
    kept: dict[str, Any] = json.loads(row)
    version = kept.pop("schema", 1)
    if version > VERSION:
        raise Bug(f"a row of schema {version}, and this program knows {VERSION} at most: run the newer program")
    for upcast in UPCASTS[version - 1 :]:
        kept = upcast(kept)
    return json.dumps(kept).encode()
