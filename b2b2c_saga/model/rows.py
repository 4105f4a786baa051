"""Rows as bytes: what the changelogs hold."""

from pydantic import TypeAdapter

from b2b2c_saga.model.order import Order
from b2b2c_saga.model.stock import Stock

_ORDER = TypeAdapter(Order)
_STOCK = TypeAdapter(Stock)


def encode_order(order: Order) -> bytes:
    """The row as JSON; equal rows give equal bytes."""
    return _ORDER.dump_json(order, exclude_defaults=True, exclude={"prices"})


def decode_order(row: bytes) -> Order:
    """The order of a changelog record's value."""
    return _ORDER.validate_json(row)


def encode_stock(stock: Stock) -> bytes:
    """The row as JSON; equal rows give equal bytes."""
    return _STOCK.dump_json(stock, exclude_defaults=True)


def decode_stock(row: bytes) -> Stock:
    """The stock of a changelog record's value."""
    return _STOCK.validate_json(row)
