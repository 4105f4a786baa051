"""Planted differences about the B2C returns that were told downstream: each is named, and nobody else is accused."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bookkeeping import Day
from planted import Plant, accuse, day
from said_upstream import ERP, PLAIN

from b2b2c_saga.model.messages.integration import B2CReturnRequired, Cause
from b2b2c_saga.reconcile.differences import Kind

__all__ = ["day"]
VOIDED, RETURNED, REVOKED, DIFFERS = (f"{ERP}/{code}" for code in ("VOIDED", "RETURNED", "REVOKED", "DIFFERS"))
PASSED = f"{PLAIN}/PLAIN"


def told(key: str, nth: int = 0, **changes: Any) -> Plant:  # noqa: ANN401 - a field of the event
    """A B2C return says something else."""

    def tamper(day: Day) -> None:
        event = day.returns[key][nth]
        values = {name: change(event) if callable(change) else change for name, change in changes.items()}
        day.returns[key][nth] = event.model_copy(update=values)

    return tamper


def told_again(day: Day) -> None:
    day.returns[RETURNED] *= 2


def told_besides(day: Day) -> None:
    """Of a reversal that nobody knows."""
    day.returns[RETURNED].append(day.returns[RETURNED][0].model_copy(update={"reversal": "return-9"}))


def not_told(day: Day) -> None:
    del day.returns[VOIDED]


def told_for(key: str) -> Plant:
    """Of an order that needs none."""

    def tamper(day: Day) -> None:
        account, code = key.split("/")
        reversal = day.orders[key].shipments[0].reversals[0].id
        changed = {"account": account, "order_code": code, "reversal": reversal}
        day.returns[key] = [day.returns[RETURNED][0].model_copy(update=changed)]

    return tamper


def told_of_nobody(day: Day) -> None:
    event = day.returns[RETURNED][0]
    day.returns[f"{ERP}/NOBODYS"] = [event.model_copy(update={"order_code": "NOBODYS"})]


def y(event: B2CReturnRequired, **changes: object) -> object:
    return replace(event.client_y, **changes)  # type: ignore[arg-type]


def first_line(**changes: object) -> Callable[[B2CReturnRequired], object]:
    return lambda e: (e.lines[0].model_copy(update=changes), *e.lines[1:])


@pytest.mark.parametrize(
    ("plant", "order"),
    [
        (told_again, RETURNED),
        (told_besides, RETURNED),
        (not_told, VOIDED),
        (told_for(PASSED), PASSED),
        (told_for(DIFFERS), DIFFERS),
        (told(REVOKED, invoice_number="B9"), REVOKED),
        (told(REVOKED, nth=1, invoice_number="B9"), REVOKED),
        (told(RETURNED, reversal="return-9"), RETURNED),
        (told(RETURNED, shipment_id="S9"), RETURNED),
        (told(RETURNED, client_y=lambda e: y(e, account_code=e.seller.account_code)), RETURNED),
        (told(RETURNED, client_y=lambda e: y(e, gstin=e.seller.gstin)), RETURNED),
        (told(RETURNED, client_y=lambda e: y(e, legal_name=e.seller.legal_name)), RETURNED),
        (told(RETURNED, client_y=lambda e: y(e, billing_address=e.seller.billing_address)), RETURNED),
        (told(RETURNED, client_y=lambda e: y(e, shipping_address=e.seller.billing_address)), RETURNED),
        (told(RETURNED, seller=lambda e: e.client_y), RETURNED),
        (told(RETURNED, cause=Cause.CANCELLATION), RETURNED),
        (told(RETURNED, invoice_number="B9"), RETURNED),
        (told(RETURNED, order_number="SO-9"), RETURNED),
        (told(RETURNED, lines=lambda e: e.lines[:1]), RETURNED),
        (told(RETURNED, lines=first_line(quantity=2)), RETURNED),
    ],
)
def test_b2c_returns(day: Day, plant: Plant, order: str) -> None:
    accuse(day, plant, Kind.B2C_RETURN, order)


@pytest.mark.parametrize(
    "plant",
    [
        told(RETURNED, total=Decimal(801), round_off=Decimal(1)),
        told(RETURNED, round_off=Decimal("0.01")),
        told(RETURNED, lines=first_line(gst_rate=Decimal(12))),
        told(RETURNED, lines=first_line(igst=Decimal(0), cgst=Decimal("9.52"), sgst=Decimal("9.53"))),
        told(RETURNED, lines=first_line(igst=Decimal("19.04"))),
        told(RETURNED, lines=first_line(taxable_value=Decimal("380.96"))),
        told(RETURNED, lines=first_line(total=Decimal("400.01"))),
    ],
)
def test_the_money_of_b2c_returns(day: Day, plant: Plant) -> None:
    accuse(day, plant, Kind.MONEY, RETURNED)


def test_a_b2c_return_of_an_order_that_nobody_knows(day: Day) -> None:
    accuse(day, told_of_nobody, Kind.UNKNOWN_ORDER, f"{ERP}/NOBODYS")
