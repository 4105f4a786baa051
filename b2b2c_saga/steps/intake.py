"""Order intake, step 2: the consumer's order for Client Y, with the terms and prices that hold for it from now on.

On channels whose B2B sale begins in the warehouse (WMS variant, steps 5 to 7), the B2B order X -> Y follows from it.
"""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from b2b2c_saga.model.documents import day_in_india
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import B2BOrderCreated, B2BOrderRefused, B2BOrderUnanswered
from b2b2c_saga.model.messages.commands import B2BOrderLine, CreateB2BOrder
from b2b2c_saga.model.messages.upstream import OrderItem, OrderPlaced, RecipientCorrected
from b2b2c_saga.model.order import Correction, Line, Order
from b2b2c_saga.model.prices import PriceBook
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.words import Recipient
from b2b2c_saga.saga.steps import Step, Wrong
from b2b2c_saga.steps.documents import revision
from b2b2c_saga.steps.scopes import ORDER, ORDER_KNOWN, heard_nothing, too_late

intake = Step("intake")
WORTH_AT_MOST = Decimal("999999999999.99")
"""Rupees, of all lines together: amounts have fourteen digits."""


def _of_another_channel(order: Order, event: OrderPlaced, now: datetime) -> Wrong | None:
    sells_on = order.terms.channel
    return Wrong("channel", event.channel, f"this account sells on {sells_on}") if event.channel != sells_on else None


def _with_other_lines(order: Order, event: OrderPlaced, now: datetime) -> Wrong | None:
    if not order.is_known:
        return None
    for item in event.items:
        known = next((line for line in order.lines if line.code == item.order_item_code), None)
        if known is None or known.sku != item.channel_sku_code:
            return Wrong("items.channelSkuCode", item.channel_sku_code, known.sku if known else "a line of the order")
        if known.quantity != item.quantity:
            return Wrong("items.quantity", item.quantity, f"{known.quantity}, as it was placed first")
        if known.selling_price != item.selling_price_per_unit:
            return Wrong(
                "items.sellingPricePerUnit",
                item.selling_price_per_unit,
                f"{known.selling_price}, as it was placed first",
            )
        if known.discount != item.discount:
            return Wrong("items.discount", item.discount, f"{known.discount}, as it was placed first")
    lines = len(order.lines)
    return Wrong("items", len(event.items), f"{lines}, as it was placed first") if len(event.items) < lines else None


def _not_priced(order: Order, event: OrderPlaced, now: datetime, book: PriceBook) -> BadInput | None:
    if order.is_known:
        return None
    try:
        _lines(event, book)
    except BadInput as error:
        return error
    return None


def _discounted_below_nothing(order: Order, event: OrderPlaced, now: datetime) -> Wrong | None:
    much = (item for item in event.items if item.discount > item.quantity * item.selling_price_per_unit)
    return next((Wrong("items.discount", item.discount, "at most quantity times price") for item in much), None)


@intake.learns(
    OrderPlaced,
    refused_when={
        "not the channel that this account sells on": _of_another_channel,
        "the order is known with another one": _with_other_lines,
        "ordered in the future": too_late("orderTime", lambda e: e.order_time),
        "to be dispatched before it was ordered": lambda o, e, now: (
            Wrong("dispatchByTime", e.dispatch_by_time.isoformat(), "not before orderTime")
            if e.dispatch_by_time < e.order_time
            else None
        ),
        "more discount than price": _discounted_below_nothing,
        "no price": _not_priced,
    },
)
def order_placed(order: Order, event: OrderPlaced, now: datetime, book: PriceBook) -> Order:
    """The snapshot: lines, prices, terms (already in the row), and the one personal part."""
    if order.is_known:
        return order
    return replace(
        order,
        channel=event.channel,
        location=event.location,
        lines=_lines(event, book),
        ordered_at=event.order_time,
        dispatch_by=event.dispatch_by_time,
        recipient=event.recipient,
    )


