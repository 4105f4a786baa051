"""What waits, what would become of it and what became of it: as plain values for a machine, as tables for an operator.

Nothing personal: a record's value is never shown, and what a failure says keeps people out by itself.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.cli.shared import show_json
from b2b2c_saga.model.rows import decode_order
from b2b2c_saga.replay.audit import Act
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.plan import Planned
from b2b2c_saga.replay.run import Outcome
from b2b2c_saga.replay.select import LeftOut
from b2b2c_saga.replay.waiting import Waiting

Facts = dict[str, Any]


def listed(one: Waiting, topics: Topics) -> Facts:
    """One line of the list."""
    return {
        "order": _key(one),
        "records": len(one.records),
        "alone": one.alone,
        "since": one.since.isoformat(),
        "redrives": one.redrives,
        "failed": one.failure.type,
        "topic": _short(one.failure.origin, topics),
        "class": one.failure.reason,
        "message": one.failure.message,
        "canBeReleased": one.obstacle is None,
        "parked": [_parked(parked, topics) for parked in one.records],
    }


def planned(one: Planned, topics: Topics) -> Facts:
    """What would become of one order."""
    return {
        "order": _key(one.waiting),
        "records": len(one.waiting.records),
        "decided": one.decided,
        "parkedAgain": one.parked_again,
        "before": _state(one, one.before, topics),
        "after": _state(one, one.after, topics),
        "sends": [{"type": sent.type, "topic": _short(sent.topic, topics)} for sent in one.sent],
        "class": one.failed.reason if one.failed else None,
        "message": one.failed.message if one.failed else None,
    }


def left_out(one: LeftOut, topics: Topics) -> Facts:
    """What is not released, and why."""
    return {**listed(one.waiting, topics), "leftOut": one.why}


def show_waiting(console: Console, found: Sequence[Waiting], topics: Topics) -> None:
    """The list."""
    table = _table("order", "waiting", "since (UTC)", "redrives", "failed", "on", "class", "because")
    for one in found:
        failure = one.failure
        waits = f"alone, {one.records[0].record.partition}:{one.records[0].record.offset}" if one.alone else None
        table.add_row(
            Text(_key(one) or "(no key)"),
            waits or str(len(one.records)),
            f"{one.since:%Y-%m-%d %H:%M:%S}",
            str(one.redrives or ""),
            failure.type,
            _short(failure.origin, topics),
            failure.reason,
            Text(failure.message),
        )
    if found:
        console.print(table)
    records = sum(len(one.records) for one in found)
    console.print(f"{_count(records, 'record')} of {_count(len({one.key for one in found}), 'order')}", highlight=False)


def show_plan(console: Console, plans: Sequence[Planned], not_taken: Sequence[LeftOut], topics: Topics) -> None:
    """What would become of each."""
    table = _table("order", "decided", "before", "after", "would be sent", "would wait again")
    for one in plans:
        sent = Counter(f"{sent.type} ({_short(sent.topic, topics)})" for sent in one.sent)
        again = f"{one.parked_again}: {one.failed.reason}: {one.failed.message}" if one.failed else ""
        table.add_row(
            Text(_key(one.waiting)),
            f"{one.decided} of {len(one.waiting.records)}",
            _state(one, one.before, topics),
            _state(one, one.after, topics),
            Text("\n".join(f"{what} x{n}" if n > 1 else what for what, n in sent.items())),
            Text(again),
        )
    if plans:
        console.print(table)
    _show_left_out(console, not_taken)
    good = sum(1 for one in plans if not one.failed)
    console.print(f"{good} of {_count(len(plans), 'order')} would go on. Nothing was written.", highlight=False)


def show_outcome(console: Console, outcome: Outcome, not_taken: Sequence[LeftOut], act: Act, topics: Topics) -> None:
    """What became of a release."""
    if outcome.again:
        console.print("Failed again, and waiting:", highlight=False)
        show_waiting(console, outcome.again, topics)
    _show_left_out(console, not_taken)
    if outcome.on_their_way:
        console.print(f"{_count(outcome.on_their_way, 'order')} on their way: does a worker run?", highlight=False)
    if outcome.alone:
        console.print(
            f"{_count(outcome.alone, 'record')} that had been parked alone: `replay list` shows what fails again",
            highlight=False,
        )
    goes = "goes" if outcome.gone == 1 else "go"
    told = f"{_count(outcome.sent, 'record')} released, {_count(outcome.gone, 'order')} {goes} on."
    console.print(f"{told} Audited as {act.id}." if outcome.sent else "Nothing was released.", highlight=False)


def show_skipped(records: Sequence[Parked], act: Act, topics: Topics, *, as_json: bool) -> None:
    """What was skipped."""
    if as_json:
        show_json({"action": act.id, "skipped": [_parked(one, topics) for one in records]})
        return
    console = Console()
    for one in records:
        key = (one.record.key or b"").decode(errors="replace")
        place = f"{one.record.partition}:{one.record.offset}"
        console.print(Text(f"skipped {one.type} of {key or '(no key)'}, parked at {place}"))
    console.print(f"{_count(len(records), 'record')} skipped. Audited as {act.id}.", highlight=False)


def _show_left_out(console: Console, not_taken: Sequence[LeftOut]) -> None:
    for one in not_taken:
        console.print(Text(f"left out: {_key(one.waiting) or '(no key)'}: {one.why}"))


def _parked(one: Parked, topics: Topics) -> Facts:
    return {
        "partition": one.record.partition,
        "offset": one.record.offset,
        "type": one.type,
        "topic": _short(one.origin, topics),
        "class": one.reason,
    }


def _state(one: Planned, row: bytes | None, topics: Topics) -> str:
    if row is None:
        return "(none)"
    if one.waiting.table != topics.name("changelog.orders"):
        return "known"
    order = decode_order(row)
    return f"{order.fulfilment} / {order.invoice_state}" if order.is_known else "not taken in"


def _short(topic: str, topics: Topics) -> str:
    return topics.short(topic) if topic in topics.by_name else topic


def _key(one: Waiting) -> str:
    return one.key.decode(errors="replace")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
