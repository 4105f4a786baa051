"""The end of a run, as a table and for a machine."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from b2b2c_saga.demo.outage import Outage
from b2b2c_saga.demo.story import Fate
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.verdict import End, Verdict
from b2b2c_saga.demo.watch import Watch
from b2b2c_saga.model.order import Order, reversals
from b2b2c_saga.model.reversal import Undoing
from b2b2c_saga.reconcile.compare import Proof

ACCOUNT_FIGURES = {
    "orders": "orders",
    "closed": "closed",
    "b2bOrders": "B2B orders in the warehouse",
    "shipments": "shipments",
    "invoiced": "B2B invoices",
    "madeAnew": "made anew under another number",
    "voided": "reversals by void",
    "credited": "reversals by credit note",
    "b2cReturns": "B2C returns required",
}


@dataclass(frozen=True)
class Outcome:
    """Everything a run has to say."""

    verdicts: Sequence[Verdict]
    orders: dict[str, Order]
    watch: Watch
    tally: Tally
    outage: Outage
    proof: Proof
    seconds: float

    @property
    def open(self) -> list[Verdict]:
        """Stories that hang."""
        return [verdict for verdict in self.verdicts if verdict.end is End.OPEN]

    @property
    def is_good(self) -> bool:
        """Every order closed or held for a reason, every answer as expected, nothing parked, all books agree."""
        return not (self.open or self.tally.surprises or self.watch.parked or self.proof.differences)

    def as_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "good": self.is_good,
            "orders": len(self.verdicts),
            "ends": dict(Counter(verdict.end.value for verdict in self.verdicts)),
            "states": dict(self.watch.by_end),
            "fates": dict(Counter(verdict.story.fate.value for verdict in self.verdicts)),
            "accounts": {account: self._account(account) for account in self.accounts},
            **self._cancelled(),
            **self._reversals(),
            "b2cReturns": self.watch.b2c_returns,
            "duplicates": dict(self.tally.duplicates),
            "early": dict(self.tally.early),
            "held": len(self.tally.held),
            "pulled": self.tally.pulled,
            "invoicesPutRight": self.tally.fixed,
            "parked": self.watch.parked,
            "surprises": self.tally.surprises,
            "hanging": {verdict.story.key: verdict.reason for verdict in self.open},
            "kills": 1,
            "secondsToRecover": None if self.outage.recovered_after is None else round(self.outage.recovered_after, 1),
            "events": self.watch.events,
            "seconds": round(self.seconds, 1),
            "proof": self.proof.as_json(),
        }

    @property
    def accounts(self) -> dict[str, str]:
        """Seller accounts of the day, and the variant of each."""
        return dict(sorted((v.story.account, v.story.variant.value) for v in self.verdicts))

    def _account(self, account: str) -> dict[str, Any]:
        mine = [verdict for verdict in self.verdicts if verdict.story.account == account]
        rows = [order for order in self.orders.values() if order.account == account]
        undone = [(s, r) for order in rows for s, r in reversals(order) if r.undone_by]
        return {
            "variant": self.accounts[account],
            "orders": len(mine),
            "closed": sum(verdict.end is End.CLOSED for verdict in mine),
            "shipments": sum(len(order.shipments) for order in rows),
            "invoiced": sum(s.invoice.exists for order in rows for s in order.shipments),
            "madeAnew": sum(s.invoice.first_attempt > 1 for order in rows for s in order.shipments),
            "voided": sum(r.undoing is Undoing.VOID for _, r in undone),
            "credited": sum(r.undoing is Undoing.CREDIT_NOTE for _, r in undone),
            "b2cReturns": sum(r.has("require_b2c_return") for order in rows for _, r in reversals(order)),
            "b2bOrders": sum(order.b2b_order_code is not None for order in rows),
            "fates": dict(Counter(verdict.story.fate.value for verdict in mine)),
        }

    def _cancelled(self) -> dict[str, int]:
        fates = Counter(verdict.story.fate for verdict in self.verdicts)
        return {
            "cancelledBeforeInvoice": fates[Fate.CANCELLED_BEFORE_INVOICE],
            "cancelledAfterInvoice": fates[Fate.CANCELLED_AFTER_INVOICE],
        }

    def _reversals(self) -> dict[str, int]:
        undone = Counter(r.undoing for order in self.orders.values() for _, r in reversals(order) if r.undone_by)
        return {"voided": undone[Undoing.VOID], "credited": undone[Undoing.CREDIT_NOTE]}


def show_outcome(console: Console, outcome: Outcome) -> None:
    """The summary table, and what is wrong if something is."""
    table = Table(title="The day", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("figure", justify="right")
    for what, figure in _figures(outcome):
        table.add_row(what, figure)
    console.print(table)
    console.print(_accounts(outcome))
    for title, lines in (
        ("These orders hang:", [f"{v.story.key} ({v.story.fate}): {v.reason}" for v in outcome.open]),
        ("These answers were not what the story expects:", outcome.tally.surprises),
        ("These records were parked:", outcome.watch.parked),
    ):
        if lines:
            console.print(title, style="red")
            console.print("\n".join(lines), highlight=False, markup=False)


def _accounts(outcome: Outcome) -> Table:
    """A column for each seller account: its variant, what became of its orders, and how they ended."""
    said = outcome.as_json()["accounts"]
    table = Table(title="By seller account", title_justify="left")
    table.add_column("what")
    for account, of in said.items():
        table.add_column(f"{account}\n{of['variant']}", justify="right")
    for name, what in ACCOUNT_FIGURES.items():
        table.add_row(what, *(str(of[name]) for of in said.values()))
    for fate in Fate:
        figures = [of["fates"].get(fate.value, 0) for of in said.values()]
        if any(figures):
            table.add_row(f"  {fate.value}", *map(str, figures))
    return table


def _figures(outcome: Outcome) -> list[tuple[str, str]]:
    said = outcome.as_json()
    ends = [(f"  {state}", str(n)) for state, n in sorted(outcome.watch.by_end.items())]
    held = [
        (f"  held: {verdict.story.code}", verdict.reason) for verdict in outcome.verdicts if verdict.end is End.HELD
    ]
    recovered = "not yet" if said["secondsToRecover"] is None else f"{said['secondsToRecover']} s"
    return [
        ("orders", str(said["orders"])),
        *ends,
        *held,
        ("cancelled before / after the invoice", f"{said['cancelledBeforeInvoice']} / {said['cancelledAfterInvoice']}"),
        ("reversals by void / credit note", f"{said['voided']} / {said['credited']}"),
        ("B2C returns required", str(said["b2cReturns"])),
        ("handovers held and then released", str(said["held"])),
        ("orders pulled from the marketplace", str(said["pulled"])),
        ("invoices put right by somebody", str(said["invoicesPutRight"])),
        ("duplicates sent", str(sum(outcome.tally.duplicates.values()))),
        ("events sent early", str(sum(outcome.tally.early.values()))),
        ("workers killed / seconds until every partition was served", f"1 / {recovered}"),
        ("events decided on", str(said["events"])),
        ("seconds", str(said["seconds"])),
    ]
