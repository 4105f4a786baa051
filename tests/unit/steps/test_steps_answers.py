"""Answers to requests and progress downstream: read off the facts, so a repeat gets the same."""

from dataclasses import replace
from typing import Any

import pytest

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    B2BOrderCreated,
    HandedOver,
    HandoverRefused,
    InvoiceAcknowledged,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceRevoked,
    MarketplacePacked,
    MarketplacePackRefused,
    Refusal,
)
from b2b2c_saga.model.messages.fiscal import EwayBillNumber, RegisteredDocument
from b2b2c_saga.model.messages.integration import OrderProgressed
from b2b2c_saga.model.messages.replies import B2BInvoice, HandoverAnswered, HandoverOutcome, PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import InvoiceFixed
from b2b2c_saga.model.order import Order, reversals
from b2b2c_saga.model.shipment import Fulfilment, InvoiceState
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.samples import (
    ABOUT,
    PASS_THROUGH,
    PRICES,
    TERMS,
    WMS,
    b2b_pack,
    cancel,
    handover,
    order,
    pack,
)
from b2b2c_saga.steps import ORDERS
from b2b2c_saga.steps.progress import progress

NEW = Order("ACC", "O", TERMS)
OF_A: Any = {**ABOUT, "shipment_id": "A"}
ACKNOWLEDGED = InvoiceAcknowledged(**OF_A)
REGISTERED = InvoiceRegistered(**OF_A, document_number="B", registration="I")
REFUSED = InvoiceRefused(**OF_A, reason="no HSN")
PACKED = MarketplacePacked(**OF_A, invoice_code="M", invoice_date=START, label=LABEL)
NEVER = MarketplacePackRefused(**OF_A, refusal=Refusal.PERMANENT, reason="too heavy")
LEFT = HandedOver(**OF_A, handed_over_at=START)
PULLED = HandoverRefused(**OF_A, reason="cancelled")


def row(*events: Event, start: Order = NEW) -> Order:
    for event in events:
        start = ORDERS.decide(start, event, START, PRICES).row
    return start


@pytest.mark.parametrize(
    ("events", "outcome", "reason"),
    [
        ((ACKNOWLEDGED, PACKED), PackOutcome.PACKED, None),
        ((REFUSED,), PackOutcome.INVOICE_REFUSED, "no HSN"),
        ((ACKNOWLEDGED, NEVER), PackOutcome.PACK_REFUSED, "too heavy"),
        ((cancel(1),), PackOutcome.CANCELLED, None),
    ],
)
def test_the_answer_to_a_pack_confirmation_and_to_its_repeat(
    events: tuple[Event, ...], outcome: PackOutcome, reason: str | None
):
    before = row(order(), pack("A", request="q1"), *events[:-1])
    decided = ORDERS.decide(before, events[-1], START, PRICES)
    documents = {"invoice_code": "M", "invoice_date": START, "label": LABEL} if outcome is PackOutcome.PACKED else {}
    answer = PackAnswered(**OF_A, request_id="q1", outcome=outcome, reason=reason, **documents)  # type: ignore[arg-type]
    assert decided.replies == (answer,)
    assert ORDERS.decide(decided.row, pack("A", request="q2"), START, PRICES).replies == (
        answer.model_copy(update={"request_id": "q2"}),
    )
    assert decided.row.shipments[0].pack_requests == frozenset()


def test_a_cancelled_pack_stays_cancelled_whatever_becomes_of_its_invoice():
    answered = ORDERS.decide(row(order(), pack("A", request="q1")), cancel(1), START, PRICES)
    repeat = ORDERS.decide(row(REFUSED, start=answered.row), pack("A", request="q2"), START, PRICES)
    assert repeat.replies == (answered.replies[0].model_copy(update={"request_id": "q2"}),)
    assert repeat.replies == (PackAnswered(**OF_A, request_id="q2", outcome=PackOutcome.CANCELLED),)


def test_a_pack_without_its_label_is_answered_when_the_label_is_there():
    pending = PACKED.model_copy(update={"label": None})
    waiting = ORDERS.decide(row(order(), pack("A", request="q1"), REGISTERED), pending, START, PRICES)
    assert waiting.replies == ()
    asked_again = ORDERS.decide(waiting.row, pack("A", request="q2"), START, PRICES)
    assert asked_again.replies == ()
    labelled = ORDERS.decide(asked_again.row, PACKED.model_copy(update={"poll": 1}), START, PRICES)
    assert [(reply.request_id, reply.label) for reply in labelled.replies] == [("q1", LABEL), ("q2", LABEL)]  # type: ignore[attr-defined]


