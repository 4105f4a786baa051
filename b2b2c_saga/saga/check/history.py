"""Histories: what happened to one order, event by event, with what was decided; readable and replayed as tests.

    # What happens, in the words of the business.
    given no B2B leg

    OrderPlaced L=2
      = OPEN / NONE
    PackConfirmed A L=2 request=q1
      -> PackOnMarketplace A attempt=1 L=2
      = PACKING / NONE
    Alarm +2m

`->` is what was decided, `=` the states of fulfilment and invoice and when time alone will change something, told
when they changed. A time is told when the clock has moved, and counts from the start.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from b2b2c_saga.model.errors import BadInput, Bug
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.model.terms import Numbers, Terms
from b2b2c_saga.model.words import Moment
from b2b2c_saga.saga.check.lines import moment, parse, render, span
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import EWAY_BILL, FIRM, PASS_THROUGH, PRICES, TERMS, WMS
from b2b2c_saga.saga.decide import Alarm, Decision, Saga

STOCK = "given stock"
GIVEN = {
    "given no B2B leg": "the channel passes straight through",
    "given WMS variant": "the B2B sale begins in the warehouse, at intake",
    "given no cancel after pack": "a packed parcel can't be cancelled on this channel",
    "given no void": "the provider can't void a document, only credit it",
    "given numbers of the issuer": "the brand's system keeps a series, and gives the number of each document",
    "given e-way bills above N": "rupees: a consignment worth more may not move without an e-way bill",
    "given N attempts": "of one step of a reversal, until somebody must look",
    "given patience NAME LONG": "how long is waited for what (model/terms.py), such as answer +5m",
    STOCK: "the row is that of a SKU, not of an order",
    "given channel CODE": "the account sells on another channel than the order says",
}
INDENT = "  "
BY_ITSELF = "# an outside system acts by itself"


@dataclass(frozen=True)
class Sagas:
    """The two sagas under check."""

    orders: Saga[Order]
    stock: Saga[Stock]

    def of(self, row: Order | Stock) -> Saga[Any]:
        """The saga of that row."""
        return self.stock if isinstance(row, Stock) else self.orders


@dataclass(frozen=True)
class Happened:
    """An event of a history, or None: something that only the outside world knows."""

    event: Event | Alarm | None
    at: Moment


def replay(text: str, sagas: Sagas) -> str:
    """The same history as the sagas decide it today: comments and events are kept, decisions are told anew.

    Raises:
        BadInput: names the line and what is wrong with it.
    """
    lines = text.splitlines()
    row, now, told = start(lines), START, []
    teller = _Teller(sagas.of(row), row)
    for number, line in enumerate(lines, 1):
        if line[:1].isspace():
            continue
        if not line or line.startswith(("#", "given ")):
            told.append(line)
            continue
        try:
            happened = _happened(line, now)
        except BadInput as error:
            raise BadInput(f"line {number}: {error.reason}", error.field, error.value, error.rule) from None
        now = happened.at
        told += teller.tell(happened)
    return "\n".join(told) + "\n"


def events(text: str) -> tuple[Order | Stock, list[Happened]]:
    """The row that a history begins with, and its events.

    Raises:
        BadInput: a line is no event.
    """
    lines, now, found = text.splitlines(), START, []
    for line in lines:
        if line and not line[0].isspace() and not line.startswith(("#", "given ")):
            found.append(_happened(line, now))
            now = found[-1].at
    return start(lines), found


def start(lines: list[str]) -> Order | Stock:
    """The row that a history begins with, by its lines of `given`.

    Raises:
        BadInput: what is given is not understood.
    """
    terms = TERMS
    for line in lines:
        if line.startswith("given ") and line != STOCK:
            terms = _with(terms, line)
    return Stock("ACC", "W", "SKU", terms) if STOCK in lines else Order("ACC", "O", terms)


def entries(saga: Saga[Any], row: Order | Stock, happened: Iterable[Happened]) -> Iterator[str]:
    """One entry for each event, of one line and more."""
    teller = _Teller(saga, row)
    return ("\n".join(teller.tell(one)) for one in happened)


def saved(title: Iterable[str], row: Order | Stock, told: Iterable[str]) -> str:
    """The text of a history file."""
    return "\n".join([*(f"# {line}" for line in title), *_given(row), "", *told]) + "\n"


class _Teller:
    """Tells events one by one, and remembers what was said last."""

    def __init__(self, saga: Saga[Any], row: Order | Stock) -> None:
        self.saga, self.row = saga, row
        self.now, self.said = START, ""

    def tell(self, happened: Happened) -> list[str]:
        """The line of an event, and the indented lines of what it led to."""
        event, now = happened.event, happened.at
        moved, self.now = now != self.now, now
        if event is None:
            return [BY_ITSELF]
        line = render(event, now) + (f" {span(now)}" if moved else "")
        try:
            decision: Decision[Any] = self.saga.decide(self.row, event, now, PRICES)
        except Bug as bug:
            return [line, f"{INDENT}-> Bug: {bug}"]
        outputs = [*self._waits(decision, event), *(render(output.message, now) for output in decision.outputs)]
        outputs += [
            "refused" + ("" if r.event is event else f" {render(r.event, now)}") + f": {r.reason}"
            for r in decision.refused
        ]
        self.row, before = decision.row, self.said
        self.said = states(self.row, self.saga.alarm(self.row, now))
        changed = [f"{INDENT}= {self.said}"] if self.said != before else []
        return [line, *(f"{INDENT}-> {output}" for output in outputs), *changed]

    def _waits(self, decision: Decision[Any], event: Event | Alarm) -> Iterator[str]:
        if not isinstance(event, Alarm) and any(early.event == event for early in decision.row.early):
            yield f"waits for: {', '.join(self.saga.learning(type(event)).lacks(decision.row, event))}"


def states(row: Order | Stock, alarm: datetime | None) -> str:
    """Where the row is, and when time alone will change something."""
    rings = f", alarm {span(alarm)}" if alarm else ""
    if isinstance(row, Stock):
        has = [
            f"{who} has {version}" for who, version in (("Omni", row.omni_has), ("marketplace", row.marketplace_has))
        ]
        return ", ".join([f"version {row.version}: {row.quantity} units", *has]) + rings
    if not row.is_known:
        return f"not taken in{rings}"
    each = [f"{s.id} {s.fulfilment} / {s.invoice_state}" for s in row.shipments] if len(row.shipments) > 1 else []
    return f"{row.fulfilment} / {row.invoice_state}" + (f" ({', '.join(each)})" if each else "") + rings


def _happened(line: str, now: Moment) -> Happened:
    said, _, last = line.rpartition(" ")
    at = moment(last) if last.startswith("+") else now
    if at < now:
        raise BadInput("time goes backwards", field="line", value=line, rule=f"not before {span(now)}")
    return Happened(parse(said if last.startswith("+") else line, at), at)


def _with(terms: Terms, line: str) -> Terms:
    change: dict[str, Any]
    match line.split(" ")[1:]:
        case ["no", "B2B", "leg"]:
            change = {"b2b_leg": PASS_THROUGH.b2b_leg}
        case ["WMS", "variant"]:
            change = {"b2b_order": WMS.b2b_order, "issuer": WMS.issuer}
        case ["no", "cancel", "after", "pack"]:
            change = {"cancel_after_pack": FIRM.cancel_after_pack}
        case ["no", "void"]:
            change = {"documents": replace(terms.documents, void_window=None)}
        case ["numbers", "of", "the", "issuer"]:
            change = {"numbers": Numbers.ISSUER}
        case ["e-way", "bills", "above", n] if n.isdigit():
            change = {"eway_bill": replace(EWAY_BILL, above=Decimal(n))}
        case [n, "attempts"] if n.isdigit():
            change = {"patience": replace(terms.patience, attempts_at_most=int(n))}
        case ["patience", name, long] if name in _durations(TERMS):
            much: Any = {name: moment(long) - START}
            change = {"patience": replace(terms.patience, **much)}
        case ["channel", code]:
            change = {"channel": code}
        case _:
            raise BadInput("not understood", field="given", value=line, rule=f"one of: {', '.join(GIVEN)}")
    return replace(terms, **change)


def _given(row: Order | Stock) -> Iterator[str]:
    terms: Terms = row.terms
    usual, patience = TERMS, terms.patience
    said = {
        STOCK: isinstance(row, Stock),
        "given no B2B leg": not terms.b2b_leg,
        "given WMS variant": terms.b2b_order,
        "given no cancel after pack": not terms.cancel_after_pack,
        "given no void": terms.documents.void_window is None,
        "given numbers of the issuer": terms.numbers is Numbers.ISSUER,
        f"given e-way bills above {terms.eway_bill and terms.eway_bill.above}": terms.eway_bill is not None,
        f"given {patience.attempts_at_most} attempts": patience.attempts_at_most != usual.patience.attempts_at_most,
        f"given channel {terms.channel}": terms.channel != usual.channel,
    }
    yield from (line for line, holds in said.items() if holds)
    for name, long in _durations(terms).items():
        if long != _durations(usual)[name]:
            yield f"given patience {name} {span(START + long)}"


def _durations(terms: Terms) -> dict[str, timedelta]:
    return {name: long for name, long in vars(terms.patience).items() if isinstance(long, timedelta)}
