"""Any event there may be of one small order: sense and nonsense, with few names, so that they meet."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from b2b2c_saga.model.messages import Event, OrderEvent, answers, upstream
from b2b2c_saga.model.messages.answers import Refusal, StockLevel
from b2b2c_saga.model.messages.fiscal import EwayBillNumber
from b2b2c_saga.model.messages.upstream import (
    B2BPacked,
    CancellationPosted,
    Delivered,
    HandoverRequested,
    InvoiceFixed,
    OrderPlaced,
    PackConfirmed,
    PackFixed,
    RecipientCorrected,
    ReturnReceived,
    ReturnType,
    ReversalFixed,
)
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.samples import ABOUT, b2b_pack, cancel, come_back, corrected, handover, order, pack

SHIPMENTS, LINES = st.sampled_from("AB"), st.sampled_from("KL")
NUMBERS = st.integers(1, 3)
REVERSALS = st.sampled_from(["cancel-1", "cancel-2", "cancel-3", "pulled", "return-R1", "return-R2"])
REQUESTS = st.sampled_from([None, "q1", "q2"])
CALLS = st.sampled_from(
    ["register_invoice", "look_up_invoice", "pack_on_marketplace", "fetch_label", "hand_over_on_marketplace",
     "void_invoice", "issue_credit_note", "put_goods_away", "release_stock", "cancel_on_marketplace",
     "create_b2b_order", "cancel_b2b_order", "request_invoice_number", "request_credit_note_number",
     "request_eway_bill"]
)  # fmt: skip

ORDER = order(K=2, L=1)


def _returned(shipment: str, code: str, units: list[str], line: str, kind: ReturnType) -> ReturnReceived:
    return come_back(shipment, code, *units, line=line).model_copy(update={"type": kind})


def _once_more(quantity: int) -> OrderPlaced:
    first, *others = ORDER.items
    item = first.model_copy(update={"quantity": quantity, "selling_price_per_unit": Decimal("99.00")})
    return ORDER.model_copy(update={"items": (item, *others)})


MOMENTS = st.sampled_from([START, START - timedelta(hours=1)])
BY_UPSTREAM: dict[type[Event], st.SearchStrategy[Event]] = {
    OrderPlaced: st.just(ORDER) | st.builds(_once_more, NUMBERS),
    PackConfirmed: st.builds(pack, SHIPMENTS, st.integers(1, 2), REQUESTS, LINES),
    B2BPacked: st.builds(b2b_pack, SHIPMENTS, st.integers(1, 2), LINES),
    HandoverRequested: st.builds(handover, SHIPMENTS, REQUESTS),
    CancellationPosted: st.builds(cancel, NUMBERS, LINES),
    ReturnReceived: st.builds(
        _returned,
        SHIPMENTS,
        st.sampled_from(["R1", "R2"]),
        st.lists(st.sampled_from(["u1", "u2", "u3"]), min_size=1, max_size=2, unique=True),
        LINES,
        st.sampled_from(ReturnType),
    ),
    Delivered: st.builds(lambda s, at: Delivered(**ABOUT, shipment_id=s, delivered_at=at), SHIPMENTS, MOMENTS),
}

VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.just(value) for name, value in ABOUT.items()},
    "shipment_id": SHIPMENTS, "attempt": NUMBERS, "look_up": NUMBERS, "reversal": REVERSALS, "release": REVERSALS,
    "call": CALLS, "reason": st.just("no"), "document_number": st.just("B"), "registration": st.just("I"),
    "invoice_attempt": NUMBERS, "numbers": st.sampled_from([("N1",), ("N2",), ("N1", "N2")]),
    "eway_bills": st.sampled_from([(EwayBillNumber(document_number=n, number="E"),) for n in ("N1", "N2", "B")]),
    "invoice_code": st.just("M"), "invoice_date": st.just(START), "label": st.sampled_from([LABEL, None]),
    "not_understood": st.sampled_from([None, "status 200", "status 418"]),
    "poll": st.integers(0, 2), "refusal": st.sampled_from(Refusal), "handed_over_at": MOMENTS,
    "b2b_order_code": st.sampled_from(["W", "V"]),
    "counted": st.sampled_from([(), (StockLevel(sku="SKU-K", quantity=7, version=3),)]),
}  # fmt: skip
PINS = st.sampled_from(["560001", "560002"])
BY_UPSTREAM[RecipientCorrected] = st.builds(
    lambda pin, hours: corrected(pin, timedelta(hours=hours)), PINS, st.sampled_from([-2, -1, 0])
)
SAID_BY_SOMEBODY = (InvoiceFixed, PackFixed, ReversalFixed)
KINDS: tuple[type[Event], ...] = (
    *(
        kind
        for kind in vars(answers).values()
        if isinstance(kind, type)
        and issubclass(kind, OrderEvent)
        and kind.__module__ == answers.__name__
        and kind.__name__[0] != "_"
    ),
    *SAID_BY_SOMEBODY,
)
"""Every answer of every outside system about an order, and every word that something was put right."""

assert all(kind.__module__ in {answers.__name__, upstream.__name__} for kind in KINDS)


def said(*kinds: type[Event], **fixed: object) -> st.SearchStrategy[Event]:
    """Any of these, or of all answers; `fixed` values are the same in all of them."""
    values = VALUES | {name: st.just(value) for name, value in fixed.items()}
    return st.one_of(*(_built(kind, values) for kind in kinds or KINDS))


def _built(kind: type[Event], values: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Event]:
    missing = {name for name, field in kind.model_fields.items() if field.is_required()} - values.keys()
    assert not missing, (kind, missing)
    fields = st.fixed_dictionaries({name: values[name] for name in kind.model_fields if name in values})
    return fields.map(lambda drawn: kind(**drawn))


ANY = st.one_of(*BY_UPSTREAM.values()) | said()
