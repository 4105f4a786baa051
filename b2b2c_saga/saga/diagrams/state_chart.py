"""The states of a region, and what leads from one to the next."""

from collections.abc import Iterable

from b2b2c_saga.saga.diagrams.seen import UNBORN, Move
from b2b2c_saga.saga.diagrams.words import words


def state_chart(states: Iterable[str], moves: Iterable[Move], direction: str = "TB") -> str:
    """Moves of one region, in the order of its states; all that leads from one state to the same other is one arrow.

    An event stands with its name, a gate in words.
    """
    rank = {UNBORN: -1} | {state: n for n, state in enumerate(states)}
    arrows: dict[tuple[str, str], dict[str, bool]] = {}
    for move in sorted(moves, key=lambda move: (rank[move.before], rank[move.after], move.cause.is_gate, move)):
        label = words(move.cause.name) if move.cause.is_gate else move.cause.name
        labels = arrows.setdefault((move.before, move.after), {})
        labels[label] = labels.get(label, True) and move.by_time
    told = (f"  {before} --> {after}: {_label(labels)}" for (before, after), labels in arrows.items())
    return "\n".join(("stateDiagram-v2", f"  direction {direction}", *told)) + "\n"


def _label(labels: dict[str, bool]) -> str:
    return "<br/>".join(f"{label} (in time)" if by_time else label for label, by_time in labels.items())
