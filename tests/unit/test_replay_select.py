"""Which of all that waits an operator means, what of it is not released, and what waits together."""

from datetime import UTC, datetime, timedelta

import pytest

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages.operators import Action
from b2b2c_saga.replay.audit import Act, done_in
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.run import _chunk
from b2b2c_saga.replay.select import Selection, choose, first_of, named
from b2b2c_saga.replay.waiting import Waiting, waiting

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TABLES = {"b2b2c.pack.v1": "orders", "b2b2c.intake.v1": "orders"}


def parked(at: int, key: bytes | None = b"A/1", /, hours: int = 0, value: bytes = b"v", **said: str) -> Parked:
    told = {"topic": "b2b2c.pack.v1", "offset": "5", "class": "BadInput", "message": "no good", "scope": "key"} | said
    headers = tuple((f"__dlq.errors.{name}", text.encode()) for name, text in told.items())
    when = int((AT + timedelta(hours=hours)).timestamp() * 1000)
    return Parked(Record("parked", 0, at, key, value, headers, when))


FOUND = waiting(
    [
        parked(0, b"A/1"),
        parked(1, b"A/1", **{"class": "KeyParked", "message": "waits"}),
        parked(2, b"B/1", hours=1, **{"class": "Bug", "message": "KeyError at pack.py:9"}),
        parked(3, b"B/2", hours=2, redrives="5", place="1", topic="b2b2c.intake.v1"),
        parked(4, None, hours=3, **{"class": "NoKey", "scope": "record"}),
        parked(5, b"B/3", hours=4, topic="b2b2c.commands.erp.v1", scope="record"),
        parked(6, b"B/4", hours=5, scope="record", offset="", omitted="99"),
    ],
    set(),
    TABLES,
)


def keys(selection: Selection) -> list[bytes]:
    return [one.key for one in FOUND if selection.takes(one)]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), [b"A/1", b"B/1", b"B/2", b"", b"B/3", b"B/4"]),
        (Selection(orders=frozenset({"A/1", "B/2"})), [b"A/1", b"B/2"]),
        (Selection(account="A"), [b"A/1"]),
        (Selection(reason="Bug"), [b"B/1"]),
        (Selection(reason="keyerror"), [b"B/1"]),
        (Selection(topic="b2b2c.intake.v1"), [b"B/2"]),
        (Selection(since=AT + timedelta(hours=4)), [b"B/3", b"B/4"]),
        (Selection(before=AT + timedelta(hours=1)), [b"A/1"]),
        (Selection(account="B", reason="BadInput", before=AT + timedelta(hours=3)), [b"B/2"]),
    ],
)
def test_a_selection_takes_what_all_of_it_holds_for(selection: Selection, expected: list[bytes]):
    assert keys(selection) == expected
    assert selection.is_everything == (selection == Selection())


def test_what_cannot_be_released_and_what_failed_too_often_is_left_out_with_the_reason():
    chosen = choose(FOUND, Selection())
    assert [one.key for one in chosen.taken] == [b"A/1", b"B/1"]
    assert [(one.waiting.key, one.why) for one in chosen.left_out] == [
        (b"B/2", "released 5 times and failed again (--limit 5)"),
        (b"", "it has no key"),
        (b"B/3", "no step of the worker reads the topic that it came from"),
        (b"B/4", "its value was too large to be kept"),
    ]
    assert [one.key for one in choose(FOUND, Selection(), redrives=6).taken] == [b"A/1", b"B/1", b"B/2"]


def test_an_order_keeps_its_reason_when_what_failed_is_released_already():
    """Else a release by reason that was killed half-way could not be begun again."""
    behind = parked(1, **{"class": "KeyParked", "message": "waits"})
    (one,) = waiting([parked(0), behind], {(0, 0)}, TABLES)
    assert (one.records, one.failure.reason, Selection(reason="BadInput").takes(one)) == ((behind,), "BadInput", True)


def test_a_line_is_in_the_order_of_its_first_parking():
    late = parked(3, place="0", redrives="1")
    (one,) = waiting([parked(0), parked(1, **{"class": "KeyParked"}), parked(2), late], {(0, 0), (0, 2)}, TABLES)
    assert [p.record.offset for p in one.records] == [3, 1]
    assert (one.redrives, one.failure) == (1, late)


def test_the_first_of_an_order_or_the_named_ones_are_skipped():
    assert [p.place for p in first_of(FOUND, "A/1", 2)] == [(0, 0), (0, 1)]
    assert [p.place for p in named(FOUND, [(0, 4), (0, 1)])] == [(0, 4), (0, 1)]
    with pytest.raises(BadInput, match="2 of its records wait"):
        first_of(FOUND, "A/1", 3)
    with pytest.raises(BadInput, match="nothing waits there: --offset = '0:9'"):
        named(FOUND, [(0, 9)])


def test_the_audit_says_who_did_what_and_what_is_done():
    topics = load_topics()
    act = Act(Action.SKIP, "ada", "INC-7")
    sent = act.record(3, FOUND[0].records, topics)
    record = Record(sent.topic, 0, 0, sent.key, sent.value, sent.headers, 0)
    assert (sent.topic, sent.key) == ("b2b2c.audit.v1", act.id.encode())
    assert set(done_in(record)) == {(0, 0), (0, 1)}
    assert list(done_in(Record("audit", 0, 0, b"x", b"something else", (), 0))) == []


def test_a_chunk_is_what_one_transaction_takes_and_what_may_go_in_a_second():
    many = [parked(n) for n in range(700)]
    assert [len(_chunk(many, rate)) for rate in (None, 0.5, 20, 10_000)] == [500, 1, 20, 500]
    large = [parked(n, value=b"x" * 1_500_000) for n in range(5)]
    assert len(_chunk(large, None)) == 2
    assert len(_chunk([parked(0, value=b"x" * 9_000_000)], None)) == 1


def test_whoever_parks_without_saying_much_is_read_all_the_same():
    bare = Parked(Record("parked", 0, 7, b"A/1", b"v", (), 1_000))
    assert (bare.reason, bare.message, bare.origin, bare.offset, bare.redrives, bare.line) == (
        *("Unknown", "", "", None, 0, 7),
    )
    assert (bare.counted, bare.is_alarm, bare.type) == (False, False, "(unknown)")
    assert isinstance(waiting([bare], set(), TABLES)[0], Waiting)
