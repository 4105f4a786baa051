"""What follows any reversal: the B2C return, the fiscal document, the goods, the inventory.

Four steps, each idempotent on its own and retried forward; none is rolled back. One that is refused for good, or gets
no answer for very long, stops until somebody puts it right.
"""

from dataclasses import replace
from datetime import UTC, datetime

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import (
    FiscalReversed,
    GoodsPutAway,
    ReversalRefused,
    ReversalUnanswered,
    VoidRefused,
)
from b2b2c_saga.model.messages.commands import (
    Disposition,
    GoodsLine,
    IssueCreditNote,
    PutGoodsAway,
    VoidInvoice,
)
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.messages.upstream import QualityCheck, ReversalFixed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.reversal import Reversal, Undoing
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.saga.steps import Step
from b2b2c_saga.steps.documents import (
    ask_for_another_credit_note_number,
    credit_note_of,
    credit_parts_needed,
    derived_numbers,
    document_stands,
    is_of_another_year,
    is_too_old,
    reversal_lines,
    revision,
    set_aside,
    to_be_credited,
    too_late_to_credit,
    total,
    worth,
)
from b2b2c_saga.steps.scopes import REVERSAL, REVERSAL_KNOWN, heard_nothing, of_reversal
from b2b2c_saga.steps.stock import tell_inventory

reversals = Step("reversals")
EPOCH = datetime.min.replace(tzinfo=UTC)


@reversals.learns(FiscalReversed, REVERSAL_KNOWN)
@of_reversal
def fiscal_reversed(r: Reversal, event: FiscalReversed, now: datetime) -> Reversal:
    """The document is undone for these units."""
    return replace(r, undone_by=r.undone_by or event.document_number)


@reversals.learns(VoidRefused, REVERSAL_KNOWN)
@of_reversal
def void_refused(r: Reversal, event: VoidRefused, now: datetime) -> Reversal:
    """Too late to void: a credit note must do."""
    return replace(r, void_refused=True)


@reversals.learns(GoodsPutAway, REVERSAL_KNOWN)
@of_reversal
def goods_put_away(r: Reversal, event: GoodsPutAway, now: datetime) -> Reversal:
    """The goods are back; the first count stays, the warehouse tells newer ones itself."""
    return replace(r, put_away=True, counted=r.counted or event.counted)


@reversals.learns(ReversalRefused, REVERSAL_KNOWN)
@of_reversal
def reversal_refused(r: Reversal, event: ReversalRefused, now: datetime) -> Reversal:
    """This step goes no further by itself."""
    if event.attempt <= r.refused_at(event.call):
        return r
    return replace(r.having_been_refused(event.call, event.attempt), problem=event.reason)


@reversals.learns(
    ReversalFixed,
    waits_for={
        "that step stopped": lambda o, e: (
            (s := o.shipment(e.shipment_id)) is not None
            and (r := s.reversal(e.reversal)) is not None
            and r.refused_at(e.call) >= e.attempt
        )
    },
)
@of_reversal
def reversal_fixed(r: Reversal, event: ReversalFixed, now: datetime) -> Reversal:
    """The step is taken once more."""
    return r.having_been_fixed(event.call, event.attempt)


@reversals.learns(ReversalUnanswered, REVERSAL_KNOWN)
def reversal_unanswered(order: Order, event: ReversalUnanswered, now: datetime) -> Order:
    """Retried forward, so many times; then it is as if it were refused, and somebody must look."""

    def heard(r: Reversal, event: ReversalUnanswered, now: datetime) -> Reversal:
        silent: Reversal = heard_nothing(r, event, now)
        exhausted = event.attempt - r.fixed_at(event.call) >= order.terms.patience.attempts_at_most
        return silent.having_been_refused(event.call, event.attempt) if exhausted else silent

    return of_reversal(heard)(order, event, now)


