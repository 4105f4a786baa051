"""What may happen next in a world, and what each step of it breaks.

Equal values are one object and nothing is decided twice: each (row, event, moment) is once, and the gates of a row at
which they came to rest are not looked at again. What remains a step costs a few set look-ups.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.model.messages import Command, Event, Message, Reply
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check import growth, invariants, stock
from b2b2c_saga.saga.check.everyone import answers, by_themselves
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.saga.check.tally import said
from b2b2c_saga.saga.decide import Alarm, Happening, Refused, Saga

ALARM = Alarm()
Move = tuple[Event | Alarm | None, World]
"""An event, an alarm or (None) something that an outside system does by itself; and the world before it is decided."""


def rung(w: World, due: Moment) -> World | None:
    """The world in which the alarm that is due rings: once nothing is on its way, or overtaking it, if it may."""
    underway = bool(w.flying or w.pending)
    if underway and not w.delays:
        return None
    return w._replace(now=max(due, w.now), delays=w.delays - underway)


class Decided(NamedTuple):
    """What followed from an event, or from a row as it stands: the row after it, what is sent, what is broken."""

    row: Any
    outputs: tuple[Message, ...] = ()
    refused: tuple[Refused, ...] = ()
    broken: tuple[str, ...] = ()


class Transitions:
    """From world to world, by the real `decide`."""

    def __init__(self, saga: Saga[Any], *, is_stock: bool) -> None:
        self.saga, self.rules = saga, stock if is_stock else invariants
        self._known: dict[Any, Any] = {}
        self._decided: dict[tuple[int, int, Moment], Decided] = {}
        self._alarms: dict[tuple[Any, Moment], Moment | None] = {}
        """Of rows at which no gate opens any more at that moment."""
        self.heard: Callable[[Any, Event | Alarm, Moment, Decided], None] | None = None
        """Is told of each new decision."""
        self.looked: Callable[[Any, Moment], None] | None = None
        """Is told of each row whose gates are looked at."""

    def first(self, world: World) -> World:
        """The world to begin with, of values that are known here."""
        known = (frozenset(map(self.one, events)) for events in (world.flying, world.after_handover))
        return world._replace(row=self.one(world.row), flying=next(known), after_handover=next(known))

    def moves(self, w: World) -> Iterator[Move]:
        """All that may happen next."""
        for event in w.flying:
            yield event, w._replace(flying=w.flying - {event})
            if w.echo == type(event).__name__:
                yield event, w._replace(flying=w.flying - {event}, echo="", again=frozenset({event}))
        for event in w.again:
            yield event, w._replace(again=w.again - {event})
        for after, events in by_themselves(w):
            yield None, after._replace(flying=after.flying | set(map(self.one, events)))
        if (due := self._alarm(w)) is not None and (later := rung(w, due)) is not None:
            yield ALARM, later

    def follow(self, event: Event | Alarm | None, before: World) -> Iterator[tuple[World, list[str]]]:
        """The worlds that a move leads to, each answer of each outside system in turn, and what is broken."""
        if event is None:
            yield before, []
            return
        decided = self.decide(before.row, event, before.now)
        broken = [*decided.broken, *self.rules.of_acts(before._replace(row=decided.row), decided.outputs)]
        if broken:
            yield before, broken
            return
        reached = [before._replace(row=decided.row, done=before.done | self.rules.acts(decided.outputs))]
        for command in decided.outputs:
            if isinstance(command, Command):
                reached = [
                    x._replace(flying=x.flying | set(map(self.one, events)))
                    for r in reached
                    for x, events in answers(r, command)
                ]
        for world in reached:
            yield world, []

    def decide(self, row: Any, event: Event | Alarm, now: Moment) -> Decided:  # noqa: ANN401 - an order or stock
        """What follows from an event, all that is broken by it included."""
        row, event = self.one(row), self.one(event)
        key = (id(row), id(event), now)
        if (known := self._decided.get(key)) is None:
            known = self._decided[key] = self._learn(row, event, now)
            if self.heard:
                self.heard(row, event, now, known)
        return known

    def at_rest(self, w: World) -> list[str]:
        """What is broken where nothing more may happen."""
        return list(self.rules.at_rest(w, lambda row: self.saga.waiting(row, w.now)))

    def one(self, value: Any) -> Any:  # noqa: ANN401 - interned, whatever it is
        """The one object that stands for all that are equal to it."""
        return self._known.setdefault(value, value)

    def _learn(self, row: Any, event: Event | Alarm, now: Moment) -> Decided:  # noqa: ANN401
        learned = next(self.saga.unfold(row, event, now, PRICES))
        broken = [*self.rules.of_opening(row, learned, now), *growth.of_learning(row, learned.row, event)]
        settled = self._settle(learned.row, now)
        refused = learned.refused + settled.refused
        broken += [*settled.broken, *self._swallowed(settled.row, event, refused)]
        if not broken:
            broken += self._twice(settled.row, event, now)
        return Decided(settled.row, self._all(learned) + settled.outputs, refused, tuple(broken))

    def _twice(self, row: Any, event: Event | Alarm, now: Moment) -> list[str]:  # noqa: ANN401
        """Each event twice is each event once: it changes nothing, and answers the same request again."""
        learned = next(self.saga.unfold(row, event, now, PRICES))
        settled = self._settle(learned.row, now)
        again = settled.row != row or not all(isinstance(m, Reply) for m in (*learned.messages, *settled.outputs))
        return list(said(again, f"{type(event).__name__} twice is not once"))

    def _settle(self, row: Any, now: Moment) -> Decided:  # noqa: ANN401
        """All gates that open on a row, until none does; on a row that it ended with before, none will."""
        if (row, now) in self._alarms:
            return Decided(self.one(row))
        happened: list[Happening[Any]] = []
        broken: list[str] = []
        alarm: Moment | None = None
        before, unfolding = row, self.saga.unfold(row, ALARM, now, PRICES)
        while True:
            try:
                happening = next(unfolding)
            except StopIteration as end:
                alarm = end.value
                break
            except Bug as bug:
                return Decided(row, broken=(str(bug),))
            if self.looked:
                self.looked(happening.row, now)
            broken += self.rules.of_opening(before, happening, now) if happened else ()
            before = happening.row
            happened.append(happening)
        row = self.one(before)
        self._alarms[row, now] = alarm
        outputs = tuple(message for happening in happened for message in self._all(happening))
        return Decided(row, outputs, tuple(r for one in happened for r in one.refused), tuple(broken))

    def _all(self, happening: Happening[Any]) -> tuple[Message, ...]:
        return tuple(map(self.one, happening.messages))

    def _swallowed(self, after: Any, event: Event | Alarm, refused: tuple[Refused, ...]) -> Iterator[str]:  # noqa: ANN401
        """An event that was neither learned, nor waits, nor was refused."""
        if (
            isinstance(event, Alarm)
            or any(r.event is event for r in refused)
            or any(e.event == event for e in after.early)
        ):
            return
        yield from self.rules.not_learned(after, event)

    def _alarm(self, w: World) -> Moment | None:
        key = (w.row, w.now)
        if key not in self._alarms:
            self._alarms[key] = self.saga.alarm(w.row, w.now)
        return self._alarms[key]
