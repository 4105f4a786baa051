"""How a workflow step is declared: what it learns from which event, and which gates it keeps.

An event never "moves the state machine". It adds what is now known (a fact) by a merge that gives the same result in
any order and any number of times: a maximum, a union, a first value. A gate names its conditions; once all hold it
opens and says what to do.

What is neither the row's nor the event's, such as the tax table in force, is the book: a merge, a refusal or an opening
that has a parameter `book` is given it. What it finds there it writes into the row as a fact.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from inspect import signature
from typing import Any, NamedTuple

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.facts import Subject
from b2b2c_saga.model.messages import Event, Message, Reply
from b2b2c_saga.model.terms import Patience

Path = tuple[Any, ...]
"""A subject with what it stands in: (order,), (order, shipment), (order, shipment, reversal) or (stock,)."""

Holds = Callable[..., Any]


class Wrong(NamedTuple):
    """What is wrong with an event: the field, by its path on the wire; its value, never a personal one; the rule."""

    field: str
    value: object
    rule: str


Book = Any
"""What rules look up: of a kind that the mechanism need not know."""

Refuses = Callable[..., bool | Wrong | BadInput | None]
"""Of (row, event, now): false if the event may be learned; else what is wrong, if that can be named."""
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
    """Of (*path, now, book)."""
    times: Callable[..., int] | None

    def used_up(self, path: Path) -> bool:
        """It has opened as often as it may by now."""
        subject: Subject = path[-1]
        return self.times is not None and subject.times(self.name) >= self.times(*path)

    def opens_at(self, path: Path) -> datetime | None:
        """When it opens by time alone, `AT_ONCE` if nothing holds it; None: something else must happen first."""
        if self.used_up(path):
            return None
        latest = AT_ONCE
        for _, holds in self.conditions:  # the hottest loop of all
            if isinstance(holds, After):
                due = holds.due(path)
                if due is None:
                    return None
                latest = max(latest, due)
            elif not holds(*path):
                return None
        return latest

    def unmet(self, path: Path, now: datetime) -> list[str]:
        """The conditions that do not hold, in words."""
        return [label for label, holds in self.conditions if not _holds(holds, path, now)]


def _given_the_book(rule: Callable[..., Any]) -> Callable[..., Any]:
    """The rule with the book as its last argument, whether it looks anything up or not."""
    if "book" in signature(rule).parameters:
        return rule

    @wraps(rule)
    def without(*said: Any) -> Any:  # noqa: ANN401 - of any rule
        return rule(*said[:-1])

    return without


def _holds(holds: Holds | After, path: Path, now: datetime) -> bool:
    return holds.holds(path, now) if isinstance(holds, After) else bool(holds(*path))


def _calls_made_or_put_right(gate: str) -> Callable[..., int]:
    """Once, and once more for each attempt that got no answer, or whose refusal was put right."""

    def times(*path: Any) -> int:  # noqa: ANN401 - the subjects of any scope
        subject: Subject = path[-1]
        return 1 + max(subject.unanswered(gate), subject.put_right_at(gate))

    return times


def _seldom_enough(gate: str) -> After:
    """For a call without an answer: made again after a patience that doubles each time."""

    def patience(*path: Any) -> timedelta:  # noqa: ANN401 - the subjects of any scope
        terms: Patience = path[0].terms.patience
        wait: timedelta = min(terms.retry * 2 ** min(path[-1].unanswered(gate) - 1, 20), terms.retry_at_most)
        return wait

    def heard_nothing_at(*path: Any) -> datetime | None:  # noqa: ANN401
        silence = path[-1].silence(gate)
        return silence.at if silence else None

    def never_made_or_put_right(*path: Any) -> bool:  # noqa: ANN401
        subject: Subject = path[-1]
        return not subject.has(gate) or subject.put_right_at(gate) >= subject.times(gate)

    return After(heard_nothing_at, patience, or_if=never_made_or_put_right)


@dataclass(frozen=True)
class Learning:
    """What an event needs before it can be learned, what refuses it for good, and how it merges."""

    merge: Callable[[Any, Any, datetime, Book], Any]
    waits_for: dict[str, Holds] = field(default_factory=dict)
    refused_when: dict[str, Refuses] = field(default_factory=dict)
    refusal: Callable[[Any, str], Reply | None] = lambda *_: None

    def lacks(self, row: object, event: Event) -> list[str]:
        """What it still waits for, in words."""
        return [label for label, holds in self.waits_for.items() if not holds(row, event)]

    def refuses(self, row: object, event: Event, now: datetime, book: Book) -> BadInput | None:
        """Why it can never be learned, in words."""
        for rule, refuses in self.refused_when.items():
            match refuses(row, event, now, book):
                case BadInput() as error:
                    return error
                case Wrong() as wrong:
                    return BadInput(rule, field=wrong.field, value=wrong.value, rule=wrong.rule)
                case True:
                    return BadInput(rule)
        return None


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
        refused_when: dict[str, Refuses] | None = None,
        refusal: Callable[[Any, str], Reply | None] = lambda *_: None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declares the merge `(row, event, now) -> row` of an event type; `refusal` answers a refused request."""

        def declare(merge: Callable[..., Any]) -> Callable[..., Any]:
            refused = {rule: _given_the_book(refuses) for rule, refuses in (refused_when or {}).items()}
            self.learnings[event] = Learning(_given_the_book(merge), waits_for or {}, refused, refusal)
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

        With `calls`, it sends the command of its name, and opens again when an attempt got no answer, ever more seldom,
        or when what refused the attempt is put right.
        """

        def declare(opens: Callable[..., tuple[Any, list[Message]]]) -> Callable[..., tuple[Any, list[Message]]]:
            name = opens.__name__
            often = _calls_made_or_put_right(name) if calls else times
            named = {label.replace("_", " "): holds for label, holds in conditions.items()}
            if calls:
                named["its last attempt is long enough ago"] = _seldom_enough(name)
            self.gates.append(Gate(name, scope, tuple(named.items()), _given_the_book(opens), often))
            return opens

        return declare
