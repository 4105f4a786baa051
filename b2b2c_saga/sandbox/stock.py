"""What Omni and the marketplace do with stock: up to 300 SKUs at a time, each by itself, the newest version wins."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from b2b2c_saga.sandbox.faults import Some
from b2b2c_saga.sandbox.system import Answer, Asked, Desk, System

SKUS_AT_MOST = 300
STOCK = """
CREATE TABLE IF NOT EXISTS stock (
    account TEXT, location TEXT, sku TEXT, quantity INTEGER CHECK (quantity >= 0), version INTEGER,
    PRIMARY KEY (account, location, sku)
);
"""


class Offer(Asked):
    """The absolute quantity of one SKU, as of a version."""

    sku: str
    quantity: int
    version: int


class Offers(Asked):
    """SKUs of one location, for one seller account."""

    account: str
    location: str
    items: Annotated[tuple[Offer, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_sku_once(self) -> Self:
        if len({offer.sku for offer in self.items}) < len(self.items):
            raise ValueError("an SKU may appear once in a request")
        return self


def takes_stock(system: System) -> None:
    """Give a system the call; the version tells a repeat."""
    system.effect("stock/bulk", Offers, is_keyed=False)(take_stock)


def take_stock(desk: Desk, asked: Offers) -> Answer:
    """What became of each, in the order asked."""
    if len(asked.items) > SKUS_AT_MOST:
        return Answer({"code": "TOO_MANY", "reason": f"{len(asked.items)} SKUs: {SKUS_AT_MOST} at most"}, 413)
    return Answer({"items": [_take(desk, asked, offer) for offer in asked.items]})


def _take(desk: Desk, asked: Offers, offer: Offer) -> dict[str, Any]:
    faults = desk.faults(asked.account, "")
    if offer.quantity < 0:
        return _not_taken(offer, "REFUSED", "NEGATIVE", "a quantity is never negative")
    if _befalls(desk, faults.refuse_sku, "refuse_sku", offer.sku):
        return _not_taken(offer, "REFUSED", "UNKNOWN_SKU", "no such SKU is sold here")
    if _befalls(desk, faults.busy_sku, "busy_sku", offer.sku):
        return _not_taken(offer, "BUSY", "BUSY", "somebody else is at it: not now")
    shelf = {"account": asked.account, "location": asked.location, "sku": offer.sku}
    known = desk.book.find("stock", **shelf)
    if known is None or known["version"] < offer.version:
        desk.book.add("stock", shelf | {"quantity": offer.quantity, "version": offer.version})
    newer = known is not None and known["version"] > offer.version
    version = known["version"] if known and newer else offer.version
    return {"sku": offer.sku, "status": "OLDER" if newer else "TAKEN", "version": version}


def _befalls(desk: Desk, some: Some, fault: str, sku: str) -> bool:
    return sku in some if isinstance(some, frozenset) else some > desk.chance(fault, sku)


def _not_taken(offer: Offer, status: str, code: str, reason: str) -> dict[str, Any]:
    return {"sku": offer.sku, "status": status, "code": code, "reason": reason}
