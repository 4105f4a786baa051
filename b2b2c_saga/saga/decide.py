"""Learn an event, then open every gate that can open, until none can.

`decide(row, event, now, book) -> Decision`. Order matters at one kind of point only: what an opened gate has sent can't
be taken back. What it decided (which units, which number, which attempt, at which rate) it writes into the row as a
fact, and what follows later is reversed by further gates, never undone.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, cast

from b2b2c_saga.model.early import Early
from b2b2c_saga.model.errors import BadInput, Bug
from b2b2c_saga.model.ids import derived_id, escaped
from b2b2c_saga.model.messages import Command, Event, IntegrationEvent, Message, Reply
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.saga.steps import Book, Gate, Learning, Path, Step

OPENINGS_AT_MOST = 20_000
"""Of one event: an order of 2,500 lines in as many shipments opens three gates a shipment when it is cancelled."""


class RowLike(Protocol):
    """What the mechanism needs of a row."""

    @property
    def key(self) -> str:
        """What it is the row of."""

    @property
    def terms(self) -> Terms:
        """What holds for it."""

    @property
    def early(self) -> tuple[Early, ...]:
        """Events that wait in it."""


Row = TypeVar("Row", bound=RowLike)


@dataclass(frozen=True)
class Alarm:
    """Time has come; says nothing else."""


@dataclass(frozen=True)
class Refused:
    """An event that can never be learned: it contradicts the row, or what it waited for never came."""

    event: Event
    why: BadInput

    @property
    def reason(self) -> str:
        """What is wrong, where, and the value found there."""
        return str(self.why)


@dataclass(frozen=True)
class Output:
    """A message to send. Its id is derived from what opened: the same opening again is the same id.

    `idempotency_key` is the same for every attempt of a command.
    """

    message: Message
    id: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Happening(Generic[Row]):
    """One learning or one opening: the row after it, and what came of it."""

    row: Row
    messages: tuple[Message, ...] = ()
    refused: tuple[Refused, ...] = ()
    gate: str = ""
    subject: str = ""
    attempt: int = 0

    def outputs(self) -> Iterator[Output]:
        """The messages with their derived ids."""
        for message in self.messages:
            if isinstance(message, Reply):
                yield _answer(message)
                continue
            once = derived_id(message.key, self.gate, self.subject, message.effect)
            yield Output(message, derived_id(once, self.attempt), once if isinstance(message, Command) else None)


@dataclass(frozen=True)
class Decision(Generic[Row]):
    """The new row and what follows from it."""

    row: Row
    outputs: tuple[Output, ...] = ()
    refused: tuple[Refused, ...] = ()
    alarm: datetime | None = None
    """The next moment at which time alone changes something."""

    def of(self, kind: type[Message]) -> tuple[Message, ...]:
        """The messages of one kind, in the order they were decided."""
        return tuple(output.message for output in self.outputs if isinstance(output.message, kind))

    @property
    def commands(self) -> tuple[Message, ...]:
        """What outside systems must do."""
        return self.of(Command)

    @property
    def events(self) -> tuple[Message, ...]:
        """What downstream is told."""
        return self.of(IntegrationEvent)

    @property
    def replies(self) -> tuple[Message, ...]:
        """Answers to requests."""
        return self.of(Reply)


@dataclass(frozen=True)
class Saga(Generic[Row]):
    """The steps that share one kind of row."""

    steps: tuple[Step, ...]

    def decide(self, row: Row, event: Event | Alarm, now: datetime, book: Book = None) -> Decision[Row]:
        """What follows from an event; `book` is what rules look up today.

        Raises:
            Bug: nobody learns such an event, or the gates never come to rest.
        """
        happened: list[Happening[Row]] = []
        alarm: datetime | None = None
        unfolding = self.unfold(row, event, now, book)
        while True:
            try:
                happened.append(next(unfolding))
            except StopIteration as end:
                alarm = end.value
                break
        return Decision(
            happened[-1].row,
            tuple(output for one in happened for output in one.outputs()),
            tuple(refused for one in happened for refused in one.refused),
            alarm,
        )

    def unfold(
        self, row: Row, event: Event | Alarm, now: datetime, book: Book = None
    ) -> Generator[Happening[Row], None, datetime | None]:
        """`decide`, one learning or opening at a time; the gates are settled before each early event that is let in.

        Returns the next moment at which time alone changes something.
        """
        happening: Happening[Row] = Happening(row) if isinstance(event, Alarm) else self._learn(row, event, now, book)
        for _ in range(OPENINGS_AT_MOST):
            yield happening
            row = happening.row
            opened = self._open_next(row, now, book)
            next_one = opened if isinstance(opened, Happening) else self._let_in_early(row, now, book)
            if next_one is None:
                return _earliest(row, None if isinstance(opened, Happening) else opened)
            happening = next_one
        raise Bug(f"the gates of {row.key} never come to rest")

    def waiting(self, row: Row, now: datetime) -> dict[str, list[str]]:
        """What each closed gate waits for, in words: the operator's answer to "why?".

        Gates that use up what they wait for (a request, a cancellation) have nothing to wait for until it comes.
        """
        return {
            " ".join(filter(None, (gate.name.replace("_", " "), *(subject.name for subject in path)))): gate.unmet(
                path, now
            )
            for gate, path in self._gates(row)
            if gate.times is not None and not gate.used_up(path)
        }

    def alarm(self, row: Row, now: datetime) -> datetime | None:
        """The next moment after `now` at which time alone changes something; read off the row: nothing to cancel."""
        dues = (due for gate, path in self._gates(row) if (due := gate.opens_at(path)) is not None and due > now)
        return _earliest(row, min(dues, default=None))

    def learning(self, event: type[Event]) -> Learning:
        """How an event of that type is learned.

        Raises:
            Bug: no step learns it.
        """
        for step in self.steps:
            if event in step.learnings:
                return step.learnings[event]
        raise Bug(f"no step learns {event.__name__}")

    def refusal(self, event: Event, reason: str) -> Output | None:
        """The answer to a request that is refused; None if nobody waits for one."""
        reply = self.learning(type(event)).refusal(event, reason)
        return _answer(reply) if reply else None

    def _gates(self, row: Row) -> Iterator[tuple[Gate, Path]]:
        paths: dict[str, list[Path]] = {}
        for gate in self._all_gates:
            scope = gate.scope
            if scope.name not in paths:
                paths[scope.name] = list(scope.paths(row))
            for path in paths[scope.name]:
                yield gate, path

    @cached_property
    def _all_gates(self) -> tuple[Gate, ...]:
        return tuple(gate for step in self.steps for gate in step.gates)

    def _learn(self, row: Row, event: Event, now: datetime, book: Book) -> Happening[Row]:
        learning = self.learning(type(event))
        if learning.lacks(row, event):
            known = any(early.event == event for early in row.early)
            return Happening(row if known else _with_early(row, (*row.early, Early(event, now))))
        if why := learning.refuses(row, event, now, book):
            reply = learning.refusal(event, str(why))
            return Happening(row, messages=(reply,) if reply else (), refused=(Refused(event, why),))
        return Happening(learning.merge(row, event, now, book))

    def _open_next(self, row: Row, now: datetime, book: Book) -> Happening[Row] | datetime | None:
        """What the first gate does that may open; if none may, when time alone will open one."""
        earliest: datetime | None = None
        for gate, path in self._gates(row):
            due = gate.opens_at(path)
            if due is None:
                continue
            if due <= now:
                break
            earliest = due if earliest is None else min(earliest, due)
        else:
            return earliest
        subject, messages = gate.opens(*path, now, book)
        if gate.times is not None:
            subject = subject.having_opened(gate.name)
        named = "/".join(escaped(part.name) for part in path[1:])
        return Happening(gate.scope.put(path, subject), tuple(messages), (), gate.name, named, subject.times(gate.name))

    def _let_in_early(self, row: Row, now: datetime, book: Book) -> Happening[Row] | None:
        for early in row.early:
            learning = self.learning(type(early.event))
            lacks = learning.lacks(row, early.event)
            if not lacks:
                return self._learn(_without(row, early), early.event, now, book)
            if now >= early.since + row.terms.patience.early_event:
                why = BadInput(f"waited in vain for: {', '.join(lacks)}")
                reply = learning.refusal(early.event, str(why))
                return Happening(_without(row, early), (reply,) if reply else (), (Refused(early.event, why),))
        return None


def _earliest(row: RowLike, due: datetime | None) -> datetime | None:
    """The earlier of a gate's moment and the end of patience with an early event."""
    if not row.early:
        return due
    early = min(early.since for early in row.early) + row.terms.patience.early_event
    return early if due is None else min(due, early)


def _answer(reply: Reply) -> Output:
    return Output(reply, derived_id("reply", reply.key, reply.request_id))


def _without(row: Row, early: Early) -> Row:
    return _with_early(row, tuple(other for other in row.early if other is not early))


def _with_early(row: Row, early: tuple[Early, ...]) -> Row:
    return cast("Row", replace(cast("Any", row), early=early))
