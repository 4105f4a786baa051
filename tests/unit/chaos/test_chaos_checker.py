"""Each kind of violation, planted in what a run has left behind, is found and named; an honest run has none."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.chaos.checker import Evidence, check, check_plain
from b2b2c_saga.chaos.checker.evidence import Input, Output, Version, Violation
from b2b2c_saga.chaos.checker.story import story
from b2b2c_saga.chaos.counting import job
from b2b2c_saga.chaos.nemesis import Inflicted

JOB = job(load_topics())
INTAKE, PACK = "b2b2c.intake.v1", "b2b2c.pack.v1"
ORDERS = JOB.steps[INTAKE]
ADA, BOB = b"acme/ada", b"acme/bob"
START = 1_700_000_000_000
DUE = START + 500


class Honest:
    """An engine without faults: takes one event after another, and leaves what a real one leaves."""

    def __init__(self) -> None:
        self.evidence = Evidence(JOB.steps)
        self.rows: dict[bytes, bytes | None] = {}
        self.clock = START

    def event(self, topic: str, key: bytes, number: int, **more: object) -> Input:
        log = self.evidence.inputs.setdefault((topic, 0), {})
        self.clock += 1
        found = log[len(log)] = Input(key, json.dumps({"id": number, **more}).encode(), self.clock)
        self.evidence.ends[topic, 0] = self.evidence.committed[topic, 0] = len(log)
        self.evidence.accepted |= {number}
        return found

    def takes(self, topic: str, key: bytes, number: int, **more: object) -> None:
        found = self.event(topic, key, number, **more)
        offset = len(self.evidence.inputs[topic, 0]) - 1
        record = Record(topic, 0, offset, key, found.value, (), found.at)
        self._follow(key, JOB.logics[ORDERS].decide(key, self.rows.get(key), record), f"{topic}:{offset}")

    def parks(self, topic: str, key: bytes, number: int) -> None:
        self.event(topic, key, number, do="refuse")
        self.evidence.parked[topic, 0, len(self.evidence.inputs[topic, 0]) - 1] = 1

    def rings(self, key: bytes, now: int) -> None:
        row = self.rows[key]
        assert row is not None
        self._follow(key, JOB.logics[ORDERS].ring(key, row, now), f"alarm:{now}")

    def _follow(self, key: bytes, decided, source: str) -> None:
        self.rows[key] = decided.row
        versions = self.evidence.versions.setdefault((ORDERS, key), [])
        versions.append(Version(0, len(versions), self.clock, decided.row, (source,), 0))
        outputs = self.evidence.outputs.setdefault(key, [])
        for send in decided.sends:
            told = json.loads(send.value)
            outputs.append(Output(len(outputs), self.clock, send.value, told["id"], told["n"], told.get("step")))


def honest() -> Evidence:
    run = Honest()
    run.takes(INTAKE, ADA, 0)
    run.takes(INTAKE, ADA, 1)
    run.takes(PACK, ADA, 2)
    run.takes(INTAKE, BOB, 3, do="alarm", at=DUE)
    run.parks(PACK, BOB, 4)
    run.rings(BOB, DUE + 20)
    run.takes(INTAKE, ADA, 5)
    return run.evidence


def lose_an_output(evidence: Evidence) -> None:
    del evidence.outputs[ADA][1]


def lose_an_event(evidence: Evidence) -> None:
    """The offset went ahead of the state: neither row nor output knows the event."""
    del evidence.outputs[ADA][3]
    del evidence.versions[ORDERS, ADA][3]


def double_an_output(evidence: Evidence) -> None:
    evidence.outputs[ADA].append(evidence.outputs[ADA][0])


def double_an_effect(evidence: Evidence) -> None:
    """Read again after its row had been written."""
    versions = evidence.versions[ORDERS, ADA]
    versions.append(versions[-1]._replace(row=b'{"n": 5}'))
    last = evidence.outputs[ADA][-1]
    evidence.outputs[ADA].append(last._replace(n=5, value=last.value.replace(b'"n": 4', b'"n": 5')))


def invent_an_output(evidence: Evidence) -> None:
    evidence.outputs[ADA].append(Output(9, START, b'{"id": 99, "n": 5}', 99, 5, INTAKE))


def swap_outputs(evidence: Evidence) -> None:
    outputs = evidence.outputs[ADA]
    outputs[0], outputs[1] = outputs[1], outputs[0]


def swap_effects(evidence: Evidence) -> None:
    versions = evidence.versions[ORDERS, ADA]
    first, second = versions[0], versions[1]
    versions[0], versions[1] = first._replace(sources=second.sources), second._replace(sources=first.sources)


def change_a_row(evidence: Evidence) -> None:
    versions = evidence.versions[ORDERS, ADA]
    versions[-1] = versions[-1]._replace(row=b'{"n": 7}')


def name_a_source_of_another(evidence: Evidence) -> None:
    versions = evidence.versions[ORDERS, BOB]
    versions[0] = versions[0]._replace(sources=(f"{INTAKE}:0",))


def name_no_source(evidence: Evidence) -> None:
    versions = evidence.versions[ORDERS, ADA]
    versions[0] = versions[0]._replace(sources=(f"{INTAKE}:77",))


def do_what_was_refused(evidence: Evidence) -> None:
    evidence.versions[ORDERS, BOB][0] = evidence.versions[ORDERS, BOB][0]._replace(
        sources=(f"{INTAKE}:2", f"{PACK}:1"),
    )


def commit_too_much(evidence: Evidence) -> None:
    evidence.committed[INTAKE, 0] += 1


def commit_too_little(evidence: Evidence) -> None:
    evidence.committed[INTAKE, 0] -= 1


def park_what_was_done(evidence: Evidence) -> None:
    evidence.parked[INTAKE, 0, 0] = 1


def forget_an_alarm(evidence: Evidence) -> None:
    del evidence.versions[ORDERS, BOB][-1]
    del evidence.outputs[BOB][-1]


def ring_early(evidence: Evidence) -> None:
    versions = evidence.versions[ORDERS, BOB]
    versions[-1] = versions[-1]._replace(sources=(f"alarm:{DUE - 1}",))


def lose_what_was_accepted(evidence: Evidence) -> None:
    evidence.accepted |= {1_000}


def keep_twice_what_was_accepted(evidence: Evidence) -> None:
    evidence.inputs[PACK, 0][2] = evidence.inputs[PACK, 0][0]


PLANTED: list[tuple[Callable[[Evidence], None], str]] = [
    (lose_an_output, "lost"),
    (lose_an_output, "count gap"),
    (lose_an_output, "row without output"),
    (lose_an_event, "lost"),
    (lose_an_event, "offset ahead"),
    (double_an_output, "doubled"),
    (double_an_output, "count repeated"),
    (double_an_output, "output without row"),
    (double_an_effect, "doubled"),
    (double_an_effect, "source repeated"),
    (invent_an_output, "invented"),
    (swap_outputs, "out of order"),
    (swap_outputs, "outputs out of order"),
    (swap_effects, "output without row"),
    (change_a_row, "row differs"),
    (name_a_source_of_another, "no such source"),
    (name_no_source, "no such source"),
    (do_what_was_refused, "refused, yet done"),
    (commit_too_much, "offset ahead"),
    (commit_too_little, "state ahead"),
    (commit_too_little, "not at rest"),
    (park_what_was_done, "parked and done"),
    (park_what_was_done, "source repeated"),
    (forget_an_alarm, "alarm never rang"),
    (ring_early, "refused, yet done"),
    (lose_what_was_accepted, "accepted, not kept"),
    (keep_twice_what_was_accepted, "accepted, kept twice"),
]


def rules(evidence: Evidence) -> set[str]:
    return {violation.rule for violation in check(evidence, JOB.logics)}


def test_an_honest_run_has_no_violation():
    assert check(honest(), JOB.logics) == []


@pytest.mark.parametrize(("plant", "rule"), PLANTED, ids=[f"{plant.__name__}: {rule}" for plant, rule in PLANTED])
def test_each_violation_is_named(plant: Callable[[Evidence], None], rule: str):
    evidence = honest()
    plant(evidence)
    assert rule in rules(evidence)


def plain(evidence: Evidence) -> Evidence:
    """The same run, of an engine whose table holds a count and nothing else."""
    for version_list in evidence.versions.values():
        last = version_list[-1]
        version_list[-1] = last._replace(row=str(json.loads(last.row or b"{}")["n"]).encode(), sources=())
    return evidence


def test_an_honest_run_of_a_plain_engine_has_no_violation():
    assert check_plain(plain(honest())) == []


def test_a_table_that_does_not_hold_what_was_told_is_named():
    evidence = plain(honest())
    evidence.versions[ORDERS, ADA][-1] = evidence.versions[ORDERS, ADA][-1]._replace(row=b"3")
    assert [violation.rule for violation in check_plain(evidence)] == ["table differs"]


def test_a_violation_is_told_with_what_lies_around_it():
    evidence = honest()
    lose_an_output(evidence)
    fault = Inflicted("kill-worker", START / 1_000, 2.0, "SIGKILL to worker 1")
    lost = next(one for one in check(evidence, JOB.logics) if one.rule == "lost")
    told = "\n".join(story(lost, evidence, [fault]))
    assert 'event   b2b2c.intake.v1:0:1 {"id": 1}' in told
    assert "SIGKILL to worker 1" in told
    assert "row     b2b2c.orders.changelog.v1:0:1 of [b2b2c.intake.v1:1]" in told
    assert '{"id": 3' not in told


def test_faults_long_before_are_not_told():
    evidence, old = honest(), Inflicted("kill-worker", START / 1_000 - 600, 2.0, "SIGKILL")
    violation = Violation("lost", "event 1", ADA, START + 2)
    assert not any("SIGKILL" in line for line in story(violation, evidence, [old]))
    assert any("SIGKILL" in line for line in story(violation, evidence, [replace(old, at=START / 1_000 - 10)]))
