"""The warehouse: keeps stock per location and SKU, puts goods away, releases what it kept for an order."""

from b2b2c_saga.sandbox.system import Answer, Asked, Desk, OfOrder, System

wms = System(
    "wms",
    """
CREATE TABLE IF NOT EXISTS stock (
    location TEXT, sku TEXT, available INTEGER, quarantined INTEGER, version INTEGER, PRIMARY KEY (location, sku)
);
CREATE TABLE IF NOT EXISTS put_aways (
    account TEXT, order_code TEXT, reversal TEXT, shipment_id TEXT, location TEXT, goods JSON,
    PRIMARY KEY (account, order_code, shipment_id, reversal)
);
CREATE TABLE IF NOT EXISTS releases (
    account TEXT, order_code TEXT, release TEXT, location TEXT, goods JSON, PRIMARY KEY (account, order_code, release)
);
""",
)


class Goods(Asked):
    """Units of one SKU, and where they go."""

    order_item_code: str
    sku: str
    quantity: int
    disposition: str


class PutAway(OfOrder):
    """Goods of a reversal come back; order, shipment and reversal are its identity."""

    shipment_id: str
    reversal: str
    location: str
    goods: tuple[Goods, ...]


class Release(OfOrder):
    """Units need not be kept any longer; order and release are its identity."""

    release: str
    location: str
    goods: tuple[Goods, ...]


class Count(Asked):
    """Someone counted."""

    location: str
    sku: str
    quantity: int


class Shelf(Asked):
    """Which stock is asked for."""

    location: str
    sku: str


@wms.effect("put-aways", PutAway)
def put_away(desk: Desk, asked: PutAway) -> Answer:
    """Onto a shelf, or aside: each reversal once."""
    order = {"account": asked.account, "order_code": asked.order_code}
    done = order | {"shipment_id": asked.shipment_id, "reversal": asked.reversal}
    if not desk.book.find("put_aways", **done):
        goods = [line.model_dump() for line in asked.goods]
        desk.book.add("put_aways", done | {"location": asked.location, "goods": goods})
        for line in asked.goods:
            aside = line.disposition == "QUARANTINE"
            _move(desk, asked.location, line.sku, 0 if aside else line.quantity, line.quantity if aside else 0)
    return Answer({"reversal": asked.reversal})


@wms.effect("releases", Release)
def release(desk: Desk, asked: Release) -> Answer:
    """Available again: each release once."""
    done = {"account": asked.account, "order_code": asked.order_code, "release": asked.release}
    if not desk.book.find("releases", **done):
        goods = [line.model_dump() for line in asked.goods]
        desk.book.add("releases", done | {"location": asked.location, "goods": goods})
        for line in asked.goods:
            _move(desk, asked.location, line.sku, line.quantity, 0)
    return Answer({"release": asked.release})


@wms.effect("counts", Count)
def count(desk: Desk, asked: Count) -> Answer:
    """The available quantity, as someone counted it: a new version."""
    known = desk.book.find("stock", location=asked.location, sku=asked.sku) or {"available": 0}
    return Answer(_move(desk, asked.location, asked.sku, asked.quantity - known["available"], 0))


@wms.question("stock", Shelf)
def stock(desk: Desk, asked: Shelf) -> Answer:
    """Quantity and version of one SKU at one location."""
    known = desk.book.find("stock", location=asked.location, sku=asked.sku)
    return Answer(known) if known else Answer({"code": "UNKNOWN", "reason": "never seen here"}, 404)


def _move(desk: Desk, location: str, sku: str, available: int, quarantined: int) -> dict[str, object]:
    known = desk.book.find("stock", location=location, sku=sku) or {"available": 0, "quarantined": 0, "version": 0}
    row = {
        "location": location,
        "sku": sku,
        "available": known["available"] + available,
        "quarantined": known["quarantined"] + quarantined,
        "version": known["version"] + 1,
    }
    desk.book.add("stock", row)
    return row
