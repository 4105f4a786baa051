"""Each gate without one of its conditions, each event without one of its guards.

If every one is needed, each breaks a world. A survivor is either a superfluous condition or a missing invariant.
"""

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from b2b2c_saga.saga.check.explore import explore
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.worlds import WORLDS
from b2b2c_saga.saga.decide import Saga
from b2b2c_saga.saga.steps import Step

DEEPER = (400, 4_000, 40_000)
"""States of each world, before any world is explored further: most mutants die young."""


@dataclass(frozen=True)
class Mutant:
    """The sagas with one rule less."""

    name: str
    sagas: Sagas


@dataclass(frozen=True)
class Verdict:
    """What killed a mutant: the violation, the world, how many events it took. No world: it survived."""

    mutant: str
    broken: str = ""
    world: str = ""
    events: int = 0

    @property
    def survived(self) -> bool:
        """No world noticed."""
        return not self.world


def mutants(sagas: Sagas) -> Iterator[Mutant]:
    """All of them, in the order of the steps."""
    for name, orders in _weaker(sagas.orders):
        yield Mutant(name, replace(sagas, orders=orders))
    for name, stock in _weaker(sagas.stock):
        yield Mutant(name, replace(sagas, stock=stock))


def _weaker(saga: Saga[Any]) -> Iterator[tuple[str, Saga[Any]]]:
    for step in saga.steps:
        for name, weaker in _weaker_steps(step):
            yield name, Saga(tuple(weaker if s is step else s for s in saga.steps))


def _weaker_steps(step: Step) -> Iterator[tuple[str, Step]]:
    for gate in step.gates:
        for dropped in gate.conditions:
            rest = replace(gate, conditions=tuple(c for c in gate.conditions if c is not dropped))
            yield (
                f"{gate.name} without '{dropped[0]}'",
                replace(step, gates=[rest if g is gate else g for g in step.gates]),
            )
    for event, learning in step.learnings.items():
        for kind in ("waits_for", "refused_when"):
            for label in getattr(learning, kind):
                fewer: dict[str, Any] = {kind: {n: holds for n, holds in getattr(learning, kind).items() if n != label}}
                rest_of = replace(learning, **fewer)
                name = f"{event.__name__} {kind.replace('_', ' ')} '{label}' no more"
                yield name, replace(step, learnings=step.learnings | {event: rest_of})


def hunt(sagas: Sagas, workers: int = 2, only: str = "", worlds: Iterable[str] = WORLDS) -> Iterator[Verdict]:
    """A verdict for each mutant with `only` in its name, in order.

    Processes are forked: rules are functions, and can't be sent.
    """
    _PREY[:] = [mutant for mutant in mutants(sagas) if only in mutant.name]
    _WHERE[:] = worlds
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_judge, range(len(_PREY)))


_PREY: list[Mutant] = []
_WHERE: list[str] = []


def _judge(index: int) -> Verdict:
    mutant = _PREY[index]
    done: set[str] = set()
    for states in DEEPER:
        for name in _WHERE:
            if name in done:
                continue
            setting = WORLDS[name]
            try:
                found = explore(setting, mutant.sagas, states)
            except Exception as error:  # noqa: BLE001 - a mutant may break anything; which exception is the verdict
                return Verdict(mutant.name, f"{type(error).__name__}: {error}", name)
            if found.broken:
                return Verdict(mutant.name, found.broken[0], name, len(found.history))
            if found.complete:
                done.add(name)
    return Verdict(mutant.name)
