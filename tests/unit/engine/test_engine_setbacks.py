"""How long a writer that failed pauses, and when it is a matter for people."""

from b2b2c_saga.runtime.engine.setbacks import FIRST_PAUSE, LONG_SECONDS, LONGEST_PAUSE, SPREAD, Setbacks


def test_pauses_double_up_to_the_longest_and_differ_by_chance():
    pauses = [[setbacks.failed(0).pause for _ in range(10)] for setbacks in (Setbacks(), Setbacks())]
    for number, pause in enumerate(pauses[0]):
        least = min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)
        assert least <= pause <= (1 + SPREAD) * least
    assert pauses[0] != pauses[1]


def test_a_pause_is_no_shorter_than_asked_for():
    assert Setbacks().failed(0, at_least=3).pause >= 3


def test_what_lasts_is_told_louder_until_it_worked():
    setbacks = Setbacks()
    assert not setbacks.failed(100).is_long
    assert setbacks.failed(100 + LONG_SECONDS).is_long
    setbacks.worked()
    again = setbacks.failed(101 + LONG_SECONDS)
    assert (again.lasting, again.is_long) == (0, False)
    assert again.pause <= (1 + SPREAD) * FIRST_PAUSE
