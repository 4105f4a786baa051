"""The messages of a story, as the systems upstream would send them."""

from dataclasses import replace
from datetime import datetime, timedelta

from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.demo.story import Count, Parcel, Return, Story
from b2b2c_saga.model.admission import order_event_id
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages import upstream as up
from b2b2c_saga.model.messages.answers import InvoiceRevoked
from b2b2c_saga.model.quantities import Quantities

SOURCE = "b2b2c-saga/demo"
REVOKED_BECAUSE = "3028: the buyer's GSTIN is not active"
"""The issuer gives this reason to whoever hears of it first: by the event, or by a look-up."""


def order_placed(story: Story, at: datetime) -> up.OrderPlaced:
    """Step 2."""
    return up.OrderPlaced(
        account=story.account,
        order_code=story.code,
        parent_order_code=f"P-{story.code}",
        channel=story.channel,
        location=story.location,
        order_time=at,
        dispatch_by_time=at + timedelta(seconds=story.pace.dispatch),
        payment_method=up.PaymentMethod.PREPAID,
        items=tuple(
            up.OrderItem(
                channel_sku_code=item.sku,
                order_item_code=item.line,
                quantity=item.quantity,
                selling_price_per_unit=item.price,
            )
            for item in story.items
        ),
        recipient=story.recipient,
    )


def pack_confirmed(story: Story, parcel: Parcel) -> up.PackConfirmed:
    """Step 3."""
    return up.PackConfirmed(
        account=story.account,
        order_code=story.code,
        shipment_id=parcel.id,
        items=tuple(up.LineQuantity(order_item_code=line, quantity=n) for line, n in parcel.packed),
        weight_grams=400 * parcel.packed.total,
    )


def b2b_packed(story: Story, parcel: Parcel) -> up.B2BPacked:
    """Steps 8 to 10 of the WMS variant."""
    return up.B2BPacked(
        account=story.account,
        order_code=story.code,
        shipment_id=parcel.id,
        items=tuple(up.LineQuantity(order_item_code=line, quantity=n) for line, n in parcel.packed),
    )


def invoice_revoked(story: Story, parcel: Parcel, attempt: int) -> InvoiceRevoked:
    """The registry took it back."""
    return InvoiceRevoked(
        account=story.account,
        order_code=story.code,
        shipment_id=parcel.id,
        attempt=attempt,
        reason=REVOKED_BECAUSE,
    )


def recipient_corrected(story: Story, at: datetime) -> up.RecipientCorrected:
    """The consumer gave another PIN code: that of the next post office."""
    home = replace(story.recipient.shipping_address, pin=str(int(story.recipient.shipping_address.pin) + 1))
    return up.RecipientCorrected(
        account=story.account,
        order_code=story.code,
        recipient=replace(story.recipient, shipping_address=home),
        corrected_at=at,
        corrected_by="care desk",
        reason="the registry does not know the PIN code",
    )


def invoice_fixed(story: Story, parcel: Parcel, attempt: int) -> up.InvoiceFixed:
    """Somebody put right what was wrong with it."""
    return up.InvoiceFixed(account=story.account, order_code=story.code, shipment_id=parcel.id, attempt=attempt)


def handover_requested(story: Story, parcel: Parcel) -> up.HandoverRequested:
    """Step 4."""
    return up.HandoverRequested(
        account=story.account, order_code=story.code, shipment_id=parcel.id, gate_pass_code=f"GP-{parcel.id}"
    )


def delivered(story: Story, parcel: Parcel, at: datetime) -> up.Delivered:
    """The consumer has it."""
    return up.Delivered(account=story.account, order_code=story.code, shipment_id=parcel.id, delivered_at=at)


def cancellation_posted(story: Story, cancelled: Quantities, reason: str) -> up.CancellationPosted:
    """Step 5."""
    return up.CancellationPosted(
        account=story.account,
        order_code=story.code,
        items=tuple(up.CancelledLine(order_item_code=line, cancelled_quantity=n) for line, n in cancelled),
        reason=reason,
    )


def return_received(story: Story, parcel: Parcel, comes_back: Return) -> up.ReturnReceived:
    """Step 6."""
    return up.ReturnReceived(
        account=story.account,
        order_code=story.code,
        shipment_id=parcel.id,
        return_order_code=comes_back.code,
        type=comes_back.type,
        units=tuple(
            up.ReturnedUnit(unit_code=unit.code, order_item_code=unit.line, quality_check=unit.verdict)
            for unit in comes_back.units
        ),
    )


def stock_counted(count: Count, version: int) -> up.StockCounted:
    """Step 1; the version is the warehouse's."""
    return up.StockCounted(
        account=count.account, location=count.location, sku=count.sku, quantity=count.quantity, version=version
    )


def envelope(event: Event, at: datetime) -> Envelope:
    """Ready to send; the id is derived from what it says, so a duplicate has the same one."""
    if isinstance(event, up.OrderPlaced):
        return Envelope(event, order_event_id(event), SOURCE, at)
    return Envelope(event, derived_id(SOURCE, event.ce_type(), event.key, event.model_dump_json()), SOURCE, at)
