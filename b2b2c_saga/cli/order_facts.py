"""What is known of an order, read from its row and its topics, as plain values: for a machine, and for the page.

Nothing personal: the row's `recipient` is never touched.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from b2b2c_saga.bus.clients import read_all
from b2b2c_saga.bus.records import Record, header_values, partition_of
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.reversal import Reversal
from b2b2c_saga.model.rows import decode_order
from b2b2c_saga.model.shipment import Fulfilment, Shipment
from b2b2c_saga.replay.standing import read_waiting
from b2b2c_saga.runtime.rows import tables_of_steps
from b2b2c_saga.settings import Settings
from b2b2c_saga.steps import ORDERS

CHANGELOG = "changelog.orders"
TOLD_IN = (
    *("intake", "invoice", "pack", "handover", "cancel", "return"),
    *("commands.omni", "commands.marketplace", "commands.erp", "commands.wms", "commands.rms"),
    *("order-events", "b2c-returns"),
)
"""The topics that an order's timeline is read from."""

WORTH_READING = (
    *("fulfilment", "invoice", "document_number", "registration", "refusal", "cause"),
    *("trouble", "not_understood", "reason", "attempt"),
)
"""What a timeline tells of a message, where the message has it."""

Facts = dict[str, Any]

NOTHING_KNOWN: Facts = {
    "fulfilment": Fulfilment.PARKED.value,
    "invoice": InvoiceState.NONE.value,
    "units": 0,
    "shipments": 0,
    "dispatchBy": None,
}


async def read_rows(settings: Settings, topics: Topics, key: bytes | None = None) -> dict[bytes, Record]:
    """The last changelog record of each order, or of the one of that key."""
    partition = None if key is None else partition_of(key, topics.partitions)
    rows: dict[bytes, Record] = {}
    async for record in read_all(settings, [topics.name(CHANGELOG)], partition):
        if record.key is None or (key is not None and record.key != key):
            continue
        if record.value is None:
            rows.pop(record.key, None)
        else:
            rows[record.key] = record
    return rows


async def read_timeline(settings: Settings, topics: Topics, key: bytes) -> list[Facts]:
    """Everything said about an order on its topics, by the time its sender gave it."""
    told = []
    async for record in read_all(settings, [topics.name(t) for t in TOLD_IN], partition_of(key, topics.partitions)):
        if record.key != key:
            continue
        try:
            envelope = decode(record)
        except BadInput:
            continue  # parked, and counted there
        message = envelope.message
        said = {"time": envelope.time, "topic": topics.short(record.topic), "type": type(message).__name__}
        told.append(said | {"about": message.subject, "detail": _detail(message)})
    return sorted(told, key=lambda said: said["time"])


def _detail(message: object) -> str:
    """The one thing worth reading in a timeline, if there is one."""
    found = ((name, getattr(message, name, None)) for name in WORTH_READING)
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found if value is not None)


async def read_reasons(settings: Settings, topics: Topics, rows: Mapping[bytes, Record]) -> dict[bytes, str]:
    """What the waiting records of orders wait for. The parked topic is read only where a row says that some wait."""
    keys = [key for key, row in rows.items() if parked(row)]
    if not keys:
        return {}
    partition = partition_of(keys[0], topics.partitions) if len(keys) == 1 else None
    found = await read_waiting(settings, topics, tables_of_steps(topics), partition)
    failures = {one.key: one.failure for one in found if not one.alone}
    return {key: f"{failures[key].reason}: {failures[key].message}" for key in keys if key in failures}


def summary(row: Record, because: str | None = None) -> Facts:
    """One order in a list. Whose records are parked is PARKED, whatever it had reached; it may have no row at all."""
    if not row.value:
        account, _, code = (row.key or b"").decode(errors="replace").partition("/")
        return {"account": account, "order": code, **NOTHING_KNOWN, "parked": parked(row), "parkedBecause": because}
    order = decode_order(row.value)
    return {
        "account": order.account,
        "order": order.code,
        "fulfilment": (Fulfilment.PARKED if parked(row) else order.fulfilment).value,
        "invoice": order.invoice_state.value,
        "units": order.ordered.total,
        "shipments": len(order.shipments),
        "dispatchBy": order.dispatch_by,
        "parked": parked(row),
        "parkedBecause": because,
    }


def parked(row: Record) -> int:
    """How many records of the order are parked."""
    text = header_values(row.headers).get("parked", b"0")
    return int(text) if text.isdigit() else 0


