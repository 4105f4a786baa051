"""Planted differences about goods, parcels, B2B orders and stock: each is named, and nobody else is accused."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from bookkeeping import Day
from planted import Plant, accuse, day, entry, line, lost, reversal, row, shipment, twice
from said_upstream import ERP, PLAIN, WMS, location

from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.reconcile.differences import Kind

__all__ = ["day"]
SOLD, VOIDED, RETURNED, DROPPED = (f"{ERP}/{code}" for code in ("SOLD", "VOIDED", "RETURNED", "DROPPED"))
FIXED = f"{WMS}/W-FIXED"
PLAIN_ONE, KEPT, GONE, REFUSED = f"{PLAIN}/PLAIN", f"{WMS}/W-SOLD", f"{WMS}/W-DROPPED", f"{WMS}/W-REFUSED"
SHELF = f"{ERP}/{location(ERP)}/SKU-L1"
ONE = [{"order_item_code": "L1", "quantity": 1}]


def shelf(system: str, **changes: int) -> Plant:
    def tamper(day: Day) -> None:
        named = {"location": location(ERP), "sku": "SKU-L1"} | ({} if system == "wms" else {"account": ERP})
        (found,) = (one for one in day.entries(system, "stock") if named.items() <= one.items())
        found.update(changes)

    return tamper


def counted_anew(day: Day) -> None:
    day.counts[SHELF] = day.counts[SHELF].model_copy(update={"version": 99, "quantity": 9})


def never_counted(day: Day) -> None:
    del day.stock[SHELF]


def a_unit_twice(day: Day) -> None:
    order = day.orders[RETURNED]
    (back,) = order.shipments[0].reversals
    units = (back.units[0], replace(back.units[1], code=back.units[0].code))
    day.orders[RETURNED] = order.with_shipment(order.shipments[0].with_reversal(replace(back, units=units)))


def release(key: str, **changes: object) -> Plant:
    """The row's only release says something else."""

    def change(day: Day) -> None:
        order = day.orders[key]
        day.orders[key] = order.with_release(replace(order.releases[0], **changes))  # type: ignore[arg-type]

    return change


def as_a_release(day: Day) -> None:
    """What was on the B2B order is set free without it."""
    (found,) = day.entries("wms", "b2b_cancellations", GONE)
    found["table"] = "releases"