def _lines(event: OrderPlaced, book: PriceBook) -> tuple[Line, ...]:
    """At the prices of the day in India on which it was ordered.

    Raises:
        BadInput: a SKU that is not sold, or that has no price or rate on that day; or more than a document can say.
    """
    day = day_in_india(event.order_time)
    lines = tuple(_line(item, day, book) for item in event.items)
    worth = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
    if worth > WORTH_AT_MOST:
        raise BadInput("worth more than a document can say", "items", worth, f"at most {WORTH_AT_MOST:,}")
    return lines


def _line(item: OrderItem, day: date, book: PriceBook) -> Line:
    price = item.selling_price_per_unit
    paid = (item.quantity * price - item.discount) / item.quantity
    quote = book.quote(item.channel_sku_code, price, day, paid=paid)
    return Line(
        code=item.order_item_code,
        sku=item.channel_sku_code,
        quantity=item.quantity,
        selling_price=price,
        discount=item.discount,
        unit_price=quote.unit_price,
        hsn=quote.product.hsn,
        name=quote.product.name,
        unit=quote.product.unit,
    )


@intake.learns(
    RecipientCorrected,
    ORDER_KNOWN,
    refused_when={"corrected in the future": too_late("correctedAt", lambda e: e.corrected_at)},
)
def recipient_corrected(order: Order, event: RecipientCorrected, now: datetime) -> Order:
    """For all that is not sent yet. What was refused with the old address is sent again: it says something else now."""
    correction = Correction(event.corrected_at, event.corrected_by, event.reason)
    if order.correction and _when(order.correction, order.recipient) >= _when(correction, event.recipient):
        return order
    shipments = tuple(_with_outdated_documents(s) for s in order.shipments)
    known = replace(order, recipient=event.recipient, correction=correction, shipments=shipments)
    return known.having_been_outdated("create_b2b_order")


def _with_outdated_documents(s: Shipment) -> Shipment:
    """What was sent for it so far bears the old address."""
    sent = frozenset(range(1, s.attempt + 1))
    return replace(
        s,
        invoice=replace(s.invoice, outdated=s.invoice.outdated | sent),
        reversals=tuple(r.having_been_outdated("issue_credit_note") for r in s.reversals),
    )


def _when(correction: Correction, recipient: Recipient | None) -> tuple[object, ...]:
    """The newest counts; of two of one moment always the same one, in whatever order they come."""
    return correction.at, correction.by, correction.reason, repr(recipient)


@intake.learns(B2BOrderCreated, ORDER_KNOWN)
def b2b_order_created(order: Order, event: B2BOrderCreated, now: datetime) -> Order:
    """The warehouse's own code for it; the first stays."""
    return replace(order, b2b_order_code=order.b2b_order_code or event.b2b_order_code)


@intake.learns(B2BOrderRefused, ORDER_KNOWN)
def b2b_order_refused(order: Order, event: B2BOrderRefused, now: datetime) -> Order:
    """Without it nothing can be packed or sold to Y."""
    return order.having_been_refused("create_b2b_order", event.attempt)


intake.learns(B2BOrderUnanswered, ORDER_KNOWN)(heard_nothing)


@intake.gate(
    ORDER,
    calls=True,
    b2b_sale_begins_in_the_warehouse=lambda o: o.terms.b2b_order and o.is_known,
    warehouse_has_not_answered=lambda o: o.b2b_order_code is None and not o.b2b_order_refused,
)
def create_b2b_order(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """Steps 6 and 7 of the WMS variant: at the cost price, billed to Y, shipped to the consumer.

    What it is for is fixed by the first asking: units cancelled after that are taken off it once it is there.
    """
    asked = order if order.b2b_ordered else replace(order, b2b_ordered=order.open)
    lines = ((order.line(code), units) for code, units in asked.b2b_ordered)
    return asked, [
        CreateB2BOrder(
            account=order.account,
            order_code=order.code,
            attempt=order.times("create_b2b_order") + 1,
            location=order.location,
            seller=order.terms.client_x,
            buyer=order.terms.client_y,
            lines=tuple(
                B2BOrderLine(order_item_code=line.code, sku=line.sku, quantity=units, cost_price=line.unit_price)
                for line, units in lines
            ),
            revision=revision(order),
            recipient=order.recipient,
        )
    ]
