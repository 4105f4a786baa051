"""The search, breadth first: the first counterexample is a shortest one.

Equal rows are one object and each (row, event, now) is decided once: what remains a state costs a set look-up.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.model.messages import Command, Event, Message, Reply
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check import invariants, stock
from b2b2c_saga.saga.check.history import Happened, Sagas, entries, saved
from b2b2c_saga.saga.check.outside import World, answers, by_themselves
from b2b2c_saga.saga.check.worlds import Setting
from b2b2c_saga.saga.decide import Alarm, Happening, Refused, Saga


@dataclass
class Explored:
    """How far a world was explored; `broken` names what did not hold, `history` the shortest way there, by event."""

    states: int
    broken: list[str] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    complete: bool = True

    def as_text(self, name: str, setting: Setting) -> str:
        """The history as a file of tests/histories."""
        title = [f"Found by `b2b2c-saga check` in the world of {name}:", *self.broken]
        return saved(title, setting.world().row, self.history)


@dataclass(frozen=True)
class _Decided:
    row: Any
    outputs: tuple[Message, ...]
    refused: tuple[Refused, ...]
    broken: tuple[str, ...]


def explore(
    setting: Setting, sagas: Sagas, limit: int = 5_000_000, progress: Callable[[str], None] = lambda _: None
) -> Explored:
    """All states of a world, or as far as to the first violation, or to `limit` states."""
    saga: Saga[Any] = sagas.of(setting.world().row)
    starts = [setting.world(event) for event in setting.events] if setting.one_by_one else [setting.world()]
    search = _Search(saga, is_stock=setting.is_stock)
    found = Explored(0)
    for start in starts:
        one = search.run(start, limit, progress)
        found.states += one.states
        found.complete &= one.complete
        if one.broken:
            return Explored(found.states, one.broken, one.history)
    return found


class _Search:
    def __init__(self, saga: Saga[Any], *, is_stock: bool) -> None:
        self.saga, self.rules = saga, stock if is_stock else invariants
        self.known: dict[Any, Any] = {}
        self.decided: dict[tuple[int, int, Moment], _Decided] = {}
        self.alarms: dict[tuple[int, Moment], Moment | None] = {}
        self.kept: list[Any] = []
        """Whatever an id stands for stays alive."""

    def run(self, start: World, limit: int, progress: Callable[[str], None]) -> Explored:
        start = start._replace(row=self._one(start.row), flying=frozenset(map(self._one, start.flying)))
        parent: Parents = {start: None}
        queue = deque([start])
        while queue:
            if len(parent) >= limit:
                return Explored(len(parent), complete=False)
            w = queue.popleft()
            moves = list(self._moves(w))
            if not moves and (broken := self.rules.at_rest(w, lambda row, now=w.now: self.saga.waiting(row, now))):
                return Explored(len(parent), broken, self._history(parent, w))
            for event, before in moves:
                for nxt, broken in self._follow(event, before):
                    if broken:
                        last = Happened(event, before.now)
                        return Explored(len(parent), broken, self._history(parent, w, last))
                    if nxt not in parent:
                        parent[nxt] = (w, event)
                        queue.append(nxt)
                        if len(parent) % 5_000 == 0:
                            progress(f"{len(parent):,} states")
        return Explored(len(parent))

    def _moves(self, w: World) -> Iterator[tuple[Event | Alarm | None, World]]:
        for event in w.flying:
            yield event, w._replace(flying=w.flying - {event})
        for after, events in by_themselves(w):
            yield None, after._replace(flying=after.flying | set(map(self._one, events)))
        due = self._alarm(w)
        busy = bool(w.flying or w.pending or w.late)
        if due is not None and (w.delays or not busy or (w.late and not w.flying and not w.pending)):
            yield ALARM, w._replace(now=max(due, w.now), delays=w.delays - bool(w.flying or w.pending))

    def _follow(self, event: Event | Alarm | None, before: World) -> Iterator[tuple[World, list[str]]]:
        """What an event leads to: (the world, what is broken)."""
        if event is None:
            yield before, []
            return
        decided = self._decide(before.row, event, before.now)
        broken = [*decided.broken, *self.rules.of_acts(before._replace(row=decided.row), decided.outputs)]
        if broken:
            yield before, broken
            return
        reached = [before._replace(row=decided.row, done=before.done | self.rules.acts(decided.outputs))]
        for command in decided.outputs:
            if isinstance(command, Command):
                reached = [
                    x._replace(flying=x.flying | set(map(self._one, events)))
                    for r in reached
                    for x, events in answers(r, command)
                ]
        for world in reached:
            yield world, []

    def _decide(self, row: Any, event: Event | Alarm, now: Moment) -> _Decided:  # noqa: ANN401 - an order or stock
        key = (id(row), id(event), now)
        if key not in self.decided:
            try:
                self.decided[key] = self._unfold(row, event, now)
            except Bug as bug:
                self.decided[key] = _Decided(row, (), (), (str(bug),))
            self.kept.append(event)
        return self.decided[key]

    def _unfold(self, row: Any, event: Event | Alarm, now: Moment) -> _Decided:  # noqa: ANN401
        happened: list[Happening[Any]] = list(self.saga.unfold(row, event, now))
        broken, before = [], row
        for happening in happened:
            broken += self.rules.of_opening(before, happening, now)
            before = happening.row
        after = happened[-1].row
        refused = tuple(r for happening in happened for r in happening.refused)
        broken += self._swallowed(after, event, refused)
        again = self.saga.decide(after, event, now)
        if again.row != after or not all(isinstance(output.message, Reply) for output in again.outputs):
            broken.append(f"{type(event).__name__} twice is not once")
        outputs = tuple(self._one(message) for happening in happened for message in happening.messages)
        return _Decided(self._one(after), outputs, refused, tuple(broken))

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
        key = (id(w.row), w.now)
        if key not in self.alarms:
            self.alarms[key] = self.saga.alarm(w.row, w.now)
        return self.alarms[key]

    def _one(self, value: Any) -> Any:  # noqa: ANN401 - interned, whatever it is
        return self.known.setdefault(value, value)

    def _history(self, parent: "Parents", world: World, *last: Happened) -> list[str]:
        happened = deque(last)
        while (came := parent[world]) is not None:
            before, event = came
            happened.appendleft(Happened(event, world.now))
            world = before
        return list(entries(self.saga, world.row, happened))


ALARM = Alarm()
Parents = dict[World, tuple[World, Event | Alarm | None] | None]
