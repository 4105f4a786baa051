"""Headers without a value or that stand twice, keys and values that are null or no text: each reader goes on."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from odd_headers import ODD, ODD_HEADERS
from rich.console import Console

from b2b2c_saga.bus.event_lines import read_lines
from b2b2c_saga.bus.records import Headers, Outgoing, Record, header_values, partition_of
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.cli.order_facts import parked as parked_of_row
from b2b2c_saga.cli.order_facts import summary
from b2b2c_saga.cli.replay_page import listed, planned, show_plan, show_skipped, show_waiting
from b2b2c_saga.config import load_catalogue
from b2b2c_saga.connectors.connector import Connector
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.run import SYSTEMS
from b2b2c_saga.demo.watch import Watch
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.model.errors import Bug, Unreadable
from b2b2c_saga.model.messages.operators import Action
from b2b2c_saga.reconcile.ledger import _readable
from b2b2c_saga.replay.audit import Act, done_in
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.plan import plan
from b2b2c_saga.replay.run import Redrive
from b2b2c_saga.replay.select import Selection, choose
from b2b2c_saga.replay.standing import Standing
from b2b2c_saga.replay.waiting import waiting
from b2b2c_saga.runtime.engine.released import came_back, released_headers
from b2b2c_saga.runtime.engine.table import Table
from b2b2c_saga.runtime.rows import saga_job
from b2b2c_saga.settings import Settings

ROOT = Path(__file__).parents[2]
TOPICS = load_topics()
JOB = saga_job("test", TOPICS, load_catalogue(ROOT / "config"))
GOOD = read_lines((ROOT / "examples/first-order.jsonl").read_bytes().splitlines())[0]
TRACE = "traceparent"
NAMES = [name for name, _ in GOOD.headers if name.startswith("ce_")]
odd = pytest.mark.parametrize(("key", "value", "headers"), ODD)


def good(*more: tuple[str, bytes | None], without: Sequence[str] = ()) -> Record:
    headers = (*(header for header in GOOD.headers if header[0] not in without), *more)
    return Record(TOPICS.name("intake"), 0, 7, GOOD.key, GOOD.value, headers, 1)


@pytest.mark.parametrize("name", [*NAMES, TRACE, "theirs", ""])
def test_a_header_without_a_value_makes_its_record_unreadable(name: str):
    for record in (good((name, None), without=[name]), good((name, None))):
        with pytest.raises(Unreadable, match=f"header without a value: {name}"):
            decode(record)


@pytest.mark.parametrize("name", [*NAMES, TRACE])
def test_an_attribute_that_stands_twice_makes_its_record_unreadable(name: str):
    with pytest.raises(Unreadable, match=f"header stands twice: {name}"):
        decode(good((name, b"1"), (name, b"1")))


def test_what_others_say_twice_or_in_bytes_is_theirs():
    assert decode(good(("theirs", b"\xff"), ("theirs", b"2"))) == decode(good())


def test_a_reason_never_holds_a_whole_header():
    for more in ((("x" * 100_000, None),), (("ce_" + "x" * 100_000, b"1"),) * 2):
        with pytest.raises(Unreadable) as caught:
            decode(good(*more))
        assert len(str(caught.value)) < 300
    for name in ("ce_type", "ce_time"):
        with pytest.raises(Unreadable) as caught:
            decode(good((name, b"x" * 100_000), without=[name]))
        assert len(str(caught.value)) < 300


def test_of_headers_by_name_the_last_counts_and_a_null_is_none():
    assert header_values([("a", b"1"), ("a", b"2"), ("b", None), ("c", b"3"), ("c", None)]) == {"a": b"2"}


@odd
def test_a_parked_one_is_listed_skipped_and_never_planned(key: bytes | None, value: bytes | None, headers: Headers):
    one = Parked(Record(TOPICS.name("parked"), 0, 3, key, value, headers, 1))
    [waits] = waiting([one], set(), JOB.steps)
    shown = listed(waits, TOPICS)
    assert (shown["parked"][0]["offset"], shown["canBeReleased"]) == (3, False)
    out = io.StringIO()
    show_waiting(Console(file=out, width=200), [waits], TOPICS)
    assert "1 record of 1 order" in out.getvalue()
    assert choose([waits], Selection()).taken == []
    show_skipped([one], Act(Action.SKIP, "tester"), TOPICS, as_json=False)
    show_skipped([one], Act(Action.SKIP, "tester"), TOPICS, as_json=True)
    record = Act(Action.SKIP, "tester").record(0, [one], TOPICS)
    assert list(done_in(Record(record.topic, 0, 0, record.key, record.value, record.headers, 1))) == [(0, 3)]


@odd
async def test_a_parked_one_that_says_it_is_counted_is_skipped(
    key: bytes | None, value: bytes | None, headers: Headers
):
    published: list[Outgoing] = []

    class Publisher:
        async def publish(self, records: Sequence[Outgoing]) -> None:
            published.extend(records)

    class Look:
        standing = Standing("parked", "audit", JOB.steps)

    one = Parked(Record("parked", 0, 3, key, value, (*headers, ("__dlq.errors.scope", b"key")), 1))
    look: Any = Look()
    publisher: Any = Publisher()
    redrive = Redrive(Settings(_env_file=None), TOPICS, look, publisher)
    await redrive.skip([one], Act(Action.SKIP, "tester"))
    assert published[-1].topic == TOPICS.name("audit")
    assert redrive.standing.done == {(0, 3)}


@pytest.mark.parametrize("headers", ODD_HEADERS)
def test_one_that_is_released_all_the_same_is_planned_and_comes_back_to_be_set_aside(headers: Headers):
    said = {"topic": TOPICS.name("intake"), "partition": "0", "offset": "7", "class": "Unreadable", "scope": "record"}
    told = tuple((f"__dlq.errors.{name}", text.encode()) for name, text in said.items())
    since = tuple(header for header in headers if header[0].startswith("ce_") or header[0] in {TRACE, ""})
    home = partition_of(GOOD.key, TOPICS.partitions)
    one = Parked(Record("parked", home, 3, GOOD.key, b"{}", (*since, *told), 1))
    [waits] = waiting([one], set(), JOB.steps)
    [found] = plan(JOB, TOPICS.partitions, [waits], {}, 1)
    assert planned(found, TOPICS)["class"] == "Unreadable"
    show_plan(Console(file=io.StringIO()), [found], [], TOPICS)
    released = Record("released", 0, 0, GOOD.key, b"{}", released_headers(one.record, "r1"), 1)
    assert came_back(released).record.headers == since


@pytest.mark.parametrize("headers", ODD_HEADERS)
def test_a_plan_shows_that_one_would_be_moved_home(headers: Headers):
    said = {"topic": TOPICS.name("intake"), "partition": "0", "offset": "7", "class": "Unreadable", "scope": "record"}
    told = tuple((f"__dlq.errors.{name}", text.encode()) for name, text in said.items())
    elsewhere = (partition_of(GOOD.key, TOPICS.partitions) + 1) % TOPICS.partitions
    since = tuple(header for header in headers if not header[0].startswith("__dlq"))
    one = Parked(Record("parked", elsewhere, 3, GOOD.key, b"{}", (*since, *told), 1))
    [found] = plan(JOB, TOPICS.partitions, waiting([one], set(), JOB.steps), {}, 1)
    assert [sent["topic"] for sent in planned(found, TOPICS)["sends"]] == ["released"]


def test_an_audit_record_that_cannot_be_read_says_nothing():
    for headers in ODD_HEADERS:
        assert list(done_in(Record("audit", 0, 0, None, None, headers, 1))) == []


def test_a_count_that_is_no_number_ends_no_listing_and_is_no_row():
    standing = Standing("parked", "audit", JOB.steps)
    for value in (None, b"", b"many", b"\xff"):
        version = Record("changelog", 0, 0, b"\xff", b"", (("parked", value),), 1)
        standing.take(version)
        assert parked_of_row(version) == 0
        assert summary(version)["account"] == "�"
        with pytest.raises(Bug, match="header parked of a changelog record is no number"):
            Table().replay(b"\xff", b"", version.headers)
    assert standing.counts == {}


class Kafka:
    """Takes what aiokafka takes."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def publish_all(self, records: Sequence[Outgoing]) -> None:
        for record in records:
            assert record.key is not None or record.value is not None, "Need at least one: key or value"
            self.sent.append(record)


