"""A run is told as a page, with the command that repeats it; what can't be run is refused in one sentence."""

import pytest
from typer.testing import CliRunner

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.chaos.counting import job
from b2b2c_saga.chaos.engine import Plan
from b2b2c_saga.chaos.engines import NAMES, engine_named
from b2b2c_saga.chaos.nemesis import Inflicted
from b2b2c_saga.chaos.outcome import Broken, Outcome, as_page
from b2b2c_saga.cli import app
from b2b2c_saga.model.errors import BadInput

FAULTS = [Inflicted("zombie", 1_005.0, 8.0, "worker 1 paused"), Inflicted("drop", 1_010.0, 3.0, "nothing between")]


def outcome(*violations: Broken) -> Outcome:
    command = Plan(20, 7).command
    return Outcome("engine, ours", command, 7, 3, 1_234, {"outputs": 500_000}, FAULTS, violations, 1_000.0)


def test_the_command_repeats_the_run():
    assert Plan(20, 7).command == "b2b2c-saga chaos engine --minutes 20 --seed 7 --brokers 3"
    assert Plan(0.5, 7, 1, ("zombie", "drop"), 50, "faust-exactly-once").command == (
        "b2b2c-saga chaos engine --minutes 0.5 --seed 7 --brokers 1 --faults zombie,drop --rate 50 "
        "--engine faust-exactly-once"
    )


def test_a_good_run_is_a_page_without_violations():
    page = as_page(outcome())
    assert "Violations: **none**" in page
    assert "Again: `b2b2c-saga chaos engine --minutes 20 --seed 7 --brokers 3`" in page
    assert "| outputs | 500,000 |" in page
    assert "| 5 | 8.0 | zombie | worker 1 paused |" in page
    assert "## Violations" not in page


def test_violations_are_counted_by_rule_and_told():
    page = as_page(outcome(Broken("lost", "event 1", ["12:00:00 event"]), Broken("lost", "event 2")))
    assert "Violations: **2 x lost**" in page
    assert "- **lost**: event 1\n\n```text\n12:00:00 event\n```" in page


def test_each_engine_has_its_command_and_checks():
    work = job(load_topics())
    engines = [engine_named(name, work, "group", 3) for name in NAMES]
    assert [engine.command.arguments for engine in engines] == [(), ("at_least_once",), ("exactly_once",)]
    assert [engine.plain for engine in engines] == [False, True, True]
    assert engines[1].changelogs == ["group-rows-changelog"]
    with pytest.raises(BadInput, match="one of ours, faust-at-least-once"):
        engine_named("kafka-streams", work, "group", 3)


def test_two_brokers_are_no_cluster():
    said = CliRunner().invoke(app, ["chaos", "engine", "--brokers", "2"])
    assert said.exit_code == 1
    assert "1 or 3" in said.output
