"""The simulation can fail: each mistake planted in the engine is caught, by the schedule that once caught it."""

import itertools

import pytest
from mistakes import MISTAKES, planted
from plans import RESET, SILENCE, Crash, Cut, Drop, Leave, Linger, Pause, Plan, Rebalance, Request, drawn
from playing import play, ready
from simulate import fails

CAUGHT = {
    "apply_before_commit": Plan(0, 1, 5),
    "overlay_kept_on_abort": Plan(0, 1, 5),
    "no_fencing": Plan(0, 1, 5),
    "recover_before_fencing": Plan(
        228, 2, 20, cooperative=True, faults=(Linger(4, 10.03), Pause(worker=1, step=579, seconds=11.62))
    ),
    "unknown_taken_for_aborted": Plan(
        37, 1, 9,
        faults=(Request("EndTxn", 8, 12.25, SILENCE), *(Request("EndTxn", n, None, SILENCE) for n in (9, 10))),
    ),
    "unanswered_requests_ignored": Plan(0, 1, 17, faults=(Request("EndTxn", 2, 0.052, RESET),)),
    "holes_ignored": Plan(57, 1, 14, faults=(Drop(10),)),
    "holes_at_the_end_ignored": Plan(82, 1, 1, faults=(Drop(0), Crash(worker=0, step=28, seconds=5.37))),
    "offsets_outside_the_transaction": Plan(0, 1, 1),
    "offset_plus_one": Plan(2, 1, 13),
    "no_waiting_for_the_batch_in_hand": Plan(
        11, 1, 2, faults=(Rebalance(3.61), Request("EndTxn", 1, 0.0, SILENCE))
    ),
    "rows_kept_when_fenced": Plan(11, 1, 2, faults=(Rebalance(3.61), Request("EndTxn", 1, 0.0, SILENCE))),
    "deliveries_unchecked": Plan(0, 1, 5),
    "alarms_not_given_back": Plan(1159, 1, 3, faults=(Cut(1.73, worker=0, seconds=21.3),)),
    "recovery_ends_early": Plan(0, 2, 1, faults=(Leave(2.86, worker=1, seconds=2.26),)),
    "committed_records_taken_again": Plan(6, 1, 2, faults=(Request("InitProducerId", 2, 0.0, RESET),)),
}  # fmt: skip
OTHERS = 1_200
"""Schedules to look through when the engine's requests have come to be in another order."""


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_caught(name):
    with ready(), planted(name):
        others = map(drawn, range(OTHERS))
        assert any(fails(plan) for plan in itertools.chain([CAUGHT[name]], others))


@pytest.mark.parametrize("plan", CAUGHT.values(), ids=CAUGHT)
def test_without_the_mistake_the_same_schedule_is_well(plan):
    with ready():
        outcome = play(plan)
    assert outcome.violation is None, outcome


@pytest.mark.parametrize("kind", ["EndTxn", "TxnOffsetCommit", "AddPartitionsToTxn", "AddOffsetsToTxn", "Produce"])
def test_the_late_copy_of_a_request_meets_no_later_transaction(kind):
    """A late EndTxn committed half of the next transaction, a late TxnOffsetCommit set its offsets back."""
    with ready():
        for nth, milliseconds in itertools.product(range(8), range(20, 70, 8)):
            outcome = play(Plan(2, 1, 20, faults=(Request(kind, nth, milliseconds / 1000, RESET),)))
            assert outcome.violation is None, outcome
