"""The marketplace's orders: what consumers ordered and what is cancelled of it, and the list that sellers poll."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from b2b2c_saga.sandbox.system import Answer, Asked, Desk, OfOrder, System

PAGE, PAGE_AT_MOST = 100, 500
ORDERS = """
CREATE TABLE IF NOT EXISTS orders (
    account TEXT, order_code TEXT, channel TEXT, location TEXT, payment_method TEXT, order_time TEXT,
    dispatch_by_time TEXT, lines JSON, ship_to JSON, placed_at REAL, PRIMARY KEY (account, order_code)
);
CREATE TABLE IF NOT EXISTS _feed (place INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT, order_code TEXT, data JSON);
CREATE INDEX IF NOT EXISTS _feed_of_account ON _feed (account, place);
CREATE INDEX IF NOT EXISTS _feed_of_order ON _feed (account, order_code);
CREATE TABLE IF NOT EXISTS cancellations (
    account TEXT, order_code TEXT, cancelled_by TEXT, items JSON, reason TEXT,
    PRIMARY KEY (account, order_code, cancelled_by)
);
"""
"""`_feed` holds the orders whole, the consumer with them, for the sellers who deliver them; no page shows it."""


class Units(Asked):
    """So many units of one line."""

    order_item_code: str
    quantity: Annotated[int, Field(ge=1)]


class Item(Units):
    """One line as ordered."""

    channel_sku_code: str
    selling_price_per_unit: Decimal
    discount: Decimal = Decimal(0)


class Order(OfOrder):
    """A consumer orders."""

    parent_order_code: str
    channel: str
    location: str
    order_time: AwareDatetime
    dispatch_by_time: AwareDatetime
    payment_method: str
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    recipient: dict[str, Any]


class Since(Asked):
    """Orders of a seller account after a place in the list."""

    account: str
    after: Annotated[str, Field(pattern=r"^[0-9]{0,18}$")] = ""
    limit: Annotated[int, Field(ge=1, le=PAGE_AT_MOST)] = PAGE


class Cancel(OfOrder):
    """Cancelled units, absolute per line; no items: all of the order that has not left."""

    items: tuple[Units, ...] = ()
    reason: str = "not stated"


def takes_orders(system: System) -> None:
    """Give a system these calls."""
    system.effect("orders", Order)(place)
    system.question("orders", Since)(tell_orders)
    system.effect("cancellations", Cancel)(cancel_by_seller)
    system.effect("consumer-cancellations", Cancel)(cancel_by_consumer)


def place(desk: Desk, asked: Order) -> Answer:
    """The consumer orders: once."""
    order, data = _order(asked), asked.model_dump(mode="json", by_alias=True)
    if known := desk.book.find("_feed", **order):
        if known["data"] != data:
            return Answer({"code": "DUPLICATE", "reason": "there is another order of this code"}, 409)
        return Answer({"orderCode": asked.order_code})
    home = asked.recipient.get("shipping_address", {})
    names = ("channel", "location", "payment_method", "order_time", "dispatch_by_time")
    told = asked.model_dump(mode="json", include=set(names))
    row = {
        "lines": [_line(item) for item in asked.items],
        "ship_to": {name: home.get(name) for name in ("city", "pin", "state")},
        "placed_at": desk.now,
    }
    desk.book.add("orders", order | told | row)
    desk.book.add("_feed", order | {"data": data})
    return Answer({"orderCode": asked.order_code})


def tell_orders(desk: Desk, asked: Since) -> Answer:
    """Oldest first; whoever asks again from the same place gets the same orders, and those that came since."""
    after = int(asked.after or 0)
    newest = desk.book.db.execute("SELECT coalesce(max(place), 0) FROM _feed").fetchone()[0]
    if after > newest:
        return Answer({"code": "BAD_REQUEST", "reason": "after: no such place in the list"}, 400)
    found = desk.book.find_after("_feed", "place", after, asked.limit + 1, account=asked.account)
    page = found[: asked.limit]
    cursor = str(page[-1]["place"]) if page else asked.after
    orders = [row["data"] for row in page]
    return Answer({"orders": orders, "cursor": cursor, "more": len(found) > len(page)})


def cancel_by_seller(desk: Desk, asked: Cancel) -> Answer:
    """The seller cannot deliver."""
    return _cancel(desk, asked, "seller")


def cancel_by_consumer(desk: Desk, asked: Cancel) -> Answer:
    """The consumer cancels in the marketplace's shop; what is cancelled as a whole can't be packed or handed over."""
    return _cancel(desk, asked, "consumer")


def is_sold_out(desk: Desk, shipment: Mapping[str, str], units: "Counter[str]", table: str) -> bool:
    """Nothing of a parcel's lines is left to send: all is cancelled, or went with other parcels of `table`."""
    order = {"account": shipment["account"], "order_code": shipment["order_code"]}
    left = _ordered(desk, order)
    if left is None:  # it was never told of this order: it only knows of one that is cancelled as a whole
        return any(not row["items"] for row in desk.book.find_all("cancellations", **order))
    left = left - _cancelled(desk, order) - _others(desk, shipment, table)
    return not any(left[line] > 0 for line in units or left)


