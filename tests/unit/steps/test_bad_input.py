"""What contradicts the row, or can't be: refused with the field, the value and the rule, and nothing else happens.

The cases are the lines of `bad_input.txt`. Each record takes the real path, from bytes to the decision: nothing is
clipped on the way, not one byte of the row changes, and nothing is sent but the answer to a request that waits for one.
"""

import json
from datetime import timedelta
from itertools import accumulate, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.catalogue import Account, Catalogue
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.replies import PackAnswered, PackOutcome
from b2b2c_saga.model.words import to_epoch_ms
from b2b2c_saga.runtime.rows import saga_job
from b2b2c_saga.saga.check.lines import parse
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import PASS_THROUGH, PRICES, TERMS, WMS

TOPICS = load_topics()
CHANNELS = {"ACC": TERMS, "WMS": WMS, "PLAIN": PASS_THROUGH}
JOB = saga_job("test", TOPICS, Catalogue({name: Account(terms, PRICES) for name, terms in CHANNELS.items()}))
LOGIC = JOB.logics[TOPICS.name("changelog.orders")]
LATER = START + timedelta(days=1)
LADDER = {
    "-": (),
    "OPEN": ("OrderPlaced L=2 K=1@250.00", "B2BOrderCreated"),
    "IN THE WAREHOUSE": ("B2BPacked A L=2",),
    "PACKED": ("PackConfirmed A L=2", "InvoiceRegistered A", "MarketplacePacked A"),
    "GONE": ("HandoverRequested A", "HandedOver A"),
    "BACK": ("ReturnReceived A R1 L/u1=PASS",),
}


class Case(NamedTuple):
    """One line of the table."""

    known: str
    account: str
    line: str
    instead: str
    reason: str
    field: str
    value: str
    rule: str


def cases() -> list[Case]:
    """The table."""
    lines = (Path(__file__).parent / "bad_input.txt").read_text().splitlines()
    return [Case(*line.split(" | ")) for line in lines if line and not line.startswith("#")]


CASES = cases()


def record(line: str, of_account: str = "ACC", /, **instead: object) -> Record:
    """The record of an event; `instead` is what its JSON says instead, by paths with `__` between their parts."""
    event = parse(line, START)
    assert isinstance(event, Event)
    envelope = Envelope(event, "id", "test", START)
    said = json.loads(envelope.value) | {"account": of_account}
    for path, value in instead.items():
        *inner, last = (int(part) if part.isdigit() else part for part in path.split("__"))
        place: Any = said
        for part in inner:
            place = place[part]
        place[last] = value
    at = to_epoch_ms(LATER)
    key, value = f"{of_account}/O".encode(), json.dumps(said).encode()
    return Record(TOPICS.name(event.topic), 0, 0, key, value, envelope.headers, at)


def of(case: Case, **more: object) -> Record:
    """The record of a case."""
    path, _, value = case.instead.partition(" ")
    instead = {} if case.instead == "-" else {path.replace(".", "__"): json.loads(value)}
    return record(case.line, case.account, **instead, **more)


def row(known: str, account: str = "ACC") -> bytes | None:
    """The row as the changelog has it, when all up to there has happened."""
    upto = list(LADDER)[: list(LADDER).index(known) + 1]
    kept: bytes | None = None
    for line in (line for rung in upto for line in LADDER[rung]):
        warehouse = line.startswith("B2B") and account != "WMS"
        invoice = line.startswith("Invoice") and account == "PLAIN"
        if not warehouse and not invoice:
            kept = LOGIC.decide(b"", kept, record(line, account)).row
    return kept


def refused(kept: bytes | None, bad: Record) -> BadInput:
    """Why it is refused; the engine parks such a record, and keeps the row."""
    with pytest.raises(BadInput) as told:
        LOGIC.decide(bad.key or b"", kept, bad)
    return told.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: " | ".join(case[:6]))
