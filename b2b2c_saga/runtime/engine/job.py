"""What the engine is told to do: which topics, which tables, and the logic that decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from b2b2c_saga.bus.records import Headers, Record


@dataclass(frozen=True, slots=True)
class Send:
    """A record to send, to the partition number that decides; no value is a tombstone."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What follows from one event.

    A row of None deletes it. `alarm` is the time (milliseconds since the epoch) at which time alone
    changes something; None takes back the one before.
    """

    row: bytes | None
    sends: tuple[Send, ...] = ()
    alarm: int | None = None


class Logic(Protocol):
    """The rules of one table. Pure: the same arguments give the same answer, on any machine, any number of times."""

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
        """What follows from a record.

        Raises:
            Unreadable: it is no message: it is parked alone, and the key goes on.
            Exception: any other, the sender's mistake (`BadInput`) or a bug: the row stays as it was, and the key is
                parked, this record and all that follow.
        """
        ...

    def ring(self, key: bytes, row: bytes, now: int) -> Decided:
        """What follows from the time alone; `now` in milliseconds since the epoch, never before the alarm."""
        ...

    def alarm(self, key: bytes, row: bytes) -> int | None:
        """When the row's alarm is due: asked for each row when a partition is taken over."""
        ...


@dataclass(frozen=True)
class Job:
    """Step topics, the tables that they change, and the logic of each table.

    All topics named here have the same number of partitions; one partition number of all of them has one writer.
    """

    application: str
    steps: Mapping[str, str]
    """Step topic -> changelog topic of the table that its records change."""
    logics: Mapping[str, Logic]
    """Changelog topic -> logic of that table."""
    parked: str
    """The topic for what can't be decided."""
    released: str | None = None
    """The step topic that parked records come back on, of all tables; None: there is no way back."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """All topics that are read: the steps, and what was released."""
        return (*self.steps, self.released) if self.released else tuple(self.steps)

    def __post_init__(self) -> None:
        if missing := set(self.steps.values()) - self.logics.keys():
            raise ValueError(f"no logic for the tables of {sorted(missing)}")
