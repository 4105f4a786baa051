"""Mutants are hunted where they would be another saga: from there on, some rule must be broken.

World by world, a little at first and ever deeper for those that are still alive.
"""

import ctypes
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from b2b2c_saga.model.stock import Stock
from b2b2c_saga.saga.check.crew import Done, Underway, share_out
from b2b2c_saga.saga.check.explore import Search
from b2b2c_saga.saga.check.forgetting import Learned, forgetful, learned_in, weaker
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.mutants import Mutant, mutants
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.scout import Scouted, scout, way_to
from b2b2c_saga.saga.check.transitions import Transitions
from b2b2c_saga.saga.check.worlds import Setting


class Depth(NamedTuple):
    """How far a world is explored healthy, at how many places a mutant is followed, and for how many states."""

    states: int
    places: int
    followed: int


DEEPER = (Depth(600, 3, 300), Depth(6_000, 10, 3_000), Depth(60_000, 20, 20_000))


@dataclass(frozen=True)
class Verdict:
    """What killed a mutant: the violation, the world, after how many events. Nothing broken: it survived."""

    mutant: str
    broken: str = ""
    world: str = ""
    events: int = 0
    differed: int = 0
    """Of a survivor: at how many places it was followed, for it would be another saga there."""
    example: tuple[str, ...] = ()
    """Of a survivor: the history up to the first such place."""

    @property
    def survived(self) -> bool:
        """No rule noticed."""
        return not self.broken


def all_mutants(sagas: Sagas, settings: Mapping[str, Setting], workers: int) -> list[Mutant]:
    """Every rule dropped in turn, and every merge weakened at every field that it writes in one of the worlds."""
    names = list(settings)
    learned: dict[str, Learned] = {}
    for told in share_out(lambda piece, _: learned_in(settings[names[piece]], sagas), len(names), workers):
        if isinstance(told, Done):
            for event, seen in told.result.items():
                learned[event] = learned.get(event, Learned()) + seen
    events = sorted(learned)
    ways: list[tuple[str, str, tuple[str, ...]]] = []
    for one in share_out(lambda piece, _: weaker(sagas, events[piece], learned[events[piece]]), len(events), workers):
        if isinstance(one, Done):
            ways += [(events[one.piece], how, way) for how, way in one.result]
    return [*mutants(sagas), *forgetful(sagas, ways)]


def hunt(
    sagas: Sagas, prey: Sequence[Mutant], settings: Mapping[str, Setting], workers: int
) -> Iterator[Verdict | Underway]:
    """A verdict for each mutant, those that are killed first; and now and then what is under way."""
    party = _Party(sagas, prey, settings)
    alive = {mutant.name: Verdict(mutant.name) for mutant in prey}
    for depth in DEEPER:

        def work(piece: int, _: object, depth: Depth = depth) -> list[Verdict]:
            return list(party.hunt_in(list(settings)[piece], depth))

        spared: dict[str, list[Verdict]] = {name: [] for name in alive}
        for told in share_out(work, len(settings) if alive else 0, workers):
            if isinstance(told, Underway):
                yield told
                continue
            for verdict in told.result:
                if verdict.survived and verdict.mutant in alive:
                    spared[verdict.mutant].append(verdict)
                elif alive.pop(verdict.mutant, None):
                    yield verdict
        for name in alive:
            example = min((one.example for one in spared[name]), key=len, default=())
            alive[name] = Verdict(name, differed=sum(one.differed for one in spared[name]), example=example)
    yield from alive.values()


class _Party:
    """Those who hunt in the same worlds, each in a process of its own, and know of each other who is dead."""

    def __init__(self, sagas: Sagas, prey: Sequence[Mutant], settings: Mapping[str, Setting]) -> None:
        self.sagas, self.prey, self.settings = sagas, prey, settings
        self.dead = multiprocessing.get_context("fork").Array(ctypes.c_bool, max(len(prey), 1), lock=False)

    def hunt_in(self, world: str, depth: Depth) -> Iterator[Verdict]:
        """Verdicts of those that are another saga in that world."""
        setting = self.settings[world]
        for start in [setting.world(event) for event in setting.events] if setting.one_by_one else [setting.world()]:
            index = {mutant.name: n for n, mutant in enumerate(self.prey) if not self.dead[n]}
            prey = [self.prey[n] for n in index.values()]
            scouted = scout(start, self.sagas, prey, depth.states, depth.places)
            for name, places in scouted.places.items():
                n = index[name]
                if not self.dead[n]:
                    verdict = _follow(self.prey[n], scouted, places, depth.followed)
                    self.dead[n] = not verdict.survived
                    yield verdict if verdict.survived else replace(verdict, world=world)


def _follow(mutant: Mutant, scouted: Scouted, places: list[World], states: int) -> Verdict:
    row: Any = places[0].row
    step = Transitions(mutant.sagas.of(row), is_stock=isinstance(row, Stock))
    for place in places:
        way = list(way_to(scouted.search, place))
        try:
            broken, events = _broken_on(step, way)
            if not broken and events == len(way):
                found = Search(step, place, once=False).run(states, lambda _: None)
                broken, events = found.broken, events + len(found.history)
        except Exception as error:  # noqa: BLE001 - a mutant may break anything; which exception is the verdict
            broken, events = (f"{type(error).__name__}: {error}",), len(way) + 1
        if broken:
            return Verdict(mutant.name, broken[0], events=events)
    return Verdict(mutant.name, differed=len(places), example=scouted.search.told(places[0]))


def _broken_on(step: Transitions, way: list[Any]) -> tuple[tuple[str, ...], int]:
    """What the mutant breaks on the way, or how far it can go there: an earlier difference may lead elsewhere."""
    for n, (before, event, after) in enumerate(way):
        ways = [
            one for move, moved in step.moves(step.first(before)) if move == event for one in step.follow(move, moved)
        ]
        broken = next((tuple(wrong) for _, wrong in ways if wrong), ())
        if broken or all(reached != after for reached, _ in ways):
            return broken, n + bool(broken)
    return (), len(way)
