"""Inventory: what Omni and the marketplace offer is what the warehouse has, by the newest version of its count."""

from collections.abc import Iterator

from b2b2c_saga.model.order import reversals
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.differences import Difference, Findings, Kind
from b2b2c_saga.reconcile.ledger import Ledger


def compare_stock(ledger: Ledger, books: Books) -> list[Difference]:
    """Each SKU by account and location: quantity and version of the newest count, on all sides.

    The warehouse knows shelves, not accounts: whoever offers a SKU must have its newest version.
    """
    taken = {system: books.shelves(system) for system in ("omni", "marketplace")}
    shelves, moving = books.shelves("wms"), set(_moving(ledger))
    found: list[Difference] = []
    for key in sorted({*ledger.counts, *ledger.stock, *taken["omni"], *taken["marketplace"]}):
        say = Findings(key)
        count, row, shelf = ledger.counts.get(key), ledger.stock.get(key), key.split("/", 1)[1]
        sides: dict[str, object] = {"row": (row.quantity, row.version) if row else None}
        if count is not None:
            sides["counted"] = (count.quantity, count.version)
        if shelf in shelves and shelf not in moving:
            sides["wms"] = (shelves[shelf]["available"], shelves[shelf]["version"])
        for system, offered in taken.items():
            entry = offered.get(key)
            if row is None or not _is_behind(row, system, entry):
                sides[system] = (entry["quantity"], entry["version"]) if entry else None
        say.same(Kind.STOCK, "", "quantity and version", **sides)
        found += say.found
    return found


def _moving(ledger: Ledger) -> Iterator[str]:
    """Shelves that the warehouse was asked to put something on, and has not answered yet: it may be ahead."""
    for order in ledger.orders.values():
        back = [r.quantities for _, r in reversals(order) if r.has("put_goods_away") and not r.put_away]
        free = [r.quantities for r in order.releases if not r.done]
        skus = {line.code: line.sku for line in order.lines}
        yield from (f"{order.location}/{skus.get(line)}" for units in (*back, *free) for line, _ in units)


def _is_behind(row: Stock, system: str, entry: Entry | None) -> bool:
    """It is being told, so that either side may be ahead; or nothing is offered of an SKU that is refused."""
    omni_is_told = row.told_omni == row.version > max(row.omni_has, row.omni_refused)
    is_refused = row.omni_refused == row.version
    if system == "omni":
        return omni_is_told or (is_refused and entry is None)
    is_offered = row.offered == row.version > max(row.marketplace_has, row.marketplace_refused)
    is_refused = is_refused or row.marketplace_refused == row.version
    return omni_is_told or is_offered or (is_refused and entry is None)
