"""The reconciliation: silent where all agree, and naming each kind of difference that is planted."""

# ruff: noqa: ANN401 - what is planted may be anything

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bookkeeping import Bookkeeping, about, cancelled, packed, placed, returned

from b2b2c_saga.model.messages.upstream import Delivered, HandoverRequested, QualityCheck, StockCounted
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.reconcile.compare import compare
from b2b2c_saga.reconcile.differences import Difference, Kind

SOLD, VOIDED, RETURNED, DROPPED = (f"YELLOW-MKT/{code}" for code in ("SOLD", "VOIDED", "RETURNED", "DROPPED"))
PLAIN = "YELLOW-OWN/PLAIN"
SHELF = "YELLOW-MKT/WH/SKU-1"


@pytest.fixture
def day() -> Bookkeeping:
    """Orders sold, cancelled after the invoice, partly returned, partly cancelled, and one passed through."""
    here = Bookkeeping()
    both = {"L1": 2, "L2": 1}
    here.tell(placed("SOLD", both), packed("SOLD", both), *_left("SOLD"))
    here.tell(placed("VOIDED", both), packed("VOIDED", both), cancelled("VOIDED", both))
    here.tell(placed("RETURNED", both), packed("RETURNED", both), *_left("RETURNED"))
    here.tell(returned("RETURNED", ("L1", QualityCheck.PASS), ("L2", QualityCheck.FAIL)))
    here.tell(placed("DROPPED", both), cancelled("DROPPED", {"L1": 1}), packed("DROPPED", {"L1": 1, "L2": 1}))
    here.tell(*_left("DROPPED"))
    own = "YELLOW-OWN"
    here.tell(placed("PLAIN", both, own), packed("PLAIN", both, own), *_left("PLAIN", own))
    here.tell(returned("PLAIN", ("L2", QualityCheck.PASS), account=own))
    here.tell(StockCounted(account="YELLOW-MKT", location="WH", sku="SKU-1", quantity=7, version=3))
    here.later(days=40)
    assert {order.fulfilment for order in here.orders.values()} == {"CLOSED"}
    return here


def _left(code: str, account: str = "YELLOW-MKT") -> tuple[HandoverRequested, Delivered]:
    which = about(code, account)
    asked = HandoverRequested(**which, shipment_id="S1")
    return asked, Delivered(**which, shipment_id="S1", delivered_at=datetime(2026, 3, 3, tzinfo=UTC))


def test_where_all_agree_there_is_nothing_to_say(day: Bookkeeping):
    proof = compare(day.ledger, day.books)
    assert proof.as_json() == {"orders": 5, "lines": 10, "differences": []}
    assert [(a.name, a.orders, a.invoices, a.reversals, a.b2c_returns) for a in proof.accounts] == [
        ("YELLOW-MKT", 4, 4, 2, 2),
        ("YELLOW-OWN", 1, 0, 1, 0),
    ]


def entry(system: str, table: str, order: str, **changes: Any) -> Callable[[Bookkeeping], None]:
    """One entry of a book says something else."""

    def tamper(day: Bookkeeping) -> None:
        found = [e for e in day.entries(system, table) if f"{e['account']}/{e.get('order_code')}" == order]
        assert len(found) == 1
        found[0].update(changes)

    return tamper


def lost(system: str, table: str, order: str) -> Callable[[Bookkeeping], None]:
    """One entry of a book is missing."""

    def tamper(day: Bookkeeping) -> None:
        kept = [
            (name, e)
            for name, e in day.rows
            if (name, e["table"], f"{e['account']}/{e.get('order_code')}") != (system, table, order)
        ]
        assert len(kept) == len(day.rows) - 1
        day.rows = kept

    return tamper


def twice(system: str, table: str, order: str, **changes: Any) -> Callable[[Bookkeeping], None]:
    """One entry of a book is there a second time, with changes."""

    def tamper(day: Bookkeeping) -> None:
        found = next(e for e in day.entries(system, table) if f"{e['account']}/{e.get('order_code')}" == order)
        day.rows.append((system, found | changes))

    return tamper


def row(key: str, change: Callable[[Order], Order]) -> Callable[[Bookkeeping], None]:
    """A row says something else."""

    def tamper(day: Bookkeeping) -> None:
        assert change(day.orders[key]) != day.orders[key]
        day.orders[key] = change(day.orders[key])

    return tamper


