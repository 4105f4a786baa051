"""Alarms: the earliest first, never before due, one a key, and again when they took no effect."""

from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.runtime.engine.alarms import Alarms

KEYS = st.sampled_from([b"a", b"b", b"c"])


def test_what_is_due_comes_in_order_and_once():
    alarms = Alarms()
    for key, due in ((b"late", 30), (b"early", 10), (b"middle", 20)):
        alarms.set(key, due)
    assert alarms.next() == 10
    assert alarms.take(9, 10) == []
    assert alarms.take(20, 10) == [(b"early", 10), (b"middle", 20)]
    assert alarms.take(20, 10) == []
    assert alarms.next() == 30


def test_an_alarm_replaces_the_one_before_and_none_takes_it_back():
    alarms = Alarms()
    alarms.set(b"a", 10)
    alarms.set(b"a", 50)
    alarms.set(b"b", 20)
    alarms.set(b"b", None)
    assert alarms.take(49, 10) == []
    assert alarms.take(50, 10) == [(b"a", 50)]


def test_what_took_no_effect_rings_again_unless_set_meanwhile():
    alarms = Alarms()
    alarms.set(b"a", 10)
    alarms.set(b"b", 11)
    taken = alarms.take(20, 10)
    alarms.set(b"b", 99)
    alarms.give_back(taken)
    assert alarms.take(20, 10) == [(b"a", 10)]
    assert alarms.of(b"b") == 99


def test_no_more_than_asked_for():
    alarms = Alarms()
    for number in range(5):
        alarms.set(b"%d" % number, number)
    assert len(alarms.take(10, 2)) == 2
    assert len(alarms) == 3


def test_outdated_entries_are_swept():
    alarms = Alarms()
    for due in range(10_000):
        alarms.set(b"a", due)
    assert len(alarms._heap) < 2_000
    assert alarms.take(10_000, 10) == [(b"a", 9_999)]


@given(st.lists(st.tuples(KEYS, st.none() | st.integers(0, 50))), st.integers(0, 50))
def test_it_agrees_with_a_dictionary(changes: list[tuple[bytes, int | None]], now: int):
    alarms = Alarms()
    model: dict[bytes, int] = {}
    for key, due in changes:
        alarms.set(key, due)
        model.pop(key, None)
        if due is not None:
            model[key] = due
    assert alarms.next() == min(model.values(), default=None)
    assert sorted(alarms.take(now, 100)) == sorted((k, d) for k, d in model.items() if d <= now)
    assert len(alarms) == sum(1 for due in model.values() if due > now)
