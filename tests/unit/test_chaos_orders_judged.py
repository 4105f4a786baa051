"""What surrounds the checker of orders under chaos: stories and books, histories, connectors that die, bad hours."""

# ruff: noqa: ANN401 - what stands in for something is as wide as it

import os
import random
import signal
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chaos_log import NUMBER, TOPICS, Log
from said_upstream import ERP, cancelled, packed, placed

from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.chaos.nemesis import Inflicted
from b2b2c_saga.chaos.orders import dying, faults, play
from b2b2c_saga.chaos.orders.history import history
from b2b2c_saga.chaos.orders.verdicts import answers_in, books_in, deaths_in, stories_in
from b2b2c_saga.chaos.orders.violations import Kind, Violation
from b2b2c_saga.connectors.connector import Connector
from b2b2c_saga.demo.day import seeded_day
from b2b2c_saga.demo.verdict import End, Verdict
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.model.messages.answers import StockReleased
from b2b2c_saga.model.messages.commands import ReleaseStock
from b2b2c_saga.reconcile.compare import Proof
from b2b2c_saga.reconcile.differences import Difference
from b2b2c_saga.reconcile.differences import Kind as Differs
from b2b2c_saga.settings import Settings

KEY = f"{ERP}/A"


def test_an_order_that_hangs_is_named_with_what_it_waits_for():
    one, other, third = seeded_day(3, 1).stories
    verdicts = [
        Verdict(one, End.CLOSED),
        Verdict(other, End.OPEN, "close waits for delivered"),
        Verdict(third, End.HELD, "the marketplace refuses"),
    ]
    assert list(stories_in(verdicts)) == [
        Violation(Kind.STORY, other.key, f"({other.fate}): close waits for delivered"),
    ]


def test_books_that_differ_answers_that_contradict_and_deaths_are_violations():
    difference = Difference(Differs.INVOICED, KEY, "S1 L1", {"rows": 2, "erp": 1}, "two were packed")
    assert list(books_in(Proof((), (difference,)))) == [
        Violation(Kind.BOOKS, KEY, "invoiced S1 L1: rows: 2, erp: 1 two were packed")
    ]
    assert list(answers_in([f"{KEY} (sold) was answered CANCELLED", f"{KEY}: the second pack was another"])) == [
        Violation(Kind.ANSWER, KEY, "(sold) was answered CANCELLED"),
        Violation(Kind.ANSWER, KEY, "the second pack was another"),
    ]
    assert list(deaths_in(["gateway ended by itself"])) == [Violation(Kind.PROCESS, "", "gateway ended by itself")]


def test_a_history_tells_inputs_decisions_outputs_and_the_faults_around_them():
    log = Log()
    log.hear(placed("A", {"L1": 2}), placed("B", {"L1": 1}))
    log.hear(packed("A", {"L1": 2}).model_copy(update={"request_id": "r-1"}))
    log.hear(cancelled("B", {"L1": 1}))
    at = log.now / 1_000
    inflicted = [
        Inflicted("worker killed", at - 1, 2, "SIGKILL to worker 1"),
        Inflicted("clock jump", at - 900, 5, "long before"),
        Inflicted("broker killed", at + 900, 5, "long after"),
    ]
    told = list(history(log.slice, KEY, TOPICS, inflicted))
    assert told[0] == f"{KEY}, partition {NUMBER}"
    said = [line.split(maxsplit=1)[1] for line in told[1:]]
    assert sum(line.startswith("INPUT") for line in said) == 2
    assert "DECIDED  changelog.orders:2 PACKING / REQUESTED from pack:0" in said
    assert [line for line in told if "FAULT" in line] == [
        f"  {datetime.fromtimestamp(at - 1, UTC):%H:%M:%S.%f} FAULT    worker killed for 2.0 s: SIGKILL to worker 1"
    ]
    assert not any("/B" in line or "Asha" in line for line in told)


class _Connector(Connector):
    """Answers without a call."""

    def __init__(self) -> None:
        self.answer: Any = ()

    async def _ask(self, *_: Any) -> Any:
        return self.answer


