"""Rows of stock as bytes; those of orders are in tests/unit/saga, after any events."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.early import Early
from b2b2c_saga.model.facts import Silence
from b2b2c_saga.model.messages.answers import StockTaken
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order, decode_stock, encode_order, encode_stock
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import TERMS, count

NEW = Stock("ACC", "W", "SKU", TERMS)
VERSIONS = st.integers(-1, 9)
TAKEN = StockTaken(account="ACC", location="W", sku="SKU", system="omni", version=1)


@given(VERSIONS, VERSIONS, VERSIONS, st.integers(0, 5), st.sampled_from([(), (Silence("offer_stock", 1, START),)]))
def test_a_row_of_stock_survives_the_changelog(
    version: int, told: int, has: int, units: int, silences: tuple[Silence, ...]
):
    row = replace(NEW, version=version, told_omni=told, omni_has=has, quantity=units)
    row = replace(row, silences=silences, early=(Early(TAKEN, START),) if silences else ())
    assert decode_stock(encode_stock(row)) == row
    assert encode_stock(decode_stock(encode_stock(row))) == encode_stock(row)


def test_a_fresh_row_is_short_and_keeps_its_identity():
    assert NEW.key == "ACC/W/SKU"
    assert not NEW.is_known
    assert decode_stock(encode_stock(NEW)) == NEW
    assert b"quantity" not in encode_stock(NEW)
    order = Order("ACC", "O", TERMS)
    assert decode_order(encode_order(order)) == order
    assert count(1, 5).key == NEW.key
