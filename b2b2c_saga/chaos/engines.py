"""What is under test: this project's engine, or Faust as shipped with the same logic, by one switch of the harness."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from b2b2c_saga.chaos.baseline import COPIES, changelog_of
from b2b2c_saga.chaos.checker import Evidence, Violation, check, check_plain
from b2b2c_saga.chaos.counting import SESSION, SESSION_SECONDS
from b2b2c_saga.chaos.crew import Command
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.runtime.engine import Job

OURS = "ours"
FAUST = {"faust-at-least-once": "at_least_once", "faust-exactly-once": "exactly_once"}
NAMES = (OURS, *FAUST)


@dataclass(frozen=True)
class Engine:
    """One that runs the counting logic."""

    name: str
    command: Command
    changelogs: Sequence[str]
    """The topics of its tables."""
    plain: bool
    """It knows neither alarms nor parking: it gets no events that want them."""
    check: Callable[[Evidence], list[Violation]]


def engine_named(name: str, job: Job, group: str, brokers: int) -> Engine:
    """The engine of a name.

    Raises:
        BadInput: there is none.
    """
    environment = {SESSION: str(SESSION_SECONDS), COPIES: str(brokers)}
    if name == OURS:
        command = Command("b2b2c_saga.chaos.worker", environment=environment)
        return Engine(name, command, list(job.logics), False, lambda evidence: check(evidence, job.logics))
    if name in FAUST:
        command = Command("b2b2c_saga.chaos.baseline", (FAUST[name],), environment)
        return Engine(name, command, [changelog_of(group)], True, check_plain)
    raise BadInput("no such engine", field="engine", value=name, rule=f"one of {', '.join(NAMES)}")
