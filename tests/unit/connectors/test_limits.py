"""The breaker and the bucket, by a clock that stands still until told."""

from dataclasses import dataclass

from b2b2c_saga.connectors.limits import Breaker, Bucket


@dataclass
class Clock:
    """Seconds, by hand."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_breaker_opens_after_failures_in_a_row_only():
    breaker = Breaker(3, 5, Clock())
    for answered in (False, False, True, False, False):
        breaker.heard() if answered else breaker.failed()
    assert breaker.admits()
    breaker.failed()
    assert not breaker.admits()


def test_one_call_tries_after_each_cool_down():
    clock = Clock()
    breaker = Breaker(1, 5, clock)
    breaker.failed()
    clock.now += 4.9
    assert not breaker.admits()
    clock.now += 0.1
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.failed()
    assert not breaker.admits()
    clock.now += 5
    assert breaker.admits()
    breaker.heard()
    assert [breaker.admits(), breaker.admits()] == [True, True]


def test_a_bucket_gives_at_once_what_ten_seconds_bring_and_then_makes_wait():
    clock = Clock()
    bucket = Bucket(60, clock)
    assert [bucket.take() for _ in range(12)] == [0.0] * 10 + [1.0, 2.0]
    clock.now += 2
    assert bucket.take() == 1.0
    clock.now += 3_600
    assert [bucket.take() for _ in range(11)] == [0.0] * 10 + [1.0]
