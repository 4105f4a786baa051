"""The counting worker as the tests run it: also slow, with a crash, losses, or a mistake in the engine, on purpose."""

import itertools
import os
import time

from b2b2c_saga.bus.records import Record
from b2b2c_saga.chaos.counting import Counting
from b2b2c_saga.chaos.worker import main
from b2b2c_saga.runtime.engine import Decided, owners, transport
from b2b2c_saga.runtime.engine.labels import Fetched


def crash_once() -> None:
    """Let Faust crash at the first assignment, as it does when a callback of its own fails."""
    assigned = transport.Membership._assigned
    crashed: list[bool] = []

    async def failing(self: transport.Membership, *arguments: object, **more: object) -> None:
        if not crashed:
            crashed.append(True)
            raise RuntimeError("on purpose")
        await assigned(self, *arguments, **more)

    transport.Membership._assigned = failing


def lose(every: int) -> None:
    """Lose a part of what was fetched between Faust's queues and the writers, as a cleared queue does."""
    submit = owners.Owners.submit
    number = itertools.count(1)

    def losing(self: owners.Owners, fetched: Fetched) -> None:
        if next(number) % every:
            submit(self, fetched)

    owners.Owners.submit = losing  # type: ignore[method-assign]


def take_time(seconds: float) -> None:
    """Be busy with each event for so long, that a worker is seldom found idle."""
    decide = Counting.decide

    def slow(self: Counting, key: bytes, row: bytes | None, record: Record) -> Decided:
        time.sleep(seconds)
        return decide(self, key, row, record)

    Counting.decide = slow  # type: ignore[method-assign]


if __name__ == "__main__":
    if seconds := os.environ.get("TAKE_SECONDS"):
        take_time(float(seconds))
    if every := os.environ.get("LOSE_EVERY"):
        lose(int(every))
    if os.environ.get("CRASH_ONCE"):
        crash_once()
    if mistake := os.environ.get("MISTAKE"):
        from mistakes import planted

        with planted(mistake):
            main()
    else:
        main()
