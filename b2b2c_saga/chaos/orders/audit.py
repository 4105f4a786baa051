"""The whole check of a run at rest: all who write are stopped, and then everything is computed anew and compared."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from b2b2c_saga.bus.records import partition_of
from b2b2c_saga.bus.whereabouts import committed_by
from b2b2c_saga.chaos.nemesis import Inflicted
from b2b2c_saga.chaos.orders.fold import fold
from b2b2c_saga.chaos.orders.history import history
from b2b2c_saga.chaos.orders.outputs import compare_told
from b2b2c_saga.chaos.orders.slices import Slice, read_slice
from b2b2c_saga.chaos.orders.stage import Stage
from b2b2c_saga.chaos.orders.violations import Violation
from b2b2c_saga.chaos.outcome import EXAMPLES, Broken
from b2b2c_saga.chaos.scene import Say
from b2b2c_saga.config import load_catalogue
from b2b2c_saga.runtime.rows import saga_job

SETTLED, SETTLES_WITHIN = 5.0, 60.0
"""Seconds without a commit, after which the workers have taken all; and how long one waits for that."""
PULSE = 0.5


@dataclass
class Audit:
    """What was computed anew, and what is broken in it."""

    events: int = 0
    outputs: int = 0
    versions: int = 0
    """Of rows: changelog records."""
    violations: list[Violation] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, int | float]:
        """In plain names."""
        return {"events decided on": self.events, "outputs": self.outputs, "versions of rows": self.versions}

    def add(self, of: Slice) -> None:
        """One slice more."""
        self.events += of.events
        self.outputs += sum(map(len, of.outputs.values()))
        self.versions += sum(map(len, of.versions.values()))


async def audit(here: Stage, say: Say) -> Audit:
    """Stop connectors, gateway and poll, let the workers take what is left, stop them, and compute everything anew."""
    await here.others.stop()
    await _settled(here)
    for slot in here.workers.running:
        await here.workers.stop(slot)
    job = saga_job(here.base.application, here.topics, load_catalogue(here.base.config))
    committed = await committed_by(here.settings, here.group)
    done, folded, told_by = Audit(), [], []
    for number in range(here.topics.partitions):
        say(f"computing partition {number + 1} of {here.topics.partitions} anew; {done.events:,} events so far")
        mine = {topic: offset for (topic, partition), offset in committed.items() if partition == number}
        of = await read_slice(here.settings, here.topics, number, mine)
        done.add(of)
        folded.append(await asyncio.to_thread(fold, of, job))
        told_by.append(of.told)
    done.violations += [violation for one in folded for violation in one.violations]
    done.violations += compare_told((one.told for one in folded), told_by)
    return done


async def _settled(here: Stage) -> None:
    """Until the workers have committed nothing for some seconds."""
    limit = time.monotonic() + SETTLES_WITHIN
    committed, since = await committed_by(here.settings, here.group), time.monotonic()
    while time.monotonic() < min(since + SETTLED, limit):
        await asyncio.sleep(PULSE)
        now = await committed_by(here.settings, here.group)
        if now != committed:
            committed, since = now, time.monotonic()


async def told(here: Stage, violations: Sequence[Violation], faults: Sequence[Inflicted]) -> list[Broken]:
    """Each for the page, one of each kind first; the first of an order, as far as there is room, with its history."""
    firsts = list({one.kind: one for one in reversed(violations)}.values())
    ordered = [*firsts, *(one for one in violations if one not in firsts)]
    histories: dict[str, list[str]] = {}
    for key in list(dict.fromkeys(one.key for one in ordered if "/" in one.key))[:EXAMPLES]:
        number = partition_of(key.encode(), here.topics.partitions)
        of = await read_slice(here.settings, here.topics, number, {})
        histories[key] = list(history(of, key, here.topics, faults))
    return [Broken(one.kind.value, f"{one.key} {one.what}".strip(), histories.pop(one.key, ())) for one in ordered]