def as_a_b2b_cancellation(day: Day) -> None:
    """And what was set free comes off a B2B order too."""
    (found,) = day.entries("wms", "releases", DROPPED)
    day.rows.append(("wms", found | {"table": "b2b_cancellations", "b2b_order_code": "WB9"}))


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (lost("marketplace", "orders", SOLD), Kind.ORDERED, SOLD),
        (entry("marketplace", "orders", SOLD, lines=line(quantity=3)), Kind.ORDERED, SOLD),
        (entry("marketplace", "orders", SOLD, lines=lambda lines: lines[:1]), Kind.ORDERED, SOLD),
        (entry("marketplace", "orders", SOLD, lines=line(sku="SKU-L9")), Kind.ORDERED, SOLD),
        (entry("marketplace", "orders", SOLD, lines=line(selling_price="499.99")), Kind.ORDERED, SOLD),
        (twice("marketplace", "orders", SOLD, order_code="MISSED"), Kind.UNKNOWN_ORDER, f"{ERP}/MISSED"),
        (twice("marketplace", "cancellations", VOIDED, order_code="SOLD"), Kind.CANCELLED, SOLD),
        (twice("marketplace", "cancellations", VOIDED, order_code="SOLD", items=[]), Kind.CANCELLED, SOLD),
        (row(SOLD, lambda o: replace(o, lines=o.lines[:1])), Kind.BALANCE, SOLD),
        (row(DROPPED, lambda o: replace(o, cancelled_open=NOTHING)), Kind.BALANCE, DROPPED),
        (shipment(SOLD, quantities=Quantities.of({"L1": 9})), Kind.BALANCE, SOLD),
        (shipment(SOLD, sent=Quantities.of({"L1": 3, "L2": 1})), Kind.BALANCE, SOLD),
        (reversal(RETURNED, quantities=Quantities.of({"L1": 3})), Kind.BALANCE, RETURNED),
        (lost("marketplace", "packs", SOLD), Kind.PACKED, SOLD),
        (entry("marketplace", "packs", SOLD, items=ONE), Kind.PACKED, SOLD),
        (entry("marketplace", "packs", SOLD, invoice_code="B2C-OTHER"), Kind.PACKED, SOLD),
        (entry("marketplace", "packs", SOLD, awb_number="AWB-OTHER"), Kind.PACKED, SOLD),
        (twice("marketplace", "packs", SOLD, shipment_id="S9"), Kind.PACKED, SOLD),
        (twice("marketplace", "packs", SOLD, order_code="W-REFUSED", account=WMS), Kind.PACKED, REFUSED),
        (shipment(SOLD, documents=None), Kind.PACKED, SOLD),
        (lost("marketplace", "handovers", SOLD), Kind.HANDED_OVER, SOLD),
        (twice("marketplace", "handovers", SOLD), Kind.HANDED_OVER, SOLD),
        (twice("marketplace", "handovers", SOLD, shipment_id="S9"), Kind.HANDED_OVER, SOLD),
        (entry("marketplace", "handovers", SOLD, items=ONE), Kind.HANDED_OVER, SOLD),
        (shipment(SOLD, handed_over_at=None), Kind.HANDED_OVER, SOLD),
        (entry("marketplace", "handovers", RETURNED, items=ONE), Kind.RETURNED, RETURNED),
        (lost("marketplace", "handovers", RETURNED), Kind.RETURNED, RETURNED),
        (a_unit_twice, Kind.RETURNED, RETURNED),
        (reversal(RETURNED, quantities=Quantities.of({"L1": 1})), Kind.RETURNED, RETURNED),
    ],
)
def test_goods_and_parcels(day: Day, plant: Plant, kind: Kind, order: str) -> None:
    accuse(day, plant, kind, order)


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (lost("wms", "put_aways", VOIDED), Kind.PUT_AWAY, VOIDED),
        (lost("wms", "put_aways", PLAIN_ONE), Kind.PUT_AWAY, PLAIN_ONE),
        (twice("wms", "put_aways", RETURNED), Kind.PUT_AWAY, RETURNED),
        (twice("wms", "put_aways", RETURNED, reversal="return-9"), Kind.PUT_AWAY, RETURNED),
        (twice("wms", "put_aways", RETURNED, shipment_id="S9"), Kind.PUT_AWAY, RETURNED),
        (entry("wms", "put_aways", RETURNED, goods=line(disposition="QUARANTINE")), Kind.PUT_AWAY, RETURNED),
        (entry("wms", "put_aways", VOIDED, location="ELSEWHERE"), Kind.PUT_AWAY, VOIDED),
        (lost("wms", "releases", DROPPED), Kind.RELEASED, DROPPED),
        (entry("wms", "releases", DROPPED, goods=line(quantity=2)), Kind.RELEASED, DROPPED),
        (entry("wms", "releases", DROPPED, location="ELSEWHERE"), Kind.RELEASED, DROPPED),
        (twice("wms", "releases", DROPPED, release="cancel-9"), Kind.RELEASED, DROPPED),
        (release(DROPPED, done=False, opened=()), Kind.RELEASED, DROPPED),
        (lost("wms", "b2b_cancellations", GONE), Kind.RELEASED, GONE),
        (lost("wms", "b2b_cancellations", GONE), Kind.B2B_ORDER, GONE),
        (as_a_release, Kind.RELEASED, GONE),
        (twice("wms", "b2b_cancellations", GONE, release="cancel-9"), Kind.RELEASED, GONE),
        (lost("wms", "b2b_orders", KEPT), Kind.B2B_ORDER, KEPT),
        (twice("wms", "b2b_orders", KEPT), Kind.B2B_ORDER, KEPT),
        (twice("wms", "b2b_orders", KEPT, account=ERP, order_code="SOLD"), Kind.B2B_ORDER, SOLD),
        (entry("wms", "b2b_orders", KEPT, b2b_order_code="WB9"), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, lines=line(quantity=1)), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, lines=lambda lines: lines[:1]), Kind.B2B_ORDER, KEPT),
        (row(KEPT, lambda o: replace(o, b2b_ordered=Quantities.of({"L1": 2}))), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, lines=line(sku="SKU-L9")), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, lines=line(cost_price="500.00")), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, billed_to=lambda to: to | {"pin": "411014"}), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, ship_to=lambda to: to | {"pin": "400001"}), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, buyer=lambda to: to | {"account_code": "X-1000"}), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, seller=lambda to: to | {"gstin": "?"}), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, location="ELSEWHERE"), Kind.B2B_ORDER, KEPT),
        (entry("wms", "put_aways", REFUSED, b2b_order_code=None), Kind.B2B_ORDER, REFUSED),
        (entry("wms", "put_aways", REFUSED, b2b_order_code="WB9"), Kind.B2B_ORDER, REFUSED),
        (entry("wms", "put_aways", f"{WMS}/W-RETURNED", b2b_order_code="WB9"), Kind.B2B_ORDER, f"{WMS}/W-RETURNED"),
        (entry("wms", "put_aways", VOIDED, b2b_order_code="WB9"), Kind.B2B_ORDER, VOIDED),
        (entry("wms", "put_aways", FIXED, b2b_order_code="WB9"), Kind.B2B_ORDER, FIXED),
        (as_a_b2b_cancellation, Kind.RELEASED, DROPPED),
    ],
)
def test_the_warehouse(day: Day, plant: Plant, kind: Kind, order: str) -> None:
    accuse(day, plant, kind, order)


@pytest.mark.parametrize(
    "plant",
    [
        shelf("marketplace", quantity=8),
        shelf("marketplace", version=2),
        shelf("omni", quantity=8),
        shelf("omni", version=2),
        shelf("wms", available=8),
        shelf("wms", version=99),
        counted_anew,
        never_counted,
    ],
)
def test_stock(day: Day, plant: Plant) -> None:
    accuse(day, plant, Kind.STOCK, SHELF)


@pytest.mark.parametrize("refused", [{"omni_refused": 99}, {"marketplace_refused": 99}])
def test_a_refused_sku_is_a_difference_only_where_an_older_count_is_offered(day: Day, refused: dict[str, int]) -> None:
    behind = replace(day.stock[SHELF], version=99, told_omni=99, offered=99, **refused)
    if "marketplace_refused" in refused:
        behind = replace(behind, omni_has=99)
        shelf("omni", quantity=behind.quantity, version=99)(day)
    day.stock[SHELF] = behind
    day.counts[SHELF] = day.counts[SHELF].model_copy(update={"version": 99, "quantity": behind.quantity})
    shelf("wms", available=behind.quantity, version=99)(day)
    assert [(one.kind, one.order) for one in day.proof.differences] == [(Kind.STOCK, SHELF)]
    offered = {"omni", "marketplace"} if "omni_refused" in refused else {"marketplace"}
    gone: Callable[[str, dict[str, object]], bool] = lambda name, one: (  # noqa: E731
        name in offered and one["table"] == "stock" and one["sku"] == "SKU-L1" and one["account"] == ERP
    )
    day.rows = [(name, one) for name, one in day.rows if not gone(name, one)]
    assert day.proof.differences == ()
