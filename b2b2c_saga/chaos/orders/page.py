"""What a run of orders has shown: beside what every form shows, how the stories ended and what the books say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from b2b2c_saga.chaos.outcome import Outcome, as_page
from b2b2c_saga.demo.story import Day
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.verdict import Verdict
from b2b2c_saga.reconcile.compare import Proof

EVERY_FAULT = "## Every fault"


@dataclass(frozen=True, kw_only=True)
class OrdersOutcome(Outcome):
    """One run of orders."""

    verdicts: Sequence[Verdict] = field(repr=False)
    proof: Proof = field(repr=False)

    def as_json(self) -> dict[str, object]:
        """For a machine."""
        told = Outcome(
            self.form, self.command, self.seed, self.brokers, self.seconds, self.figures, self.faults, self.violations,
            self.began,
        )  # fmt: skip
        return {**told.as_json(), "fates": dict(self.fates), "proof": self.proof.as_json()}

    @property
    def fates(self) -> Counter[str]:
        """Orders by their stories, and by how they stand: `sold: closed`."""
        return Counter(f"{verdict.story.fate}: {verdict.end}" for verdict in self.verdicts)


def figures_of(day: Day, tally: Tally, tries: Sequence[str]) -> dict[str, int | float]:
    """What the players did and met."""
    return {
        "orders": len(day.stories),
        "orders placed": tally.placed,
        "orders pulled from the marketplace": tally.pulled,
        "said by systems upstream": tally.sent,
        "said twice": sum(tally.duplicates.values()),
        "said early": sum(tally.early.values()),
        "calls repeated until they were answered": tally.calls_repeated,
        "processes that found no Kafka at their start, and were started again": len(tries),
    }


def orders_page(outcome: OrdersOutcome) -> str:
    """The run as Markdown."""
    before, heading, after = as_page(outcome).partition(EVERY_FAULT)
    own = [
        "## How the orders ended",
        "",
        "| Story | Orders |",
        "|---|---:|",
        *(f"| {fate} | {count:,} |" for fate, count in sorted(outcome.fates.items())),
        "",
        f"## The books: {len(outcome.proof.differences)} differences",
        "",
        f"{outcome.proof.orders:,} orders, {outcome.proof.lines:,} lines, against the books of the outside systems.",
        "",
    ]
    for account in outcome.proof.accounts:
        own += [
            f"| {account.name} ({account.variant}), {account.orders:,} orders | Rows | Books | Differences |",
            "|---|---:|---:|---:|",
            *(
                f"| {of.name} | {_figure(of.rows)} | {_figure(of.books)} | {of.differences} |"
                for of in account.measures
            ),
            "",
        ]
    return before + "\n".join(own) + "\n" + heading + after


def _figure(amount: object) -> str:
    return "" if amount is None else f"{amount:,}"
