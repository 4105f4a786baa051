"""Order intake, step 2: the consumer's order for Client Y, with the terms and prices that hold for it from now on."""

from dataclasses import replace
from datetime import datetime

from b2b2c_saga.model.messages.upstream import OrderPlaced
from b2b2c_saga.model.order import Line, Order
from b2b2c_saga.model.words import to_paisa
from b2b2c_saga.saga.steps import Step

intake = Step("intake")


@intake.learns(
    OrderPlaced,
    refused_when={
        "the channel is not the one this account sells on": lambda o, e: e.channel != o.terms.channel,
        "this order was placed with other lines": lambda o, e: o.is_known and o.lines != _lines(o, e),
    },
)
def order_placed(order: Order, event: OrderPlaced, now: datetime) -> Order:
    """The snapshot: lines, prices, terms (already in the row), and the one personal part."""
    if order.is_known:
        return order
    return replace(
        order,
        channel=event.channel,
        location=event.location,
        lines=_lines(order, event),
        ordered_at=event.order_time,
        dispatch_by=event.dispatch_by_time,
        recipient=event.recipient,
    )


def _lines(order: Order, event: OrderPlaced) -> tuple[Line, ...]:
    percent = order.terms.b2b_price_percent
    return tuple(
        Line(
            code=item.order_item_code,
            sku=item.channel_sku_code,
            quantity=item.quantity,
            selling_price=item.selling_price_per_unit,
            unit_price=to_paisa(item.selling_price_per_unit * percent / 100),
        )
        for item in event.items
    )
