"""Sagas with a rule less, for tests of what the check makes of them."""

from dataclasses import replace

from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.decide import Saga
from b2b2c_saga.saga.steps import Step
from b2b2c_saga.steps import ORDERS, STOCK

SAGAS = Sagas(ORDERS, STOCK)


def without(gate: str, condition: str) -> Sagas:
    """The sagas with one condition less."""

    def weaker(step: Step) -> Step:
        gates = [
            replace(g, conditions=tuple(c for c in g.conditions if c[0] != condition)) if g.name == gate else g
            for g in step.gates
        ]
        return replace(step, gates=gates)

    return replace(SAGAS, orders=Saga(tuple(weaker(step) for step in ORDERS.steps)))
