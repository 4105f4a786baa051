"""The search, breadth first: the first counterexample is a shortest one."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from b2b2c_saga.model.messages import Event
from b2b2c_saga.saga.check import tally
from b2b2c_saga.saga.check.history import Happened, Sagas, entries, saved
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.symmetry import Symmetry, ToldApart
from b2b2c_saga.saga.check.transitions import Transitions
from b2b2c_saga.saga.check.worlds import Setting
from b2b2c_saga.saga.decide import Alarm, Saga

Progress = Callable[[int], None]
LIMIT = 500_000
"""States of a world, if nothing else is said: some 2 kB each."""
TELL_EVERY = 1_000
"""States, before progress is told again."""


@dataclass(frozen=True)
class Explored:
    """How far a world was explored; `broken` names what did not hold, `history` the shortest way there, by event."""

    states: int = 0
    alike: int = 0
    """States not explored: each differs from one that was by names alone."""
    renamings: int = 0
    """Exchanges of names that make no difference in this world."""
    broken: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    complete: bool = True
    looked_at: Counter[str] = field(default_factory=Counter)
    """How often each rule was, by its sentence."""

    def __add__(self, other: "Explored") -> "Explored":
        return Explored(
            self.states + other.states,
            self.alike + other.alike,
            max(self.renamings, other.renamings),
            self.broken + other.broken,
            self.history + other.history,
            self.complete and other.complete,
            self.looked_at + other.looked_at,
        )

    def as_text(self, name: str, setting: Setting) -> str:
        """The history as a file of tests/histories."""
        title = [f"Found by `b2b2c-saga check` in the world of {name}:", *self.broken]
        return saved(title, setting.world().row, self.history)


def explore(
    setting: Setting,
    sagas: Sagas,
    limit: int = LIMIT,
    progress: Progress = lambda _: None,
    *,
    once: bool = True,
) -> Explored:
    """All states of a world, or as far as to the first violation, or to `limit` states.

    With `once`, states that differ by names alone are explored once; progress is told in states explored.
    """
    saga: Saga[Any] = sagas.of(setting.world().row)
    starts = [setting.world(event) for event in setting.events] if setting.one_by_one else [setting.world()]
    step = Transitions(saga, is_stock=setting.is_stock)
    found = Explored()
    tally.taken()
    for start in starts:
        try:
            one = Search(step, start, once=once).run(limit, progress)
        except ToldApart:
            one = Search(step, start, once=False).run(limit, progress)
        found += replace(one, looked_at=tally.taken())
        if found.broken:
            break
    return found


class Search:
    """One run through the states of a world."""

    def __init__(self, step: Transitions, start: World, *, once: bool) -> None:
        self._step, self._start = step, step.first(start)
        step.heard = None
        self.symmetry = Symmetry(step, self._start) if once else None
        self._alike = 0
        self.at = self._start
        """The state that is explored now."""
        self.parent: dict[World, tuple[World, Event | Alarm | None] | None] = {self._start: None}
        """The states explored, each with the one it was reached from first, and by what."""

    def run(self, limit: int, progress: Progress) -> Explored:
        """All states, or as far as to the first violation, or to `limit` states.

        Raises:
            ToldApart: states that differ by names alone are not alike after all.
        """
        parent, queue = self.parent, deque([self._start])
        while queue:
            if len(parent) >= limit:
                return self._found(complete=False)
            w = self.at = queue.popleft()
            moves = list(self._step.moves(w))
            if not moves and (broken := self._step.at_rest(w)):
                return self._found(broken, self.told(w))
            for event, before in moves:
                for nxt, broken in self._step.follow(event, before):
                    if broken:
                        return self._found(broken, self.told(w, Happened(event, before.now)))
                    if nxt not in parent and not self._is_known_by_other_names(nxt):
                        parent[nxt] = (w, event)
                        queue.append(nxt)
                        if len(parent) % TELL_EVERY == 0:
                            progress(len(parent))
            if self.symmetry:
                self.symmetry.prove(w, len(parent) - len(queue))
        return self._found()

    def _is_known_by_other_names(self, w: World) -> bool:
        if self.symmetry is None or not self.symmetry.renamings:
            return False
        alike = self.symmetry.alike(w)
        if not self.parent.keys().isdisjoint(alike):
            return True
        self._alike += len(alike)
        return False

    def _found(self, broken: Iterable[str] = (), history: Iterable[str] = (), *, complete: bool = True) -> Explored:
        renamings = len(self.symmetry.renamings) if self.symmetry else 0
        return Explored(len(self.parent), self._alike, renamings, tuple(broken), tuple(history), complete)

    def told(self, world: World, *last: Happened) -> tuple[str, ...]:
        """The shortest way to a state that was explored, by event."""
        happened = deque(last)
        while (came := self.parent[world]) is not None:
            before, event = came
            happened.appendleft(Happened(event, world.now))
            world = before
        return tuple(entries(self._step.saga, world.row, happened))
