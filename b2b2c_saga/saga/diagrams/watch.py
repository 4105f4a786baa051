"""Notes what a saga decides: compares the row before each learning and opening with the row after it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.saga.decide import Alarm, Happening, Saga
from b2b2c_saga.saga.diagrams.seen import UNBORN, Cause, Condition, Move, Seen, Turn
from b2b2c_saga.saga.steps import After, Gate, Path

ALIKE_AT_MOST = 5
"""So often the conditions are compared for one cause between the same states: most of the time goes into that."""
ROWS_AT_ONCE = 1_000

Holding = tuple[tuple[bool, bool], ...]
"""May the gate still open, and does each of its conditions hold; and does a clock run for it."""
Table = dict[tuple[str, str, tuple[str, ...]], tuple[Gate, Holding]]
"""By step, gate, and the names of what it is kept for."""


class Watch:
    """Over one saga, in one world."""

    def __init__(self, saga: Saga[Any], seen: Seen) -> None:
        self.seen = seen
        self._learners = {event: step.name for step in saga.steps for event in step.learnings}
        self._gates = [(step.name, gate) for step in saga.steps for gate in step.gates]
        self._tables: dict[tuple[int, datetime], tuple[Any, Table]] = {}
        self._met_alike: dict[object, int] = {}

    def learned(self, before: Any, event: Event | Alarm, now: datetime, one: Happening[Any]) -> None:  # noqa: ANN401
        """Takes in what an event changed: nothing if it waits or is refused, or only time has come."""
        if not isinstance(event, Alarm) and not one.refused and len(one.row.early) <= len(before.early):
            self._notice(Cause(self._learners[type(event)], type(event).__name__, is_gate=False), before, now, one)

    def opened(self, row: Any, now: datetime, happened: Sequence[Happening[Any]], *, by_time: bool) -> None:  # noqa: ANN401
        """Takes in what opened after that, one by one; the first one `by_time` if nothing was learned before."""
        for n, one in enumerate(happened):
            if one.gate:
                cause = Cause(self._opener(row, now, one.gate), one.gate, is_gate=True)
                self._notice(cause, row, now, one, by_time=by_time and not n)
            elif not one.refused:
                let_in = next(early.event for early in row.early if early not in one.row.early)
                self.learned(row, let_in, now, one)
            row = one.row

    def _notice(self, cause: Cause, before: Any, now: datetime, one: Happening[Any], *, by_time: bool = False) -> None:  # noqa: ANN401
        self.seen.sent |= {(cause.step, cause.name, type(message)) for message in one.messages}
        if one.row is before:
            return
        self._move(cause, before, one.row, by_time=by_time)
        alike = (cause, look(before), look(one.row))
        self._met_alike[alike] = self._met_alike.get(alike, 0) + 1
        if self._met_alike[alike] <= ALIKE_AT_MOST:
            self._compare(cause, self._table(before, now), self._table(one.row, now))

    def _opener(self, row: Any, now: datetime, name: str) -> str:  # noqa: ANN401
        """The step whose gate it is, of several gates of that name: the first that may open does, as in `decide`."""
        gates = [(step, gate) for step, gate in self._gates if gate.name == name]
        if len(gates) == 1:
            return gates[0][0]
        dues = ((step, gate.opens_at(path)) for step, gate in gates for path in gate.scope.paths(row))
        return next(step for step, due in dues if due is not None and due <= now)

    def _table(self, row: Any, now: datetime) -> Table:  # noqa: ANN401
        key = (id(row), now)
        if key not in self._tables:
            if len(self._tables) > ROWS_AT_ONCE:
                self._tables.clear()
            self._tables[key] = (
                row,
                {
                    (step, gate.name, tuple(part.name for part in path)): (gate, _holding(gate, path, now))
                    for step, gate in self._gates
                    for path in gate.scope.paths(row)
                },
            )
        return self._tables[key][1]

    def _compare(self, cause: Cause, before: Table, after: Table) -> None:
        for where, (gate, holding) in after.items():
            step, name, _ = where
            was = before[where][1] if where in before else None
            if was == holding or (step, name) == cause[:2]:
                continue
            if all(holds for holds, _ in holding) and not (was and all(holds for holds, _ in was)):
                self.seen.opens.add((cause, step, name))
            for n, label in enumerate(("", *(label for label, _ in gate.conditions))):
                condition, (holds, runs) = Condition(step, name, label), holding[n]
                if was is None:
                    self.seen.births.add(Turn(cause, condition, holds))
                elif was[n][0] is not holds:
                    self.seen.turns.add(Turn(cause, condition, holds))
                if runs and not holds and not (was and was[n][1]):
                    self.seen.clocks.add((cause, condition))

    def _move(self, cause: Cause, before: Any, after: Any, *, by_time: bool) -> None:  # noqa: ANN401
        if not isinstance(after, Order):
            return
        were, parent = dict(_states(before)), _before_it_was_packed(before)
        for part, (fulfilment, invoice) in _states(after):
            was = were.get(part, parent)
            if was[0] != fulfilment:
                self.seen.fulfilment.add(Move(was[0], fulfilment, cause, by_time))
            if was[1] != invoice:
                self.seen.invoice.add(Move(was[1], invoice, cause, by_time))


def look(row: object) -> object:
    """What rows have in common that lead to much the same: their states, and how documents are undone."""
    if not isinstance(row, Order):
        return None
    return tuple(states for _, states in _states(row)), tuple(r.undoing for s in row.shipments for r in s.reversals)


def _holding(gate: Gate, path: Path, now: datetime) -> Holding:
    found = [(not gate.used_up(path), False)]
    for _, holds in gate.conditions:
        if isinstance(holds, After):
            due = holds.due(path)
            found.append((due is not None and now >= due, due is not None))
        else:
            found.append((bool(holds(*path)), False))
    return tuple(found)


def _states(order: Order) -> Iterator[tuple[str, tuple[str, str]]]:
    """Of each shipment, or of the order as long as it has none; once the order is closed, what it consists of is."""
    if not order.shipments and order.is_known:
        yield "", (order.fulfilment, order.invoice_state)
    closed = bool(order.shipments) and order.fulfilment is Fulfilment.CLOSED
    for s in order.shipments:
        unsettled = s.fulfilment in (Fulfilment.REVERSING, Fulfilment.PARKED)
        yield s.id, (Fulfilment.CLOSED if closed and not unsettled else s.fulfilment, s.invoice_state)


def _before_it_was_packed(order: Order) -> tuple[str, str]:
    """What the units of a new shipment were, and what an order was before it was known."""
    return (Fulfilment.OPEN, InvoiceState.NONE) if order.is_known else (UNBORN, UNBORN)