def test_in_the_wms_variant_the_answer_waits_for_both_packings():
    begun = row(order(), B2BOrderCreated(**ABOUT, b2b_order_code="W"), start=replace(NEW, terms=WMS))
    asked = ORDERS.decide(begun, pack("A", request="q1"), START, PRICES)
    assert (asked.replies, asked.commands) == ((), ())
    packed = row(b2b_pack("A"), ACKNOWLEDGED, start=asked.row)
    assert [reply.request_id for reply in ORDERS.decide(packed, PACKED, START, PRICES).replies] == ["q1"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("events", "outcome", "waits_for"),
    [
        ((ACKNOWLEDGED,), HandoverOutcome.HELD, ("invoice registered", "marketplace documents")),
        ((ACKNOWLEDGED, PACKED), HandoverOutcome.HELD, ("invoice registered",)),
        ((REGISTERED,), HandoverOutcome.HELD, ("marketplace documents",)),
        ((REGISTERED, PACKED, handover("A", None), LEFT), HandoverOutcome.HANDED_OVER, ()),
        ((REGISTERED, PACKED, handover("A", None), PULLED), HandoverOutcome.CANCELLED, ()),
        ((cancel(1),), HandoverOutcome.CANCELLED, ()),
    ],
)
def test_the_answer_to_a_handover(events: tuple[Event, ...], outcome: HandoverOutcome, waits_for: tuple[str, ...]):
    before = row(order(), pack("A"), *events)
    invoice = B2BInvoice(number="BUU16ALE1TTUUVW") if outcome is HandoverOutcome.HANDED_OVER else None
    assert ORDERS.decide(before, handover("A", "h9"), START, PRICES).replies == (
        HandoverAnswered(**OF_A, request_id="h9", outcome=outcome, waits_for=waits_for, b2b_invoice=invoice),
    )


PRINTED = RegisteredDocument(number="B", registration="I", ack_number="1", ack_date=START, signed_qr_code="e.y.J")
MOVES = EwayBillNumber(document_number="B", number="E", valid_until=START)
ON_PAPER = REGISTERED.model_copy(update={"documents": (PRINTED,), "eway_bills": (MOVES,)})
INVOICE = B2BInvoice(number="BUU16ALE1TTUUVW", documents=(PRINTED,))


def asked_twice(*before: Event, between: Event) -> tuple[PackAnswered, PackAnswered]:
    """The answers to two pack confirmations, and what came in between."""
    packed = ORDERS.decide(row(order(), pack("A", request=None), *before), pack("A", request="q1"), START, PRICES)
    later = ORDERS.decide(ORDERS.decide(packed.row, between, START, PRICES).row, pack("A", request="q1"), START, PRICES)
    (first,), (second,) = packed.of(PackAnswered), later.of(PackAnswered)
    return first, second


def test_what_is_printed_on_the_b2b_invoice_goes_with_the_pack_if_it_is_registered_by_then():
    first, second = asked_twice(ON_PAPER, PACKED, between=LEFT)
    assert (first.b2b_invoice, second) == (INVOICE, first)


def test_a_repeated_pack_gets_the_same_answer_though_the_invoice_is_registered_meanwhile():
    first, second = asked_twice(ACKNOWLEDGED, PACKED, between=ON_PAPER)
    assert (first.b2b_invoice, second) == (None, first)


def test_though_it_is_revoked_meanwhile_too():
    first, second = asked_twice(ON_PAPER, PACKED, between=InvoiceRevoked(**OF_A, reason="3028"))
    assert (first.b2b_invoice, second) == (INVOICE, first)


def test_what_took_the_place_of_a_dead_document_is_told():
    revoked = row(order(), pack("A", request="q1"), ACKNOWLEDGED, PACKED, ON_PAPER, InvoiceRevoked(**OF_A, reason="-"))
    again = row(InvoiceFixed(**OF_A, attempt=1), ON_PAPER.model_copy(update={"attempt": 2}), start=revoked)
    (told,) = ORDERS.decide(again, pack("A", request="q1"), START, PRICES).of(PackAnswered)
    assert told.b2b_invoice is not None
    assert told.b2b_invoice.documents == (PRINTED,)
    assert told.b2b_invoice.number != INVOICE.number


