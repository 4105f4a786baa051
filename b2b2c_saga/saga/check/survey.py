"""All worlds explored, those that take longest first, each by one of several processes."""

import resource
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from b2b2c_saga.saga.check import books, explore, growth, invariants, papers, stock, tally, transitions
from b2b2c_saga.saga.check.crew import Done, Underway, share_out
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.worlds import Setting

RULES = (invariants, papers, books, stock, growth, transitions)
"""The modules whose rules every world is held against."""


@dataclass(frozen=True)
class Surveyed:
    """One world, explored."""

    world: str
    found: explore.Explored
    seconds: float
    memory: int
    """The most that the process has held so far, in bytes."""


@dataclass(frozen=True)
class Ahead:
    """What is under way: the worlds in hand, and the states of each so far."""

    states: dict[str, int]


def survey(settings: Mapping[str, Setting], sagas: Sagas, workers: int, limit: int) -> Iterator[Surveyed | Ahead]:
    """Each world as it is done, up to `limit` states of it; and now and then what is under way."""
    names = sorted(settings, key=lambda name: _weight(settings[name]), reverse=True)

    def work(piece: int, tell: explore.Progress) -> Surveyed:
        began = time.perf_counter()
        found = explore.explore(settings[names[piece]], sagas, limit, tell)
        return Surveyed(names[piece], found, time.perf_counter() - began, _memory())

    for told in share_out(work, len(names), workers):
        match told:
            case Done(result=surveyed):
                yield surveyed
            case Underway(how_far=far):
                yield Ahead({names[piece]: states for piece, states in far.items()})


def exercised(found: Mapping[str, int]) -> dict[str, int]:
    """How often each rule was looked at; 0: no world has anything to say about it."""
    return tally.by_rule(found, *RULES)


def _weight(setting: Setting) -> int:
    """A guess at how large it is; what may go wrong counts most."""
    said = len(setting.events) + len(setting.after_handover)
    wrong = setting.faults + setting.delays + setting.quirks + setting.fixes + bool(setting.echo)
    return 0 if setting.one_by_one or setting.is_stock else said + 2 * wrong


def _memory() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
