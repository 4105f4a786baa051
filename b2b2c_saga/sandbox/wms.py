"""The warehouse: B2B orders from X to Y, goods that come back, units that are free again, and what is on its shelves.

`available` is what may be sold: units of orders that were taken are set aside already, so making a B2B order of them
moves nothing, and cancelling it sets them free. Every movement of a SKU is a new version of its absolute quantity.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field

from b2b2c_saga.sandbox.system import Answer, Asked, Desk, OfOrder, System

wms = System(
    "wms",
    """
CREATE TABLE IF NOT EXISTS stock (
    location TEXT, sku TEXT, available INTEGER CHECK (available >= 0), quarantined INTEGER CHECK (quarantined >= 0),
    version INTEGER, PRIMARY KEY (location, sku)
);
CREATE TABLE IF NOT EXISTS b2b_orders (
    account TEXT, order_code TEXT, b2b_order_code TEXT, location TEXT, seller JSON, buyer JSON, billed_to JSON,
    ship_to JSON, lines JSON, PRIMARY KEY (account, order_code)
);
CREATE TABLE IF NOT EXISTS b2b_cancellations (
    account TEXT, order_code TEXT, release TEXT, b2b_order_code TEXT, location TEXT, goods JSON,
    PRIMARY KEY (account, order_code, release)
);
CREATE TABLE IF NOT EXISTS put_aways (
    account TEXT, order_code TEXT, reversal TEXT, shipment_id TEXT, location TEXT, goods JSON, b2b_order_code TEXT,
    PRIMARY KEY (account, order_code, shipment_id, reversal)
);
CREATE TABLE IF NOT EXISTS releases (
    account TEXT, order_code TEXT, release TEXT, location TEXT, goods JSON, PRIMARY KEY (account, order_code, release)
);
""",
)
Units = Annotated[int, Field(ge=1)]


class Place(Asked):
    """An address."""

    line: str
    city: str
    pin: str
    state: str


class Company(Asked):
    """Client X or Client Y."""

    legal_name: str
    gstin: str
    account_code: str


class B2BLine(Asked):
    """Units that X sells to Y."""

    order_item_code: str
    sku: str
    quantity: Units
    cost_price: str


class B2BOrder(OfOrder):
    """Steps 6 and 7: billed to Y, shipped to the consumer; the marketplace's order is its identity."""

    location: str
    seller: Company
    buyer: Company
    billed_to: Place
    ship_to: Place | None = None
    lines: Annotated[tuple[B2BLine, ...], Field(min_length=1)]


class Goods(Asked):
    """Units of one SKU, and where they go."""

    order_item_code: str
    sku: str
    quantity: Units
    disposition: str = "PUT_AWAY"


class PutAway(OfOrder):
    """Goods of a reversal come back; order, shipment and reversal are its identity."""

    shipment_id: str
    reversal: str
    location: str
    goods: tuple[Goods, ...]
    b2b_order_code: str | None = None


class Release(OfOrder):
    """Units need not be kept any longer; order and release are its identity."""

    release: str
    location: str
    goods: tuple[Goods, ...]


class B2BCancel(Release):
    """The same, off a B2B order."""

    b2b_order_code: str


class Count(Asked):
    """Someone counted."""

    location: str
    sku: str
    quantity: Annotated[int, Field(ge=0)]


class Shelf(Asked):
    """Which stock is asked for."""

    location: str
    sku: str


@wms.effect("b2b-orders", B2BOrder)
def create_b2b_order(desk: Desk, asked: B2BOrder) -> Answer:
    """One for each order of the marketplace, under a code of its own. Of the consumer only the region is kept."""
    order = _order(asked)
    if known := desk.book.find("b2b_orders", **order):
        return Answer({"b2bOrderCode": known["b2b_order_code"]})
    faults = desk.faults(asked.account, asked.order_code)
    if faults.refuse > desk.chance("refuse", *order.values()):
        return Answer({"code": "INVALID", "reason": "a SKU is not kept at this location"}, 422)
    digest = sha256("/".join(order.values()).encode()).hexdigest().upper()[:10]
    code = f"WH/OUT/{digest}" if faults.odd_names > desk.chance("odd_names", *order.values()) else f"WB{digest}"
    row = asked.model_dump()
    region = {name: row["ship_to"][name] for name in ("city", "pin", "state")} if row["ship_to"] else None
    desk.book.add("b2b_orders", row | {"b2b_order_code": code, "ship_to": region})
    return Answer({"b2bOrderCode": code})


