"""Telling downstream how an order gets on: one event for each change of its states, or of one shipment's."""

from datetime import datetime

from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages.integration import OrderProgressed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Fulfilment

States = tuple[Fulfilment, InvoiceState]


def progress(before: Order | None, after: Order, now: datetime) -> tuple[OrderProgressed, ...]:
    """What changed: first the shipments, then the order. An order that is not known yet has no state to tell."""
    if not after.is_known:
        return ()
    had, has = _states(before), _states(after)
    return tuple(
        OrderProgressed(
            account=after.account,
            order_code=after.code,
            shipment_id=subject or None,
            fulfilment=fulfilment,
            invoice=invoice,
            at=now,
        )
        for subject, (fulfilment, invoice) in has.items()
        if had.get(subject) != (fulfilment, invoice)
    )


def _states(order: Order | None) -> dict[str, States]:
    if order is None or not order.is_known:
        return {}
    return {s.id: (s.fulfilment, s.invoice_state) for s in order.shipments} | {
        "": (order.fulfilment, order.invoice_state)
    }
