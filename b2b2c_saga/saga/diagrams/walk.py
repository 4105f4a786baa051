"""A walk through the check's worlds with the real `decide`: not to judge what happens, but to see what there is.

The check goes to the end of a world. Here so many states of each are looked at, those first whose like was met least
often: what is left out by then is nearly always more of the same. The order is that of names and texts, never that of
hashes, so that the same steps give the same drawing.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Any, NamedTuple

from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check.everyone import answers, by_themselves
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.saga.check.transitions import ALARM, rung
from b2b2c_saga.saga.check.worlds import Setting
from b2b2c_saga.saga.decide import Alarm, Happening, Saga
from b2b2c_saga.saga.diagrams.seen import Seen
from b2b2c_saga.saga.diagrams.watch import Watch, look

STATES_AT_MOST = 800
"""Of one world. Five times as many take four times as long, and show one thing in sixty more."""


class _Settled(NamedTuple):
    """The row when no gate opens any more, and what its commands are."""

    row: Any
    commands: tuple[Command, ...]


def walk(settings: Iterable[Setting], sagas: Sagas, states: int = STATES_AT_MOST) -> Seen:
    """What was seen in these worlds, looking at no more than so many states of each."""
    seen = Seen()
    for setting in settings:
        starts = [setting.world(event) for event in setting.events] if setting.one_by_one else [setting.world()]
        one = _Walk(sagas.of(starts[0].row), seen)
        for start in starts:
            one.go(start, states)
    return seen


class _Walk:
    """Through one world; equal things are one object, and nothing is decided twice."""

    def __init__(self, saga: Saga[Any], seen: Seen) -> None:
        self.saga, self.seen, self.watch = saga, seen, Watch(saga, seen)
        self.known: dict[Any, Any] = {}
        self.learned: dict[tuple[int, int, Moment], _Settled] = {}
        self.settled: dict[tuple[int, Moment, bool], _Settled] = {}
        self.alarms: dict[tuple[int, Moment], Moment | None] = {}
        self.texts: dict[int, str] = {}
        self.met_alike: dict[object, int] = {}

    def go(self, start: World, states: int) -> None:
        """From there on."""
        start = start._replace(row=self._one(start.row), flying=frozenset(map(self._one, start.flying)))
        met, queue = {start}, [(0, 0, start)]
        for _ in range(states):
            if not queue:
                return
            _, _, w = heappop(queue)
            for event, before in self._moves(w):
                for nxt in self._follow(event, before):
                    if nxt not in met:
                        met.add(nxt)
                        heappush(queue, (self._alike(nxt), len(met), nxt))

    def _alike(self, w: World) -> int:
        """How many were met by now that look alike: the fewer, the sooner it is gone on from."""
        looks = list(_looks(w))
        for one in looks:
            self.met_alike[one] = self.met_alike.get(one, 0) + 1
        return sum(self.met_alike[one] for one in looks)

    def _moves(self, w: World) -> Iterator[tuple[Event | Alarm | None, World]]:
        for event in sorted(w.flying, key=self._text):
            yield event, w._replace(flying=w.flying - {event})
        unasked = ((after, tuple(map(self._one, events))) for after, events in by_themselves(w))
        for after, events in sorted(unasked, key=lambda one: (_changes(w, one[0]), *map(self._text, one[1]))):
            yield None, after._replace(flying=after.flying | set(events))
        due = self._alarm(w)
        if due is not None and (ringing := rung(w, due)) is not None:
            yield ALARM, ringing

    def _follow(self, event: Event | Alarm | None, before: World) -> list[World]:
        if event is None:
            return [before]
        decided = self._decide(before, event)
        reached = [before._replace(row=decided.row)]
        for command in decided.commands:
            reached = [self._answered(world, command, events) for r in reached for world, events in answers(r, command)]
        return reached

    def _answered(self, world: World, command: Command, events: tuple[Event, ...]) -> World:
        self.seen.answers |= {(type(command), type(event)) for event in events}
        return world._replace(flying=world.flying | set(map(self._one, events)))

    def _decide(self, w: World, event: Event | Alarm) -> _Settled:
        key = (id(w.row), id(event), w.now)
        if key not in self.learned:
            learned: Happening[Any] = next(self.saga.unfold(w.row, event, w.now, PRICES))
            self.watch.learned(w.row, event, w.now, learned)
            self.learned[key] = self._settle(self._one(learned.row), w.now, by_time=isinstance(event, Alarm))
        return self.learned[key]

    def _settle(self, row: Any, now: Moment, *, by_time: bool) -> _Settled:  # noqa: ANN401 - an order or stock
        """What opens on a row hangs on nothing but the row and the time."""
        key = (id(row), now, by_time)
        if key not in self.settled:
            _, *happened = self.saga.unfold(row, ALARM, now, PRICES)
            self.watch.opened(row, now, happened, by_time=by_time)
            messages = (self._one(message) for one in happened for message in one.messages)
            commands = tuple(message for message in messages if isinstance(message, Command))
            self.settled[key] = _Settled(self._one(happened[-1].row) if happened else row, commands)
        return self.settled[key]

    def _alarm(self, w: World) -> Moment | None:
        key = (id(w.row), w.now)
        if key not in self.alarms:
            self.alarms[key] = self.saga.alarm(w.row, w.now)
        return self.alarms[key]

    def _text(self, event: Event) -> str:
        event = self._one(event)
        if id(event) not in self.texts:
            self.texts[id(event)] = f"{type(event).__name__} {event!r}"
        return self.texts[id(event)]

    def _one(self, value: Any) -> Any:  # noqa: ANN401 - whatever it is, its id stands for it from now on
        return self.known.setdefault(value, value)


def _looks(w: World) -> Iterator[object]:
    """What worlds have in common that lead to much the same: states, refusals and what comes next."""
    states = look(w.row)
    shipments: tuple[Shipment, ...] = getattr(w.row, "shipments", ())
    subjects = (subject for s in shipments for subject in (s, *s.reversals))
    yield states, tuple((subject.refusals, subject.fixes) for subject in subjects)
    yield from ((states, type(event)) for event in w.flying)


def _changes(before: World, after: World) -> str:
    """How a world differs from another, as a text that no hash has a say in."""
    changed: list[tuple[Any, Any]] = [pair for pair in zip(before, after, strict=True) if pair[0] is not pair[1]]
    return str([sorted(map(repr, was ^ now)) if isinstance(was, frozenset) else repr(now) for was, now in changed])