@wms.effect("b2b-cancellations", B2BCancel)
def cancel_b2b_order(desk: Desk, asked: B2BCancel) -> Answer:
    """Units off the B2B order, and available again: each release once."""
    done = _order(asked) | {"release": asked.release}
    if not desk.book.find("b2b_cancellations", **done):
        if not _holds(desk, asked, asked.b2b_order_code):
            return Answer({"code": "TOO_MUCH", "reason": "the B2B order does not hold so many units"}, 422)
        desk.book.add("b2b_cancellations", asked.model_dump())
        _move(desk, asked.location, asked.goods)
    return Answer({"release": asked.release, "counted": _counted(desk, asked)})


@wms.effect("put-aways", PutAway)
def put_away(desk: Desk, asked: PutAway) -> Answer:
    """Onto a shelf, or aside: each reversal once. With a B2B order's code, off that order too."""
    done = _order(asked) | {"shipment_id": asked.shipment_id, "reversal": asked.reversal}
    if not desk.book.find("put_aways", **done):
        if desk.faults(asked.account, asked.order_code).refuse > desk.chance("refuse", *done.values()):
            return Answer({"code": "INVALID", "reason": "there is no such place for these goods"}, 422)
        if asked.b2b_order_code and not _holds(desk, asked, asked.b2b_order_code):
            return Answer({"code": "TOO_MUCH", "reason": "the B2B order does not hold so many units"}, 422)
        desk.book.add("put_aways", asked.model_dump())
        _move(desk, asked.location, asked.goods)
    return Answer({"reversal": asked.reversal, "counted": _counted(desk, asked)})


@wms.effect("releases", Release)
def release(desk: Desk, asked: Release) -> Answer:
    """Available again: each release once."""
    done = _order(asked) | {"release": asked.release}
    if not desk.book.find("releases", **done):
        desk.book.add("releases", asked.model_dump())
        _move(desk, asked.location, asked.goods)
    return Answer({"release": asked.release, "counted": _counted(desk, asked)})


@wms.effect("counts", Count)
def count(desk: Desk, asked: Count) -> Answer:
    """The available quantity, as someone counted it: a new version."""
    _set(desk, asked.location, asked.sku, available=asked.quantity)
    return Answer(_shelf(desk, asked.location, asked.sku))


@wms.question("stock", Shelf)
def stock(desk: Desk, asked: Shelf) -> Answer:
    """Quantity and version of one SKU at one location."""
    known = desk.book.find("stock", location=asked.location, sku=asked.sku)
    return Answer(known) if known else Answer({"code": "UNKNOWN", "reason": "never seen here"}, 404)


def _order(asked: OfOrder) -> dict[str, str]:
    return {"account": asked.account, "order_code": asked.order_code}


def _holds(desk: Desk, asked: B2BCancel | PutAway, code: str) -> bool:
    """That B2B order still has these units: those ordered, less what was taken off it before."""
    known = desk.book.find("b2b_orders", **_order(asked), b2b_order_code=code)
    left = {line["order_item_code"]: line["quantity"] for line in known["lines"]} if known else {}
    for table in ("b2b_cancellations", "put_aways"):
        for before in desk.book.find_all(table, **_order(asked), b2b_order_code=code):
            for line in before["goods"]:
                left[line["order_item_code"]] -= line["quantity"]
    for line in asked.goods:
        left[line.order_item_code] = left.get(line.order_item_code, 0) - line.quantity
    return all(units >= 0 for units in left.values())


def _move(desk: Desk, location: str, goods: Iterable[Goods]) -> None:
    for line in goods:
        known = _shelf(desk, location, line.sku)
        name = "quarantined" if line.disposition == "QUARANTINE" else "available"
        _set(desk, location, line.sku, **{name: known[name] + line.quantity})


def _shelf(desk: Desk, location: str, sku: str) -> dict[str, Any]:
    never_seen = {"location": location, "sku": sku, "available": 0, "quarantined": 0, "version": 0}
    return desk.book.find("stock", location=location, sku=sku) or never_seen


def _set(desk: Desk, location: str, sku: str, **quantities: int) -> None:
    known = _shelf(desk, location, sku)
    desk.book.add("stock", known | quantities | {"version": known["version"] + 1})


def _counted(desk: Desk, asked: PutAway | Release) -> list[dict[str, Any]]:
    """What is available of these SKUs by now, absolute; quarantined units are not for sale."""
    shelves = [_shelf(desk, asked.location, sku) for sku in dict.fromkeys(line.sku for line in asked.goods)]
    return [{"sku": of["sku"], "quantity": of["available"], "version": of["version"]} for of in shelves]
