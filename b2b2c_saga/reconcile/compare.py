"""All sides, order by order."""

from dataclasses import dataclass
from typing import Any

from b2b2c_saga.reconcile.books import Books
from b2b2c_saga.reconcile.differences import Difference, Findings, Kind
from b2b2c_saga.reconcile.fiscal import compare_fiscal
from b2b2c_saga.reconcile.goods import compare_goods
from b2b2c_saga.reconcile.ledger import Ledger
from b2b2c_saga.reconcile.numbers import compare_series
from b2b2c_saga.reconcile.stock import compare_stock
from b2b2c_saga.reconcile.sums import Account, account
from b2b2c_saga.reconcile.warehouse import compare_warehouse


@dataclass(frozen=True)
class Proof:
    """The outcome."""

    accounts: tuple[Account, ...]
    differences: tuple[Difference, ...]

    @property
    def orders(self) -> int:
        """Orders compared."""
        return sum(account.orders for account in self.accounts)

    @property
    def lines(self) -> int:
        """Lines compared."""
        return sum(account.lines for account in self.accounts)

    def as_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "orders": self.orders,
            "lines": self.lines,
            "accounts": {account.name: account.as_json() for account in self.accounts},
            "differences": [difference.as_json() for difference in self.differences],
        }


def compare(ledger: Ledger, books: Books) -> Proof:
    """Every order and every SKU that any side knows."""
    found: list[Difference] = []
    for key, order in sorted(ledger.orders.items()):
        say = Findings(key)
        compare_goods(order, books, say)
        compare_warehouse(order, books, say)
        compare_fiscal(order, ledger.returns.get(key, []), books, say)
        found += say.found
    for key in sorted({*books.orders(), *ledger.returns} - ledger.orders.keys()):
        found.append(Difference(Kind.UNKNOWN_ORDER, key, "", {"row": None}, "a book or a B2C return names it"))
    found += compare_series(books)
    found += compare_stock(ledger, books)
    names = {order.account for order in ledger.orders.values()} | {difference.account for difference in found}
    return Proof(tuple(account(name, ledger, books, found) for name in sorted(names)), tuple(found))
