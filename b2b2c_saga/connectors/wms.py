"""The warehouse: keeps B2B orders (WMS variant), takes goods back, and lets go of what is kept for nobody.

What it answers to a movement is what it has then: absolute quantities, versioned, so that a repeat may say something
newer.
"""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from b2b2c_saga.connectors.exchange import (
    Body,
    Compared,
    Conversation,
    Exchanges,
    Heard,
    Request,
    Theirs,
    company,
    names_of,
    of_order,
    short,
)
from b2b2c_saga.model.messages.answers import (
    B2BOrderCancelled,
    B2BOrderCreated,
    B2BOrderRefused,
    GoodsPutAway,
    ReversalRefused,
    StockLevel,
    StockReleased,
)
from b2b2c_saga.model.messages.commands import CancelB2BOrder, CreateB2BOrder, PutGoodsAway, ReleaseStock
from b2b2c_saga.model.words import Count, Recipient


class Created(Body):
    """The warehouse's code for the B2B order."""

    b2b_order_code: Theirs


class Level(Body):
    """What it has of a SKU."""

    sku: Compared
    quantity: Count
    version: Count


class Moved(Body):
    """What it has of each SKU after a movement."""

    counted: tuple[Level, ...]


def create_b2b_order(command: CreateB2BOrder) -> Conversation:
    """Steps 6 and 7 of the WMS variant: at the cost price, billed to Y, shipped to the consumer."""
    body = of_order(command, "location", "lines")
    body |= {"seller": company(command.seller), "buyer": company(command.buyer)}
    body["billedTo"] = asdict(command.buyer.billing_address)
    if command.recipient:
        body["shipTo"] = _ship_to(command.recipient)
    heard = yield Request("/b2b-orders", body)
    about = names_of(command, "attempt")
    match heard.status:
        case HTTPStatus.OK:
            return (B2BOrderCreated(**about, b2b_order_code=heard.read(Created).b2b_order_code),)
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return (B2BOrderRefused(**about, reason=short(heard.problem.reason, command.recipient)),)
    raise heard.unexpected()


def cancel_b2b_order(command: CancelB2BOrder) -> Conversation:
    """Units off the B2B order. There is no business answer but yes."""
    heard = yield Request("/b2b-cancellations", of_order(command, "release", "b2b_order_code", "location", "goods"))
    return (B2BOrderCancelled(**names_of(command, "release", "attempt"), counted=_counted(command, heard)),)


def put_away(command: PutGoodsAway) -> Conversation:
    """Each line says where it goes; with a B2B order's code the units come off that order, too."""
    names = ("shipment_id", "reversal", "location", "goods", "b2b_order_code")
    heard = yield Request("/put-aways", of_order(command, *names))
    about = names_of(command, "shipment_id", "reversal", "attempt")
    if heard.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return (ReversalRefused(**about, call=command.call(), reason=short(heard.problem.reason)),)
    return (GoodsPutAway(**about, counted=_counted(command, heard)),)


def release_stock(command: ReleaseStock) -> Conversation:
    """Units that need not be kept. There is no business answer but yes."""
    heard = yield Request("/releases", of_order(command, "release", "location", "goods"))
    return (StockReleased(**names_of(command, "release", "attempt"), counted=_counted(command, heard)),)


EXCHANGES: Exchanges = {
    CreateB2BOrder: create_b2b_order,
    CancelB2BOrder: cancel_b2b_order,
    PutGoodsAway: put_away,
    ReleaseStock: release_stock,
}


def _counted(command: CancelB2BOrder | PutGoodsAway | ReleaseStock, heard: Heard) -> tuple[StockLevel, ...]:
    """Of the SKUs that were moved; what it tells of others, under names of its own, is no answer to this."""
    if heard.status != HTTPStatus.OK:
        raise heard.unexpected()
    moved = {line.sku for line in command.goods}
    return tuple(StockLevel(**level.model_dump()) for level in heard.read(Moved).counted if level.sku in moved)


def _ship_to(recipient: Recipient) -> dict[str, Any]:
    """Where the carrier brings it: name and address, no more."""
    return {"name": recipient.name} | asdict(recipient.shipping_address)
