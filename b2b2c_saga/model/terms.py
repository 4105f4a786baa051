"""The terms a channel runs under: what differs between channels, so that no gate asks which variant it is in."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.words import Code, Party


@dataclass(frozen=True)
class Patience:
    """How long the saga waits for what. No field has a default: a row keeps the whole snapshot it was taken in with."""

    answer: timedelta
    """For news of an invoice, before it is looked up."""
    retry: timedelta
    """Before a call without an answer is made again; doubles with each call."""
    retry_at_most: timedelta
    late_effect: timedelta
    """For an effect that a silent system may still have, before "not found" is believed."""
    early_event: timedelta
    """For what an early event needs (a pack: its order), before the event is parked."""
    return_window: timedelta
    void_window: timedelta
    """After registration; the tax office's, so shorter is safe and longer is refused."""


USUAL_PATIENCE = Patience(
    answer=timedelta(minutes=2),
    retry=timedelta(seconds=30),
    retry_at_most=timedelta(minutes=15),
    late_effect=timedelta(hours=1),
    early_event=timedelta(days=2),
    return_window=timedelta(days=30),
    void_window=timedelta(hours=24),
)


@dataclass(frozen=True)
class Terms:
    """What holds for the orders of one seller account; an order keeps the terms it was taken in with."""

    channel: Code
    b2b_leg: bool
    """The channel runs on the B2B2C model (seed 5 and 6); without it there is no B2B sale to reverse."""
    client_x: Party
    client_y: Party
    b2b_price_percent: Decimal
    """The B2B price, in percent of the selling price."""
    patience: Patience


@dataclass(frozen=True)
class Catalogue:
    """The terms of every seller account that is set up (steps 0-A and 0-B)."""

    accounts: dict[str, Terms]

    def terms(self, account: str) -> Terms:
        """The account's terms.

        Raises:
            BadInput: no such account.
        """
        if account not in self.accounts:
            raise BadInput(
                "unknown seller account", field="account", value=account, rule="set up in config/channels.yaml"
            )
        return self.accounts[account]
