"""What must hold of stock: the newest count wins, Omni first, then the marketplace, none twice without need."""

from collections.abc import Callable

from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.commands import OfferStock, UpdateOmniStock
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check.outside import Act, World, act_of
from b2b2c_saga.saga.check.tally import Broken, said
from b2b2c_saga.saga.decide import Happening


def of_opening(before: Stock, happening: Happening[Stock], now: Moment) -> list[str]:
    """What one learning or opening may not do."""
    found = [broken for message in happening.messages for broken in _of_message(before, message, now)]
    return [*found, *said(happening.row.version < before.version, "an older count won")]


def _of_message(before: Stock, message: object, now: Moment) -> Broken:
    if not isinstance(message, UpdateOmniStock | OfferStock):
        return
    has, told, refused = (
        (before.omni_has, before.told_omni, before.omni_refused)
        if isinstance(message, UpdateOmniStock)
        else (before.marketplace_has, before.offered, before.marketplace_refused)
    )
    silence = before.silence(message.call())
    other = (message.version, message.quantity) != (before.version, before.quantity)
    yield from said(other, "told something else than the newest count")
    yield from said(message.version <= has, "told a version that is there")
    yield from said(message.version <= refused, "told a version that was refused")
    if isinstance(message, OfferStock):
        yield from said(before.omni_has < message.version, "offered before Omni knows")
    if message.version == told:
        answered = silence is None or silence.attempt < before.times(message.call())
        yield from said(answered, "told again while the answer may still come")
        if silence is not None:
            soon = now < silence.at + before.terms.patience.retry
            yield from said(soon, "told again before its patience was over")


def of_acts(w: World, outputs: tuple[object, ...]) -> list[str]:
    """Nothing is asked twice as the same attempt."""
    return [broken for act in acts(outputs) for broken in said(act in w.done, f"sent twice: {act}")]


def acts(outputs: tuple[object, ...]) -> frozenset[Act]:
    """What the outside remembers of these outputs."""
    return frozenset(act_of(output) for output in outputs if isinstance(output, Command))


def not_learned(after: Stock, event: Event) -> Broken:
    """An event left no trace."""
    if isinstance(event, StockCounted):
        yield from said(after.version < event.version, "a count was swallowed")
        other = after.version == event.version and after.quantity != event.quantity
        yield from said(other, "a count was changed")
    else:
        yield from said(not after.is_known, f"{type(event).__name__} was swallowed")


def at_rest(w: World, _: Callable[[Stock], object]) -> list[str]:
    """Both have the newest count, or would not have it."""
    row: Stock = w.row  # type: ignore[assignment]
    mark = f"{row.version}:{row.quantity}"
    found: list[str] = []
    for system in ("omni", "marketplace"):
        if row.is_known and not {f"{system} {mark}", f"omni {mark}"} & w.refused:
            found += said((system, mark) not in w.market, f"{system} does not have the newest count")
    return found
