"""Where a rule less makes a difference: the states of a healthy world in which nothing else keeps a gate closed.

Up to such a state the weakened saga does what the healthy one does, so a mutant need not be followed before it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.saga.check.explore import Search
from b2b2c_saga.saga.check.forgetting import overheard
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.mutants import Mutant
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.saga.check.transitions import Transitions
from b2b2c_saga.saga.decide import Alarm, Saga
from b2b2c_saga.saga.steps import After, Gate, Holds, Path


@dataclass
class Scouted:
    """A world that was explored healthy, and where in it which mutants would be another."""

    search: Search
    places: dict[str, list[World]] = field(default_factory=dict)
    """By the name of the mutant, the first such states."""


def scout(start: World, sagas: Sagas, prey: Iterable[Mutant], states: int, enough: int) -> Scouted:
    """Explore a world as far as `states` and note `enough` places for each mutant."""
    saga: Saga[Any] = sagas.of(start.row)
    scouting = _Scouting(saga, list(prey), enough)
    step = Transitions(overheard(sagas, scouting.learned).of(start.row), is_stock=isinstance(start.row, Stock))
    search = scouting.search = Search(step, start, once=False)
    step.heard, step.looked = scouting.heard, scouting.looked
    search.run(states, lambda _: None)
    return Scouted(search, scouting.places)


class _Scouting:
    search: Search

    def __init__(self, saga: Saga[Any], prey: list[Mutant], enough: int) -> None:
        self.saga, self.enough = saga, enough
        mine = {id(gate) for step in saga.steps for gate in step.gates}
        self.places: dict[str, list[World]] = {}
        self.gates: dict[str, tuple[Gate, dict[str, Mutant]]] = {}
        self.guards: dict[tuple[type[Event], str], Mutant] = {}
        self.merges: dict[type[Event], list[Mutant]] = {}
        for mutant in prey:
            if mutant.gate is not None and id(mutant.gate) in mine:
                _, rules = self.gates.setdefault(f"{mutant.gate.scope.name} {mutant.gate.name}", (mutant.gate, {}))
                rules[mutant.rule] = mutant
            elif mutant.event is not None and mutant.merge is None:
                self.guards[mutant.event, mutant.rule] = mutant
            elif mutant.event is not None:
                self.merges.setdefault(mutant.event, []).append(mutant)

    def looked(self, row: Any, now: datetime) -> None:  # noqa: ANN401 - an order or stock
        """Gates that one condition alone keeps closed, now or until time comes."""
        for gate, rules in self.gates.values():
            if rules:
                for path in gate.scope.paths(row):
                    for rule in _decisive(gate, path, now) & rules.keys():
                        self._place(rules[rule], rules, rule)

    def heard(self, row: Any, event: Event | Alarm, now: datetime, _: object) -> None:  # noqa: ANN401
        """Events that one guard alone keeps out."""
        if isinstance(event, Alarm) or not any(kind is type(event) for kind, _ in self.guards):
            return
        on = self.saga.learning(type(event))
        out = on.lacks(row, event) or [
            label for label, wrong in on.refused_when.items() if wrong(row, event, now, PRICES)
        ]
        if len(out) == 1 and (type(event), out[0]) in self.guards:
            self._place(self.guards[type(event), out[0]], self.guards, (type(event), out[0]))

    def learned(self, event: Event, row: Any, now: datetime, after: Any) -> None:  # noqa: ANN401
        """Learnings that would have another outcome."""
        rest = self.merges.get(type(event), [])
        for mutant in list(rest):
            assert mutant.merge is not None
            try:
                same = mutant.merge(row, event, now, PRICES) == after
            except Exception:  # noqa: BLE001 - that is another outcome, too
                same = False
            if not same and self._place(mutant):
                rest.remove(mutant)

    def _place(self, mutant: Mutant, among: dict[Any, Mutant] | None = None, key: Any = None) -> bool:  # noqa: ANN401
        places = self.places.setdefault(mutant.name, [])
        if self.search.at not in places:
            places.append(self.search.at)
        if len(places) < self.enough:
            return False
        if among is not None:
            del among[key]
        return True


def _decisive(gate: Gate, path: Path, now: datetime) -> set[str]:
    """The conditions each of which alone keeps the gate closed; what time will bring keeps no other from doing so."""
    if gate.used_up(path):
        return set()
    by_time, firm = set[str](), set[str]()
    for label, holds in gate.conditions:
        closed, opens = _closed(holds, path, now)
        if closed:
            (by_time if opens else firm).add(label)
        if len(firm) > 1:
            return set()
    return firm or by_time


def _closed(holds: Holds | After, path: Path, now: datetime) -> tuple[bool, bool]:
    """Whether a condition keeps its gate closed, and whether time alone will change that."""
    try:
        if not isinstance(holds, After):
            return not holds(*path), False
        due = holds.due(path)
    except Exception:  # noqa: BLE001 - it takes for granted what another condition, which doesn't hold, makes sure of
        return False, False
    return due is None or now < due, due is not None


def way_to(search: Search, place: World) -> Iterator[tuple[World, Event | Alarm | None, World]]:
    """The steps from the first state to that one: the world before, what happened, the world after."""
    steps = []
    while (came := search.parent[place]) is not None:
        before, event = came
        steps.append((before, event, place))
        place = before
    yield from reversed(steps)