@reversals.gate(
    REVERSAL,
    invoice_registered=lambda o, s, r: s.invoice.exists,
    units_are_on_it=lambda o, s, r: not r.not_invoiced,
    marketplace_answered_the_pack=lambda o, s, r: s.pack_answered or not s.pack_sent,
)
def require_b2c_return(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """Seed 5 and 6: with Client Y's account codes and addresses.

    "Already created" is registered: an acknowledged invoice may still be refused. How the document will be undone is
    decided here, once.
    """
    never_left = s.handed_over_at is None and (s.handover_refused or not s.leaving)
    whole = r.quantities == s.invoice.quantities and never_left
    window = order.terms.documents.void_window
    inside = window is not None and now - (s.invoice.registered_at or EPOCH) <= window
    before = (other for other in s.reversals if other.undoing and not other.not_invoiced)
    taken = Quantities.of(pair for other in before for pair in other.quantities)
    decided = replace(r, undoing=Undoing.VOID if whole and inside else Undoing.CREDIT_NOTE, credited_before=taken)
    lines = reversal_lines(order, s, decided)
    return decided, [
        B2CReturnRequired(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            reversal=r.id,
            cause=r.cause,
            client_y=order.terms.client_y,
            seller=order.terms.client_x,
            invoice_number=s.invoice.number or "",
            lines=lines,
            round_off=worth(lines) - sum(line.total for line in lines),
            total=worth(lines),
            order_number=s.invoice.order_number,
            required_at=now,
        )
    ]


@reversals.gate(
    REVERSAL,
    calls=True,
    to_be_voided=lambda o, s, r: r.undoing is Undoing.VOID,
    void_not_refused=lambda o, s, r: not r.void_refused and not r.is_refused("void_invoice"),
    document_stands=document_stands,
)
def void_invoice(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """The whole document, inside its window, and the goods never left."""
    return r, [
        VoidInvoice(
            account=order.account,
            order_code=order.code,
            issuer=order.terms.issuer,
            provider=order.terms.documents.provider,
            shipment_id=s.id,
            reversal=r.id,
            attempt=r.times("void_invoice") + 1,
            seller_gstin=order.terms.client_x.gstin,
            document_number=s.invoice.number or "",
            invoice_attempt=s.invoice.first_attempt,
            recipient=order.recipient,
        )
    ]


@reversals.gate(
    REVERSAL,
    calls=True,
    to_be_credited=to_be_credited,
    number_known=lambda o, s, r: o.terms.numbers is Numbers.DERIVED or r.numbers,
    credit_note_not_refused=lambda o, s, r: not r.is_refused("issue_credit_note"),
    document_stands=document_stands,
)
def issue_credit_note(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """For these units, at the prices and rates of the invoice that it names."""
    if too_late := too_late_to_credit(order, s, now):
        return set_aside(r, "issue_credit_note", too_late)
    dated = r.dated or now
    late = is_too_old(order, dated, now)
    if late and order.terms.numbers is Numbers.ISSUER and is_of_another_year(dated, now):
        return ask_for_another_credit_note_number(r), []
    numbers = r.numbers or derived_numbers("C", credit_parts_needed(order, s, r), order.key, s.id, r.id)
    r = replace(r, numbers=numbers, dated=now if late else dated, redated=r.redated + late)
    documents = credit_note_of(order, s, r)
    return r, [
        IssueCreditNote(
            account=order.account,
            order_code=order.code,
            issuer=order.terms.issuer,
            provider=order.terms.documents.provider,
            shipment_id=s.id,
            reversal=r.id,
            attempt=r.times("issue_credit_note") + 1,
            document_number=documents[0].number,
            document_time=documents[0].dated,
            preceding_document=s.invoice.number or "",
            invoice_attempt=s.invoice.first_attempt,
            seller=order.terms.client_x,
            buyer=order.terms.client_y,
            documents=documents,
            total=total(documents),
            revision=revision(order, r.redated),
            recipient=order.recipient,
        )
    ]


@reversals.gate(
    REVERSAL,
    calls=True,
    b2b_leg_goes_back_too_or_never_was=lambda o, s, r: (
        r.has("require_b2c_return") or r.not_invoiced or s.no_invoice_comes
    ),
    marketplace_answered_the_pack=lambda o, s, r: s.pack_answered or not s.pack_sent,
    goods_not_put_away_yet=lambda o, s, r: not r.put_away,
    putting_away_not_refused=lambda o, s, r: not r.is_refused("put_goods_away"),
)
def put_goods_away(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """What never left goes back to its shelf; what came back goes there only when its quality check passed."""
    return r, [
        PutGoodsAway(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            reversal=r.id,
            attempt=r.times("put_goods_away") + 1,
            location=order.location,
            goods=tuple(
                GoodsLine(order_item_code=code, sku=order.line(code).sku, quantity=units, disposition=disposition)
                for disposition, quantities in _dispositions(r)
                for code, units in quantities
            ),
            b2b_order_code=None if r.has("require_b2c_return") else order.b2b_order_code,
        )
    ]


def _dispositions(r: Reversal) -> list[tuple[Disposition, Quantities]]:
    if not r.units:
        return [(Disposition.PUT_AWAY, r.quantities)]
    checked = {Disposition.RESTOCK: QualityCheck.PASS, Disposition.QUARANTINE: QualityCheck.FAIL}
    return [
        (disposition, Quantities.of((unit.line, 1) for unit in r.units if unit.quality_check is verdict))
        for disposition, verdict in checked.items()
    ]


@reversals.gate(REVERSAL, goods_put_away=lambda o, s, r: r.put_away)
def update_inventory(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """Step 4 of a reversal: what the warehouse has now is offered again, by inventory sync."""
    return r, tell_inventory(order, r.counted)
