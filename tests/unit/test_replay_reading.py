"""What an operator's tool reads: records too large to be parked whole, the rows of now, and what is done already."""

from collections.abc import AsyncIterator

import pytest
from test_replay_select import TABLES, parked

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages.operators import Action
from b2b2c_saga.replay import plan, whole
from b2b2c_saga.replay.audit import Act
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.standing import Standing
from b2b2c_saga.replay.waiting import waiting
from b2b2c_saga.runtime.engine.table import changelog_line
from b2b2c_saga.settings import Settings

SETTINGS = Settings(_env_file=None)
LARGE = parked(3, omitted="9000000")


async def made_whole(monkeypatch: pytest.MonkeyPatch, first: Record | None) -> Record:
    async def record_at(_: Settings, *place: object) -> Record | None:
        assert place == ("b2b2c.pack.v1", 0, 5)
        return first

    monkeypatch.setattr(whole, "record_at", record_at)
    return await whole.whole(SETTINGS, LARGE)


async def test_a_record_too_large_to_be_kept_is_had_from_its_origin(monkeypatch: pytest.MonkeyPatch):
    """It may have been parked before, and came back: what parking said last holds."""
    first = Record("b2b2c.pack.v1", 0, 5, b"A/1", b"large", (("ce_id", b"1"), ("__dlq.errors.class", b"Old")), 7)
    found = Parked(await made_whole(monkeypatch, first))
    assert (found.record.value, found.place, found.told["ce_id"], found.reason) == (b"large", (0, 3), b"1", "BadInput")


async def test_one_that_is_gone_there_is_refused_with_the_command_that_skips_it(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(BadInput, match="replay skip --offset 0:3 --reason"):
        await made_whole(monkeypatch, None)


async def test_what_is_kept_whole_is_read_nowhere_else():
    one = parked(0)
    assert await whole.whole(SETTINGS, one) is one.record


async def test_the_rows_of_a_plan_are_the_last_of_what_was_chosen(monkeypatch: pytest.MonkeyPatch):
    """A row that was deleted is none, and neither is that of a key whose first records are parked."""
    lines = [(b"A/1", b"1"), (b"B/1", b"1"), (b"C/1", b"1"), (b"D/1", b""), (b"A/1", b"2"), (b"B/1", None)]

    async def read_all(_: Settings, topics: list[str]) -> AsyncIterator[Record]:
        assert topics == ["orders"]
        for offset, (key, row) in enumerate(lines):
            yield Record("orders", 0, offset, key, row, (), 0)

    monkeypatch.setattr(plan, "read_all", read_all)
    chosen = waiting([parked(n, key) for n, key in enumerate((b"A/1", b"B/1", b"D/1"))], set(), TABLES)
    assert await plan.read_rows(SETTINGS, chosen) == {("orders", b"A/1"): b"2"}


def test_what_stands_is_what_was_parked_less_what_is_done_and_how_many_the_tables_say_wait():
    topics = load_topics()
    standing = Standing("parked", topics.name("audit"), TABLES)

    def row(waits: int) -> Record:
        value, headers = changelog_line(b"row", waits, [])
        return Record("orders", 0, 0, b"A/1", value, tuple(headers), 0)

    for record in (parked(0).record, parked(1, b"B/1").record, row(2)):
        standing.take(record)
    assert ([one.key for one in standing.waiting()], standing.counts) == ([b"A/1", b"B/1"], {("orders", b"A/1"): 2})
    done = Act(Action.SKIP, "ada").record(0, [parked(0), parked(2)], topics)
    for record in (
        Record(done.topic, 0, 0, done.key, done.value, done.headers, 0),
        parked(2, b"C/1").record,
        row(0),
    ):
        standing.take(record)
    assert ([one.key for one in standing.waiting()], standing.counts) == ([b"B/1"], {})
    assert standing.parked[-1].record.value is None, "of one that is done the value is not kept"
