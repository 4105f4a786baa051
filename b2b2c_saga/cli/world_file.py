"""A world of the user's own for `check --world FILE`: YAML, in which events are the lines of histories."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from b2b2c_saga.config.entries import Entry, PatienceEntry
from b2b2c_saga.config.mistakes import Mistake
from b2b2c_saga.config.reading import Reading
from b2b2c_saga.config.texts import CodeText, Flag, Name, duration_text, said_as
from b2b2c_saga.config.written import Written, read_written
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event, OrderEvent
from b2b2c_saga.model.messages.upstream import OrderPlaced, StockCounted
from b2b2c_saga.saga.check.history import start
from b2b2c_saga.saga.check.lines import parse
from b2b2c_saga.saga.check.samples import PRICES, TERMS
from b2b2c_saga.saga.check.worlds import Setting
from b2b2c_saga.saga.decide import Alarm

Few = Annotated[int, said_as(r"[0-9]", "must be a number from 0 to 9", int)]


class TermsEntry(Entry):
    """What holds on the channel, where it is not as usual."""

    b2b_leg: Flag = True
    b2b_order: Flag = False
    cancel_after_pack: Flag = True
    void: Flag = True
    channel: CodeText = TERMS.channel
    patience: PatienceEntry = PatienceEntry()


class WorldEntry(Entry):
    """What is said in the world, and how much may go wrong in it; see examples/worlds."""

    name: Name | None = None
    terms: TermsEntry = TermsEntry()
    events: tuple[str, ...]
    after_handover: tuple[str, ...] = ()
    faults: Few = 0
    delays: Few = 0
    quirks: Few = 0
    fixes: Few = 0
    one_by_one: Flag = False


def read_world(file: Path) -> tuple[str, Setting | None, list[Mistake]]:
    """Its name and what it is, or all that is wrong with it.

    Raises:
        BadInput: there is no such file.
    """
    try:
        written = read_written(str(file), file.read_bytes())
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}", field="--world", rule="a world's name, or a YAML file") from None
    reading, entry = Reading(written), None
    if written.readable:
        entry = reading.one((), WorldEntry, dict(written.values))
    mistakes = [*written.mistakes, *reading.mistakes]
    if not isinstance(entry, WorldEntry):
        return file.stem, None, mistakes
    events, after = _Lines(written, "events"), _Lines(written, "after_handover")
    said, later = events.parsed(entry.events), after.parsed(entry.after_handover)
    mistakes += [*events.mistakes, *after.mistakes]
    if not mistakes:
        mistakes += _contradictions(written, entry, said, later)
    if mistakes:
        return file.stem, None, mistakes
    setting = Setting(
        tuple(said),
        tuple(later),
        entry.faults,
        entry.delays,
        entry.quirks,
        entry.fixes,
        terms=start(list(_given(entry.terms))).terms,
        one_by_one=entry.one_by_one,
    )
    return entry.name or file.stem, setting, []


class _Lines:
    """The events of one list; gathers mistakes."""

    def __init__(self, written: Written, field: str) -> None:
        self.written, self.field = written, field
        self.mistakes: list[Mistake] = []

    def parsed(self, lines: tuple[str, ...]) -> list[Event]:
        """Those that can be read."""
        found: dict[Event, int] = {}
        for n, line in enumerate(lines):
            try:
                event = parse(line)
            except BadInput as error:
                self._wrong(n, ": ".join(filter(None, (error.reason, error.rule))))
                continue
            if isinstance(event, Alarm):
                self._wrong(n, "alarms ring by themselves: leave it out")
            elif event in found:
                self._wrong(n, f"is said already, by item {found[event]}: one event is delivered once")
            else:
                found[event] = n
        return list(found)

    def _wrong(self, n: int, rule: str) -> None:
        self.mistakes.append(self.written.wrong((self.field, n), rule))


def _contradictions(written: Written, entry: WorldEntry, said: list[Event], later: list[Event]) -> Iterator[Mistake]:
    if not said:
        yield written.wrong(("events",), "is empty: nothing would ever happen")
        return
    orders = isinstance(said[0], OrderEvent)
    for n, event in enumerate(said):
        if isinstance(event, OrderEvent) is not orders:
            yield written.wrong(("events", n), "some are about stock and some about an order: make it two worlds")
        yield from _unknown_lines(written, n, event)
    if not orders and not any(isinstance(event, StockCounted) for event in said):
        yield written.wrong(("events",), "has no StockCounted: there is nothing to tell anybody")
    for n, event in enumerate(later):
        if not hasattr(event, "shipment_id"):
            yield written.wrong(
                ("after_handover", n), "names no shipment: only what is said of one follows its handover"
            )
    if entry.terms.b2b_order and not entry.terms.b2b_leg:
        yield written.wrong(("terms", "b2b_order"), "must be false without b2b_leg: there is no B2B sale to order")


def _unknown_lines(written: Written, n: int, event: Event) -> Iterator[Mistake]:
    for item in event.items if isinstance(event, OrderPlaced) else ():
        if item.channel_sku_code not in PRICES.products:
            yield written.wrong(("events", n), f"line {item.order_item_code}: must be one capital letter")


def _given(terms: TermsEntry) -> Iterator[str]:
    """The terms as the lines of a history that say the same."""
    if not terms.b2b_leg:
        yield "given no B2B leg"
    if terms.b2b_order:
        yield "given WMS variant"
    if not terms.cancel_after_pack:
        yield "given no cancel after pack"
    if not terms.void:
        yield "given no void"
    if terms.channel != TERMS.channel:
        yield f"given channel {terms.channel}"
    for name, much in terms.patience:
        if name == "attempts_at_most" and much is not None:
            yield f"given {much} attempts"
        elif much is not None:
            yield f"given patience {name} +{duration_text(much)}"
