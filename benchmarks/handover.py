# ruff: noqa: INP001 - a program, not a package
"""How long a partition pauses when workers come and go, and how long a worker needs to recover its rows.

    .venv/bin/python benchmarks/handover.py [--rows 100000] [--rounds 5] [--rate 400]

The pause is what an event waits longest, from publishing to the committed output, while a second worker joins one that
runs, and while it leaves again: of partitions that stay where they are, and of those that move. Recovery is from the
assignment to the last of 8 partitions ready, with rows of 1.4 kB; and the same from the start of the process. The rows
are of `engine.py`; a broker of its own is started. Given are the median of all rounds, and the worst.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine import STEPS, job

from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.clients import ends_of, follow, producer
from b2b2c_saga.bus.records import Outgoing
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.runtime.app import run_worker
from b2b2c_saga.settings import Settings
from b2b2c_saga.telemetry import logs

SETTLES = 6.0
"""Seconds to let a rebalance and its backlog pass."""
PATIENCE = 120.0


@dataclass(frozen=True)
class Worker:
    """A process and what it logs."""

    process: "subprocess.Popen[bytes]"
    log: Path
    began: float

    def told(self, event: str) -> list[tuple[float, dict[str, object]]]:
        """When it said so, in seconds since the epoch, and what."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        found = [line for line in lines if line["event"] == event]
        return [(datetime.fromisoformat(line["timestamp"]).timestamp(), line) for line in found]

    @property
    def ready(self) -> set[object]:
        """Partitions that it was ever ready for."""
        return {line["partition"] for _, line in self.told("ready")}

    async def until_ready(self, partitions: int) -> None:
        """Wait for so many partitions."""
        limit = time.monotonic() + PATIENCE
        while len(self.ready) < partitions:
            if time.monotonic() > limit:
                raise TimeoutError(f"ready for {self.ready}: {self.log.read_text()[-500:]}")
            await asyncio.sleep(0.05)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


@contextmanager
def worker(settings: Settings, log: Path) -> Iterator[Worker]:
    """One, for the length of a block."""
    command = [sys.executable, __file__, "--worker", settings.bootstrap, settings.topic_prefix]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:  # noqa: S603 - ourselves
        try:
            yield Worker(process, log, time.time())
        finally:
            with suppress(ProcessLookupError):
                process.kill()


class Load:
    """Steady events over all partitions, and how long each of them took."""

    def __init__(self, settings: Settings, topics: Topics, rate: float) -> None:
        self._settings, self._topics, self._rate = settings, topics, rate
        self.latencies: dict[int, list[tuple[float, float]]] = defaultdict(list)
        """By partition: when published, and how long it took, in seconds."""

    async def publish(self) -> None:
        """For ever."""
        async with producer(self._settings) as publisher:
            began, number = time.monotonic(), 0
            while True:
                await asyncio.sleep(max(0.0, began + number / self._rate - time.monotonic()))
                topic = self._topics.name(STEPS[number % len(STEPS)])
                value = json.dumps({"id": number, "at": time.time()}).encode()
                task = asyncio.create_task(publisher.send(topic, b"load/%d" % (number % 1_000), value))
                task.add_done_callback(lambda done: done.cancelled() or done.result())
                number += 1

    async def listen(self) -> None:
        """For ever."""
        async for record in follow(self._settings, [self._topics.name("order-events")], from_end=True):
            at = json.loads(record.value or b"")["at"]
            self.latencies[record.partition].append((at, time.time() - at))

    def worst(self, since: float, partitions: Sequence[object]) -> float:
        """The longest of these partitions."""
        return max(took for number in partitions for at, took in self.latencies[number] if at >= since)  # type: ignore[index]


async def pauses(settings: Settings, topics: Topics, rate: float, rounds: int, folder: Path) -> None:
    """A second worker comes and goes."""
    load = Load(settings, topics, rate)
    found: dict[str, list[float]] = defaultdict(list)
    with worker(settings, folder / "first.log") as first:
        await first.until_ready(topics.partitions)
        beside = [asyncio.create_task(load.publish()), asyncio.create_task(load.listen())]
        await asyncio.sleep(SETTLES)
        for number in range(rounds):
            began = time.time()
            with worker(settings, folder / f"second-{number}.log") as second:
                await second.until_ready(1)
                await asyncio.sleep(SETTLES)
                moved = sorted(second.ready, key=str)
                kept = [one for one in range(topics.partitions) if one not in moved]
                found["joins, partitions that stay"].append(load.worst(began, kept))
                found["joins, partitions that move"].append(load.worst(began, moved))
                began = time.time()
                second.stop()
            await asyncio.sleep(SETTLES)
            found["leaves, partitions that stay"].append(load.worst(began, kept))
            found["leaves, partitions that move"].append(load.worst(began, moved))
            print(f"  round {number + 1}: {', '.join(f'{took[-1]:.2f}' for took in found.values())}", file=sys.stderr)  # noqa: T201
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        first.stop()
    for what, took in found.items():
        tell(f"pause, one {what}", took)


async def recovery(settings: Settings, topics: Topics, rows: int, rounds: int, folder: Path) -> None:
    """A worker starts upon full changelogs."""
    out = topics.name("order-events")
    before = sum((await ends_of(settings, [out])).values())
    async with producer(settings) as publisher:
        at = time.time()
        values = (json.dumps({"id": number, "at": at}).encode() for number in range(rows))
        intake = topics.name("intake")
        await publisher.publish_all(Outgoing(intake, b"row/%d" % number, value) for number, value in enumerate(values))
    with worker(settings, folder / "filling.log") as filling:
        while sum((await ends_of(settings, [out])).values()) < before + rows:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(1)
        filling.stop()
    after_assignment, after_start = [], []
    for number in range(rounds):
        with worker(settings, folder / f"recovering-{number}.log") as one:
            await one.until_ready(topics.partitions)
            last = max(when for when, _ in one.told("ready"))
            after_assignment.append(last - one.told("assigned")[0][0])
            after_start.append(last - one.began)
            held = sum(int(str(line["rows"])) for _, line in one.told("ready"))
            one.stop()
        print(f"  round {number + 1}: {held:,} rows", file=sys.stderr)  # noqa: T201
    tell(f"recovery of {held:,} rows, from the assignment", after_assignment)
    tell("  the same from the start of the process", after_start)


def tell(what: str, took: Sequence[float]) -> None:
    """One line."""
    print(f"{what:55} median {statistics.median(took):5.2f} s, worst {max(took):5.2f} s")  # noqa: T201


async def measure(servers: str, rows: int, rounds: int, rate: float, folder: Path) -> None:
    """Both."""
    settings = Settings(_env_file=None, bootstrap_servers=servers, topic_prefix=f"handover{os.getpid()}.")
    topics = load_topics(settings.topic_prefix)
    await apply_topics(settings, topics)
    await pauses(settings, topics, rate, rounds, folder)
    await recovery(settings, topics, rows, rounds, folder)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=float, default=400, help="events a second while workers come and go")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    logs.configure()
    if options.worker:
        servers, prefix = options.worker
        settings = Settings(_env_file=None, bootstrap_servers=servers, topic_prefix=prefix, log_format="json")
        run_worker(job(load_topics(prefix)), settings)
        return
    with tempfile.TemporaryDirectory() as folder:
        broker = EmbeddedBroker(Path(folder) / "broker", port=0)
        try:
            asyncio.run(measure(broker.up(), options.rows, options.rounds, options.rate, Path(folder)))
        finally:
            broker.down()


if __name__ == "__main__":
    main()
