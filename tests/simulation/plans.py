"""A plan is all that a schedule depends on: who runs, what is published, what goes wrong. It prints as Python."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

REQUESTS = (
    "InitProducerId",
    "AddPartitionsToTxn",
    "Produce",
    "AddOffsetsToTxn",
    "TxnOffsetCommit",
    "EndTxn",
    "Recover",
)
ANSWER, SILENCE, RESET = "answer", "silence", "reset"
RETRIABLE = {"Produce": 19, "TxnOffsetCommit": 14}
"""Error codes that a broker answers for a while: not enough replicas, coordinator loading; else: not coordinator."""
NOT_COORDINATOR = 16
READS_OF_A_RECOVERY = 10


@dataclass(frozen=True, slots=True)
class Request:
    """What happens to the nth request of a kind: when it arrives (seconds; None: never), what the client hears."""

    kind: str
    nth: int
    arrives: float | None = 0.0
    told: str = SILENCE
    error: int = 0
    """If not 0, this answer in place of any effect."""


@dataclass(frozen=True, slots=True)
class Crash:
    """A worker is killed between two of its steps, and a new process takes its place after some seconds."""

    worker: int
    step: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """A worker stops for some seconds and goes on, not knowing that it did: a zombie, if its partitions went on."""

    worker: int
    step: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rebalance:
    """The group's members are asked to join again."""

    at: float


@dataclass(frozen=True, slots=True)
class Leave:
    """A worker leaves the group, gracefully, and comes back after some seconds."""

    at: float
    worker: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """The network between a worker and the broker is cut: what is under way is lost without a word."""

    at: float
    worker: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """The nth batch of records that is fetched, of all workers', is lost in a queue on its way to the writer."""

    nth: int


@dataclass(frozen=True, slots=True)
class Linger:
    """The nth batch of records fetched reaches its writer some seconds later."""

    nth: int
    seconds: float


Fault = Request | Crash | Pause | Rebalance | Leave | Cut | Drop | Linger


@dataclass(frozen=True, slots=True)
class Plan:
    """One schedule."""

    seed: int
    """Of the small delays, and of what is published when."""
    workers: int = 2
    records: int = 14
    cooperative: bool = False
    """Whether a rebalance takes only what changes hands."""
    faults: tuple[Fault, ...] = ()

    def without(self, index: int) -> "Plan":
        """The same with one fault less."""
        return replace(self, faults=self.faults[:index] + self.faults[index + 1 :])


def drawn(seed: int) -> Plan:
    """The plan of a seed."""
    draw = Random(seed)
    workers = draw.choice((1, 1, 2, 2, 2, 3))
    faults = [_fault(draw, workers) for _ in range(draw.choice((1, 1, 2, 2, 3, 4, 6)))]
    if draw.random() < 0.2:
        faults += _in_vain(draw)
    return Plan(seed, workers, draw.randint(6, 20), draw.random() < 0.3, tuple(faults))


def _in_vain(draw: Random) -> list[Fault]:
    """A request that the broker takes, late perhaps, while the client asks again and again and hears nothing."""
    kind = draw.choice(("EndTxn", "EndTxn", *REQUESTS))
    nth = _nth(draw, kind)
    arrives = draw.choice((0.0, round(draw.uniform(1.0, 40.0), 2)))
    faults: list[Fault] = [Request(kind, nth, arrives, SILENCE)]
    faults += [Request(kind, n, None, SILENCE) for n in range(nth + 1, nth + 3)]
    if draw.random() < 0.5:
        begin, seconds = draw.randrange(READS_OF_A_RECOVERY, 3 * READS_OF_A_RECOVERY), round(draw.uniform(0.5, 6.0), 2)
        faults += [Request("Recover", n, seconds, ANSWER) for n in range(begin, begin + READS_OF_A_RECOVERY, 3)]
    return faults


def _nth(draw: Random, kind: str) -> int:
    return draw.randrange(5 * READS_OF_A_RECOVERY if kind == "Recover" else 12)


def _fault(draw: Random, workers: int) -> Fault:
    worker, at = draw.randrange(workers), round(draw.uniform(0.0, 8.0), 2)
    match draw.choices(range(8), (60, 10, 12, 5, 4, 4, 3, 2))[0]:
        case 0:
            kind = draw.choice(REQUESTS)
            return request(draw, kind, _nth(draw, kind))
        case 1:
            return Crash(worker, draw.randint(1, 900), round(draw.uniform(0.1, 15.0), 2))
        case 2:
            return Pause(
                worker, draw.randint(1, 900), round(draw.choice((1.0, 12.0, 15.0, 25.0)) * draw.random() + 0.1, 2)
            )
        case 3:
            return Rebalance(at)
        case 4:
            return Leave(at, worker, round(draw.uniform(0.1, 10.0), 2))
        case 5:
            return Cut(at, worker, round(draw.choice((2.0, 25.0)) * draw.random(), 2))
        case 6:
            return Drop(draw.randrange(12))
        case _:
            return Linger(draw.randrange(12), round(draw.uniform(0.1, 12.0), 2))


def request(draw: Random, kind: str, nth: int) -> Request:
    """One of the ways in which a request can go wrong."""
    soon, late = round(draw.choice((0.05, 0.5, 3.0)) * draw.random(), 3), round(draw.uniform(10.0, 35.0), 2)
    return draw.choice((
        Request(kind, nth, None, SILENCE),
        Request(kind, nth, 0.0, SILENCE),
        Request(kind, nth, late, SILENCE),
        Request(kind, nth, late, SILENCE),
        Request(kind, nth, None, RESET),
        Request(kind, nth, 0.0, RESET),
        Request(kind, nth, soon, RESET),
        Request(kind, nth, soon, RESET),
        Request(kind, nth, late, RESET),
        Request(kind, nth, round(draw.uniform(1.0, 14.0), 2), ANSWER),
        Request(kind, nth, 0.0, ANSWER, RETRIABLE.get(kind, NOT_COORDINATOR)),
    ))  # fmt: skip


def shrunk(plan: Plan, fails: Callable[[Plan], bool]) -> Plan:
    """The plan without faults, records and workers that a failure does not need."""
    index = 0
    while index < len(plan.faults):
        fewer = plan.without(index)
        plan, index = (fewer, index) if fails(fewer) else (plan, index + 1)
    for smaller in [replace(plan, workers=n) for n in range(1, plan.workers)]:
        if fails(smaller):
            plan = smaller
            break
    for records in range(1, plan.records):
        if fails(replace(plan, records=records)):
            return replace(plan, records=records)
    return plan
