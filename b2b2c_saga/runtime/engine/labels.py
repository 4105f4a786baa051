"""Labels on fetched records, by which a writer sees that it has every record, once and in order.

Between the fetch and the writer lie queues of Faust's that a rebalance may clear. So each fetched batch says which
seek (`ask`) it answers and which record it follows (`previous`); what was dropped on the way shows as a hole, and the
writer asks again.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from b2b2c_saga.bus.records import Record


class Place(NamedTuple):
    """A partition of a topic; equal to Kafka clients' own pairs."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records taken together from one partition."""

    place: Place
    records: Sequence[Record]
    previous: int | None
    """Offset of the record before these; None for the first since the seek."""
    ask: int
    """The seek that these answer."""


class Source(Protocol):
    """Where a writer gets records from."""

    async def ask_from(self, place: Place, offset: int) -> int:
        """Deliver from an offset on; returns the number of this ask, which what is delivered will name."""
        ...

    def taken(self, place: Place) -> tuple[int, int | None]:
        """The ask in force, and the offset of the last record taken for it."""
        ...

    def hold(self, places: frozenset[Place], held: bool) -> None:  # noqa: FBT001 - read as hold(places, True)
        """Deliver nothing from these places, or go on."""
        ...


class Labels:
    """The fetching side: used by the fetch thread alone, but for `taken`."""

    def __init__(self) -> None:
        self._asks = itertools.count(1)
        self._state: dict[tuple[str, int], tuple[int, int | None]] = {}

    def asked(self, place: Place) -> int:
        """A seek was done: what comes from now on answers it."""
        ask = next(self._asks)
        self._state[place] = (ask, None)
        return ask

    def is_asked(self, place: tuple[str, int]) -> bool:
        """Whether a writer ever asked for this place: what comes before that is nobody's."""
        return place in self._state

    def label(self, place: Place, records: Sequence[Record]) -> Fetched:
        """Label records; called in the same step that takes them, so that no seek comes between."""
        ask, previous = self._state.get(place, (0, None))
        self._state[place] = (ask, records[-1].offset)
        return Fetched(place, records, previous, ask)

    def taken(self, place: Place) -> tuple[int, int | None]:
        """The ask in force, and the last offset taken for it. Safe from any thread: one look at one tuple."""
        return self._state.get(place, (0, None))


class Verdict(Enum):
    """What a fetched batch is to the writer."""

    NEXT = "next"
    STALE = "stale"
    HOLE = "hole"


class Sequel:
    """The writer's side: which batch of a place comes next."""

    def __init__(self) -> None:
        self._state: dict[Place, tuple[int, int | None]] = {}

    def asked(self, place: Place, ask: int) -> None:
        """Expect the answer to this ask, from its beginning."""
        self._state[place] = (ask, None)

    def judge(self, fetched: Fetched) -> Verdict:
        """Whether a batch is the one that comes next; if so, what follows it is expected from now on."""
        ask, seen = self._state.get(fetched.place, (-1, None))
        if fetched.ask != ask:
            return Verdict.STALE
        if fetched.previous != seen:
            return Verdict.HOLE
        self._state[fetched.place] = (ask, fetched.records[-1].offset)
        return Verdict.NEXT

    def lacks(self, place: Place, taken: tuple[int, int | None]) -> bool:
        """Whether records were taken for this ask that have not come: a hole at the end, unless still on the way."""
        ask, seen = self._state.get(place, (-1, None))
        return taken[0] == ask and taken[1] != seen
