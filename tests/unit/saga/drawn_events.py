"""Any event there may be of one small order: sense and nonsense, with few names, so that they meet."""

from typing import Any

from hypothesis import strategies as st

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages import answers as a
from b2b2c_saga.model.messages.upstream import Delivered, ReturnReceived, ReturnType
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.worlds import ABOUT, cancel, come_back, handover, order, pack

SHIPMENTS, LINES = st.sampled_from("AB"), st.sampled_from("KL")
NUMBERS = st.integers(1, 3)
REVERSALS = st.sampled_from(["cancel-1", "cancel-2", "cancel-3", "pulled", "return-R1", "return-R2"])
REQUESTS = st.sampled_from([None, "q1", "q2"])
CALLS = st.sampled_from(
    ["register_invoice", "look_up_invoice", "pack_on_marketplace", "hand_over_on_marketplace", "void_invoice",
     "issue_credit_note", "put_goods_away", "release_stock", "cancel_on_marketplace"]
)  # fmt: skip

ORDER = order(K=2, L=1)


def _returned(shipment: str, code: str, units: list[str], line: str, kind: ReturnType) -> ReturnReceived:
    return come_back(shipment, code, *units, line=line).model_copy(update={"type": kind})


UPSTREAM: st.SearchStrategy[Event] = st.one_of(
    st.just(ORDER),
    st.builds(pack, SHIPMENTS, st.integers(1, 2), REQUESTS, LINES),
    st.builds(handover, SHIPMENTS, REQUESTS),
    st.builds(cancel, NUMBERS, LINES),
    st.builds(
        _returned,
        SHIPMENTS,
        st.sampled_from(["R1", "R2"]),
        st.lists(st.sampled_from(["u1", "u2", "u3"]), min_size=1, max_size=2, unique=True),
        LINES,
        st.sampled_from(ReturnType),
    ),
    st.builds(lambda shipment: Delivered(**ABOUT, shipment_id=shipment, delivered_at=START), SHIPMENTS),
)

VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.just(value) for name, value in ABOUT.items()},
    "shipment_id": SHIPMENTS, "attempt": NUMBERS, "look_up": NUMBERS, "reversal": REVERSALS, "release": REVERSALS,
    "call": CALLS, "reason": st.just("no"), "document_number": st.just("B"), "registration": st.just("I"),
    "invoice_code": st.just("M"), "invoice_date": st.just(START), "label": st.just(LABEL),
    "refusal": st.sampled_from(a.Refusal), "handed_over_at": st.just(START),
}  # fmt: skip
KINDS: list[type[Event]] = [
    a.InvoiceAcknowledged, a.InvoiceRegistered, a.InvoiceRefused, a.InvoicePending, a.InvoiceNotFound,
    a.InvoiceUnanswered, a.MarketplacePacked, a.MarketplacePackRefused, a.PackUnanswered, a.HandedOver,
    a.HandoverRefused, a.HandoverUnanswered, a.FiscalReversed, a.VoidRefused, a.GoodsPutAway, a.ReversalUnanswered,
    a.StockReleased, a.CancelUnanswered,
]  # fmt: skip


def answers(**fixed: object) -> st.SearchStrategy[Event]:
    """Any answer of any outside system; `fixed` values are the same in all of them."""
    values = VALUES | {name: st.just(value) for name, value in fixed.items()}
    return st.one_of(*(_built(kind, values) for kind in KINDS))


def _built(kind: type[Event], values: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Event]:
    fields = st.fixed_dictionaries({name: values[name] for name in kind.model_fields if name in values})
    return fields.map(lambda drawn: kind(**drawn))


ANY = UPSTREAM | answers()
