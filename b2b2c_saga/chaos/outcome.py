"""What a run has shown, and the page that says so."""

import platform
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

from b2b2c_saga.bus.broker.kafka import kafka_version
from b2b2c_saga.chaos.nemesis import Inflicted

LIBRARIES = ("b2b2c-saga", "faust-streaming", "aiokafka")
EXAMPLES = 20
"""Violations that the page tells with their histories; all are counted."""


@dataclass(frozen=True)
class Broken:
    """A violation, and what lies around it."""

    rule: str
    what: str
    history: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """One run."""

    form: str
    command: str
    """Which repeats it."""
    seed: int
    brokers: int
    seconds: float
    """From the first event to rest."""
    figures: Mapping[str, int | float]
    """What was counted: by a plain name."""
    faults: Sequence[Inflicted]
    violations: Sequence[Broken]
    began: float = field(default_factory=time.time)
    """Seconds since the epoch."""

    @property
    def kinds(self) -> Counter[str]:
        """How many faults of each kind."""
        return Counter(fault.kind for fault in self.faults)

    def as_json(self) -> dict[str, object]:
        """For a machine."""
        return {**asdict(self), "kinds": dict(self.kinds), "versions": versions()}


def versions() -> dict[str, str]:
    """Of everything that took part."""
    ours = {name: version(name) for name in LIBRARIES}
    return {"Apache Kafka": kafka_version(), "Python": platform.python_version(), **ours}


def as_page(outcome: Outcome) -> str:
    """The run as Markdown."""
    rules = Counter(broken.rule for broken in outcome.violations)
    verdict = ", ".join(f"{count} x {rule}" for rule, count in rules.most_common()) or "none"
    said = ", ".join(f"{name} {number}" for name, number in versions().items())
    lines = [
        f"# Chaos: {outcome.form}",
        "",
        f"Violations: **{verdict}**",
        "",
        f"Seed {outcome.seed}, {outcome.brokers} broker(s), {outcome.seconds:.0f} s. {said}.",
        "",
        f"Again: `{outcome.command}`",
        "",
        "| Counted | |",
        "|---|---:|",
        *(f"| {name} | {number:,} |" for name, number in outcome.figures.items()),
        "",
        f"| Fault ({len(outcome.faults)}, of {len(outcome.kinds)} kinds) | Times |",
        "|---|---:|",
        *(f"| {kind} | {count} |" for kind, count in sorted(outcome.kinds.items())),
        *_violations(outcome.violations),
        "",
        "## Every fault",
        "",
        "| Second | Lasted | Kind | What |",
        "|---:|---:|---|---|",
        *(f"| {f.at - outcome.began:.0f} | {f.seconds:.1f} | {f.kind} | {f.what} |" for f in outcome.faults),
    ]
    return "\n".join(lines) + "\n"


def _violations(violations: Sequence[Broken]) -> list[str]:
    if not violations:
        return []
    lines = ["", f"## Violations ({len(violations)}, the first {min(EXAMPLES, len(violations))} told)", ""]
    for broken in violations[:EXAMPLES]:
        lines += [f"- **{broken.rule}**: {broken.what}", "", "```text", *broken.history, "```", ""]
    return lines
