"""The marketplace: packs, takes handovers, cancels, is offered stock (seed 1, 3.4, 4.2)."""

from http import HTTPStatus

from b2b2c_saga.connectors.exchange import (
    Body,
    Conversation,
    Exchanges,
    Heard,
    Request,
    Theirs,
    names_of,
    of_order,
    short,
)
from b2b2c_saga.connectors.stock import stock_exchange
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
    FetchLabel,
    HandOverOnMarketplace,
    OfferStock,
    PackOnMarketplace,
)
from b2b2c_saga.model.messages.upstream import CancellationPosted, CancelledLine
from b2b2c_saga.model.words import FreeText, Moment, PartCode, Quantity, Url

CANCELLED = "CANCELLED"
ALREADY_DISPATCHED = "ALREADY_DISPATCHED"


class ShippingLabel(Body):
    """What goes onto the parcel."""

    transporter: FreeText
    awb_number: Theirs
    url: Url


class Documents(Body):
    """The B2C sale's papers; the label may come later."""

    invoice_code: Theirs
    invoice_date: Moment
    shipping_label: ShippingLabel | None = None


class Taken(Body):
    """The parcel is gone."""

    handed_over_at: Moment


class Item(Body):
    """Units of a line."""

    order_item_code: PartCode
    quantity: Quantity


class Cancelled(Body):
    """Absolute quantities."""

    items: tuple[Item, ...]


def pack(command: PackOnMarketplace) -> Conversation:
    """Seed 3.4: invoice and label; or it was cancelled there; or it can never be right."""
    heard = yield Request("/packs", of_order(command, "shipment_id", "items"))
    about = names_of(command, "shipment_id", "attempt")
    match heard.status:
        case HTTPStatus.OK:
            return (_packed(command, heard),)
        case HTTPStatus.CONFLICT if heard.problem.code == CANCELLED:
            return (MarketplacePackRefused(**about, refusal=Refusal.CANCELLED, reason=short(heard.problem.reason)),)
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return (MarketplacePackRefused(**about, refusal=Refusal.PERMANENT, reason=short(heard.problem.reason)),)
    raise heard.unexpected()


def fetch_label(command: FetchLabel) -> Conversation:
    """The pack's documents again: by now the label may be there. The answer is about any attempt of the pack."""
    names = {"account": command.account, "orderCode": command.order_code, "shipmentId": command.shipment_id}
    heard = yield Request("/labels", query=names)
    if heard.status != HTTPStatus.OK:
        raise heard.unexpected()
    return (_packed(command, heard),)


def hand_over(command: HandOverOnMarketplace) -> Conversation:
    """Seed 4.2: gone, now or already; or it was cancelled before, and is pulled back."""
    bills = ("eway_bills",) if command.eway_bills else ()
    heard = yield Request("/handovers", of_order(command, "shipment_id", "gate_pass_code", *bills))
    about = names_of(command, "shipment_id", "attempt")
    match heard.status:
        case HTTPStatus.CONFLICT if heard.problem.code == CANCELLED:
            return (HandoverRefused(**about, reason=short(heard.problem.reason)),)
        case HTTPStatus.CONFLICT if heard.problem.code != ALREADY_DISPATCHED:
            raise heard.unexpected()
        case HTTPStatus.OK | HTTPStatus.CONFLICT:
            return (HandedOver(**about, handed_over_at=heard.read(Taken).handed_over_at),)
    raise heard.unexpected()


def cancel(command: CancelOnMarketplace) -> Conversation:
    """The marketplace's cancellation, as if a consumer's: the saga knows how to go on from there."""
    heard = yield Request("/cancellations", of_order(command, "items", "reason"))
    if heard.status != HTTPStatus.OK:
        raise heard.unexpected()
    items = tuple(
        CancelledLine(order_item_code=item.order_item_code, cancelled_quantity=item.quantity)
        for item in heard.read(Cancelled).items
    )
    return (CancellationPosted(**names_of(command), items=items, reason=command.reason),)


def _packed(command: PackOnMarketplace | FetchLabel, heard: Heard) -> MarketplacePacked:
    told = heard.read(Documents)
    polled = isinstance(command, FetchLabel)
    return MarketplacePacked(
        **names_of(command, "shipment_id"),
        attempt=1 if polled else command.attempt,
        invoice_code=told.invoice_code,
        invoice_date=told.invoice_date,
        label=Label(**told.shipping_label.model_dump()) if told.shipping_label else None,
        poll=command.attempt if polled else 0,
    )


EXCHANGES: Exchanges = {
    PackOnMarketplace: pack,
    FetchLabel: fetch_label,
    HandOverOnMarketplace: hand_over,
    CancelOnMarketplace: cancel,
    OfferStock: stock_exchange("marketplace"),
}