@pytest.mark.parametrize("system", SYSTEMS)
@odd
async def test_a_connector_sets_it_aside(system: str, key: bytes | None, value: bytes | None, headers: Headers):
    class NeverAsked:
        limits = Limits(_env_file=None)

    kafka: Any = Kafka()
    caller: Any = NeverAsked()
    connector = Connector(system, SYSTEMS[system], caller, kafka, TOPICS)
    record = Record(TOPICS.name(f"commands.{system}"), 0, 5, key, value, headers, 1)
    assert connector._is_of_stock(record) in {True, False}
    await connector.carry(record)
    [sent] = kafka.sent
    said = header_values(sent.headers)
    assert (sent.topic, said["__dlq.errors.class"]) == (TOPICS.name("parked"), b"Unreadable")
    assert (said["__dlq.errors.partition"], said["__dlq.errors.offset"]) == (b"0", b"5")
    assert sent.headers[: len(headers)] == headers
    assert (sent.key, sent.value or None) == (key or None, value)


@odd
def test_the_gateway_passes_over_it_and_hears_the_next(key: bytes | None, value: bytes | None, headers: Headers):
    exchange = Exchange(Settings(_env_file=None, bootstrap_servers="127.0.0.1:1"), TOPICS)
    exchange._hear(Record(TOPICS.name("replies"), 0, 0, key, value, headers, 1))


@odd
def test_the_proof_and_the_demo_pass_over_it(key: bytes | None, value: bytes | None, headers: Headers):
    assert _readable(Record(TOPICS.name("b2c-returns"), 0, 0, key, value, headers, 1)) is None
    watch = Watch()
    for topic in ("commands.omni", "order-events", "b2c-returns", "parked", "intake"):
        watch.hear(topic, Record(topic, 0, 0, key, value, headers, 1))
    assert len(watch.parked) == 1


async def test_a_cursor_that_is_no_text_begins_at_the_first_order(monkeypatch: pytest.MonkeyPatch):
    from b2b2c_saga.connectors import orders_poller  # noqa: PLC0415

    async def newest(*_: object) -> Record:
        return Record("cursors", 0, 0, b"YELLOW-MKT", b"\xff", (), 1)

    monkeypatch.setattr(orders_poller, "newest", newest)
    nothing: Any = None
    poller = orders_poller.Poller("YELLOW-MKT", nothing, nothing, Settings(_env_file=None), orders_poller.Pace())
    assert await poller._cursor() == ""
