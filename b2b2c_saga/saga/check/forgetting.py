"""Merges that are not monotone: each learning in turn forgets what was known of a field that it writes, or adds it up.

What a merge writes is seen, not declared: worlds are explored for a while, and the row after each learning is held
against the row before. Where the last value is the same as the first on all rows and events that were seen, in any
combination, no mutant is made, for it would be the merge itself: a flag that is set, whatever was known.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.saga.check.explore import explore
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.mutants import Merge, Mutant, steps_of, with_learning, with_step
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.saga.check.ways import Way, at, default_at, put, written
from b2b2c_saga.saga.check.worlds import Setting
from b2b2c_saga.saga.steps import Book, Learning

STATES = 600
"""Of each world: what is learned is learned early."""
ROWS, EVENTS = 6, 4
"""Of each type of event and each world, at most, to try merges with."""
ROWS_TRIED, EVENTS_TRIED = 20, 6
"""Of all worlds together."""
Said = tuple[Event, datetime, Book]
COUNTS = ("attempt", "look_up", "poll")
LATER = timedelta(minutes=5)


@dataclass
class Learned:
    """What was learned of one type of event: rows and events to try merges with, and the fields that were written."""

    rows: list[Any] = field(default_factory=list)
    events: list[tuple[Event, datetime]] = field(default_factory=list)
    ways: set[Way] = field(default_factory=set)

    def note(self, event: Event, before: Any, now: datetime, after: Any) -> None:  # noqa: ANN401 - an order or stock
        """One learning more."""
        new = set(written(before, after)) - self.ways
        self.ways |= new
        if new or len(self.rows) < ROWS:
            self.rows += [before, after]
        if len(self.events) < EVENTS and all(event != known for known, _ in self.events):
            self.events.append((event, now))

    def __add__(self, other: "Learned") -> "Learned":
        return Learned(self.rows + other.rows, self.events + other.events, self.ways | other.ways)


def learned_in(setting: Setting, sagas: Sagas) -> dict[str, Learned]:
    """What was learned in a world, by the name of the type of event."""
    seen: dict[str, Learned] = {}

    def note(event: Event, row: Any, now: datetime, after: Any) -> None:  # noqa: ANN401
        seen.setdefault(type(event).__name__, Learned()).note(event, row, now, after)

    explore(setting, overheard(sagas, note), STATES, once=False)
    return seen


def overheard(sagas: Sagas, note: Callable[[Event, Any, datetime, Any], None]) -> Sagas:
    """The sagas, telling of each learning: the event, the row, the moment and the row after it."""

    def telling(merge: Merge) -> Merge:
        def told(row: Any, event: Any, now: datetime, book: Book) -> Any:  # noqa: ANN401
            after = merge(row, event, now, book)
            note(event, row, now, after)
            return after

        return told

    for step in steps_of(sagas):
        learnings = {event: replace(on, merge=telling(on.merge)) for event, on in step.learnings.items()}
        sagas = with_step(sagas, step, replace(step, learnings=learnings))
    return sagas


def weaker(sagas: Sagas, event: str, seen: Learned) -> list[tuple[str, Way]]:
    """In which ways the merge of an event can be weakened so that it makes a difference: how, and at which field."""
    (on,) = (on for step in steps_of(sagas) for kind, on in step.learnings.items() if kind.__name__ == event)
    tries = list(_tries(on, seen))
    return [
        (how, way)
        for way, how in product(sorted(seen.ways), HOW)
        if any(_outcome(HOW[how](on.merge, way), row, *said) != on.merge(row, *said) for row, said in tries)
    ]


def _tries(on: Learning, seen: Learned) -> Iterator[tuple[Any, Said]]:
    """Rows that have learned one such event, each with another."""
    events = [(other, now, PRICES) for one, now in _spread(seen.events, EVENTS_TRIED) for other in _others(one)]
    later = [(other, now + LATER, PRICES) for other, now, _ in events]
    for row, first in product(_spread(seen.rows, ROWS_TRIED), events):
        after = on.merge(row, *first) if _fits(on, row, *first) else row
        yield from ((after, said) for said in later if _fits(on, after, *said))


def _fits(on: Learning, row: Any, event: Event, now: datetime, book: Book) -> bool:  # noqa: ANN401
    return not on.lacks(row, event) and not on.refuses(row, event, now, book)


def _outcome(merge: Merge, *said: Any) -> Any:  # noqa: ANN401 - a row, or what went wrong
    try:
        return merge(*said)
    except Exception as error:  # noqa: BLE001 - a weakened merge may break anything, which is a difference too
        return error


def forgetful(sagas: Sagas, ways: Iterable[tuple[str, str, Way]]) -> Iterator[Mutant]:
    """The mutants: of each event, how its merge is weakened, and at which field."""
    wanted = sorted(set(ways))
    for step in steps_of(sagas):
        for event, learning in step.learnings.items():
            for name, how, way in wanted:
                if name == event.__name__:
                    merge = HOW[how](learning.merge, way)
                    other = with_learning(sagas, step, event, replace(learning, merge=merge))
                    yield Mutant(f"{name} {how} {'.'.join(way)}", other, event=event, merge=merge)


def _forgetting(merge: Merge, way: Way) -> Merge:
    """The last value wins: the field is learned as if nothing had been known of it."""

    def forgets(row: Any, event: Any, *said: Any) -> Any:  # noqa: ANN401
        fresh = put(row, way, event, default_at(row, way, event))
        after = merge(fresh, event, *said)
        return after if at(after, way, event) != at(fresh, way, event) else merge(row, event, *said)

    return forgets


def _adding(merge: Merge, way: Way) -> Merge:
    """Numbers add up: what an event says comes on top of what is known."""

    def adds(row: Any, event: Any, *when: Any) -> Any:  # noqa: ANN401
        after = merge(row, event, *when)
        known = at(row, way, event)
        if isinstance(known, bool) or not isinstance(known, int | Quantities):
            return after
        fresh = put(row, way, event, default_at(row, way, event))
        said = at(merge(fresh, event, *when), way, event)
        return put(after, way, event, known + said) if said != at(fresh, way, event) else after

    return adds


HOW: dict[str, Callable[[Merge, Way], Merge]] = {"forgets": _forgetting, "adds up": _adding}


def _others(event: Event) -> Iterator[Event]:
    """The event, and as it may come for another attempt, or tell of a later moment."""
    yield event
    for name in type(event).model_fields:
        value = getattr(event, name)
        if isinstance(value, datetime):
            yield event.model_copy(update={name: value + LATER})
        elif name in COUNTS:
            yield event.model_copy(update={name: value + 1})


def _spread(values: Sequence[Any], at_most: int) -> list[Any]:
    """So many of them, from all over."""
    different = list(dict.fromkeys(values))
    return different[:: max(1, -(-len(different) // at_most))]
