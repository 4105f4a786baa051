"""The warehouse: takes goods back, and releases what it kept for cancelled lines."""

from collections.abc import Sequence
from http import HTTPStatus

from b2b2c_saga.connectors.exchange import Exchange, Exchanges, Heard, Request, names_of, of_order
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import GoodsPutAway, StockReleased
from b2b2c_saga.model.messages.commands import PutGoodsAway, ReleaseStock


def ask_put_away(command: PutGoodsAway, _: Heard | None) -> Request:
    """Each line says where it goes."""
    return Request("/put-aways", of_order(command, "shipment_id", "reversal", "location", "goods"))


def hear_put_away(command: PutGoodsAway, heard: Heard) -> Sequence[Event]:
    """There is no business answer but yes."""
    if heard.status == HTTPStatus.OK:
        return (GoodsPutAway(**names_of(command, "shipment_id", "reversal", "attempt")),)
    raise heard.unexpected()


def ask_release(command: ReleaseStock, _: Heard | None) -> Request:
    """Units that need not be kept."""
    return Request("/releases", of_order(command, "release", "location", "goods"))


def hear_release(command: ReleaseStock, heard: Heard) -> Sequence[Event]:
    """There is no business answer but yes."""
    if heard.status == HTTPStatus.OK:
        return (StockReleased(**names_of(command, "release", "attempt")),)
    raise heard.unexpected()


EXCHANGES: Exchanges = {
    PutGoodsAway: Exchange((ask_put_away,), hear_put_away),
    ReleaseStock: Exchange((ask_release,), hear_release),
}
