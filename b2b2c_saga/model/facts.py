"""What rows are made of: frozen facts, and subjects that know which of their gates have opened."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self, TypeVar, cast, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def fact(kind: type[T]) -> type[T]:
    """A frozen dataclass that computes its hash once: the exhaustive check hashes rows by the million."""
    frozen = dataclass(frozen=True)(kind)
    hash_of = cast("Callable[[object], int]", frozen.__hash__)

    def hash_once(self: object) -> int:
        kept: dict[str, Any] = self.__dict__
        if "_hash" not in kept:
            kept["_hash"] = hash_of(self)
        return cast("int", kept["_hash"])

    frozen.__hash__ = hash_once  # type: ignore[method-assign]
    return frozen


@fact
class Silence:
    """The highest attempt of a call that got no answer, and when that was learned."""

    call: str
    attempt: int
    at: datetime
    not_understood: str | None = None
    """An answer came, as to attempts before, and this of it is not understood."""


@fact
class Subject:
    """Something gates are kept for: an order, a shipment, a reversal, a stock item."""

    opened: tuple[tuple[str, int], ...] = field(default=(), kw_only=True)
    silences: tuple[Silence, ...] = field(default=(), kw_only=True)
    refusals: tuple[tuple[str, int], ...] = field(default=(), kw_only=True)
    """Of calls that were refused for good: the highest attempt that was."""
    fixes: tuple[tuple[str, int], ...] = field(default=(), kw_only=True)
    """Of calls whose refusal was put right by somebody: the highest attempt that was."""
    outdated: tuple[tuple[str, int], ...] = field(default=(), kw_only=True)
    """Of calls: the highest attempt that said what was corrected since; its refusal says nothing of the next."""

    @property
    def name(self) -> str:
        """What tells it from its like, for ids and for people; empty where there is one only."""
        return ""

    def times(self, gate: str) -> int:
        """How often the gate has opened; for a gate that calls, the attempts made."""
        return _highest(self.opened, gate)

    def has(self, gate: str) -> bool:
        """The gate has opened."""
        return self.times(gate) > 0

    def having_opened(self, gate: str) -> Self:
        """The gate has opened once more."""
        return replace(self, opened=tuple(sorted((dict(self.opened) | {gate: self.times(gate) + 1}).items())))

    def silence(self, call: str) -> Silence | None:
        """The last attempt of the call that got no answer."""
        for silence in self.silences:
            if silence.call == call:
                return silence
        return None

    def unanswered(self, call: str) -> int:
        """The highest attempt of the call that got no answer; 0 if none."""
        silence = self.silence(call)
        return silence.attempt if silence else 0

    def having_heard_nothing(self, call: str, attempt: int, at: datetime, not_understood: str | None = None) -> Self:
        """No answer came to that attempt, or none to be understood; a merge by maximum: once or twice is the same."""
        known = self.silence(call)
        if known and (attempt, not_understood or "") <= (known.attempt, known.not_understood or ""):
            return self
        heard = Silence(call, attempt, known.at if known and known.attempt == attempt else at, not_understood)
        others = tuple(silence for silence in self.silences if silence.call != call)
        return replace(self, silences=tuple(sorted((*others, heard), key=lambda s: s.call)))

    @property
    def puzzles(self) -> tuple[tuple[str, str], ...]:
        """Calls whose last answer was not understood, each with what of it; the call may have been answered since."""
        return tuple((s.call, s.not_understood) for s in self.silences if s.not_understood)

    def refused_at(self, call: str) -> int:
        """The highest attempt of the call that was refused for good; 0 if none."""
        return _highest(self.refusals, call)

    def fixed_at(self, call: str) -> int:
        """The highest attempt whose refusal was put right; 0 if none."""
        return _highest(self.fixes, call)

    def outdated_at(self, call: str) -> int:
        """The highest attempt that said what was corrected since."""
        return _highest(self.outdated, call)

    def put_right_at(self, call: str) -> int:
        """The highest attempt whose refusal was put right, by somebody's word or by what is said since."""
        refused, fixed = self.refused_at(call), self.fixed_at(call)
        return max(refused, fixed) if refused <= self.outdated_at(call) else fixed

    def is_refused(self, call: str) -> bool:
        """Refused for good, and nobody put it right: it is not made again."""
        return bool(self.refusals) and self.refused_at(call) > self.put_right_at(call)

    def having_been_refused(self, call: str, attempt: int) -> Self:
        """That attempt was refused for good; a merge by maximum."""
        return replace(self, refusals=_with_highest(self.refusals, call, attempt))

    def having_been_outdated(self, call: str) -> Self:
        """Whatever was said in the call so far is corrected by now; a merge by maximum."""
        return replace(self, outdated=_with_highest(self.outdated, call, self.times(call))) if self.has(call) else self

    def having_been_fixed(self, call: str, attempt: int) -> Self:
        """What refused that attempt is put right; a merge by maximum."""
        return replace(self, fixes=_with_highest(self.fixes, call, attempt))


def _highest(known: tuple[tuple[str, int], ...], call: str) -> int:
    for name, n in known:  # a loop, not a generator: asked for every gate, many times an event
        if name == call:
            return n
    return 0


def _with_highest(known: tuple[tuple[str, int], ...], call: str, n: int) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((dict(known) | {call: max(n, _highest(known, call))}).items()))
