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
from b2b2c_saga.model.shipment import Undoing
from b2b2c_saga.reconcile.compare import Proof


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
            **self._cancelled(),
            **self._reversals(),
            "b2cReturns": self.watch.b2c_returns,
            "duplicates": dict(self.tally.duplicates),
            "early": dict(self.tally.early),
            "held": len(self.tally.held),
            "parked": self.watch.parked,
            "surprises": self.tally.surprises,
            "hanging": {verdict.story.key: verdict.reason for verdict in self.open},
            "kills": 1,
            "secondsToRecover": None if self.outage.recovered_after is None else round(self.outage.recovered_after, 1),
            "events": self.watch.events,
            "seconds": round(self.seconds, 1),
            "proof": self.proof.as_json(),
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
    for title, lines in (
        ("These orders hang:", [f"{v.story.key} ({v.story.fate}): {v.reason}" for v in outcome.open]),
        ("These answers were not what the story expects:", outcome.tally.surprises),
        ("These records were parked:", outcome.watch.parked),
    ):
        if lines:
            console.print(title, style="red")
            console.print("\n".join(lines), highlight=False, markup=False)


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
        ("duplicates sent", str(sum(outcome.tally.duplicates.values()))),
        ("events sent early", str(sum(outcome.tally.early.values()))),
        ("workers killed / seconds until every partition was served", f"1 / {recovered}"),
        ("events decided on", str(said["events"])),
        ("seconds", str(said["seconds"])),
    ]
