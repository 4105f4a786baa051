"""Orders that are under way: what is asked and not answered counts for either side, everything else is held to it."""

from dataclasses import replace
from pathlib import Path

import pytest
from bookkeeping import Bookkeeping, Day, bookkeeping, here
from planted import Plant, entry, line, lost, row, shipment, twice
from said_upstream import ERP, HEAVY, WMS, b2b_packed, cancelled, left, packed, placed, returned

from b2b2c_saga.model.messages.answers import InvoiceUnanswered
from b2b2c_saga.model.messages.upstream import QualityCheck
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.reconcile.differences import Kind

__all__ = ["here"]
ONE = {"L1": 1}
TWO = {"L1": 2}


def _goes_back(account: str) -> tuple[object, ...]:
    packing = b2b_packed("NEW", ONE) if account == WMS else packed("NEW", ONE)
    return placed("NEW", ONE, account), packing, cancelled("NEW", ONE, account)


GOES_BACK = _goes_back(ERP)
SHRINKS = (placed("NEW", TWO), cancelled("NEW", ONE))
W_SHRINKS = (placed("NEW", TWO, WMS), cancelled("NEW", ONE, WMS), b2b_packed("NEW", ONE))
LEAVES = (placed("NEW", ONE), packed("NEW", ONE), *left("NEW"))
COMES_BACK = (*LEAVES, returned("NEW", ("L1", QualityCheck.PASS)))
HEAVY_LEAVES = (placed("NEW", {"L1": 3}, HEAVY), packed("NEW", {"L1": 3}, HEAVY), *left("NEW", HEAVY))


@pytest.mark.parametrize(
    ("account", "story", "call"),
    [
        (ERP, GOES_BACK, "request_invoice_number"),
        (ERP, LEAVES, "request_invoice_number"),
        (ERP, GOES_BACK, "register_invoice"),
        (ERP, GOES_BACK, "pack_on_marketplace"),
        (ERP, GOES_BACK, "put_goods_away"),
        (ERP, GOES_BACK, "void_invoice"),
        (ERP, LEAVES, "hand_over_on_marketplace"),
        (ERP, COMES_BACK, "request_credit_note_number"),
        (ERP, COMES_BACK, "issue_credit_note"),
        (HEAVY, HEAVY_LEAVES, "request_eway_bill"),
        (WMS, _goes_back(WMS), "request_invoice_number"),
        (ERP, SHRINKS, "release_stock"),
        (WMS, W_SHRINKS, "create_b2b_order"),
        (WMS, W_SHRINKS, "cancel_b2b_order"),
        (WMS, W_SHRINKS, "register_invoice"),
        (WMS, _goes_back(WMS), "put_goods_away"),
        (ERP, GOES_BACK, "update_omni_stock"),
        (ERP, GOES_BACK, "offer_stock"),
    ],
)
def test_what_is_asked_and_not_answered_may_stand_on_either_side(
    here: Bookkeeping, account: str, story: tuple[object, ...], call: str, tmp_path: Path
) -> None:
    here.fault(f"{WMS}/NEW", rms={"refuse": 1})
    here.fault(f"{HEAVY}/NEW", erp={"eway_bill_apart": 1})
    here.count(account, "SKU-L1", 5)
    here.never_made = frozenset({call})
    here.tell(*story)  # type: ignore[arg-type]
    assert here.unmade
    assert here.end().proof.differences == (), "it has not got there yet"
    with bookkeeping(tmp_path / "other") as other:
        other.fault(f"{WMS}/NEW", rms={"refuse": 1})
        other.fault(f"{HEAVY}/NEW", erp={"eway_bill_apart": 1})
        other.count(account, "SKU-L1", 5)
        other.never_heard = frozenset({call})
        other.tell(*story)  # type: ignore[arg-type]
        assert other.end().proof.differences == (), "it is done, and the answer is on the way"


