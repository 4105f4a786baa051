"""Every seller account that is set up (steps 0-A and 0-B)."""

from dataclasses import dataclass, field

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.prices import PriceBook, TaxTable
from b2b2c_saga.model.terms import Terms


@dataclass(frozen=True)
class Account:
    """What holds for one seller account from now on."""

    terms: Terms
    prices: PriceBook
    orders_pulled: bool = False
    """The marketplace is polled for its orders; else they are pushed to us."""


@dataclass(frozen=True)
class Catalogue:
    """One version of the whole configuration."""

    accounts: dict[str, Account]
    version: int = field(default=1)
    taxes: TaxTable = field(default_factory=TaxTable)

    def account(self, name: str) -> Account:
        """The account of that name.

        Raises:
            BadInput: no such account.
        """
        if name not in self.accounts:
            raise BadInput(
                "unknown seller account", field="account", value=name, rule="set up under accounts in config/"
            )
        return self.accounts[name]

    def book(self, name: str) -> PriceBook:
        """What holds today for the account of that name; of one that is set up no more, the tax table alone."""
        account = self.accounts.get(name)
        return account.prices if account else PriceBook(taxes=self.taxes)
