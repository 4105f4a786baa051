"""An operator's release and skip: what is one transaction, what is left alone, and what is told in the end."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from test_replay_select import TABLES, parked

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.transactions import Fenced
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.model.messages.operators import Action
from b2b2c_saga.replay import run
from b2b2c_saga.replay.audit import Act
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.run import Outcome, Redrive
from b2b2c_saga.replay.standing import Standing
from b2b2c_saga.runtime.engine.table import changelog_line
from b2b2c_saga.settings import Settings

TOPICS = load_topics()
PARKED, AUDIT, RELEASED = (TOPICS.name(short) for short in ("parked", "audit", "released"))
RELEASE, SKIP = Act(Action.RELEASE, "ada", id="r1"), Act(Action.SKIP, "ada", "INC-7", id="s1")
BEHIND = {"class": "KeyParked", "message": "waits"}


class Kafka:
    """Keeps transactions; between two looks `happens` what the worker does of them."""

    def __init__(self) -> None:
        self.published: list[list[Outgoing]] = []
        self.standing = Standing(PARKED, AUDIT, TABLES)
        self.happens: list[Callable[[], None]] = []
        self.failure: Exception | None = None

    async def publish(self, records: Sequence[Outgoing]) -> None:
        if self.failure:
            raise self.failure
        self.published.append(list(records))

    async def again(self) -> None:
        if self.happens:
            self.happens.pop(0)()

    def park(self, *records: Parked) -> None:
        for one in records:
            self.standing.take(Record(PARKED, 0, one.place[1], one.record.key, b"v", one.record.headers, 1_000))

    def table(self, key: bytes, waiting: int) -> None:
        """The worker's row tells how many records of the key wait."""
        value, headers = changelog_line(b"row", waiting, [])
        self.standing.take(Record("orders", 0, 0, key, value, tuple(headers), 0))

    @property
    def redrive(self) -> Redrive:
        double: Any = self
        return Redrive(Settings(_env_file=None), TOPICS, double, double)

    async def release(self) -> Outcome:
        """All that waits."""
        async with asyncio.timeout(5):
            return await self.redrive.release(self.standing.waiting(), RELEASE, None, lambda *_: None)

    @property
    def told(self) -> list[list[tuple[str, str]]]:
        """Of each transaction the records: topic, and of one that comes back its place in the parked topic."""
        return [
            [(one.topic, dict(one.headers).get("__released.offset", b"").decode()) for one in t] for t in self.published
        ]


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    monkeypatch.setattr(run, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(run, "PATIENCE_SECONDS", 0.0)
    return Kafka()


async def test_what_is_released_and_the_audit_of_it_are_one_transaction(kafka: Kafka):
    kafka.park(parked(0), parked(1, **BEHIND), parked(2, b"B/1"))
    outcome = await kafka.release()
    assert kafka.told == [[(RELEASED, "0"), (RELEASED, "1"), (RELEASED, "2"), (AUDIT, "")]]
    assert outcome == Outcome(sent=3, gone=2)


async def test_what_is_skipped_and_the_audit_of_it_are_one_transaction(kafka: Kafka):
    first, second = parked(0), parked(1, **BEHIND)
    await kafka.redrive.skip([first, second], SKIP)
    assert kafka.told == [[(RELEASED, "0"), (RELEASED, "1"), (AUDIT, "")]]
    assert [one.value for one in kafka.published[0][:2]] == [None, None]


async def test_of_a_record_parked_alone_only_the_audit_says_that_it_is_skipped(kafka: Kafka):
    """No key waits with it: the worker has nothing to do."""
    await kafka.redrive.skip([parked(0, None, scope="record")], SKIP)
    assert kafka.told == [[(AUDIT, "")]]


async def test_each_part_of_a_large_release_is_audited_under_an_id_of_its_own(
    kafka: Kafka, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run, "CHUNK_RECORDS", 2)
    kafka.park(parked(0), *(parked(n, **BEHIND) for n in range(1, 5)))
    await kafka.release()
    assert [[place for _, place in one] for one in kafka.told] == [["0", "1", ""], ["2", "3", ""], ["4", ""]]
    audits = [one[-1] for one in kafka.published]
    assert {one.topic for one in audits} == {AUDIT}
    assert len({dict(one.headers)["ce_id"] for one in audits}) == 3


async def test_what_comes_to_wait_behind_it_meanwhile_is_released_too(kafka: Kafka):
    kafka.park(parked(0))
    kafka.happens = [lambda: kafka.park(parked(1, **BEHIND))]
    assert await kafka.release() == Outcome(sent=2, gone=1)
    assert [[place for _, place in one] for one in kafka.told] == [["0", ""], ["1", ""]]


async def test_what_fails_again_is_told_and_not_released_again(kafka: Kafka):
    again = parked(1, redrives="1", place="0", release="r1")
    kafka.park(parked(0), parked(2, b"B/1"))
    kafka.happens = [lambda: kafka.park(again)]
    outcome = await kafka.release()
    assert len(kafka.published) == 1
    assert ([one.key for one in outcome.again], outcome.sent, outcome.gone) == ([b"A/1"], 2, 1)


async def test_what_failed_in_a_release_before_is_released_again(kafka: Kafka):
    kafka.park(parked(0, redrives="1", release="r0"))
    assert await kafka.release() == Outcome(sent=1, gone=1)


async def test_what_the_worker_has_not_taken_yet_is_on_its_way_until_it_is(kafka: Kafka):
    kafka.park(parked(0), parked(1, b"B/1"))
    for key in (b"A/1", b"B/1"):
        kafka.table(key, 1)
    kafka.happens = [lambda: kafka.table(b"B/1", 0)]
    assert await kafka.release() == Outcome(sent=2, gone=1, on_their_way=1)


async def test_an_operator_whose_place_was_taken_is_told_so(kafka: Kafka):
    kafka.park(parked(0))
    kafka.failure = Fenced("another")
    with pytest.raises(Unavailable, match="another `b2b2c-saga replay` has begun"):
        await kafka.release()
    assert kafka.standing.done == set()
