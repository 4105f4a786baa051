"""A plan is what the worker would do: its own rules over the rows of now. And what the commands refuse."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from b2b2c_saga.bus.event_lines import read_lines
from b2b2c_saga.bus.records import Record, partition_of
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.cli import app
from b2b2c_saga.cli.replay_page import planned, show_plan, show_waiting
from b2b2c_saga.config import load_catalogue
from b2b2c_saga.model.words import to_epoch_ms
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.plan import Planned, plan
from b2b2c_saga.replay.waiting import waiting
from b2b2c_saga.runtime.rows import saga_job

ROOT = Path(__file__).parents[2]
TOPICS = load_topics()
JOB = saga_job("test", TOPICS, load_catalogue(ROOT / "config"))
ENVELOPES = read_lines((ROOT / "examples/first-order.jsonl").read_bytes().splitlines())
KEY = b"YELLOW-MKT/FIRST-ORDER"
NUMBER = partition_of(KEY, TOPICS.partitions)


def parked(*which: int, spoilt: int | None = None) -> list[Parked]:
    """Events of the first order, as they wait."""
    found = []
    for offset, number in enumerate(which):
        said = ENVELOPES[number]
        told = {
            "topic": TOPICS.name(said.message.topic),
            "partition": str(NUMBER),
            "offset": str(offset),
            "class": "KeyParked" if offset else "BadInput",
            "message": "",
            "scope": "key",
        }
        headers = (*said.headers, *((f"__dlq.errors.{name}", text.encode()) for name, text in told.items()))
        value = b"{" if number == spoilt else said.value
        found.append(Parked(Record("parked", NUMBER, offset, KEY, value, headers, 1)))
    return found


def planned_of(records: list[Parked], row: bytes | None = None) -> Planned:
    chosen = waiting(records, set(), JOB.steps)
    rows = {} if row is None else {(TOPICS.name("changelog.orders"), KEY): row}
    (one,) = plan(JOB, TOPICS.partitions, chosen, rows, to_epoch_ms(datetime.now(UTC)))
    return one


def test_a_plan_shows_states_before_and_after_and_what_would_be_sent():
    one = planned_of(parked(0, 1))
    shown = planned(one, TOPICS)
    assert {name: shown[name] for name in ("order", "decided", "parkedAgain", "before", "after", "class")} == {
        "order": KEY.decode(),
        "decided": 2,
        "parkedAgain": 0,
        "before": "(none)",
        "after": "PACKING / REQUESTED",
        "class": None,
    }
    assert {"type": "RequestInvoiceNumber", "topic": "commands.erp"} in shown["sends"]
    assert one.after is not None
    assert planned(planned_of(parked(2), one.after), TOPICS)["before"] == "PACKING / REQUESTED"


def test_a_plan_says_what_would_wait_again_and_why():
    first, second = parked(0, 1)
    value = (first.record.value or b"").replace(b"MARKETPLACE", b"BAZAAR")
    one = planned_of([Parked(replace(first.record, value=value)), second])
    assert (one.decided, one.parked_again, one.sent) == (0, 2, ())
    assert one.failed is not None
    assert "not the channel that this account sells on" in one.failed.message
    out = io.StringIO()
    show_plan(Console(file=out, width=200), [one], [], TOPICS)
    assert "0 of 1 order would go on. Nothing was written." in out.getvalue()
    assert "2: BadInput: not the channel" in out.getvalue()


def test_what_cannot_be_read_would_be_parked_alone_and_the_order_goes_on():
    one = planned_of(parked(0, 3, 1, spoilt=3))
    assert (one.decided, one.parked_again, planned(one, TOPICS)["after"]) == (2, 1, "PACKING / REQUESTED")


def test_nothing_personal_is_listed():
    out = io.StringIO()
    show_waiting(Console(file=out, width=200), waiting(parked(0, 1), set(), JOB.steps), TOPICS)
    assert KEY.decode() in out.getvalue()
    assert "2 records of 1 order" in out.getvalue()
    for personal in ("Asha", "00000 00000", "asha@", "Example Lane"):
        assert personal not in out.getvalue()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("release",), "name orders, or what they have in common, or --all"),
        (("release", "--all", "--order", "A/1"), "name orders, or what they have in common, or --all"),
        (("list", "--topic", "nowhere"), "'nowhere' is not in topics.yaml"),
        (("list", "--since", "soon"), "'soon' is not a number with s, m, h or d"),
        (("skip", "--reason", "x"), "name an order with --order, or records with --offset"),
        (("skip", "--reason", "x", "--offset", "3"), "'3' is not PARTITION:OFFSET"),
        (("skip", "--reason", " ", "--order", "A/1"), "1 to 200 characters"),
        (("skip", "--reason", "x", "--order", "A/1", "--operator", "y" * 201), "1 to 200 characters, and not 201"),
    ],
)
def test_what_is_not_clear_is_refused(words: tuple[str, ...], told: str):
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["replay", *words])
    assert (done.exit_code, told in done.output) == (2, True), done.output
