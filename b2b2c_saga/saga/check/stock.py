"""What must hold of stock: the newest count wins, Omni first, then the marketplace, none twice without need."""

from collections.abc import Callable, Iterator

from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.commands import OfferStock, UpdateOmniStock
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check.outside import Act, World, act_of
from b2b2c_saga.saga.decide import Happening


def of_opening(before: Stock, happening: Happening[Stock], now: Moment) -> list[str]:
    """What one learning or opening may not do."""
    return [broken for message in happening.messages for broken in _of_message(before, message, now)] + [
        "an older count won" for _ in range(happening.row.version < before.version)
    ]


def _of_message(before: Stock, message: object, now: Moment) -> Iterator[str]:
    if not isinstance(message, UpdateOmniStock | OfferStock):
        return
    has, told = (
        (before.omni_has, before.told_omni)
        if isinstance(message, UpdateOmniStock)
        else (before.marketplace_has, before.offered)
    )
    silence = before.silence(message.call())
    if (message.version, message.quantity) != (before.version, before.quantity):
        yield "told something else than the newest count"
    if message.version <= has:
        yield f"{message.call()} of a version that is there"
    if isinstance(message, OfferStock) and before.omni_has < message.version:
        yield "offered before Omni knows"
    if message.version == told:
        if silence is None or silence.attempt < before.times(message.call()):
            yield f"{message.call()} again while the answer may still come"
        elif now < silence.at + before.terms.patience.retry:
            yield f"{message.call()} again before its patience was over"


def of_acts(w: World, outputs: tuple[object, ...]) -> list[str]:
    """Nothing is asked twice as the same attempt."""
    return [f"sent twice: {act}" for act in acts(outputs) if act in w.done]


def acts(outputs: tuple[object, ...]) -> frozenset[Act]:
    """What the outside remembers of these outputs."""
    return frozenset(act_of(output) for output in outputs if isinstance(output, Command))


def not_learned(after: Stock, event: Event) -> Iterator[str]:
    """An event left no trace."""
    if isinstance(event, StockCounted) and after.version < event.version:
        yield "a count was swallowed"
    elif not after.is_known:
        yield f"{type(event).__name__} was swallowed"


def at_rest(w: World, _: Callable[[Stock], object]) -> list[str]:
    """Both have the newest count."""
    row: Stock = w.row  # type: ignore[assignment]
    mark = f"{row.version}:{row.quantity}"
    return [
        f"{system} does not have the newest count"
        for system in ("omni", "marketplace")
        if row.is_known and (system, mark) not in w.market
    ]
