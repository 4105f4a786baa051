"""What Omni and the marketplace do with stock: the newest version of each quantity wins."""

from b2b2c_saga.sandbox.system import Answer, Asked, Desk

STOCK = """
CREATE TABLE IF NOT EXISTS stock (
    account TEXT, location TEXT, sku TEXT, quantity INTEGER, version INTEGER, PRIMARY KEY (account, location, sku)
);
"""


class Offer(Asked):
    """The absolute quantity of one SKU, as of a version."""

    account: str
    location: str
    sku: str
    quantity: int
    version: int


def take_stock(desk: Desk, offer: Offer) -> Answer:
    """Take it, unless a newer version is there already."""
    known = desk.book.find("stock", account=offer.account, location=offer.location, sku=offer.sku)
    if known is None or known["version"] < offer.version:
        desk.book.add("stock", offer.model_dump())
        return Answer({"version": offer.version, "taken": True})
    return Answer({"version": known["version"], "taken": known["version"] == offer.version})
