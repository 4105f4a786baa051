"""A day with an order of every kind that the reconciliation has a rule for; and ways to tamper with it."""

# ruff: noqa: ANN401 - what is planted may be anything

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bookkeeping import Bookkeeping, Day
from said_upstream import (
    ERP,
    EU,
    HOME_STATE,
    PLAIN,
    WMS,
    b2b_packed,
    cancelled,
    fixed,
    left,
    packed,
    placed,
    returned,
)

from b2b2c_saga.model.messages.answers import InvoiceRevoked
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnType
from b2b2c_saga.model.order import Order

PASS, FAIL = QualityCheck.PASS, QualityCheck.FAIL
BOTH = {"L1": 2, "L2": 1}
ALL = {"L1": 3, "L2": 1, "L3": 2}
Plant = Callable[[Day], None]


def play(here: Bookkeeping) -> Day:
    """Every order ends; none of them in the same way."""
    for account in (ERP, WMS, PLAIN, HOME_STATE, EU):
        here.count(account, "SKU-L1", 40)
    _erp(here)
    _revoked(here)
    _wms(here)
    _others(here)
    here.later(days=40)
    assert {order.fulfilment for order in here.orders.values()} == {"CLOSED"}
    return here.end()


def _erp(here: Bookkeeping) -> None:
    here.tell(placed("SOLD", BOTH), packed("SOLD", BOTH), *left("SOLD"))
    here.tell(placed("VOIDED", BOTH), packed("VOIDED", BOTH), cancelled("VOIDED", BOTH))
    here.tell(placed("RETURNED", BOTH), packed("RETURNED", BOTH), *left("RETURNED"))
    here.tell(returned("RETURNED", ("L1", PASS), ("L2", FAIL)))
    here.tell(placed("DROPPED", BOTH), cancelled("DROPPED", {"L1": 1}), packed("DROPPED", {"L1": 1, "L2": 1}))
    here.tell(*left("DROPPED"))
    here.tell(placed("SPLIT", ALL), packed("SPLIT", ALL), *left("SPLIT"))
    here.tell(returned("SPLIT", ("L1", PASS), ("L3", PASS)), returned("SPLIT", ("L1", PASS), number=2))
    here.tell(placed("ALL-BACK", {"L1": 3}), packed("ALL-BACK", {"L1": 3}), *left("ALL-BACK"))
    here.tell(returned("ALL-BACK", ("L1", PASS)), returned("ALL-BACK", ("L1", PASS), ("L1", FAIL), number=2))
    here.tell(placed("TWO", {"L1": 2}), packed("TWO", {"L1": 1}), packed("TWO", {"L1": 1}, shipment="S2"))
    here.tell(cancelled("TWO", {"L1": 2}))
    here.tell(placed("PULLED", BOTH), packed("PULLED", BOTH))
    here.cancel_at_marketplace(cancelled("PULLED", BOTH))
    here.tell(left("PULLED")[0])
    here.hear(cancelled("PULLED", BOTH))


def _revoked(here: Bookkeeping) -> None:
    """Documents that came to nothing: refused, with another's number, taken back before and after a return."""
    here.fault(f"{ERP}/REFUSED", erp={"refuse": 1})
    here.tell(placed("REFUSED", BOTH), packed("REFUSED", BOTH))
    here.control.fix(f"{ERP}/REFUSED")
    here.tell(fixed("REFUSED", 1), *left("REFUSED"))
    here.fault(f"{ERP}/DIFFERS", erp={"differs": 1})
    here.tell(placed("DIFFERS", BOTH), packed("DIFFERS", BOTH), cancelled("DIFFERS", {"L1": 1}))
    here.control.fix(f"{ERP}/DIFFERS")
    here.tell(fixed("DIFFERS", 1), *left("DIFFERS"))
    here.tell(placed("REVOKED", BOTH), packed("REVOKED", BOTH), *left("REVOKED"), returned("REVOKED", ("L1", PASS)))
    attempt = here.revoke(f"{ERP}/REVOKED")
    about = {"account": ERP, "order_code": "REVOKED", "shipment_id": "S1", "attempt": attempt}
    here.tell(InvoiceRevoked(**about, reason="3028"), fixed("REVOKED", attempt))
    here.tell(returned("REVOKED", ("L2", PASS), number=2))


def _wms(here: Bookkeeping) -> None:
    for code in ("W-SOLD", "W-TOO-LATE", "W-RETURNED"):
        here.tell(placed(code, BOTH, WMS), b2b_packed(code, BOTH), packed(code, BOTH, WMS))
    here.tell(*left("W-SOLD", WMS), *left("W-RETURNED", WMS))
    here.tell(returned("W-RETURNED", ("L1", PASS), account=WMS))
    some = {"L1": 1, "L2": 1}
    here.tell(placed("W-DROPPED", BOTH, WMS), cancelled("W-DROPPED", {"L1": 1}, WMS), b2b_packed("W-DROPPED", some))
    here.tell(packed("W-DROPPED", some, WMS), *left("W-DROPPED", WMS))
    here.tell(placed("W-VOIDED", BOTH, WMS), b2b_packed("W-VOIDED", BOTH), cancelled("W-VOIDED", BOTH, WMS))
    here.hear(cancelled("W-TOO-LATE", BOTH, WMS))
    back = ("L1", PASS), ("L1", PASS), ("L2", PASS)
    here.tell(left("W-TOO-LATE", WMS)[0], returned("W-TOO-LATE", *back, account=WMS, kind=ReturnType.RETURN_TO_ORIGIN))
    here.fault(f"{WMS}/W-FIXED", rms={"refuse": 1})
    here.tell(placed("W-FIXED", BOTH, WMS), b2b_packed("W-FIXED", BOTH), cancelled("W-FIXED", {"L1": 1}, WMS))
    here.control.fix(f"{WMS}/W-FIXED")
    here.tell(fixed("W-FIXED", 1, WMS), packed("W-FIXED", BOTH, WMS), *left("W-FIXED", WMS))
    here.fault(f"{WMS}/W-REFUSED", rms={"refuse": 1})
    here.tell(placed("W-REFUSED", BOTH, WMS), b2b_packed("W-REFUSED", BOTH), cancelled("W-REFUSED", BOTH, WMS))


def _others(here: Bookkeeping) -> None:
    here.tell(placed("PLAIN", BOTH, PLAIN), packed("PLAIN", BOTH, PLAIN), *left("PLAIN", PLAIN))
    here.tell(returned("PLAIN", ("L2", PASS), account=PLAIN))
    here.tell(placed("EU", ALL, EU), packed("EU", ALL, EU), *left("EU", EU), returned("EU", ("L1", FAIL), account=EU))
    near = HOME_STATE
    here.tell(placed("NEAR", BOTH, near), packed("NEAR", BOTH, near), *left("NEAR", near))
    here.tell(returned("NEAR", ("L1", PASS), account=near), returned("NEAR", ("L1", PASS), account=near, number=2))


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
