"""The engine under schedules: of fixed seeds, of fresh ones, by hypothesis, and of one fault at a time, all of them.

A failure shows the plan reduced to what it needs, and its history; `python tests/simulation/simulate.py --plan "..."`
plays it again.
"""

import itertools
import os
import random
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import plans
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plans import ANSWER, REQUESTS, RESET, SILENCE, Crash, Cut, Fault, Leave, Pause, Plan, Rebalance, Request, drawn
from playing import play, ready
from simulate import first_failure


@pytest.fixture(autouse=True)
def _modelled() -> Iterator[None]:
    with ready():
        yield


def test_schedules_of_fixed_seeds():
    assert (found := first_failure(map(drawn, range(200)))) is None, found


def test_schedules_of_fresh_seeds():
    first = secrets.randbits(40)
    assert (found := first_failure(map(drawn, range(first, first + 100)))) is None, f"seeds from {first}\n{found}"


def test_a_plan_is_played_the_same_each_time():
    for seed in range(20):
        assert play(drawn(seed)) == play(drawn(seed))


def test_a_printed_plan_is_played_the_same_in_another_process():
    """Where sets are ordered otherwise."""
    command = [sys.executable, str(Path(__file__).with_name("simulate.py")), "--plan", repr(drawn(7))]
    told = [
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert b"all is well" in told[0]


WAYS = [(None, SILENCE, 0), (0.0, SILENCE, 0), (18.0, SILENCE, 0), (25.0, SILENCE, 0), (None, RESET, 0),
        (0.0, RESET, 0), (0.03, RESET, 0), (0.2, RESET, 0), (8.0, ANSWER, 0), (0.0, ANSWER, 1)]  # fmt: skip


def _one_fault() -> Iterator[Fault]:
    for kind, nth, (arrives, told, refused) in itertools.product(REQUESTS, range(3), WAYS):
        yield Request(kind, nth, arrives, told, plans.RETRIABLE.get(kind, plans.NOT_COORDINATOR) if refused else 0)


def test_every_way_in_which_a_single_request_can_go_wrong():
    tried = (Plan(5, 1, 6, False, (fault,)) for fault in _one_fault())
    assert (found := first_failure(tried)) is None, found


@pytest.mark.parametrize("fault", [lambda n: Crash(0, n, 0.5), lambda n: Pause(0, n, 14.0)], ids=["crash", "pause"])
def test_a_crash_or_a_pause_between_any_two_steps_of_a_worker(fault):
    tried = (Plan(5, 2, 4, False, (fault(step),)) for step in range(1, 331))
    assert (found := first_failure(tried)) is None, found


_seconds = st.floats(0, 40).map(lambda seconds: round(seconds, 2))
_workers = st.integers(0, 2)
_faults = st.one_of(
    st.builds(Request, st.sampled_from(REQUESTS), st.integers(0, 12), st.none() | _seconds, st.just(SILENCE)),
    st.builds(Request, st.sampled_from(REQUESTS), st.integers(0, 12), st.none() | _seconds, st.just(RESET)),
    st.builds(Request, st.sampled_from(REQUESTS), st.integers(0, 12), st.floats(0, 14), st.just(ANSWER)),
    st.builds(Crash, _workers, st.integers(1, 900), _seconds),
    st.builds(Pause, _workers, st.integers(1, 900), _seconds),
    st.builds(Cut, _seconds, _workers, _seconds),
    st.builds(Leave, _seconds, _workers, _seconds),
    st.builds(Rebalance, _seconds),
)


@settings(max_examples=100, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.builds(
        Plan,
        st.integers(0, 1_000),
        st.integers(1, 3),
        st.integers(1, 20),
        st.booleans(),
        st.lists(_faults, max_size=5).map(tuple),
    )
)
def test_schedules_of_hypothesis(plan):
    outcome = play(plan)
    assert outcome.violation is None, outcome


def test_what_a_plan_prints_makes_it_again():
    for seed in range(50):
        plan = drawn(seed)
        assert eval(repr(plan), vars(plans)) == plan


def test_drawn_plans_have_every_kind_of_fault():
    drawn_kinds = {type(fault) for seed in random.Random(1).sample(range(10_000), 300) for fault in drawn(seed).faults}
    assert drawn_kinds == set(Fault.__args__)
