"""What a run has left behind, as read: input log, outputs, versions of rows, parked records, committed offsets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Place = tuple[str, int]
"""Topic and partition."""
Origin = tuple[str, int, int]
"""Topic, partition and offset of an input."""


class Input(NamedTuple):
    """A record of the input log."""

    key: bytes
    value: bytes
    at: int
    """Milliseconds since the epoch, by the broker's clock."""


class Output(NamedTuple):
    """What the counting logic told."""

    offset: int
    at: int
    value: bytes
    id: object
    n: int
    step: str | None
    """The topic of the event; None: an alarm's."""


class Version(NamedTuple):
    """A changelog record: a row after some sources."""

    partition: int
    offset: int
    at: int
    row: bytes | None
    sources: tuple[str, ...]
    parked: int


@dataclass
class Evidence:
    """All of it. `tables` says which changelog a step topic's records change."""

    tables: Mapping[str, str]
    inputs: dict[Place, dict[int, Input]] = field(default_factory=dict)
    outputs: dict[bytes, list[Output]] = field(default_factory=dict)
    """By key, in the order of the log."""
    versions: dict[tuple[str, bytes], list[Version]] = field(default_factory=dict)
    """By changelog and key, in the order of the log."""
    parked: dict[Origin, int] = field(default_factory=dict)
    """How often each input was parked."""
    committed: dict[Place, int] = field(default_factory=dict)
    """The offset to read next."""
    ends: dict[Place, int] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset()
    """Ids of the events that the cluster acknowledged to their publisher."""

    @property
    def events(self) -> int:
        """How many records the input log has."""
        return sum(len(log) for log in self.inputs.values())


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be."""

    rule: str
    """Which promise it breaks, in a word or two."""
    what: str
    key: bytes = b""
    at: int = 0
    """About when, in milliseconds since the epoch; 0: not to say."""

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"
