"""The state table of the business as text, `state_table/*.txt`, and how a row of it is played: by events alone.

    | PACKED | cancel [channel allows / forbids] | REVERSING / PACKED | unpack / refuse, expect return-to-origin |
    needs channel allows [ERP, WMS, plain]; channel forbids [ERP, WMS, plain]

    --- channel forbids [ERP, WMS, plain]
    from PACKED
      given no cancel after pack
    CancellationPosted L=2
      -> ReturnExpected L=2
      = PACKED / {invoice}, return expected

A row bears the table's own words, and then which alternatives of it there are on which channels. Each case begins on a
rung of the `LADDER`, with what else is given and has happened indented under it. Then comes the row's event with all
that is sent because of it (`->`) and what is reached (`=`); later events of a case are answers to what was sent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order, encode_order
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check.history import Happened, events, states
from b2b2c_saga.saga.check.lines import render, span
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.saga.decide import Alarm, Decision
from b2b2c_saga.steps import ORDERS

GIVEN = {"ERP": "", "WMS": "given WMS variant", "plain": "given no B2B leg"}
"""The channels: both variants of the B2B leg, and one that does not run on the B2B2C model."""
B2B, ALL = ("ERP", "WMS"), ("ERP", "WMS", "plain")

LADDER = (
    ("-", ALL, ""),
    ("taken in", ALL, "OrderPlaced L=2"),
    ("OPEN", ("WMS",), "B2BOrderCreated"),
    ("packed for the B2B sale", ("WMS",), "B2BPacked A L=2"),
    ("REQUESTED", ALL, "PackConfirmed A request=q L=2"),
    ("PACKING, pack sent", B2B, "InvoiceAcknowledged A"),
    ("PACKED", ALL, "MarketplacePacked A"),
    ("PACKED and REGISTERED", B2B, "InvoiceRegistered A"),
    ("HANDING_OVER", ALL, "HandoverRequested A request=h"),
    ("HANDED_OVER", ALL, "HandedOver A"),
    ("DELIVERED", ALL, "Delivered A"),
)
"""Where an order of two units may be, on which channels an event leads there, and that event."""


@dataclass(frozen=True)
class Case:
    """One alternative of a row on some channels: where it begins, what else is given or happens there, what is told."""

    what: str
    channels: tuple[str, ...]
    rung: str
    there: tuple[str, ...]
    lines: tuple[str, ...]

    def before(self, channel: str) -> list[str]:
        """The history up to the row's event. Without a B2B leg there is no news of an invoice."""
        upto = [name for name, _, _ in LADDER].index(self.rung)
        climbed = [line for _, where, line in LADDER[: upto + 1] if channel in where and line]
        given = [line for line in self.there if line.startswith("given ")]
        happened = [line for line in self.there if line not in given]
        if channel == "plain":
            happened = [line for line in happened if not line.startswith("Invoice")]
        return [GIVEN[channel], *given, *climbed, *happened]

    def told(self, channel: str) -> str:
        """What is told on that channel; `{invoice}` is the state of an invoice, where there is one."""
        return "\n".join(self.lines).format(invoice="NONE" if channel == "plain" else "REGISTERED")

    def events(self, now: Moment) -> list[Happened]:
        """The row's event, now or at its time, and those that follow it."""
        first, *rest = [line for line in self.lines if not line.startswith(" ")]
        timed = first if first.split(" ")[-1].startswith("+") else f"{first} {span(now)}"
        return events("\n".join([timed, *rest]))[1]


@dataclass(frozen=True)
class Row:
    """One line of the table, the alternatives that it must show with their channels, and its cases."""

    words: str
    needs: dict[str, tuple[str, ...]]
    cases: tuple[Case, ...]


def read(file: Path) -> Iterator[Row]:
    """The rows of a file."""
    _, *rows = file.read_text().split("\n| ")
    for row in rows:
        words, _, rest = row.partition(" |\n")
        needs, *cases = rest.split("\n--- ")
        pairs = [_labelled(need) for need in needs.strip().removeprefix("needs ").split("; ") if need]
        yield Row(words, dict(pairs), tuple(map(_case, cases)))


def _labelled(text: str) -> tuple[str, tuple[str, ...]]:
    what, _, channels = text.strip().removesuffix("]").rpartition(" [")
    return what, tuple(channels.split(", "))


def _case(text: str) -> Case:
    head, rung, *lines = text.strip().splitlines()
    first = next(n for n, line in enumerate(lines) if not line.startswith(" "))
    there = tuple(line.strip() for line in lines[:first])
    return Case(*_labelled(head), rung.removeprefix("from "), there, tuple(lines[first:]))


def begin(case: Case, channel: str) -> tuple[Order, Moment]:
    """The order brought into the row's state, and the time."""
    row, happened = events("\n".join(case.before(channel)))
    now = START
    for one in happened:
        row, now = decided(row, one).row, one.at
    assert isinstance(row, Order)
    return row, now


def decided(row: Any, happened: Happened) -> Decision[Any]:  # noqa: ANN401 - an order
    """What follows from an event; the row goes through the changelog's bytes on the way."""
    assert happened.event is not None
    decision: Decision[Any] = ORDERS.decide(row, happened.event, happened.at, PRICES)
    if not decision.row.is_known:
        return decision
    return replace(decision, row=decode_order(encode_order(decision.row)))


def told(row: Order, now: Moment, happened: Iterable[Happened]) -> str:
    """Each event, what is sent because of it, and what is reached."""
    lines: list[str] = []
    for one in happened:
        decision = decided(row, one)
        lines += _told(one, decision, moved=one.at != now)
        row, now = decision.row, one.at
    return "\n".join(lines)


def _told(one: Happened, decision: Decision[Order], *, moved: bool) -> Iterator[str]:
    assert one.event is not None
    yield render(one.event, one.at) + (f" {span(one.at)}" if moved else "")
    if not isinstance(one.event, Alarm) and any(early.event == one.event for early in decision.row.early):
        yield f"  -> waits for: {', '.join(ORDERS.learning(type(one.event)).lacks(decision.row, one.event))}"
    yield from (f"  -> {render(output.message, one.at)}" for output in decision.outputs)
    yield from (f"  -> parked {render(r.event, one.at)}: {r.reason}" for r in decision.refused)
    said, comma, alarm = states(decision.row, ORDERS.alarm(decision.row, one.at)).partition(", alarm")
    yield "  = " + ", ".join([said, *_words(decision.row, one.at)]) + comma + alarm


def _words(row: Order, now: Moment) -> Iterator[str]:
    """What the table says of a state besides its name."""
    waiting = ORDERS.waiting(row, now)
    if not row.cancel_unmet.fits_in(row.expected_back) or any(s.is_cancelling for s in row.shipments):
        yield "cancelling"
    for s in row.shipments:
        if s.documents and not s.label:
            yield "documents pending"
        if s.handover_asked and s.left and not s.leaving:
            yield f"held for: {', '.join(waiting[f'hand over on marketplace {s.id}'])}"
    if row.expected_back:
        yield "return expected"