def was_ordered(desk: Desk, shipment: Mapping[str, str], units: "Counter[str]") -> bool:
    """So much was ordered, and not packed in other parcels; true of orders that it was never told of."""
    ordered = _ordered(desk, {"account": shipment["account"], "order_code": shipment["order_code"]})
    return ordered is None or units <= ordered - _others(desk, shipment, "packs")


def units_in(items: Iterable[Mapping[str, Any]]) -> "Counter[str]":
    """Units by line."""
    units: Counter[str] = Counter()
    for item in items:
        units[item["order_item_code"]] += item["quantity"]
    return units


def _cancel(desk: Desk, asked: Cancel, by: str) -> Answer:
    order = _order(asked)
    ordered, gone = _ordered(desk, order), _handed_over(desk, order)
    known = desk.book.find("cancellations", **order, cancelled_by=by)
    before, wanted = units_in(known["items"] if known else ()), units_in(item.model_dump() for item in asked.items)
    if ordered is None:
        is_too_late, is_all = bool(gone), not wanted or bool(known and not known["items"])
        units = Counter() if is_all else before | wanted  # all of the order: there is no more to cancel
    else:
        units = before | (wanted or ordered - gone)
        is_too_late = not units or not units <= ordered - gone
    if is_too_late:
        return Answer({"code": "HANDED_OVER", "reason": "the parcel is on its way"}, 409)
    items = [{"order_item_code": line, "quantity": quantity} for line, quantity in units.items()]
    desk.book.add("cancellations", order | {"cancelled_by": by, "items": items, "reason": asked.reason})
    told = {line: units.get(line, quantity) for line, quantity in (wanted or units).items()}
    return Answer({"items": [{"orderItemCode": line, "quantity": quantity} for line, quantity in told.items()]})


def _order(asked: OfOrder) -> dict[str, str]:
    return {"account": asked.account, "order_code": asked.order_code}


def _line(item: Item) -> dict[str, Any]:
    named = {"order_item_code": item.order_item_code, "sku": item.channel_sku_code, "quantity": item.quantity}
    return named | {"selling_price": str(item.selling_price_per_unit)}


def _ordered(desk: Desk, order: Mapping[str, str]) -> "Counter[str] | None":
    known = desk.book.find("orders", **order)
    return units_in(known["lines"]) if known else None


def _cancelled(desk: Desk, order: Mapping[str, str]) -> "Counter[str]":
    """Absolute quantities, whoever tells them: the highest counts."""
    units: Counter[str] = Counter()
    for row in desk.book.find_all("cancellations", **order):
        units |= units_in(row["items"])
    return units


def _handed_over(desk: Desk, order: Mapping[str, str]) -> "Counter[str]":
    return units_in(item for row in desk.book.find_all("handovers", **order) for item in row["items"])


def _others(desk: Desk, shipment: Mapping[str, str], table: str) -> "Counter[str]":
    order = {"account": shipment["account"], "order_code": shipment["order_code"]}
    rows = [row for row in desk.book.find_all(table, **order) if row["shipment_id"] != shipment["shipment_id"]]
    return units_in(item for row in rows for item in row["items"])