def shipment(key: str, **changes: Any) -> Callable[[Bookkeeping], None]:
    """The row's only shipment says something else."""
    return row(key, lambda order: order.with_shipment(replace(order.shipments[0], **changes)))


def told_again(day: Bookkeeping) -> None:
    day.returns[RETURNED] *= 2


def not_told(day: Bookkeeping) -> None:
    del day.returns[VOIDED]


def told_of_the_pass_through(day: Bookkeeping) -> None:
    event = day.returns[RETURNED][0]
    reversal = day.orders[PLAIN].shipments[0].reversals[0].id
    which = {"account": "YELLOW-OWN", "order_code": "PLAIN", "reversal": reversal}
    day.returns[PLAIN] = [event.model_copy(update=which)]


def told_with(**changes: Any) -> Callable[[Bookkeeping], None]:
    def tamper(day: Bookkeeping) -> None:
        event = day.returns[RETURNED][0]
        y = replace(event.client_y, **{k: v(event) for k, v in changes.items()})
        day.returns[RETURNED] = [event.model_copy(update={"client_y": y})]

    return tamper


def told_of_other_units(day: Bookkeeping) -> None:
    event = day.returns[RETURNED][0]
    day.returns[RETURNED] = [event.model_copy(update={"lines": event.lines[:1]})]


def shelf(system: str, **changes: int) -> Callable[[Bookkeeping], None]:
    def tamper(day: Bookkeeping) -> None:
        day.entries(system, "stock")[0].update(changes)

    return tamper


def counted_anew(day: Bookkeeping) -> None:
    day.counts[SHELF] = day.counts[SHELF].model_copy(update={"version": 4, "quantity": 9})


ONE = [{"order_item_code": "L1", "quantity": 1, "unit_price": "400.00"}]
NONE_OPEN = Quantities()


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (lost("marketplace", "packs", SOLD), Kind.PACKED, SOLD),
        (entry("marketplace", "packs", SOLD, items=ONE), Kind.PACKED, SOLD),
        (entry("marketplace", "packs", SOLD, invoice_code="B2C-OTHER"), Kind.PACKED, SOLD),
        (entry("marketplace", "packs", SOLD, awb_number="AWB-OTHER"), Kind.PACKED, SOLD),
        (twice("marketplace", "packs", SOLD, shipment_id="S9"), Kind.PACKED, SOLD),
        (lost("marketplace", "handovers", SOLD), Kind.HANDED_OVER, SOLD),
        (twice("marketplace", "handovers", SOLD), Kind.HANDED_OVER, SOLD),
        (entry("marketplace", "handovers", SOLD, handed_over_at="2026-03-01T00:00:00Z"), Kind.HANDED_OVER, SOLD),
        (entry("erp", "invoices", SOLD, registered_at=None), Kind.HANDED_OVER, SOLD),
        (shipment(SOLD, handed_over_at=None), Kind.HANDED_OVER, SOLD),
        (lost("erp", "invoices", SOLD), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", SOLD, lines=ONE), Kind.INVOICED, SOLD),
        (entry("erp", "invoices", SOLD, registration="irn-other"), Kind.INVOICED, SOLD),
        (twice("erp", "invoices", SOLD, shipment_id="S9"), Kind.INVOICED, SOLD),
        (twice("erp", "invoices", SOLD, document_number="B2"), Kind.TWO_LIVE_INVOICES, SOLD),
        (entry("erp", "invoices", SOLD, buyer={"gstin": "29AABCK1234M1ZG"}), Kind.PARTIES, SOLD),
        (entry("erp", "invoices", SOLD, total="1200.01"), Kind.TOTAL, SOLD),
        (entry("erp", "invoices", SOLD, status="VOIDED"), Kind.STAYED_SOLD, SOLD),
        (entry("erp", "invoices", SOLD, status="VOIDED"), Kind.REVERSED, SOLD),
        (entry("erp", "invoices", VOIDED, status="REGISTERED"), Kind.REVERSED, VOIDED),
        (lost("erp", "credit_notes", RETURNED), Kind.REVERSED, RETURNED),
        (lost("erp", "credit_notes", RETURNED), Kind.STAYED_SOLD, RETURNED),
        (entry("erp", "credit_notes", RETURNED, lines=ONE), Kind.REVERSED, RETURNED),
        (entry("erp", "credit_notes", RETURNED, preceding_document="B9"), Kind.REVERSED, RETURNED),
        (entry("erp", "credit_notes", RETURNED, total="1.00"), Kind.TOTAL, RETURNED),
        (twice("erp", "credit_notes", RETURNED, reversal="return-9"), Kind.REVERSED, RETURNED),
        (entry("erp", "credit_notes", RETURNED, lines=ONE * 3), Kind.CREDITED, RETURNED),
        (told_again, Kind.B2C_RETURN, RETURNED),
        (not_told, Kind.B2C_RETURN, VOIDED),
        (told_of_the_pass_through, Kind.B2C_RETURN, PLAIN),
        (told_with(account_code=lambda e: e.seller.account_code), Kind.B2C_RETURN, RETURNED),
        (told_with(billing_address=lambda e: e.seller.billing_address), Kind.B2C_RETURN, RETURNED),
        (told_with(shipping_address=lambda e: e.seller.shipping_address), Kind.B2C_RETURN, RETURNED),
        (told_of_other_units, Kind.B2C_RETURN, RETURNED),
        (lost("wms", "put_aways", VOIDED), Kind.PUT_AWAY, VOIDED),
        (twice("wms", "put_aways", RETURNED), Kind.PUT_AWAY, RETURNED),
        (twice("wms", "put_aways", RETURNED, reversal="return-9"), Kind.PUT_AWAY, RETURNED),
        (lost("wms", "releases", DROPPED), Kind.RELEASED, DROPPED),
        (twice("wms", "releases", DROPPED, release="cancel-9"), Kind.RELEASED, DROPPED),
        (row(SOLD, lambda o: replace(o, lines=o.lines[:1])), Kind.BALANCE, SOLD),
        (row(DROPPED, lambda o: replace(o, cancelled_open=NONE_OPEN)), Kind.BALANCE, DROPPED),
        (shipment(SOLD, quantities=Quantities.of({"L1": 9})), Kind.BALANCE, SOLD),
        (twice("erp", "invoices", SOLD, order_code="NOBODYS"), Kind.UNKNOWN_ORDER, "YELLOW-MKT/NOBODYS"),
        (shelf("marketplace", quantity=8), Kind.STOCK, SHELF),
        (shelf("omni", version=2), Kind.STOCK, SHELF),
        (counted_anew, Kind.STOCK, SHELF),
    ],
)
def test_a_planted_difference_is_named(day: Bookkeeping, plant: Callable[[Bookkeeping], None], kind: Kind, order: str):
    plant(day)
    found = compare(day.ledger, day.books).differences
    assert (kind, order) in {(one.kind, one.order) for one in found}
    assert {one.order for one in found} == {order}, "nothing else is accused"


