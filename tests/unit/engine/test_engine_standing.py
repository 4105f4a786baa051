"""A static member that was replaced, and one that was only silent for too long, are told the same by the cluster."""

from b2b2c_saga.runtime.engine.standing import FENCED_INSTANCE_ID, UNKNOWN_MEMBER_ID, Standing

REBALANCING = 27


def _standing() -> tuple[Standing, list[float]]:
    now = [0.0]
    return Standing(10, clock=lambda: now[-1]), now


def test_known_a_moment_ago_and_now_unknown_is_replaced():
    standing, now = _standing()
    standing.heard(0)
    now.append(2)
    standing.heard(REBALANCING)
    assert not standing.is_lost
    standing.heard(UNKNOWN_MEMBER_ID)
    assert standing.is_lost


def test_silent_for_a_session_and_then_unknown_joins_again():
    standing, now = _standing()
    standing.heard(0)
    now.append(10)
    standing.heard(UNKNOWN_MEMBER_ID)
    assert not standing.is_lost


def test_never_known_joins():
    standing, _ = _standing()
    standing.heard(UNKNOWN_MEMBER_ID)
    assert not standing.is_lost


def test_fenced_is_replaced_whenever():
    standing, _ = _standing()
    standing.heard(FENCED_INSTANCE_ID)
    assert standing.is_lost
