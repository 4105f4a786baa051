"""A day with an order of every kind that the reconciliation has a rule for."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bookkeeping import Bookkeeping, Day, bookkeeping
from said_upstream import (
    DERIVED,
    ERP,
    EU,
    HEAVY,
    HOME_STATE,
    MOVED,
    NIL_RATED,
    PLAIN,
    WMS,
    b2b_packed,
    cancelled,
    fixed,
    left,
    packed,
    placed,
    readdressed,
    returned,
)

from b2b2c_saga.model.messages.answers import InvoiceRevoked
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnType

PASS, FAIL = QualityCheck.PASS, QualityCheck.FAIL
BOTH = {"L1": 2, "L2": 1}
ALL = {"L1": 3, "L2": 1, "L3": 2}
NIL = {NIL_RATED: 2}
NO_BASE_FITS = Decimal("499.01")
"""Of 80 % of it, 399.21, no value comes to it with CGST and SGST at 2.5 % each."""


@cache
def played_day() -> Day:
    """The end of it, played once; for a copy to tamper with, call `copy`."""
    with TemporaryDirectory() as folder, bookkeeping(Path(folder)) as here:
        return play(here)


def play(here: Bookkeeping) -> Day:
    """Every order ends; none of them in the same way."""
    for account in (ERP, WMS, PLAIN, HOME_STATE, EU, DERIVED, HEAVY):
        here.count(account, "SKU-L1", 40)
    _erp(here)
    _revoked(here)
    _wms(here)
    _others(here)
    _numbers(here)
    _undone_by_hand(here)
    _nil_rated(here)
    _heavy(here)
    _readdressed(here)
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
    here.tell(_revoked_later("REVOKED", attempt), fixed("REVOKED", attempt))
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
    here.tell(placed("EU-NIL", NIL, EU), packed("EU-NIL", NIL, EU), *left("EU-NIL", EU))
    here.tell(placed("DERIVED", ALL, DERIVED), packed("DERIVED", ALL, DERIVED), *left("DERIVED", DERIVED))
    here.tell(returned("DERIVED", ("L1", PASS), ("L3", PASS), account=DERIVED))
    here.tell(placed("D-REVOKED", ALL, DERIVED), packed("D-REVOKED", ALL, DERIVED), *left("D-REVOKED", DERIVED))
    attempt = here.revoke(f"{DERIVED}/D-REVOKED")
    here.tell(_revoked_later("D-REVOKED", attempt, DERIVED), fixed("D-REVOKED", attempt, DERIVED))
    near = HOME_STATE
    here.tell(placed("NEAR", BOTH, near), packed("NEAR", BOTH, near), *left("NEAR", near))
    here.tell(returned("NEAR", ("L1", PASS), account=near), returned("NEAR", ("L1", PASS), account=near, number=2))
    here.tell(placed("ODD", {"L1": 3}, near, NO_BASE_FITS), packed("ODD", {"L1": 3}, near), *left("ODD", near))
    here.tell(returned("ODD", ("L1", PASS), account=near), returned("ODD", ("L1", PASS), account=near, number=2))


def _numbers(here: Bookkeeping) -> None:
    """Numbers that come to nothing: the order was cancelled meanwhile, or so many were not needed in the end."""
    number = frozenset({"request_invoice_number"})
    here.never_heard = number
    here.tell(placed("UNHEARD", BOTH), packed("UNHEARD", BOTH), cancelled("UNHEARD", BOTH))
    here.never_heard, here.never_made = frozenset(), number
    here.tell(placed("SPARE", ALL), packed("SPARE", ALL), cancelled("SPARE", {"L2": 1, "L3": 2}))
    here.never_made = frozenset()
    here.made_late()
    attempt = here.revoke(f"{ERP}/SPARE")
    here.tell(_revoked_later("SPARE", attempt), fixed("SPARE", attempt), *left("SPARE"))


def _undone_by_hand(here: Bookkeeping) -> None:
    """Cancelled at the portal: found out by the void, and by a credit note."""
    here.tell(placed("BY-HAND", BOTH), packed("BY-HAND", BOTH))
    here.cancel_by_hand(f"{ERP}/BY-HAND")
    here.tell(cancelled("BY-HAND", BOTH))
    here.tell(placed("BY-HAND-2", BOTH), packed("BY-HAND-2", BOTH), *left("BY-HAND-2"))
    attempt = here.cancel_by_hand(f"{ERP}/BY-HAND-2")
    here.tell(returned("BY-HAND-2", ("L1", PASS)), fixed("BY-HAND-2", attempt))
    here.tell(returned("BY-HAND-2", ("L2", PASS), number=2))


def _nil_rated(here: Bookkeeping) -> None:
    """Bills of supply; but not where other goods are taxed."""
    here.tell(placed("NIL", NIL), packed("NIL", NIL), *left("NIL"), returned("NIL", (NIL_RATED, PASS)))
    here.tell(placed("NIL-VOIDED", NIL), packed("NIL-VOIDED", NIL), cancelled("NIL-VOIDED", NIL))
    mixed = NIL | {"L1": 1}
    here.tell(placed("MIXED", mixed), packed("MIXED", mixed), *left("MIXED"), returned("MIXED", (NIL_RATED, PASS)))


def _heavy(here: Bookkeeping) -> None:
    """Goods that move under an e-way bill, and some that need none."""
    here.fault(f"{HEAVY}/H-APART", erp={"eway_bill_apart": 1})
    light = {"H-LIGHT": {"L1": 2}, "H-UNTAXED": {"L1": 2} | NIL}
    for code, lines in {"H-SOLD": ALL, "H-APART": ALL, "H-REVOKED": BOTH, **light}.items():
        here.tell(placed(code, lines, HEAVY), packed(code, lines, HEAVY), *left(code, HEAVY))
    here.tell(placed("H-VOIDED", BOTH, HEAVY), packed("H-VOIDED", BOTH, HEAVY), cancelled("H-VOIDED", BOTH, HEAVY))
    here.tell(placed("H-TWICE", BOTH, HEAVY), packed("H-TWICE", BOTH, HEAVY))
    for code in ("H-REVOKED", "H-TWICE"):
        attempt = here.revoke(f"{HEAVY}/{code}")
        here.tell(_revoked_later(code, attempt, HEAVY), fixed(code, attempt, HEAVY))
    here.tell(*left("H-TWICE", HEAVY))


def _readdressed(here: Bookkeeping) -> None:
    """The consumer's address is put right before the invoice, after it, when it was refused, or after the B2B order."""
    here.tell(placed("MOVED", BOTH), readdressed("MOVED", MOVED), packed("MOVED", BOTH))
    here.tell(*left("MOVED"), returned("MOVED", ("L1", PASS)))
    here.tell(placed("MOVED-2", BOTH), packed("MOVED-2", BOTH), readdressed("MOVED-2", MOVED))
    here.tell(*left("MOVED-2"), returned("MOVED-2", ("L1", PASS)))
    here.fault(f"{ERP}/MOVED-3", erp={"refuse": 1})
    here.tell(placed("MOVED-3", BOTH), packed("MOVED-3", BOTH))
    here.control.fix(f"{ERP}/MOVED-3")
    here.tell(readdressed("MOVED-3", MOVED), *left("MOVED-3"))
    here.tell(placed("W-MOVED", BOTH, WMS), readdressed("W-MOVED", MOVED, WMS))
    here.tell(b2b_packed("W-MOVED", BOTH), packed("W-MOVED", BOTH, WMS), *left("W-MOVED", WMS))


def _revoked_later(code: str, attempt: int, account: str = ERP) -> InvoiceRevoked:
    """The registry took it back."""
    return InvoiceRevoked(account=account, order_code=code, shipment_id="S1", attempt=attempt, reason="3028")
