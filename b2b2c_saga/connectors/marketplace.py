"""The marketplace: packs, takes handovers, cancels, is offered stock (seed 1, 3.4, 4.2)."""

from collections.abc import Sequence
from http import HTTPStatus

from pydantic import AwareDatetime

from b2b2c_saga.connectors.exchange import (
    Body,
    Exchange,
    Exchanges,
    Heard,
    Request,
    names_of,
    of_order,
    short,
)
from b2b2c_saga.connectors.stock import stock_exchange
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    HandedOver,
    HandoverRefused,
    Label,
    MarketplacePacked,
    MarketplacePackRefused,
    Refusal,
)
from b2b2c_saga.model.messages.commands import (
    CancelOnMarketplace,
    HandOverOnMarketplace,
    OfferStock,
    PackOnMarketplace,
)
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine

CANCELLED = "CANCELLED"


class ShippingLabel(Body):
    """What goes onto the parcel."""

    transporter: str
    awb_number: str
    url: str


class Documents(Body):
    """The B2C sale's papers."""

    invoice_code: str
    invoice_date: AwareDatetime
    shipping_label: ShippingLabel


class Taken(Body):
    """The parcel is gone."""

    handed_over_at: AwareDatetime


class Item(Body):
    """Units of a line."""

    order_item_code: str
    quantity: int


class Cancelled(Body):
    """Absolute quantities."""

    items: tuple[Item, ...]


def ask_pack(command: PackOnMarketplace, _: Heard | None) -> Request:
    """Seed 3.4."""
    return Request("/packs", of_order(command, "shipment_id", "items"))


def hear_pack(command: PackOnMarketplace, heard: Heard) -> Sequence[Event]:
    """Invoice and label; or it was cancelled there; or it can never be right."""
    about = names_of(command, "shipment_id", "attempt")
    match heard.status:
        case HTTPStatus.OK:
            told = heard.read(Documents)
            label = Label(**told.shipping_label.model_dump())
            return (
                MarketplacePacked(**about, invoice_code=told.invoice_code, invoice_date=told.invoice_date, label=label),
            )
        case HTTPStatus.CONFLICT if heard.problem.code == CANCELLED:
            return (MarketplacePackRefused(**about, refusal=Refusal.CANCELLED, reason=short(heard.problem.reason)),)
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return (MarketplacePackRefused(**about, refusal=Refusal.PERMANENT, reason=short(heard.problem.reason)),)
    raise heard.unexpected()


def ask_handover(command: HandOverOnMarketplace, _: Heard | None) -> Request:
    """Seed 4.2."""
    return Request("/handovers", of_order(command, "shipment_id", "gate_pass_code"))


def hear_handover(command: HandOverOnMarketplace, heard: Heard) -> Sequence[Event]:
    """Gone; or it was cancelled before, and is pulled back."""
    about = names_of(command, "shipment_id", "attempt")
    match heard.status:
        case HTTPStatus.OK:
            return (HandedOver(**about, handed_over_at=heard.read(Taken).handed_over_at),)
        case HTTPStatus.CONFLICT if heard.problem.code == CANCELLED:
            return (HandoverRefused(**about, reason=short(heard.problem.reason)),)
    raise heard.unexpected()


def ask_cancel(command: CancelOnMarketplace, _: Heard | None) -> Request:
    """The seller cannot deliver."""
    return Request("/cancellations", of_order(command, "items", "reason"))


def hear_cancel(command: CancelOnMarketplace, heard: Heard) -> Sequence[Event]:
    """The marketplace's cancellation, as if a consumer's: the saga knows how to go on from there."""
    if heard.status != HTTPStatus.OK:
        raise heard.unexpected()
    items = tuple(
        CancelledLine(order_item_code=item.order_item_code, cancelled_quantity=item.quantity)
        for item in heard.read(Cancelled).items
    )
    return (CancellationPosted(**names_of(command), items=items, reason=command.reason),)


EXCHANGES: Exchanges = {
    PackOnMarketplace: Exchange((ask_pack,), hear_pack),
    HandOverOnMarketplace: Exchange((ask_handover,), hear_handover),
    CancelOnMarketplace: Exchange((ask_cancel,), hear_cancel),
    OfferStock: stock_exchange("marketplace"),
}
