"""Returns, step 6, and what follows any reversal: the B2C return, the fiscal document, the goods. Then the end.

Each step of a reversal is idempotent on its own and retried forward; none is rolled back.
"""

from dataclasses import replace
from datetime import UTC, datetime

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import FiscalReversed, GoodsPutAway, Refusal, ReversalUnanswered, VoidRefused
from b2b2c_saga.model.messages.commands import Disposition, GoodsLine, IssueCreditNote, PutGoodsAway, VoidInvoice
from b2b2c_saga.model.messages.integration import B2CReturnRequired, Cause
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnReceived, ReturnType
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.shipment import ReturnedUnit, Reversal, Shipment, Undoing
from b2b2c_saga.saga.steps import After, Step
from b2b2c_saga.steps.documents import document_lines, document_number, total
from b2b2c_saga.steps.scopes import ORDER, REVERSAL, REVERSAL_KNOWN, SHIPMENT, heard_nothing, of_reversal, of_shipment

returns = Step("returns")
EPOCH = datetime.min.replace(tzinfo=UTC)


def _known(order: Order, event: ReturnReceived) -> Reversal | None:
    shipment = order.shipment(event.shipment_id)
    return shipment.reversal(_name(event)) if shipment else None


def _name(event: ReturnReceived) -> str:
    return f"return-{event.return_order_code}"


def _came_back_before(order: Order, event: ReturnReceived) -> bool:
    codes = {unit.unit_code for unit in event.units}
    s = order.shipment(event.shipment_id)
    return len(codes) < len(event.units) or any(
        unit.code in codes for r in (s.reversals if s else ()) if r.id != _name(event) for unit in r.units
    )


def _left(order: Order, event: ReturnReceived) -> Quantities:
    shipment = order.shipment(event.shipment_id)
    return shipment.left if shipment else Quantities()


@returns.learns(
    ReturnReceived,
    waits_for={
        "handed over": lambda o, e: (s := o.shipment(e.shipment_id)) is not None and s.handed_over_at is not None
    },
    refused_when={
        "a unit that came back before": _came_back_before,
        "more units than stayed sold": lambda o, e: _known(o, e) is None and not e.quantities.fits_in(_left(o, e)),
        "this return was received with other units": lambda o, e: (
            (r := _known(o, e)) is not None and r.units != _units(e)
        ),
    },
)
@of_shipment
def return_received(s: Shipment, event: ReturnReceived, now: datetime) -> Shipment:
    """Units by their codes: the same return twice is one return."""
    if s.reversal(_name(event)):
        return s
    cause = Cause.CUSTOMER_RETURN if event.type is ReturnType.CUSTOMER_RETURN else Cause.RETURN_TO_ORIGIN
    return s.with_reversal(Reversal(_name(event), cause, event.quantities, _units(event)))


def _units(event: ReturnReceived) -> tuple[ReturnedUnit, ...]:
    units = (ReturnedUnit(unit.unit_code, unit.order_item_code, unit.quality_check) for unit in event.units)
    return tuple(sorted(units, key=lambda unit: unit.code))


@returns.learns(FiscalReversed, REVERSAL_KNOWN)
@of_reversal
def fiscal_reversed(r: Reversal, event: FiscalReversed, now: datetime) -> Reversal:
    """The document is undone for these units."""
    return replace(r, undone_by=r.undone_by or event.document_number)


@returns.learns(VoidRefused, REVERSAL_KNOWN)
@of_reversal
def void_refused(r: Reversal, event: VoidRefused, now: datetime) -> Reversal:
    """Too late to void: a credit note must do."""
    return replace(r, void_refused=True)


@returns.learns(GoodsPutAway, REVERSAL_KNOWN)
@of_reversal
def goods_put_away(r: Reversal, event: GoodsPutAway, now: datetime) -> Reversal:
    """The goods are back."""
    return replace(r, put_away=True)


returns.learns(ReversalUnanswered, REVERSAL_KNOWN)(of_reversal(heard_nothing))


@returns.gate(
    SHIPMENT,
    times=None,
    marketplace_had_cancelled_it=lambda o, s: s.handover_refused or s.pack_refused is Refusal.CANCELLED,
    something_left_to_sell=lambda o, s: s.left,
)
def pull_back(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """The marketplace cancelled it before we heard: all that is left goes back."""
    return s.with_reversal(Reversal("pulled", Cause.PULLED, s.left)), []


@returns.gate(
    REVERSAL,
    invoice_registered=lambda o, s, r: s.invoice.exists,
    marketplace_answered_the_pack=lambda o, s, r: s.pack_answered or not s.pack_sent,
)
def require_b2c_return(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """Seed 5 and 6: with Client Y's account codes and addresses.

    "Already created" is registered: an acknowledged invoice may still be refused. How the document will be undone is
    decided here, once.
    """
    whole = r.quantities == s.quantities and not s.leaving
    inside = now - (s.invoice.registered_at or EPOCH) <= order.terms.patience.void_window
    lines = document_lines(order, r.quantities)
    return replace(r, undoing=Undoing.VOID if whole and inside else Undoing.CREDIT_NOTE), [
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
            total=total(lines),
            required_at=now,
        )
    ]


@returns.gate(
    REVERSAL,
    calls=True,
    to_be_voided=lambda o, s, r: r.undoing is Undoing.VOID,
    void_not_refused=lambda o, s, r: not r.void_refused,
    document_not_undone_yet=lambda o, s, r: r.undone_by is None,
)
def void_invoice(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """The whole document, inside its window, and the goods never left."""
    return r, [
        VoidInvoice(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            reversal=r.id,
            attempt=r.times("void_invoice") + 1,
            document_number=s.invoice.number or "",
        )
    ]


@returns.gate(
    REVERSAL,
    calls=True,
    to_be_credited=lambda o, s, r: r.undoing is Undoing.CREDIT_NOTE or (r.undoing is Undoing.VOID and r.void_refused),
    document_not_undone_yet=lambda o, s, r: r.undone_by is None,
)
def issue_credit_note(order: Order, s: Shipment, r: Reversal, now: datetime) -> tuple[Reversal, list[Message]]:
    """For these units, at the price of the invoice that it names."""
    lines = document_lines(order, r.quantities)
    return r, [
        IssueCreditNote(
            account=order.account,
            order_code=order.code,
            shipment_id=s.id,
            reversal=r.id,
            attempt=r.times("issue_credit_note") + 1,
            document_number=document_number("C", order.key, s.id, r.id),
            preceding_document=s.invoice.number or "",
            lines=lines,
            total=total(lines),
        )
    ]


@returns.gate(
    REVERSAL,
    calls=True,
    b2b_leg_goes_back_too_or_never_was=lambda o, s, r: r.has("require_b2c_return") or s.no_invoice_comes,
    marketplace_answered_the_pack=lambda o, s, r: s.pack_answered or not s.pack_sent,
    goods_not_put_away_yet=lambda o, s, r: not r.put_away,
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


@returns.gate(
    ORDER,
    everything_packed_or_cancelled=lambda o: o.is_known and not o.open,
    nothing_on_its_way_out=lambda o: all(s.fulfilment in ("DELIVERED", "CLOSED") for s in o.shipments),
    reversals_settled=lambda o: o.settled,
    return_window_over=After(
        lambda o: max((s.delivered_at for s in o.shipments if s.delivered_at is not None and s.left), default=EPOCH),
        lambda o: o.terms.patience.return_window,
    ),
)
def close(order: Order, now: datetime) -> tuple[Order, list[Message]]:
    """Nothing more can come but late news, which opens further gates."""
    return order, []
