"""Each gate without one of its conditions, each event without one of its guards: a rule less.

If every one is needed, each breaks a world. A survivor is either a superfluous condition or a missing invariant.
Mutants of merges: `forgetting`. Who hunts them: `hunt`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from b2b2c_saga.model.messages import Event
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.decide import Saga
from b2b2c_saga.saga.steps import Gate, Learning, Step

Merge = Callable[[Any, Any, Any, Any], Any]


@dataclass(frozen=True)
class Mutant:
    """The sagas with one rule less. Where it may make a difference says the gate, or the event, that lacks it."""

    name: str
    sagas: Sagas
    gate: Gate | None = None
    event: type[Event] | None = None
    rule: str = ""
    """The condition of the gate, or the guard of the event; of a weakened merge, what it forgets."""
    merge: Merge | None = None


def mutants(sagas: Sagas) -> Iterator[Mutant]:
    """Those with a condition or a guard less, in the order of the steps."""
    for step in steps_of(sagas):
        yield from _without_conditions(sagas, step)
        yield from _without_guards(sagas, step)


def steps_of(sagas: Sagas) -> tuple[Step, ...]:
    """All steps, those of orders first."""
    return (*sagas.orders.steps, *sagas.stock.steps)


def with_step(sagas: Sagas, step: Step, instead: Step) -> Sagas:
    """The sagas with another step in the place of one of theirs."""

    def changed(saga: Saga[Any]) -> Saga[Any]:
        return Saga(tuple(instead if one is step else one for one in saga.steps))

    return Sagas(changed(sagas.orders), changed(sagas.stock))


def with_learning(sagas: Sagas, step: Step, event: type[Event], learning: Learning) -> Sagas:
    """The sagas in which an event is learned otherwise."""
    return with_step(sagas, step, replace(step, learnings=step.learnings | {event: learning}))


def _without_conditions(sagas: Sagas, step: Step) -> Iterator[Mutant]:
    for gate in step.gates:
        for dropped in gate.conditions:
            rest = replace(gate, conditions=tuple(c for c in gate.conditions if c is not dropped))
            weaker = replace(step, gates=[rest if one is gate else one for one in step.gates])
            name = f"{gate.name} without '{dropped[0]}'"
            yield Mutant(name, with_step(sagas, step, weaker), gate=gate, rule=dropped[0])


def _without_guards(sagas: Sagas, step: Step) -> Iterator[Mutant]:
    for event, learning in step.learnings.items():
        for kind in ("waits_for", "refused_when"):
            for label in getattr(learning, kind):
                fewer: dict[str, Any] = {kind: {n: holds for n, holds in getattr(learning, kind).items() if n != label}}
                weaker = with_learning(sagas, step, event, replace(learning, **fewer))
                name = f"{event.__name__} {kind.replace('_', ' ')} '{label}' no more"
                yield Mutant(name, weaker, event=event, rule=label)
