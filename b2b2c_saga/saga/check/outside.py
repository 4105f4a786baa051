"""The outside systems of a small world: their books, and every way in which they may answer a command."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.answers import Label
from b2b2c_saga.model.order import Order

START = datetime(2026, 1, 1, tzinfo=UTC)
LABEL = Label(transporter="T", awb_number="A", url="U")


class Act(NamedTuple):
    """A command as the outside remembers it: what, about what, which attempt, how many units, of which document."""

    call: str
    subject: str
    attempt: int
    units: int
    document: str = ""


class Document(NamedTuple):
    """A B2B invoice in its issuer's book."""

    shipment: str
    number: str
    units: int


class World(NamedTuple):
    """One state of everything: our row, what is on its way, and the books of the outside systems."""

    row: Order
    flying: frozenset[Event]
    """Events on their way, to be delivered in any order."""
    after_handover: frozenset[Event]
    """What upstream says once the parcel has left."""
    done: frozenset[Act] = frozenset()
    booked: frozenset[Document] = frozenset()
    """The issuer's: invoices that are registered, and were not revoked."""
    pending: frozenset[Document] = frozenset()
    """The issuer's: acknowledged, to be registered or refused later, perhaps without a word."""
    refused: frozenset[str] = frozenset()
    """What was refused for good, told or not: invoices by their numbers, steps of reversals and packs by name."""
    late: frozenset[Document] = frozenset()
    """Invoices that the issuer will still register, long after it was asked and said nothing."""
    revoked: frozenset[Document] = frozenset()
    """The registry's: registered, and taken back."""
    taken: frozenset[str] = frozenset()
    """Numbers that other documents bear."""
    given: frozenset[tuple[str, str]] = frozenset()
    """The issuer's: numbers of its series, each with what it was given for."""
    bills: frozenset[str] = frozenset()
    """The issuer's: documents that have an active e-way bill, by their numbers."""
    undone: frozenset[Act] = frozenset()
    """The issuer's: voids and credit notes."""
    market: frozenset[tuple[str, str]] = frozenset()
    """The marketplace's: what it did with which shipment."""
    shelf: frozenset[Act] = frozenset()
    """The warehouse's: what was put away or released, and its B2B orders."""
    now: datetime = START
    faults: int = 0
    """How many more answers may fail to come."""
    delays: int = 0
    """How often an alarm may still overtake events in flight."""
    echo: str = ""
    """The type of event of which one may come again: whoever sent it died before they knew that they had."""
    again: frozenset[Event] = frozenset()
    """What comes again, whenever it does; no alarm waits for it."""
    quirks: int = 0
    """How often somebody outside may still do what is not asked: refuse for good, cancel, revoke."""
    fixes: int = 0
    """How often somebody may still put right what was refused for good."""


Answers = Iterator[tuple[World, tuple[Event, ...]]]


def act_of(command: Command) -> Act:
    """What the outside remembers of a command."""
    document = getattr(command, "preceding_document", "") or getattr(command, "document_number", "")
    return Act(command.call(), command.subject, command.attempt, units_of(command), document)


def units_of(message: object) -> int:
    """How many units a message is about."""
    for name in ("lines", "items", "goods"):
        if hasattr(message, name):
            return sum(line.quantity for line in getattr(message, name))
    return sum(line.quantity for document in getattr(message, "documents", ()) for line in document.lines)


def about(command: Command) -> dict[str, Any]:
    """What an answer repeats of its command."""
    names = ("account", "order_code", "shipment_id", "reversal", "release")
    return {name: getattr(command, name) for name in names if hasattr(command, name)}


def perhaps_silent(w: World, done: World, command: Command, *events: Event) -> Answers:
    """Done and answered; or no answer: done (and it is not understood), not done, or done and answered all the same."""
    yield done, events
    if w.faults:
        silent = command.unanswered()
        puzzling = command.unanswered(not_understood="status 200, not as agreed")
        follows = events[1:]  # what the world does next does not hang on the answer
        yield done._replace(faults=w.faults - 1), (puzzling, *follows)
        yield done._replace(faults=w.faults - 1), (silent, *events)
        yield w._replace(faults=w.faults - 1), (silent,)
