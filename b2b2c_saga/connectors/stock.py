"""Quantities of stock, as Omni and the marketplace take them (seed 1): many SKUs at once, each answered by itself."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal

from b2b2c_saga.connectors.exchange import NO_REASON, Body, Conversation, Exchange, Heard, Reason, Request, short
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import StockRefused, StockTaken
from b2b2c_saga.model.messages.base import StockCommand


class Became(Body):
    """What became of one SKU. `version` is what the system has now: ours, or a newer one."""

    sku: str
    status: Literal["TAKEN", "OLDER", "REFUSED", "BUSY"]
    version: int | None = None
    reason: Reason = NO_REASON


class Told(Body):
    """What became of each."""

    items: tuple[Became, ...]


def ask_stock(commands: Sequence[StockCommand]) -> Request:
    """Absolute quantities, as of versions: of one account and location, a SKU once."""
    first = commands[0]
    items = [{"sku": one.sku, "quantity": one.quantity, "version": one.version} for one in commands]
    return Request("/stock/bulk", {"account": first.account, "location": first.location, "items": items})


def hear_stock(system: str, commands: Sequence[StockCommand], heard: Heard) -> tuple[Event, ...]:
    """One event for each command, in their order; a SKU that is not answered, or not now, is unanswered.

    Raises:
        MeaninglessAnswer: the answer says nothing of any of them.
    """
    if heard.status != HTTPStatus.OK:
        raise heard.unexpected()
    became = {one.sku: one for one in heard.read(Told).items}
    return tuple(_became(system, command, became.get(command.sku)) for command in commands)


def stock_exchange(system: str) -> Exchange:
    """A command by itself; the system's name is in the answer."""

    def tell(command: StockCommand) -> Conversation:
        return hear_stock(system, (command,), (yield ask_stock((command,))))

    return tell


def _became(system: str, command: StockCommand, one: Became | None) -> Event:
    """Whoever has a newer version has no need of ours."""
    about = command.model_dump(include={"account", "location", "sku", "version"}) | {"system": system}
    if one and one.status == "REFUSED":
        return StockRefused(**about, reason=short(one.reason))
    if one and one.status in {"TAKEN", "OLDER"} and (one.version or 0) >= command.version:
        return StockTaken(**about)
    return command.unanswered()