async def test_connectors_die_once_with_an_answer_in_hand_and_not_without(tmp_path: Path, monkeypatch):
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    connector, wish = _Connector(), tmp_path / "wish"
    monkeypatch.setattr(Connector, "_ask", _Connector._ask)
    dying.die_by(wish)
    ask = Connector._ask
    about = {"account": ERP, "order_code": "A", "release": "r"}
    command = ReleaseStock(**about, location="WH", goods=())
    envelope = Envelope(command, "id", "test", datetime(2026, 1, 1, tzinfo=UTC), "key")
    answered = (StockReleased(**about, counted=()),)
    for wished, connector.answer, deaths in (
        (False, answered, 0),
        (True, (command.unanswered(),), 0),
        (True, answered, 1),
        (False, answered, 1),
    ):
        if wished:
            wish.touch()
        assert await ask(connector, command, envelope, "key") == connector.answer
        assert len(killed) == deaths
    assert (killed, wish.exists()) == ([(os.getpid(), signal.SIGKILL)], False)


class _Sandbox(faults.Sandbox):
    """Writes down what it is told."""

    def __init__(self) -> None:
        super().__init__("nowhere", {"erp": {"error_500": 0.02, "latency_ms": [1, 2]}})
        self.told: list[Any] = []

    async def change(self, wanted: Any) -> None:
        self.told.append(wanted)


class _OfTheErp(random.Random):
    """Whatever there is to choose from."""

    def choice(self, seq: Any) -> Any:
        return next(one for one in seq if one == "erp")


async def test_a_bad_hour_ends_with_what_is_usual():
    sandbox = _Sandbox()
    worse = {"error_500": 0.7, "down": True}
    assert await faults.bad_hour(sandbox, worse, (0, 0.01), _OfTheErp(1)) == "erp: error_500 0.7, down True, for 0 s"
    assert sandbox.told == [{"erp": {"error_500": 0.7, "down": True}}, {"erp": {"error_500": 0.02, "down": None}}]


async def test_one_system_is_away_for_a_minute_at_least(monkeypatch: pytest.MonkeyPatch):
    lengths: list[float] = []

    async def sleep(seconds: float) -> None:
        lengths.append(seconds)

    monkeypatch.setattr(faults.asyncio, "sleep", sleep)
    nobody: Any = None
    own = faults.own_faults(nobody, nobody, _Sandbox())
    assert len({fault.kind for fault in own}) == len(own) == 8
    assert len({fault.kind for fault in own if fault.where == faults.OUTSIDE}) == 4
    [away] = [fault for fault in own if fault.kind == "outside-away"]
    for seed in range(20):
        assert "down True" in await away.inflict(random.Random(seed))
    assert min(lengths) >= 60


class _Publisher:
    """Fails so many times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.sent: list[str] = []

    async def send(self, topic: str, *_: Any) -> None:
        self.failures -= 1
        if self.failures >= 0:
            raise Unavailable("no leader")
        self.sent.append(topic)


async def test_a_record_is_sent_until_kafka_has_it_by_another_producer_after_each_failure(monkeypatch):
    publishers = [_Publisher(1), _Publisher(1), _Publisher(0)]
    opened, closed = iter(publishers), []

    @asynccontextmanager
    async def producer(_: Settings) -> Any:
        publisher = next(opened)
        yield publisher
        closed.append(publisher)

    monkeypatch.setattr(play, "producer", producer)
    monkeypatch.setattr(play, "AGAIN_AFTER", 0)
    steady = play.Steady(lambda: Settings(_env_file=None))
    await steady.send("intake", b"A", b"{}")
    await steady.send("pack", b"A", b"{}")
    assert [publisher.sent for publisher in publishers] == [[], [], ["intake", "pack"]]
    assert closed == publishers[:2]
    await steady.close()
    assert closed == publishers
    monkeypatch.setattr(play, "PATIENCE", -1)
    opened = iter([_Publisher(1)])
    with pytest.raises(Unavailable, match="no leader"):
        await steady.send("intake", b"A", b"{}")