def test_it_is_refused_with_field_value_and_rule(case: Case):
    told = refused(row(case.known, case.account), of(case))
    assert (told.reason, told.field, str(told.value), told.rule) == (case.reason, case.field, case.value, case.rule)


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.line.startswith("PackConfirmed") and case.instead == "-"],
    ids=lambda case: f"{case.line} when {case.known}",
)
def test_a_request_that_waits_is_answered_and_not_one_byte_of_the_row_changes(case: Case):
    kept = row(case.known, case.account)
    decided = LOGIC.decide(b"", kept, of(case, requestId="q"))
    (sent,) = decided.sends
    assert decided.row == kept
    assert decode(Record(sent.topic, 0, 0, sent.key, sent.value, sent.headers, 0), "replies").message == PackAnswered(
        account=case.account,
        order_code="O",
        shipment_id=case.line.split(" ")[1],
        request_id="q",
        outcome=PackOutcome.REFUSED,
        reason=f"{case.reason}: {case.field} = {case.value}: {case.rule}",
    )


def test_each_kind_that_must_be_refused_is_in_the_table():
    """An invalid GSTIN is a mistake of the configuration, and in its table."""
    mistakes = Path(__file__).parents[1] / "config" / "mistakes"
    assert "gstin = '29AABCK1234M1ZH': fails the GSTIN check" in "".join(
        file.read_text() for file in mistakes.glob("*.txt")
    )
    assert {(case.line.split(" ")[0], case.field.split(" of ")[0]) for case in CASES} >= {
        ("PackConfirmed", "items.quantity"),
        ("ReturnReceived", "units"),
        ("OrderPlaced", "items.channelSkuCode"),
        ("OrderPlaced", "account"),
        ("OrderPlaced", "items.sellingPricePerUnit"),
        ("OrderPlaced", "channel"),
        ("OrderPlaced", "items.1.channelSkuCode"),
        ("OrderPlaced", "items.1.quantity"),
        ("OrderPlaced", "orderTime"),
    }


def many(n: int) -> list[dict[str, Any]]:
    """So many items, each of another SKU."""
    (item,) = json.loads(record("OrderPlaced L=1").value or b"")["items"]
    return [item | {"orderItemCode": f"L{i}", "channelSkuCode": f"SKU-{i}"} for i in range(n)]


def test_2501_items_are_refused_and_2500_are_read():
    told = refused(None, record("OrderPlaced L=1", items=many(2_501)))
    assert (told.field, told.value) == ("items", 2_501)
    assert str(told.rule).startswith("Tuple should have at most 2500 items")
    told = refused(None, record("OrderPlaced L=1", items=many(2_500)))
    assert (told.reason, told.field, told.value) == ("unknown SKU", "items.channelSkuCode", "SKU-0")


@pytest.mark.parametrize(
    ("known", "good"),
    [
        ("-", "OrderPlaced order_time=+1d10m dispatch_by_time=+4d L=1"),
        ("GONE", "Delivered A delivered_at=+1d10m"),
        ("OPEN", "PackConfirmed A L=2"),
        ("OPEN", "CancellationPosted L=2"),
        ("GONE", "ReturnReceived A R1 L/u1=PASS L/u2=FAIL"),
    ],
)
def test_what_is_just_right_is_taken(known: str, good: str):
    kept = row(known)
    assert LOGIC.decide(b"", kept, record(good)).row != kept


def test_what_is_refused_leaves_no_trace_in_what_follows():
    """Good and bad in one stream give the same rows as the good alone."""
    rungs = list(LADDER)
    reached = [row(rung) for rung in rungs]
    for rung, kept in zip(rungs, reached, strict=True):
        for case in (case for case in CASES if (case.known, case.account) == (rung, "ACC")):
            refused(kept, of(case))
    assert [row(rung) for rung in rungs] == reached
    assert len(list(takewhile(bool, accumulate(reached[1:])))) == len(rungs) - 1
