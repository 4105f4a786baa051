"""What the warehouse has after a movement flows out by inventory sync, through Client Y's account."""

from collections.abc import Iterable

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import StockLevel
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.model.order import Order


def tell_inventory(order: Order, counted: Iterable[StockLevel]) -> list[Message]:
    """A count of each SKU: absolute and versioned, so that late or twice does no harm."""
    return [
        StockCounted(
            account=order.account, location=order.location, sku=of.sku, quantity=of.quantity, version=of.version
        )
        for of in counted
    ]
