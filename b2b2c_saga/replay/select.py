"""Which of all that waits an operator means, and what of that is not released."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.replay.parked import Parked, Place
from b2b2c_saga.replay.waiting import Waiting

REDRIVES_AT_MOST = 5


@dataclass(frozen=True)
class Selection:
    """What holds of all that is meant; what is left out narrows nothing."""

    orders: frozenset[str] = frozenset()
    """Keys."""
    account: str | None = None
    reason: str | None = None
    """The class of the failure, or a part of its message."""
    topic: str | None = None
    """The full name of the topic that what failed first came from."""
    since: datetime | None = None
    """Parked then or later."""
    before: datetime | None = None
    """Parked before then."""

    def takes(self, one: Waiting) -> bool:
        """Whether it is meant."""
        key = one.key.decode(errors="replace")
        return (
            (not self.orders or key in self.orders)
            and (self.account is None or key.partition("/")[0] == self.account)
            and (self.reason is None or _is_of(one, self.reason))
            and (self.topic is None or one.failure.origin == self.topic)
            and (self.since is None or one.since >= self.since)
            and (self.before is None or one.since < self.before)
        )

    @property
    def is_everything(self) -> bool:
        """Whether nothing narrows it."""
        return self == Selection()


@dataclass(frozen=True)
class LeftOut:
    """What was meant and is not released, and why."""

    waiting: Waiting
    why: str


@dataclass(frozen=True)
class Chosen:
    """What is to be released, and what of the selection is not."""

    taken: list[Waiting]
    left_out: list[LeftOut]


def choose(waiting: Iterable[Waiting], selection: Selection, redrives: int = REDRIVES_AT_MOST) -> Chosen:
    """What an operator means.

    Args:
        waiting: All that waits.
        selection: What is meant.
        redrives: What was released and failed as often as this is left out.
    """
    chosen = Chosen([], [])
    for one in waiting:
        if not selection.takes(one):
            continue
        if why := one.obstacle:
            chosen.left_out.append(LeftOut(one, why))
        elif one.redrives >= redrives:
            often = "once" if one.redrives == 1 else f"{one.redrives} times"
            failed = f"released {often} and failed again (--limit {redrives})"
            chosen.left_out.append(LeftOut(one, failed))
        else:
            chosen.taken.append(one)
    return chosen


def _is_of(one: Waiting, reason: str) -> bool:
    said = one.failure
    return said.reason == reason or reason.casefold() in said.message.casefold()


def first_of(waiting: Iterable[Waiting], order: str, count: int) -> list[Parked]:
    """The first waiting records of an order; if none waits in line, those of it that are parked alone.

    Raises:
        BadInput: nothing of that order waits, or not so many.
    """
    found = sorted((one for one in waiting if one.key == order.encode()), key=lambda one: one.alone)
    records = [parked for one in found for parked in one.records]
    if len(records) < count:
        rule = f"{len(records)} of its records wait; see `b2b2c-saga replay list`"
        raise BadInput("not so many wait", "--order", order, rule)
    return records[:count]


def named(waiting: Iterable[Waiting], places: Iterable[Place]) -> list[Parked]:
    """The waiting records at places of the parked topic.

    Raises:
        BadInput: one is not there, or does not wait any more.
    """
    found = {parked.place: parked for one in waiting for parked in one.records}
    records = []
    for place in places:
        if place not in found:
            rule = "not parked, or done already; see `b2b2c-saga replay list --json`"
            raise BadInput("nothing waits there", "--offset", "{}:{}".format(*place), rule)
        records.append(found[place])
    return records
