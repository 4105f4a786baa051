"""Inventory: what Omni and the marketplace offer is what the warehouse counted last."""

from b2b2c_saga.model.stock import Stock
from b2b2c_saga.reconcile.books import Books
from b2b2c_saga.reconcile.differences import Difference, Findings, Kind
from b2b2c_saga.reconcile.ledger import Ledger


def compare_stock(ledger: Ledger, books: Books) -> list[Difference]:
    """Each SKU by account and location: quantity and version of the newest count, on all sides."""
    offered = {system: books.offered(system) for system in ("omni", "marketplace")}
    found: list[Difference] = []
    for key in sorted({*ledger.counts, *ledger.stock, *offered["omni"], *offered["marketplace"]}):
        say = Findings(key)
        count, row = ledger.counts.get(key), ledger.stock.get(key)
        sides = {"row": (row.quantity, row.version) if row else None}
        if count is not None:
            sides["counted"] = (count.quantity, count.version)
        for system, taken in (("omni", row and row.omni_has), ("marketplace", row and row.marketplace_has)):
            if row is None or taken == row.version or not _asked(row, system):
                entry = offered[system].get(key)
                sides[system] = (entry["quantity"], entry["version"]) if entry else None
        say.same(Kind.STOCK, "", "quantity and version", **sides)
        found += say.found
    return found


def _asked(row: Stock, system: str) -> bool:
    """That system was asked to take the newest count and has not answered yet: either side may be ahead."""
    return (row.told_omni if system == "omni" else row.offered) == row.version
