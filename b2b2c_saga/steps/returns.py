"""Returns, step 6, parcels that the marketplace had cancelled already, and the end of the saga."""

from datetime import UTC, datetime

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.integration import Cause
from b2b2c_saga.model.messages.upstream import ReturnReceived, ReturnType
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.reversal import ReturnedUnit, Reversal
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.saga.steps import After, Step, Wrong
from b2b2c_saga.steps.scopes import ORDER, SHIPMENT, of_shipment, too_many

returns = Step("returns")
EPOCH = datetime.min.replace(tzinfo=UTC)


def _known(order: Order, event: ReturnReceived) -> Reversal | None:
    shipment = order.shipment(event.shipment_id)
    return shipment.reversal(_name(event)) if shipment else None


def _name(event: ReturnReceived) -> str:
    return f"return-{event.return_order_code}"


def _came_back_before(order: Order, event: ReturnReceived, now: datetime) -> Wrong | None:
    s = order.shipment(event.shipment_id)
    before = {unit.code for r in (s.reversals if s else ()) if r.id != _name(event) for unit in r.units}
    for unit in event.units:
        if unit.unit_code in before:
            return Wrong("units.unitCode", unit.unit_code, "each unit comes back once")
        before.add(unit.unit_code)
    return None


def _never_sold(order: Order, event: ReturnReceived, now: datetime) -> Wrong | None:
    return None if _known(order, event) else too_many("units", event.quantities, _left(order, event))


def _with_other_units(order: Order, event: ReturnReceived, now: datetime) -> Wrong | None:
    r = _known(order, event)
    different = r is not None and r.units != _units(event)
    rule = "a return that is told again is of the same units, with the same verdicts"
    return Wrong("returnOrderCode", event.return_order_code, rule) if different else None


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
        "more units than stayed sold": _never_sold,
        "this return was received with other units": _with_other_units,
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


@returns.gate(
    SHIPMENT,
    times=None,
    marketplace_had_cancelled_it=lambda o, s: s.handover_refused or s.pack_cancelled,
    something_left_to_sell=lambda o, s: s.left,
)
def pull_back(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """The marketplace cancelled it before we heard: all that is left goes back."""
    return s.with_reversal(Reversal("pulled", Cause.PULLED, s.left)), []


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