@pytest.fixture(scope="module")
def midday(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """No order is at its end, and none has a question open but the label and the registration."""
    with bookkeeping(tmp_path_factory.mktemp("books")) as here:
        here.fault(f"{ERP}/LABEL", marketplace={"label_delay_s": [600, 600]})
        for code in ("PENDING", "WAITS"):
            here.fault(f"{ERP}/{code}", erp={"hold_registration": True})
        here.fault(f"{WMS}/NONE", wms={"refuse": 1})
        for code in ("PACKED", "LEFT", "LABEL", "PENDING", "WAITS"):
            here.tell(placed(code, TWO), packed(code, TWO))
        here.tell(left("LEFT")[0], cancelled("WAITS", TWO))
        here.tell(placed("PART", TWO), cancelled("PART", ONE))
        here.tell(placed("KEPT", TWO, WMS), placed("NONE", TWO, WMS))
        day = here.end()
        assert day.proof.differences == ()
        states = {order.code: (order.fulfilment, order.invoice_state) for order in day.orders.values()}
        assert states == {
            "PACKED": ("PACKED", "REGISTERED"),
            "LEFT": ("HANDED_OVER", "REGISTERED"),
            "LABEL": ("PACKED", "REGISTERED"),
            "PENDING": ("PACKED", "ACKNOWLEDGED"),
            "WAITS": (day.orders[f"{ERP}/WAITS"].fulfilment, "ACKNOWLEDGED"),
            "PART": ("OPEN", "NONE"),
            "KEPT": ("OPEN", "NONE"),
            "NONE": ("PARKED", "NONE"),
        }
        return day


def planted(system: str, table: str, order: str, **columns: object) -> Plant:
    """An entry that should not be there."""

    def tamper(day: Day) -> None:
        account, code = order.split("/")
        named = {"table": table, "account": account, "order_code": code, "shipment_id": "S1"}
        day.rows.append((system, named | columns))

    return tamper


GOODS = [{"order_item_code": "L1", "sku": "SKU-L1", "quantity": 2, "disposition": "PUT_AWAY"}]
PUT_AWAY = {"goods": GOODS, "location": "WH-YELLOW-MKT", "b2b_order_code": None}
PACKED, LEFT, PENDING, WAITS, PART = (f"{ERP}/{code}" for code in ("PACKED", "LEFT", "PENDING", "WAITS", "PART"))
KEPT, NONE = f"{WMS}/KEPT", f"{WMS}/NONE"


@pytest.mark.parametrize(
    ("plant", "kind", "order"),
    [
        (lost("marketplace", "packs", PACKED), Kind.PACKED, PACKED),
        (planted("marketplace", "packs", PART, items=GOODS), Kind.PACKED, PART),
        (shipment(PACKED, sent=NOTHING), Kind.PACKED, PACKED),
        (lost("marketplace", "handovers", LEFT), Kind.HANDED_OVER, LEFT),
        (
            planted("marketplace", "handovers", PACKED, items=GOODS, handed_over_at="2126-01-01T00:00:00Z"),
            Kind.HANDED_OVER,
            PACKED,
        ),
        (lost("erp", "invoices", PACKED), Kind.INVOICED, PACKED),
        (entry("erp", "invoices", PACKED, status="REFUSED"), Kind.INVOICED, PACKED),
        (entry("erp", "invoices", PENDING, lines=line(quantity=9)), Kind.INVOICED, PENDING),
        (entry("erp", "invoices", PENDING, total="0.01"), Kind.MONEY, PENDING),
        (twice("erp", "invoices", PENDING, document_number="B9"), Kind.TWO_LIVE_INVOICES, PENDING),
        (row(PART, lambda o: o.with_release(replace(o.releases[0], done=False, opened=()))), Kind.RELEASED, PART),
        (row(PART, lambda o: replace(o, cancelled_open=Quantities.of({"L1": 3}))), Kind.BALANCE, PART),
        (lost("wms", "releases", PART), Kind.RELEASED, PART),
        (planted("wms", "put_aways", WAITS, reversal="cancel-2", **PUT_AWAY), Kind.PUT_AWAY, WAITS),
        (lost("wms", "b2b_orders", KEPT), Kind.B2B_ORDER, KEPT),
        (entry("wms", "b2b_orders", KEPT, lines=line(quantity=1)), Kind.B2B_ORDER, KEPT),
        (twice("wms", "b2b_orders", KEPT, order_code="NONE"), Kind.B2B_ORDER, NONE),
    ],
)
def test_everything_else_is_held_to_it(midday: Day, plant: Plant, kind: Kind, order: str) -> None:
    day = midday.copy()
    plant(day)
    found = day.proof.differences
    assert (kind, order) in {(one.kind, one.order) for one in found}
    assert {one.order for one in found} == {order}, "nothing else is accused"


def test_an_invoice_that_came_when_its_units_had_come_off_the_b2b_order(here: Bookkeeping) -> None:
    here.never_made = frozenset({"register_invoice"})
    here.tell(placed("LATE", TWO, WMS), b2b_packed("LATE", TWO))
    about = {"account": WMS, "order_code": "LATE", "shipment_id": "S1", "call": "register_invoice"}
    here.hear(InvoiceUnanswered(**about, attempt=1), cancelled("LATE", TWO, WMS))
    for _ in range(4):
        here.later(hours=2)
    given_up = here.end()
    assert given_up.proof.differences == ()
    (put_away,) = given_up.entries("wms", "put_aways")
    assert put_away["b2b_order_code"] == here.orders[f"{WMS}/LATE"].b2b_order_code
    assert here.orders[f"{WMS}/LATE"].fulfilment == "CLOSED"

    here.made_late()
    day = here.end()
    assert [told.cause for told in day.returns[f"{WMS}/LATE"]] == ["CANCELLATION"]
    assert day.proof.differences == ()
    unheard = given_up.copy()
    unheard.rows += [("rms", one) for one in day.entries("rms", "invoices")]
    assert {one.kind for one in unheard.proof.differences} >= {Kind.INVOICED}, "closed, and nobody heard of it"
