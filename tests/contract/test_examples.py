"""The examples are of what is shipped: with the configuration as it is, they lead where the README says."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from b2b2c_saga.bus.event_lines import read_lines
from b2b2c_saga.config import load_catalogue
from b2b2c_saga.model.catalogue import Account
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.answers import (
    B2BOrderCreated,
    HandedOver,
    InvoiceNumberGiven,
    InvoiceRegistered,
    Label,
    MarketplacePacked,
    StockTaken,
)
from b2b2c_saga.model.messages.commands import (
    CreateB2BOrder,
    HandOverOnMarketplace,
    OfferStock,
    PackOnMarketplace,
    RegisterInvoice,
    RequestInvoiceNumber,
    UpdateOmniStock,
)
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.steps import ORDERS, STOCK

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue(ROOT / "config")
AT = datetime(2026, 1, 6, tzinfo=UTC)
LABEL = Label(transporter="T", awb_number="A", url="U")
Said = Callable[[Any], Event]
ANSWERS: dict[type[Command], Said] = {
    CreateB2BOrder: lambda c: B2BOrderCreated(**_about(c), b2b_order_code="W-1"),
    RequestInvoiceNumber: lambda c: InvoiceNumberGiven(
        **_of(c), invoice_attempt=c.invoice_attempt, numbers=("2526-000001",)
    ),
    RegisterInvoice: lambda c: InvoiceRegistered(**_of(c), document_number=c.document_number, registration="IRN"),
    PackOnMarketplace: lambda c: MarketplacePacked(**_of(c), invoice_code="M", invoice_date=AT, label=LABEL),
    HandOverOnMarketplace: lambda c: HandedOver(**_of(c), handed_over_at=AT),
    UpdateOmniStock: lambda c: StockTaken(**_stock(c), system="omni"),
    OfferStock: lambda c: StockTaken(**_stock(c), system="marketplace"),
}


def _about(c: Any) -> dict[str, str]:  # noqa: ANN401 - a command about an order
    return {"account": c.account, "order_code": c.order_code}


def _of(c: Any) -> dict[str, str]:  # noqa: ANN401
    return {**_about(c), "shipment_id": c.shipment_id}


def _stock(c: Any) -> dict[str, Any]:  # noqa: ANN401 - a command about stock
    return {"account": c.account, "location": c.location, "sku": c.sku, "version": c.version}


def read(name: str) -> Iterator[Any]:
    """The envelopes of an example."""
    return read_lines((ROOT / "examples" / name).read_bytes().splitlines())


def played(name: str) -> tuple[dict[str, Any], list[str]]:
    """The rows after all of it, every command answered with yes; and the commands."""
    rows: dict[str, Any] = {}
    asked: list[str] = []
    for envelope in read(name):
        waiting = [envelope.message]
        while waiting:
            event = waiting.pop(0)
            saga: Any = ORDERS if hasattr(event, "order_code") else STOCK
            row = rows.get(event.key) or fresh(event, CATALOGUE.account(event.account))
            decision = saga.decide(row, event, envelope.time, CATALOGUE.book(event.account))
            assert decision.refused == ()
            rows[event.key] = decision.row
            asked += [command.call() for command in decision.commands]
            waiting += [ANSWERS[type(command)](command) for command in decision.commands]
    return rows, asked


def fresh(event: Any, account: Account) -> Order | Stock:  # noqa: ANN401 - an order's event, or stock's
    if hasattr(event, "order_code"):
        return Order(event.account, event.order_code, account.terms)
    return Stock(event.account, event.location, event.sku, account.terms)


@pytest.mark.parametrize(
    ("name", "key", "asked"),
    [
        (
            "first-order.jsonl",
            "YELLOW-MKT/FIRST-ORDER",
            ["request_invoice_number", "register_invoice", "pack_on_marketplace", "hand_over_on_marketplace"],
        ),
        (
            "wms-order.jsonl",
            "YELLOW-WMS/WMS-ORDER",
            [
                "create_b2b_order",
                "request_invoice_number",
                "register_invoice",
                "pack_on_marketplace",
                "hand_over_on_marketplace",
            ],
        ),
    ],
)
def test_an_example_order_is_sold_delivered_and_invoiced(name: str, key: str, asked: list[str]):
    rows, commands = played(name)
    (row,) = rows.values()
    assert (row.key, row.fulfilment, row.invoice_state) == (key, "DELIVERED", "REGISTERED")
    assert commands == asked
    assert row.open == row.cancelled_open


def test_the_example_of_inventory_offers_each_count_of_each_sku():
    rows, commands = played("inventory.jsonl")
    assert {row.sku: (row.quantity, row.marketplace_has) for row in rows.values()} == {
        "KURTA-BLUE-M": (118, 2),
        "KURTA-RED-L": (45, 1),
    }
    assert commands == ["update_omni_stock", "offer_stock"] * 3


def test_every_example_of_events_is_played_here():
    played_here = {"first-order.jsonl", "wms-order.jsonl", "inventory.jsonl"}
    assert {path.name for path in (ROOT / "examples").glob("*.jsonl")} == played_here
