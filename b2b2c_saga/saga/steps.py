"""How a workflow step is declared: what it learns from which event, and which gates it keeps.

An event never "moves the state machine". It adds what is now known (a fact) by a merge that gives the same result in
any order and any number of times: a maximum, a union, a first value. A gate names its conditions; once all hold it
opens and says what to do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from b2b2c_saga.model.facts import Subject
from b2b2c_saga.model.messages import Event, Message, Reply
from b2b2c_saga.model.terms import Patience

Path = tuple[Any, ...]
"""A subject with what it stands in: (order,), (order, shipment), (order, shipment, reversal) or (stock,)."""

Holds = Callable[..., Any]
AT_ONCE = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class After:
    """Time as a condition: `patience` after `since` (None: no such moment yet), or as soon as `or_if` holds."""

    since: Callable[..., datetime | None]
    patience: Callable[..., timedelta]
    or_if: Holds = lambda *_: False

    def due(self, path: Path) -> datetime | None:
        """When it holds by time alone; None if time alone never will."""
        if self.or_if(*path):
            return AT_ONCE
        moment = self.since(*path)
        return None if moment is None else moment + self.patience(*path)

    def holds(self, path: Path, now: datetime) -> bool:
        """Its time has come."""
        due = self.due(path)
        return due is not None and now >= due


@dataclass(frozen=True)
class Scope:
    """Where subjects of one kind live in the row, and how a changed one is put back."""

    name: str
    paths: Callable[[Any], Iterator[Path]]
    put: Callable[[Path, Any], Any]


@dataclass(frozen=True)
class Gate:
    """Opens once all its conditions hold, at most `times` often; None: its opening uses up what it waited for."""

    name: str
    scope: Scope
    conditions: tuple[tuple[str, Holds | After], ...]
    opens: Callable[..., tuple[Any, list[Message]]]
    times: Callable[..., int] | None

    def used_up(self, path: Path) -> bool:
        """It has opened as often as it may by now."""
        subject: Subject = path[-1]
        return self.times is not None and subject.times(self.name) >= self.times(*path)

    def may_open(self, path: Path, now: datetime) -> bool:
        """Not used up, and every condition holds."""
        if self.used_up(path):
            return False
        for _, holds in self.conditions:  # noqa: SIM110 - a loop takes half the time, and this is the hottest line
            if not _holds(holds, path, now):
                return False
        return True

    def unmet(self, path: Path, now: datetime) -> list[str]:
        """The conditions that do not hold, in words."""
        return [label for label, holds in self.conditions if not _holds(holds, path, now)]

    def alarm(self, path: Path, now: datetime) -> datetime | None:
        """When time alone will open it."""
        if self.used_up(path):
            return None
        latest = None
        for _, holds in self.conditions:
            if _holds(holds, path, now):
                continue
            due = holds.due(path) if isinstance(holds, After) else None
            if due is None:
                return None
            latest = due if latest is None else max(latest, due)
        return latest


def _holds(holds: Holds | After, path: Path, now: datetime) -> bool:
    return holds.holds(path, now) if isinstance(holds, After) else bool(holds(*path))


def _seldom_enough(gate: str) -> After:
    """For a call without an answer: made again after a patience that doubles each time."""

    def patience(*path: Any) -> timedelta:  # noqa: ANN401 - the subjects of any scope
        terms: Patience = path[0].terms.patience
        wait: timedelta = min(terms.retry * 2 ** min(path[-1].unanswered(gate) - 1, 20), terms.retry_at_most)
        return wait

    def heard_nothing_at(*path: Any) -> datetime | None:  # noqa: ANN401
        silence = path[-1].silence(gate)
        return silence.at if silence else None

    return After(heard_nothing_at, patience, or_if=lambda *path: not path[-1].has(gate))


@dataclass(frozen=True)
class Learning:
    """What an event needs before it can be learned, what refuses it for good, and how it merges."""

    merge: Callable[[Any, Any, datetime], Any]
    waits_for: dict[str, Holds] = field(default_factory=dict)
    refused_when: dict[str, Holds] = field(default_factory=dict)
    refusal: Callable[[Any, str], Reply | None] = lambda *_: None

    def lacks(self, row: object, event: Event) -> list[str]:
        """What it still waits for, in words."""
        return [label for label, holds in self.waits_for.items() if not holds(row, event)]

    def refuses(self, row: object, event: Event) -> str | None:
        """Why it can never be learned, in words."""
        return next((label for label, refuses in self.refused_when.items() if refuses(row, event)), None)


@dataclass
class Step:
    """One workflow step, named as the business names it."""

    name: str
    learnings: dict[type[Event], Learning] = field(default_factory=dict)
    gates: list[Gate] = field(default_factory=list)

    def learns(
        self,
        event: type[Event],
        waits_for: dict[str, Holds] | None = None,
        refused_when: dict[str, Holds] | None = None,
        refusal: Callable[[Any, str], Reply | None] = lambda *_: None,
    ) -> Callable[[Callable[[Any, Any, datetime], Any]], Callable[[Any, Any, datetime], Any]]:
        """Declares the merge `(row, event, now) -> row` of an event type; `refusal` answers a refused request."""

        def declare(merge: Callable[[Any, Any, datetime], Any]) -> Callable[[Any, Any, datetime], Any]:
            self.learnings[event] = Learning(merge, waits_for or {}, refused_when or {}, refusal)
            return merge

        return declare

    def gate(
        self,
        scope: Scope,
        times: Callable[..., int] | None = lambda *_: 1,
        *,
        calls: bool = False,
        **conditions: Holds | After,
    ) -> Callable[[Callable[..., tuple[Any, list[Message]]]], Callable[..., tuple[Any, list[Message]]]]:
        """Declares a gate: `(*path, now) -> (subject, outputs)`.

        With `calls`, it sends the command of its name, and opens again when an attempt got no answer, ever more seldom.
        """

        def declare(opens: Callable[..., tuple[Any, list[Message]]]) -> Callable[..., tuple[Any, list[Message]]]:
            name = opens.__name__
            often = (lambda *path: 1 + path[-1].unanswered(name)) if calls else times
            named = {label.replace("_", " "): holds for label, holds in conditions.items()}
            if calls:
                named["its last attempt is long enough ago"] = _seldom_enough(name)
            self.gates.append(Gate(name, scope, tuple(named.items()), opens, often))
            return opens

        return declare
