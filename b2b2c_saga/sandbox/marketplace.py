"""The marketplace: sells for Client Y, gives B2C invoice and label at the pack, takes handovers, cancels."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from b2b2c_saga.sandbox.stock import STOCK, Offer, take_stock
from b2b2c_saga.sandbox.system import Answer, Asked, Desk, OfOrder, System

marketplace = System(
    "marketplace",
    STOCK
    + """
CREATE TABLE IF NOT EXISTS packs (
    account TEXT, order_code TEXT, shipment_id TEXT, items JSON, invoice_code TEXT, invoice_date TEXT, awb_number TEXT,
    PRIMARY KEY (account, order_code, shipment_id)
);
CREATE TABLE IF NOT EXISTS handovers (
    account TEXT, order_code TEXT, shipment_id TEXT, gate_pass_code TEXT, handed_over_at TEXT,
    PRIMARY KEY (account, order_code, shipment_id)
);
CREATE TABLE IF NOT EXISTS cancellations (
    account TEXT, order_code TEXT, cancelled_by TEXT, items JSON, reason TEXT,
    PRIMARY KEY (account, order_code, cancelled_by)
);
""",
)
marketplace.effect("stock", Offer)(take_stock)


class Item(Asked):
    """So many units of one line."""

    order_item_code: str
    quantity: int


class Pack(OfOrder):
    """A parcel is packed; the shipment is its identity."""

    shipment_id: str
    items: tuple[Item, ...]


class Handover(OfOrder):
    """The parcel is to be fetched."""

    shipment_id: str
    gate_pass_code: str | None = None


class Cancel(OfOrder):
    """Cancelled units, absolute per line; no items: all of the order."""

    items: tuple[Item, ...] = ()
    reason: str = "not stated"


CANCELLED = Answer({"code": "CANCELLED", "reason": "the order is cancelled"}, 409)


@marketplace.effect("packs", Pack)
def pack(desk: Desk, asked: Pack) -> Answer:
    """B2C invoice and label, the same for the same shipment."""
    if known := desk.book.find("packs", **_shipment(asked)):
        return _documents(known)
    if _is_cancelled(desk, asked):
        return CANCELLED
    if desk.faults(asked.account, asked.order_code).refuse > desk.chance("refuse", asked.shipment_id):
        return Answer({"code": "INVALID", "reason": "the marketplace does not deliver to this place"}, 422)
    if not asked.items:
        return Answer({"code": "INVALID", "reason": "a parcel holds something"}, 422)
    code = sha256("/".join(_shipment(asked).values()).encode()).hexdigest().upper()[:12]
    row = _shipment(asked) | {
        "items": [item.model_dump() for item in asked.items],
        "invoice_code": f"B2C-{code}",
        "invoice_date": _time(desk),
        "awb_number": f"AWB{code}",
    }
    desk.book.add("packs", row)
    return _documents(row)


@marketplace.effect("handovers", Handover)
def hand_over(desk: Desk, asked: Handover) -> Answer:
    """Takes the parcel, unless it was cancelled before; a parcel that is gone stays gone."""
    if known := desk.book.find("handovers", **_shipment(asked)):
        return Answer({"handedOverAt": known["handed_over_at"]})
    if _is_cancelled(desk, asked):
        return CANCELLED
    if not desk.book.find("packs", **_shipment(asked)):
        return Answer({"code": "NOT_PACKED", "reason": "no such parcel"}, 422, is_final=False)
    row = _shipment(asked) | {"gate_pass_code": asked.gate_pass_code, "handed_over_at": _time(desk)}
    desk.book.add("handovers", row)
    return Answer({"handedOverAt": row["handed_over_at"]})


@marketplace.effect("cancellations", Cancel)
def cancel_by_seller(desk: Desk, asked: Cancel) -> Answer:
    """The seller cannot deliver."""
    return _cancel(desk, asked, "seller")


@marketplace.effect("consumer-cancellations", Cancel)
def cancel_by_consumer(desk: Desk, asked: Cancel) -> Answer:
    """The consumer cancels in the marketplace's shop; from now on pack and handover are refused."""
    return _cancel(desk, asked, "consumer")


def _cancel(desk: Desk, asked: Cancel, by: str) -> Answer:
    order = {"account": asked.account, "order_code": asked.order_code}
    if desk.book.find("handovers", **order):
        return Answer({"code": "HANDED_OVER", "reason": "the parcel is on its way"}, 409)
    known = desk.book.find("cancellations", **order, cancelled_by=by)
    if known and not (known["items"] and asked.items):
        units: dict[str, int] = {}  # all of the order, before or now: there is no more to cancel
    else:
        units = {item["order_item_code"]: item["quantity"] for item in (known or {"items": []})["items"]}
        for item in asked.items:
            units[item.order_item_code] = max(units.get(item.order_item_code, 0), item.quantity)
    items = [{"order_item_code": code, "quantity": quantity} for code, quantity in units.items()]
    desk.book.add("cancellations", order | {"cancelled_by": by, "items": items, "reason": asked.reason})
    told = {item.order_item_code: units.get(item.order_item_code, item.quantity) for item in asked.items}
    return Answer({"items": [{"orderItemCode": code, "quantity": quantity} for code, quantity in told.items()]})


def _is_cancelled(desk: Desk, asked: Pack | Handover) -> bool:
    """All of it, that is. The marketplace can't tell which units a part of an order lacks, and lets the rest go."""
    found = desk.book.find_all("cancellations", account=asked.account, order_code=asked.order_code)
    return any(not row["items"] for row in found)


def _shipment(asked: Pack | Handover) -> dict[str, str]:
    return {"account": asked.account, "order_code": asked.order_code, "shipment_id": asked.shipment_id}


def _documents(row: dict[str, Any]) -> Answer:
    label = {
        "transporter": "EXPRESS",
        "awbNumber": row["awb_number"],
        "url": f"https://labels.example/{row['awb_number']}.pdf",
    }
    return Answer({"invoiceCode": row["invoice_code"], "invoiceDate": row["invoice_date"], "shippingLabel": label})


def _time(desk: Desk) -> str:
    return datetime.fromtimestamp(desk.now, UTC).isoformat().replace("+00:00", "Z")
