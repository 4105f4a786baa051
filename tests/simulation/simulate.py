"""Play many schedules, drawn from seeds: `make simulate SCHEDULES=100000 SEED=1`. Ends with 1 if any violates a check.

With `--plan "Plan(...)"`, as a failing test prints it, one schedule is played and its whole history shown.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

import plans
from mistakes import MISTAKES, planted
from plans import Plan, drawn, shrunk
from playing import play, ready
from world import Outcome

SHOW_EVERY = 10.0


def fails(plan: Plan) -> bool:
    """Whether a schedule violates a check."""
    return play(plan).violation is not None


def first_failure(tried: Iterable[Plan]) -> Outcome | None:
    """The first schedule that violates a check, reduced to what the violation needs."""
    for plan in tried:
        if fails(plan):
            return play(shrunk(plan, fails))
    return None


def outcomes(first: int, count: int) -> Iterator[Outcome]:
    """Of schedules drawn from successive seeds."""
    for seed in range(first, first + count):
        yield play(drawn(seed))


def main() -> int:
    """Play and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="the first; the others follow it")
    parser.add_argument("--mistake", choices=sorted(MISTAKES), help="plant a mistake in the engine, and find it")
    parser.add_argument("--plan", help="one schedule, as it was printed")
    told = parser.parse_args()
    with ready():
        if told.plan:
            outcome = play(eval(told.plan, vars(plans)))
            print(outcome)
            return int(outcome.violation is not None)
        if told.mistake:
            with planted(told.mistake):
                found = first_failure(map(drawn, range(told.seed, told.seed + told.schedules)))
            print(found or "not found")
            return int(found is None)
        return _many(told.seed, told.schedules)


def _many(seed: int, count: int) -> int:
    began = shown = time.monotonic()
    counts: Counter[str] = Counter()
    for number, outcome in enumerate(outcomes(seed, count), 1):
        counts += outcome.counts
        if outcome.violation:
            print(play(shrunk(outcome.plan, fails)))
            return 1
        if (now := time.monotonic()) - shown > SHOW_EVERY or number == count:
            shown = now
            told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
            print(f"{number} schedules, {60 * number / (now - began):.0f} a minute: {told}", flush=True)
    print("no violation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
