"""A call whose answers are not understood: somebody is told once, and it is a trouble until it is answered."""

from typing import Any

import pytest

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages import answers as told
from b2b2c_saga.model.messages.answers import (
    B2BOrderCreated,
    B2BOrderUnanswered,
    CancelUnanswered,
    GoodsPutAway,
    HandedOver,
    HandoverUnanswered,
    InvoiceAcknowledged,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceUnanswered,
    MarketplacePacked,
    PackUnanswered,
    ReversalUnanswered,
)
from b2b2c_saga.model.messages.integration import AlertRaised, Trouble
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.samples import ABOUT, PRICES, TERMS, WMS, cancel, handover, order, pack
from b2b2c_saga.steps import ORDERS

OF_A: Any = {**ABOUT, "shipment_id": "A"}
WHY = "status 200, not as agreed: body"
ACKNOWLEDGED = InvoiceAcknowledged(**OF_A)
REGISTERED = InvoiceRegistered(**OF_A, document_number="B", registration="I")
PACKED = MarketplacePacked(**OF_A, invoice_code="M", invoice_date=START, label=LABEL)
NO_LABEL = PACKED.model_copy(update={"label": None})
LEFT = HandedOver(**OF_A, handed_over_at=START)
INVOICED = (order(), pack("A"), ACKNOWLEDGED)
READY = (*INVOICED, REGISTERED, PACKED, handover("A"))
CANCELLED = (order(), pack("A"), InvoiceRefused(**OF_A, reason="no"), cancel(1))
PUT_AWAY = GoodsPutAway(**OF_A, reversal="cancel-1")


def played(*events: Event, terms: Terms = TERMS) -> tuple[Order, list[AlertRaised]]:
    """The row, and every alert on the way."""
    row, alerts = Order("ACC", "O", terms), []
    for event in events:
        decided = ORDERS.decide(row, event, START, PRICES)
        row = decided.row
        alerts += [message for message in decided.events if isinstance(message, AlertRaised)]
    return row, [alert for alert in alerts if alert.trouble is Trouble.ANSWER_NOT_UNDERSTOOD]


def puzzling(kind: type[Event], call: str, attempt: int, **more: str) -> Event:
    return kind.model_validate(ABOUT | more | {"call": call, "attempt": attempt, "not_understood": WHY})


OF_SHIPMENT = [
    ((order(), pack("A")), InvoiceUnanswered, "register_invoice", REGISTERED),
    ((order(), pack("A")), InvoiceUnanswered, "look_up_invoice", REGISTERED),
    (INVOICED, PackUnanswered, "pack_on_marketplace", PACKED),
    ((*INVOICED, NO_LABEL), PackUnanswered, "fetch_label", PACKED),
    (READY, HandoverUnanswered, "hand_over_on_marketplace", LEFT),
]


@pytest.mark.parametrize(("before", "kind", "call", "answer"), OF_SHIPMENT)
def test_of_a_shipment_it_is_told_once_and_shown_until_it_is_answered(
    before: tuple[Event, ...], kind: type[Event], call: str, answer: Event
):
    again = [puzzling(kind, call, attempt, shipment_id="A") for attempt in (3, 4, 4, 5)]
    row, alerts = played(*before, *again)
    assert row.shipments[0].not_understood == ((call, WHY),)
    assert (Trouble.ANSWER_NOT_UNDERSTOOD, call) in row.shipments[0].troubles
    assert alerts == [
        AlertRaised(**ABOUT, trouble=Trouble.ANSWER_NOT_UNDERSTOOD, shipment_id="A", about=call, reason=WHY, at=START)
    ]
    row, _ = played(*before, *again, answer)
    assert (row.shipments[0].not_understood, row.shipments[0].troubles) == ((), ())


def test_of_a_reversal_it_is_told_with_its_name():
    again = [puzzling(ReversalUnanswered, "put_goods_away", n, shipment_id="A", reversal="cancel-1") for n in (3, 4)]
    row, alerts = played(*CANCELLED, *again)
    assert row.shipments[0].not_understood == (("cancel-1 put_goods_away", WHY),)
    assert [(alert.about, alert.reason) for alert in alerts] == [("cancel-1 put_goods_away", WHY)]
    row, _ = played(*CANCELLED, *again, PUT_AWAY)
    assert row.shipments[0].troubles == ()


def test_of_an_order_it_is_told_once_and_shown_until_it_is_answered():
    again = [puzzling(B2BOrderUnanswered, "create_b2b_order", n) for n in (3, 4)]
    row, alerts = played(order(), *again, terms=WMS)
    assert row.not_understood == (("create_b2b_order", WHY),)
    alert = AlertRaised(**ABOUT, trouble=Trouble.ANSWER_NOT_UNDERSTOOD, about="create_b2b_order", reason=WHY, at=START)
    assert alerts == [alert]
    created = B2BOrderCreated(**ABOUT, b2b_order_code="WH/OUT/00012")
    row, _ = played(order(), *again, created, terms=WMS)
    assert row.not_understood == ()


def test_of_a_seller_cancel_and_of_a_release_it_is_told_too():
    sold = puzzling(CancelUnanswered, "cancel_on_marketplace", 3)
    row, alerts = played(order(), sold)
    assert row.not_understood == (("cancel_on_marketplace", WHY),)
    assert [alert.about for alert in alerts] == ["cancel_on_marketplace"]
    assert played(order(), sold, cancel(1))[0].not_understood == ()
    kept = puzzling(CancelUnanswered, "release_stock", 3, release="cancel-1")
    row, alerts = played(order(), cancel(1), kept)
    assert row.not_understood == (("cancel-1 release_stock", WHY),)
    assert [alert.about for alert in alerts] == ["cancel-1 release_stock"]
    assert played(order(), cancel(1), kept, told.StockReleased(**ABOUT, release="cancel-1"))[0].not_understood == ()


def test_a_plain_silence_after_it_is_no_more_than_that():
    plain = HandoverUnanswered(**OF_A, call="hand_over_on_marketplace", attempt=4)
    row, alerts = played(*READY, puzzling(HandoverUnanswered, "hand_over_on_marketplace", 3, shipment_id="A"), plain)
    assert (row.shipments[0].not_understood, len(alerts)) == ((), 1)


def test_of_one_attempt_that_was_told_twice_the_same_is_known_in_either_order():
    """The connector died in between, and had counted anew."""
    plain = HandoverUnanswered(**OF_A, call="hand_over_on_marketplace", attempt=3)
    odd = puzzling(HandoverUnanswered, "hand_over_on_marketplace", 3, shipment_id="A")
    assert played(*READY, plain, odd)[0] == played(*READY, odd, plain)[0]
