"""All sides, order by order."""

from dataclasses import dataclass
from typing import Any

from b2b2c_saga.reconcile.books import Books
from b2b2c_saga.reconcile.differences import Difference, Findings, Kind
from b2b2c_saga.reconcile.fiscal import compare_fiscal
from b2b2c_saga.reconcile.goods import compare_goods
from b2b2c_saga.reconcile.ledger import Ledger
from b2b2c_saga.reconcile.stock import compare_stock


@dataclass(frozen=True)
class Account:
    """What was compared for one seller account."""

    name: str
    orders: int
    lines: int
    units: int
    invoices: int
    reversals: int
    b2c_returns: int
    differences: int


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
        differences = [difference.as_json() for difference in self.differences]
        return {"orders": self.orders, "lines": self.lines, "differences": differences}


def compare(ledger: Ledger, books: Books) -> Proof:
    """Every order and every SKU that any side knows."""
    found: list[Difference] = []
    for key, order in sorted(ledger.orders.items()):
        say = Findings(key)
        compare_goods(order, books, say)
        compare_fiscal(order, ledger.returns.get(key, []), books, say)
        found += say.found
    for key in sorted({*books.orders(), *ledger.returns} - ledger.orders.keys()):
        found.append(Difference(Kind.UNKNOWN_ORDER, key, "", {"row": None}, "a book or a B2C return names it"))
    found += compare_stock(ledger, books)
    return Proof(_accounts(ledger, found), tuple(found))


def _accounts(ledger: Ledger, found: list[Difference]) -> tuple[Account, ...]:
    names = {order.account for order in ledger.orders.values()} | {
        difference.order.split("/")[0] for difference in found
    }
    return tuple(_account(name, ledger, found) for name in sorted(names))


def _account(name: str, ledger: Ledger, found: list[Difference]) -> Account:
    orders = [order for order in ledger.orders.values() if order.account == name]
    shipments = [shipment for order in orders for shipment in order.shipments]
    return Account(
        name,
        orders=len(orders),
        lines=sum(len(order.lines) for order in orders),
        units=sum(line.quantity for order in orders for line in order.lines),
        invoices=sum(s.invoice.registered_at is not None for s in shipments),
        reversals=sum(len(s.reversals) for s in shipments),
        b2c_returns=sum(len(ledger.returns.get(order.key, [])) for order in orders),
        differences=sum(difference.order.split("/")[0] == name for difference in found),
    )