def test_all_of_it_goes_with_the_handover():
    known = row(order(), pack("A"), ACKNOWLEDGED, PACKED, ON_PAPER, handover("A", "h1"))
    left = ORDERS.decide(known, LEFT, START, PRICES)
    (told,) = left.of(HandoverAnswered)
    assert told.b2b_invoice == INVOICE.model_copy(update={"eway_bills": (MOVES,)})


def test_a_handover_that_is_under_way_is_answered_when_the_marketplace_has():
    before = row(order(), pack("A"), REGISTERED, PACKED)
    asked = ORDERS.decide(before, handover("A", "h1"), START, PRICES)
    assert asked.replies == ()
    assert [reply.outcome for reply in ORDERS.decide(asked.row, LEFT, START, PRICES).replies] == [
        HandoverOutcome.HANDED_OVER
    ]  # type: ignore[attr-defined]


def test_an_invoice_that_nobody_asked_for_is_none_of_ours():
    """In the WMS variant a shipment may be known before its invoice is asked for."""
    begun = row(order(), B2BOrderCreated(**ABOUT, b2b_order_code="W"), pack("A"), start=replace(NEW, terms=WMS))
    stray = ORDERS.decide(begun, REGISTERED, START, PRICES)
    assert (stray.outputs, stray.row.invoice_state) == ((), InvoiceState.NONE)
    cancelled = ORDERS.decide(stray.row, cancel(1), START, PRICES)
    assert [type(message).__name__ for message in cancelled.commands] == ["PutGoodsAway"]
    assert cancelled.events == ()
    asked = ORDERS.decide(stray.row, b2b_pack("A"), START, PRICES)
    assert [type(message).__name__ for message in asked.commands] == ["RegisterInvoice"]
    assert asked.row.invoice_state is InvoiceState.REQUESTED


def told(before: Order | None, after: Order) -> list[tuple[str | None, str, str]]:
    return [(event.shipment_id, event.fulfilment, event.invoice) for event in progress(before, after, START)]


def test_progress_is_told_when_a_state_changes_and_only_then():
    known, packing = row(order(2)), row(order(2), pack("A", 2))
    assert told(None, NEW) == []
    assert told(NEW, known) == told(None, known) == [(None, "OPEN", "NONE")]
    assert told(known, packing) == [("A", "PACKING", "REQUESTED"), (None, "PACKING", "REQUESTED")]
    assert told(packing, packing) == []
    two = row(order(2), pack("A"), pack("B"))
    assert told(two, row(ACKNOWLEDGED, start=two)) == [("A", "PACKING", "ACKNOWLEDGED")]
    assert progress(None, known, START) == (
        OrderProgressed(**ABOUT, shipment_id=None, fulfilment="OPEN", invoice="NONE", at=START),
    )


def test_an_order_is_as_far_as_its_least_advanced_part():
    two = row(order(2), pack("A"), pack("B"), REGISTERED, PACKED, handover("A"), LEFT)
    assert (two.fulfilment, two.invoice_state) == (Fulfilment.PACKING, InvoiceState.REQUESTED)
    assert (two.shipments[0].fulfilment, two.shipments[0].invoice_state) == (
        Fulfilment.HANDED_OVER,
        InvoiceState.REGISTERED,
    )
    assert row(order(3), *(pack("A"), ACKNOWLEDGED, PACKED)).fulfilment is Fulfilment.OPEN
    assert row(order(2), pack("A"), pack("B"), ACKNOWLEDGED, NEVER).fulfilment is Fulfilment.PARKED
    assert NEW.fulfilment is Fulfilment.OPEN


def test_what_goes_back_is_listed_over_all_shipments():
    back = row(order(2), pack("A"), pack("B"), cancel(2))
    assert [(s.id, r.id) for s, r in reversals(back)] == [("A", "cancel-2"), ("B", "cancel-2")]
    assert back.shipment("C") is None
    assert back.shipments[0].reversal("pulled") is None
    assert back.line("L").sku == "SKU-L"


def test_a_channel_without_b2b_leg_needs_no_invoice():
    plain = row(order(), pack("A"), start=replace(NEW, terms=PASS_THROUGH))
    assert plain.shipments[0].invoice.is_registered
    assert plain.shipments[0].pack_sent
    assert plain.invoice_state is InvoiceState.NONE
