"""Quantities of stock, as Omni and the marketplace take them (seed 1)."""

from collections.abc import Sequence
from http import HTTPStatus

from b2b2c_saga.connectors.exchange import Body, Exchange, Heard, Request
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import StockTaken
from b2b2c_saga.model.messages.base import StockCommand


class Held(Body):
    """The version that the system has now: ours, or a newer one."""

    version: int


def stock_exchange(system: str) -> Exchange:
    """The same for every system that takes stock; its name is in the answer."""

    def hear(command: StockCommand, heard: Heard) -> Sequence[Event]:
        """Whoever has a newer version has no need of ours."""
        if heard.status != HTTPStatus.OK or heard.read(Held).version < command.version:
            raise heard.unexpected()
        about = command.model_dump(include={"account", "location", "sku", "version"})
        return (StockTaken(**about, system=system),)

    return Exchange((ask_stock,), hear)


def ask_stock(command: StockCommand, _: Heard | None) -> Request:
    """The absolute quantity, as of a version."""
    names = {"account", "location", "sku", "quantity", "version"}
    return Request("/stock", command.model_dump(mode="json", include=names))
