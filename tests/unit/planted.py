"""Ways to tamper with a day: a book or a row says something else than it did; and who is accused then."""

# ruff: noqa: ANN401 - what is planted may be anything

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bookkeeping import Day
from played_day import played_day

from b2b2c_saga.model.order import Order
from b2b2c_saga.reconcile.differences import Kind

Plant = Callable[[Day], None]


@pytest.fixture
def day() -> Day:
    """The end of the played day, to tamper with."""
    return played_day().copy()


def accuse(day: Day, plant: Plant, kind: Kind, order: str) -> None:
    """What is planted is found, and nobody else is accused."""
    plant(day)
    found = day.proof.differences
    assert (kind, order) in {(one.kind, one.order) for one in found}
    assert {one.order for one in found} == {order}, "nothing else is accused"


def entry(system: str, table: str, order: str, nth: int = 0, **changes: Any) -> Plant:
    """One entry of a book says something else: a value, or what a function makes of the old one."""

    def tamper(day: Day) -> None:
        found = day.entries(system, table, order)[nth]
        for name, change in changes.items():
            was = found[name]
            found[name] = change(was) if callable(change) else change
            assert found[name] != was

    return tamper


def line(nth: int = 0, **changes: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """One of several lines, items or parts says something else."""

    def change(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one | changes if n == nth else one for n, one in enumerate(lines)]

    return change


def lost(system: str, table: str, order: str, nth: int = 0) -> Plant:
    """One entry of a book is missing."""

    def tamper(day: Day) -> None:
        gone = day.entries(system, table, order)[nth]
        day.rows = [(name, one) for name, one in day.rows if one is not gone]

    return tamper


def twice(system: str, table: str, order: str, **changes: Any) -> Plant:
    """One entry of a book is there a second time, with changes."""

    def tamper(day: Day) -> None:
        day.rows.append((system, day.entries(system, table, order)[0] | changes))

    return tamper


def moved(system: str, table: str, order: str, to: str) -> Plant:
    """An entry stands in another system's book."""

    def tamper(day: Day) -> None:
        found = day.entries(system, table, order)[0]
        day.rows = [(to if one is found else name, one) for name, one in day.rows]

    return tamper


def row(key: str, change: Callable[[Order], Order]) -> Plant:
    """A row says something else."""

    def tamper(day: Day) -> None:
        assert change(day.orders[key]) != day.orders[key]
        day.orders[key] = change(day.orders[key])

    return tamper


def shipment(key: str, **changes: Any) -> Plant:
    """The row's first shipment says something else."""
    return row(key, lambda order: order.with_shipment(replace(order.shipments[0], **changes)))


def invoice(key: str, **changes: Any) -> Plant:
    """The row's first invoice says something else."""
    return row(
        key,
        lambda order: order.with_shipment(
            replace(order.shipments[0], invoice=replace(order.shipments[0].invoice, **changes))
        ),
    )


def reversal(key: str, **changes: Any) -> Plant:
    """The row's first reversal says something else."""

    def changed(order: Order) -> Order:
        s = order.shipments[0]
        return order.with_shipment(s.with_reversal(replace(s.reversals[0], **changes)))

    return row(key, changed)


def both(*plants: Plant) -> Plant:
    """One after the other."""

    def tamper(day: Day) -> None:
        for plant in plants:
            plant(day)

    return tamper
