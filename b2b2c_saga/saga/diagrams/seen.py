"""What a walk saw, as facts: which gate sent what, what made which condition true, which state led to which."""

from dataclasses import dataclass, field
from typing import NamedTuple

from b2b2c_saga.model.messages import Command, Event, Message

UNBORN = "[*]"
"""The state of what is not there yet, as Mermaid writes it."""


class Cause(NamedTuple):
    """What happened: a step learned an event of a type, or a gate of it opened."""

    step: str
    name: str
    is_gate: bool


class Condition(NamedTuple):
    """One named condition of a gate; without a label: that the gate has not opened as often as it may."""

    step: str
    gate: str
    label: str = ""


class Turn(NamedTuple):
    """A cause after which a condition holds, or no longer does."""

    cause: Cause
    condition: Condition
    holds: bool


class Move(NamedTuple):
    """From one state to the next; `by_time` when a gate opened because its time had come."""

    before: str
    after: str
    cause: Cause
    by_time: bool


@dataclass
class Seen:
    """All that is drawn and not declared."""

    sent: set[tuple[str, str, type[Message]]] = field(default_factory=set)
    """Step, gate, and what it sent."""
    turns: set[Turn] = field(default_factory=set)
    births: set[Turn] = field(default_factory=set)
    """Whether a condition holds as soon as there is something that it is a condition of."""
    clocks: set[tuple[Cause, Condition]] = field(default_factory=set)
    """What a condition that holds by time alone counts from."""
    opens: set[tuple[Cause, str, str]] = field(default_factory=set)
    """A cause, and the step and gate that may open after it and could not before."""
    answers: set[tuple[type[Command], type[Event]]] = field(default_factory=set)
    """A command, and what the outside systems may say to it."""
    fulfilment: set[Move] = field(default_factory=set)
    invoice: set[Move] = field(default_factory=set)
