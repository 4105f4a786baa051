"""All rules over one run's evidence."""

from collections.abc import Mapping

from b2b2c_saga.chaos.checker.effects import effects
from b2b2c_saga.chaos.checker.evidence import Evidence, Violation
from b2b2c_saga.chaos.checker.rest import rest
from b2b2c_saga.chaos.checker.rows import rows
from b2b2c_saga.chaos.checker.table import table
from b2b2c_saga.runtime.engine.job import Logic


def check(evidence: Evidence, logics: Mapping[str, Logic]) -> list[Violation]:
    """Everything that must not be, in no more order than the rules have.

    Args:
        evidence: What the run has left behind.
        logics: The logic of each table, by changelog topic.
    """
    return [*rest(evidence), *effects(evidence), *rows(evidence, logics)]


def check_plain(evidence: Evidence) -> list[Violation]:
    """What can be asked of an engine that names no sources and parks nothing: events, outputs, and the table's end."""
    return [*rest(evidence), *effects(evidence), *table(evidence)]
