"""What came before a violation: everything said about one order, what was decided, and the faults around it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.chaos.nemesis import Inflicted
from b2b2c_saga.chaos.orders.slices import OUTPUTS, TABLES, Slice, header, sources_of, waits_parked
from b2b2c_saga.model.rows import decode_order, decode_stock

AROUND = 30.0
"""Seconds before the first and after the last record of an order in which a fault is told with it."""


def history(of: Slice, key: str, topics: Topics, faults: Sequence[Inflicted]) -> Iterator[str]:
    """Line by line, by the broker's time; keys, types and states, nothing of the consumer."""
    records = of.about(key.encode())
    lines = [(record.timestamp / 1_000, _line(record, topics)) for record in records]
    if lines:
        first, last = lines[0][0] - AROUND, lines[-1][0] + AROUND
        faults = [fault for fault in faults if fault.at + fault.seconds >= first and fault.at <= last]
    lines += [(fault.at, f"FAULT    {fault.kind} for {fault.seconds:.1f} s: {fault.what}") for fault in faults]
    yield f"{key}, partition {of.number}"
    for at, line in sorted(lines, key=lambda one: one[0]):
        yield f"  {datetime.fromtimestamp(at, UTC):%H:%M:%S.%f} {line}"


def _line(record: Record, topics: Topics) -> str:
    short = topics.short(record.topic)
    where = f"{short}:{record.offset}"
    if short in TABLES:
        sources = ", ".join(f"{_short(place, topics)}:{at}" for place, at in sources_of(record))
        waits = f", {waits_parked(record)} wait parked" if waits_parked(record) else ""
        return f"DECIDED  {where} {_state(short, record.value)}{waits} from {sources}"
    what = f"{where} {(header(record, 'ce_type') or b'?').decode()} {(header(record, 'ce_id') or b'?').decode()}"
    if short == "parked":
        return f"PARKED   {what}: {(header(record, '__dlq.errors.message') or b'?').decode()}"
    return f"{'OUTPUT ' if short in OUTPUTS else 'INPUT  '}  {what}"


def _state(short: str, row: bytes | None) -> str:
    if not row:
        return "no row"
    if short == "changelog.stock":
        stock = decode_stock(row)
        return f"version {stock.version}, marketplace has {stock.marketplace_has}"
    order = decode_order(row)
    return f"{order.fulfilment} / {order.invoice_state}" if order.is_known else "not known yet"


def _short(place: str, topics: Topics) -> str:
    return topics.short(place) if place in topics.by_name else place
