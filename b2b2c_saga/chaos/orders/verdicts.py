"""What no log shows by itself: stories that did not end, answers that contradict them, books that differ."""

from collections.abc import Iterable, Iterator, Sequence

from b2b2c_saga.chaos.orders.violations import Kind, Violation
from b2b2c_saga.demo.verdict import End, Verdict
from b2b2c_saga.reconcile.compare import Proof

OBEYED = "stopped with code -15"


def stories_in(verdicts: Iterable[Verdict]) -> Iterator[Violation]:
    """Orders that are neither closed nor held for a stated reason, though all is at rest; and what they wait for."""
    for verdict in verdicts:
        if verdict.end is End.OPEN:
            yield Violation(Kind.STORY, verdict.story.key, f"({verdict.story.fate}): {verdict.reason}")


def books_in(proof: Proof) -> Iterator[Violation]:
    """What our rows and the outside systems' books say differently."""
    for one in proof.differences:
        says = ", ".join(f"{side}: {value}" for side, value in one.says.items())
        yield Violation(Kind.BOOKS, one.order, f"{one.kind.value} {one.place}: {says} {one.note}".strip())


def answers_in(surprises: Sequence[str]) -> Iterator[Violation]:
    """What a caller was told and should not have been; each begins with its order."""
    for surprise in surprises:
        key, _, rest = surprise.partition(" ")
        yield Violation(Kind.ANSWER, key.rstrip(":"), rest)


def deaths_in(deaths: Sequence[str]) -> Iterator[Violation]:
    """Processes that nobody killed; one that was told to stop before it had begun has only obeyed."""
    return (Violation(Kind.PROCESS, "", death) for death in deaths if OBEYED not in death)