def facts(row: Record, now: datetime, because: str | None = None) -> Facts:
    """All of one order but its timeline; what its closed gates wait for is as of `now`.

    Raises:
        BadInput: nothing of the order could be learned: all its records are parked.
    """
    if not row.value:
        raise BadInput(
            "nothing is known of this order",
            rule=f"all its {parked(row)} records are parked{f' ({because})' if because else ''}; "
            "see `b2b2c-saga replay list`",
        )
    order = decode_order(row.value)
    return summary(row, because) | {
        "takenIn": order.is_known,
        "channel": order.channel,
        "location": order.location,
        "orderedAt": order.ordered_at,
        "recipientCorrected": _correction(order),
        "lines": _lines(order),
        "shipments": [_shipment(shipment) for shipment in order.shipments],
        "releases": [{"id": r.id, "units": _units(r.quantities), "done": r.done} for r in order.releases],
        "expectedBack": _units(order.expected_back),
        "b2bOrder": order.b2b_order_code,
        "notUnderstood": dict(order.not_understood),
        "waiting": ORDERS.waiting(order, now),
        "early": [{"type": type(early.event).__name__, "since": early.since} for early in order.early],
    }


def _correction(order: Order) -> Facts | None:
    """That the consumer's address was put right, when, by whom and why; never what it is."""
    known = order.correction
    return {"at": known.at, "by": known.by, "reason": known.reason} if known else None


def _lines(order: Order) -> list[Facts]:
    packed = Quantities.of(pair for s in order.shipments for pair in s.quantities)
    back = [reversal for s in order.shipments for reversal in s.reversals]
    returned = Quantities.of(pair for r in back if r.units for pair in r.quantities)
    cancelled = order.cancelled_open + Quantities.of(pair for r in back if not r.units for pair in r.quantities)
    return [
        {
            "code": line.code,
            "sku": line.sku,
            "ordered": line.quantity,
            "open": order.open[line.code],
            "packed": packed[line.code],
            "cancelled": cancelled[line.code],
            "returned": returned[line.code],
        }
        for line in order.lines
    ]


def _shipment(s: Shipment) -> Facts:
    documents = s.documents
    return {
        "id": s.id,
        "fulfilment": s.fulfilment.value,
        "invoice": s.invoice_state.value,
        "units": _units(s.quantities),
        "b2bInvoice": {
            "needed": s.invoice.needed,
            "number": s.invoice.number,
            "orderNumber": s.invoice.order_number,
            "type": s.invoice.type.value,
            "dated": s.invoice.dated,
            "rates": {line: str(rate) for line, rate in s.invoice.rates},
            "registration": s.invoice.registration,
            "registeredAt": s.invoice.registered_at,
            "documents": [document.model_dump(mode="json") for document in s.invoice.documents],
            "unusedNumbers": _unused(s),
            "ewayBill": _eway_bill(s),
            "problem": s.invoice.problem,
            "attempts": s.attempt,
        },
        "b2cInvoice": {"code": documents.invoice_code, "date": documents.invoice_date} if documents else None,
        "label": s.label.model_dump(by_alias=True) if s.label else None,
        "packProblem": s.pack_problem,
        "b2bPacked": s.b2b_packed,
        "confirmed": s.confirmed,
        "notUnderstood": dict(s.not_understood),
        "troubles": [f"{kind} {about}" for kind, about in s.troubles],
        "handoverAsked": s.handover_asked,
        "handedOverAt": s.handed_over_at,
        "deliveredAt": s.delivered_at,
        "reversals": [_reversal(s, reversal) for reversal in s.reversals],
    }


def _unused(s: Shipment) -> list[str]:
    """Numbers that the issuer gave and no document bears: what they were for was cancelled, or took another."""
    return [number for _, given in s.invoice.given for number in given if number not in s.invoice.numbers]


def _eway_bill(s: Shipment) -> list[Facts] | str | None:
    if not s.invoice.needs_eway_bill:
        return None
    return [bill.model_dump(mode="json") for bill in s.invoice.eway_bills] or "needed, not there yet"


def _reversal(s: Shipment, r: Reversal) -> Facts:
    return {
        "id": r.id,
        "cause": r.cause.value,
        "units": _units(r.quantities),
        "settled": s.is_settled(r),
        "creditNote": list(r.numbers),
        "problem": r.problem,
        "steps": {
            "b2cReturn": "required" if r.has("require_b2c_return") else _none_or(s, "not yet"),
            "document": _undone(r) or _none_or(s, "not yet"),
            "goods": "put away" if r.put_away else "asked for" if r.has("put_goods_away") else "not yet",
            "inventory": "told" if r.has("update_inventory") else "not yet",
        },
    }


def _undone(r: Reversal) -> str | None:
    how = r.undoing.value.replace("_", " ").lower() if r.undoing and not r.void_refused else "credit note"
    return f"{how} {r.undone_by}" if r.undone_by else f"{how} asked for" if r.undoing else None


def _none_or(s: Shipment, otherwise: str) -> str:
    return "none needed" if s.no_invoice_comes else otherwise


def _units(quantities: Iterable[tuple[str, int]]) -> dict[str, int]:
    return dict(quantities)
