"""The marketplace: sells for Client Y, gives B2C invoice and label at the pack, takes handovers, cancels."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from b2b2c_saga.sandbox.orders import ORDERS, Units, is_sold_out, takes_orders, units_in, was_ordered
from b2b2c_saga.sandbox.stock import STOCK, takes_stock
from b2b2c_saga.sandbox.system import Answer, Desk, OfOrder, System

marketplace = System(
    "marketplace",
    ORDERS
    + STOCK
    + """
CREATE TABLE IF NOT EXISTS packs (
    account TEXT, order_code TEXT, shipment_id TEXT, items JSON, invoice_code TEXT, invoice_date TEXT, awb_number TEXT,
    label_due_at REAL, PRIMARY KEY (account, order_code, shipment_id)
);
CREATE TABLE IF NOT EXISTS handovers (
    account TEXT, order_code TEXT, shipment_id TEXT, gate_pass_code TEXT, items JSON, handed_over_at TEXT,
    PRIMARY KEY (account, order_code, shipment_id)
);
""",
)
takes_orders(marketplace)
takes_stock(marketplace)


class OfShipment(OfOrder):
    """A parcel; order and shipment are its identity."""

    shipment_id: str


class Pack(OfShipment):
    """A parcel is packed."""

    items: tuple[Units, ...]


class Handover(OfShipment):
    """The parcel is to be fetched."""

    gate_pass_code: str | None = None


ODD = "दिल्ली/№ "
"""How an odd waybill number begins."""
CANCELLED = Answer({"code": "CANCELLED", "reason": "the order is cancelled"}, 409)
NOT_PACKED = Answer({"code": "NOT_PACKED", "reason": "no such parcel"}, 422)
NO_LABEL_YET = Answer({"code": "NO_LABEL", "reason": "the shipping label is not ready yet"}, 425)


@marketplace.effect("packs", Pack)
def pack(desk: Desk, asked: Pack) -> Answer:
    """B2C invoice and label, the same for the same shipment; the label may come later."""
    if known := desk.book.find("packs", **_shipment(asked)):
        return _documents(desk, known)
    units = units_in(item.model_dump() for item in asked.items)
    if is_sold_out(desk, _shipment(asked), units, "packs"):
        return CANCELLED
    faults = desk.faults(asked.account, asked.order_code)
    if faults.refuse > desk.chance("refuse", asked.shipment_id):
        return Answer({"code": "INVALID", "reason": "the marketplace does not deliver to this place"}, 422)
    if not units or not was_ordered(desk, _shipment(asked), units):
        return Answer({"code": "INVALID", "reason": "a parcel holds something, and what was ordered"}, 422)
    code = sha256("/".join(_shipment(asked).values()).encode()).hexdigest().upper()[:12]
    is_odd = faults.odd_names > desk.chance("odd_names", asked.shipment_id)
    row = _shipment(asked) | {
        "items": [item.model_dump() for item in asked.items],
        "invoice_code": f"FAB/25-26/{code}" if is_odd else f"B2C-{code}",
        "invoice_date": _time(desk),
        "awb_number": f"{ODD}{code} [1 of 1]" if is_odd else f"AWB{code}",
        "label_due_at": desk.later(faults.label_delay_s, "label", asked.shipment_id),
    }
    desk.book.add("packs", row)
    return _documents(desk, row)


@marketplace.question("labels", OfShipment)
def label(desk: Desk, asked: OfShipment) -> Answer:
    """The pack's documents again; by now the label may be there."""
    known = desk.book.find("packs", **_shipment(asked))
    return _documents(desk, known) if known else NOT_PACKED


@marketplace.effect("handovers", Handover)
def hand_over(desk: Desk, asked: Handover) -> Answer:
    """Takes the parcel, unless it was cancelled before; a parcel that is gone stays gone."""
    if known := desk.book.find("handovers", **_shipment(asked)):
        return Answer({"handedOverAt": known["handed_over_at"]})
    packed = desk.book.find("packs", **_shipment(asked))
    if is_sold_out(desk, _shipment(asked), units_in(packed["items"] if packed else ()), "handovers"):
        return CANCELLED
    if packed is None:
        return NOT_PACKED
    if packed["label_due_at"] > desk.now:
        return NO_LABEL_YET
    row = {"gate_pass_code": asked.gate_pass_code, "items": packed["items"], "handed_over_at": _time(desk)}
    desk.book.add("handovers", _shipment(asked) | row)
    told = {"handedOverAt": row["handed_over_at"]}
    if desk.faults(asked.account, asked.order_code).dispatched > desk.chance("dispatched", asked.shipment_id):
        return Answer(told | {"code": "ALREADY_DISPATCHED", "reason": "the parcel has left already"}, 409)
    return Answer(told)


def label_url(awb_number: str) -> str:
    """Where the label lies; that of an odd one is presigned, as those of object stores are."""
    url = f"https://labels.example/{quote(awb_number)}.pdf"
    if not awb_number.startswith(ODD):
        return url
    return f"{url}?X-Amz-Signature={'0123456789abcdef' * 40}&response-content-type=application%2Fpdf"


def _shipment(asked: OfShipment) -> dict[str, str]:
    return {"account": asked.account, "order_code": asked.order_code, "shipment_id": asked.shipment_id}


def _documents(desk: Desk, row: dict[str, Any]) -> Answer:
    is_ready = row["label_due_at"] <= desk.now
    label = {"transporter": "EXPRESS", "awbNumber": row["awb_number"], "url": label_url(row["awb_number"])}
    invoice = {"invoiceCode": row["invoice_code"], "invoiceDate": row["invoice_date"]}
    return Answer(invoice | {"shippingLabel": label if is_ready else None}, is_final=is_ready)


def _time(desk: Desk) -> str:
    return datetime.fromtimestamp(desk.now, UTC).isoformat().replace("+00:00", "Z")
