"""What a run of orders may find broken."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The promise that was broken."""

    LOST = "an input without effect: below the committed offset, and no row names it"
    TWICE = "an input with its effect twice"
    AHEAD = "an effect ahead of the committed offset"
    LEFT = "an input that nobody took, though all is at rest"
    UNHEARD = "an effect of an input that is not there"
    OUT_OF_ORDER = "inputs of one order and topic in another order than they lie in"
    ROW = "a row that is not what its inputs make of it"
    UNDECIDABLE = "a row that took in what can't be decided"
    EARLY_ALARM = "an alarm that rang before its time"
    OUTPUT_MISSING = "an input without its output"
    OUTPUT_EXTRA = "an output without its input"
    OUTPUT_TWICE = "an output twice"
    OUTPUT_CONTENT = "an output that says something else than was decided"
    OUTPUT_ORDER = "outputs of one order in another order than they were decided"
    PARKED = "a record parked that nothing was wrong with"
    BOOKS = "books that differ"
    STORY = "an order that did not end as it should"
    ANSWER = "an answer that contradicts the order's story"
    PROCESS = "a process that ended by itself"


@dataclass(frozen=True)
class Violation:
    """One broken promise; `key` is that of the order or SKU, empty if it is nobody's."""

    kind: Kind
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.key} {self.what}".rstrip()