def test_a_difference_says_what_each_side_says(day: Bookkeeping):
    entry("erp", "invoices", SOLD, lines=[ONE[0] | {"quantity": 2}])(day)
    assert compare(day.ledger, day.books).differences == (
        Difference(Kind.INVOICED, SOLD, "S1 L2", {"row": 1, "erp": 0}),
        Difference(Kind.STAYED_SOLD, SOLD, "S1 L2", {"row": 1, "erp": 0}, "invoiced - credited - voided"),
    )


def test_what_is_asked_and_not_answered_yet_may_stand_on_either_side(monkeypatch: pytest.MonkeyPatch):
    obliged = Bookkeeping()
    obliged.tell(placed("NEW", {"L1": 1}), packed("NEW", {"L1": 1}))
    monkeypatch.setattr(Bookkeeping, "_follow", lambda *_: None)
    here = Bookkeeping()
    here.tell(placed("NEW", {"L1": 1}), packed("NEW", {"L1": 1}))
    assert compare(here.ledger, here.books).differences == (), "the ERP has not got it yet"
    here.rows = [(system, e) for system, e in obliged.rows if e["table"] == "invoices"]
    assert compare(here.ledger, here.books).differences == (), "the ERP has it, and its answer is on the way"
    here.rows = [(system, e) for system, e in obliged.rows if e["table"] == "packs"]
    assert [one.kind for one in compare(here.ledger, here.books).differences] == [Kind.PACKED], "nobody asked for it"


def test_two_shipments_may_share_the_name_of_a_reversal():
    here = Bookkeeping()
    here.tell(placed("TWO", {"L1": 2}), packed("TWO", {"L1": 1}), packed("TWO", {"L1": 1}, shipment="S2"))
    here.tell(cancelled("TWO", {"L1": 2}))
    proof = compare(here.ledger, here.books)
    assert (proof.accounts[0].reversals, proof.differences) == (2, ())
