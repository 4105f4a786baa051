"""Worker processes, what they are given, and what they made of it, read with read_committed only."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from b2b2c_saga.bus.clients import producer, read_all
from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.whereabouts import lag_of
from b2b2c_saga.chaos.counting import APPLICATION
from b2b2c_saga.settings import Settings

WORKER = Path(__file__).with_name("counting_worker.py")
PATIENCE = 90.0


class Worker:
    """One worker process and its log."""

    def __init__(self, settings: Settings, log: Path, *arguments: str) -> None:
        self.log = log
        self._settings = settings
        self._arguments = arguments
        self.process = self._spawn()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        environment = os.environ | {
            "B2B2C_BOOTSTRAP_SERVERS": self._settings.bootstrap,
            "B2B2C_TOPIC_PREFIX": self._settings.topic_prefix,
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(WORKER), *self._arguments], stderr=log, stdout=log, env=environment
            )

    def kill(self) -> None:
        """Die without a word."""
        self.process.kill()
        self.process.wait()

    def again(self) -> None:
        """A new process, after the old one is dead."""
        self.process = self._spawn()

    def stop(self) -> float:
        """Stop gracefully; returns the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.tail()
        return time.monotonic() - began

    def told(self, event: str) -> list[dict[str, Any]]:
        """What the log says of an event."""
        return [line for line in self._lines() if line.get("event") == event]

    def tail(self) -> str:
        """The end of the log, for a failing test."""
        return "\n".join(self.log.read_text().splitlines()[-30:])

    def _lines(self) -> Iterable[dict[str, Any]]:
        for line in self.log.read_text().splitlines():
            if line.startswith("{"):
                yield json.loads(line)

    def ready(self) -> set[int]:
        """The partitions that it was ever ready for."""
        return {line["partition"] for line in self.told("ready")}


@asynccontextmanager
async def working(settings: Settings, log: Path, *arguments: str) -> AsyncIterator[Worker]:
    """A worker for the length of a block."""
    worker = Worker(settings, log, *arguments)
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.process.send_signal(signal.SIGCONT)
            worker.kill()


async def until(condition: Callable[[], bool | Awaitable[bool]], what: str, patience: float = PATIENCE) -> None:
    """Wait for a condition."""
    began = time.monotonic()
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() - began < patience, f"waited {patience} s for: {what}"
        await asyncio.sleep(0.1)


async def publish(settings: Settings, records: Iterable[Outgoing]) -> int:
    """Send records; returns their number."""
    async with producer(settings) as publisher:
        return await publisher.publish_all(records)


def event(topics: Topics, step: str, key: str, **content: object) -> Outgoing:
    """One event for the counting logic."""
    return Outgoing(topics.name(step), key.encode(), json.dumps(content).encode())


async def everything(settings: Settings, *topics: str) -> list[Record]:
    """All committed records of topics."""
    return [record async for record in read_all(settings, topics)]


async def outputs(settings: Settings, topics: Topics) -> list[dict[str, Any]]:
    """What the logic sent, with its key."""
    records = await everything(settings, topics.name("order-events"))
    return [{"key": (r.key or b"").decode(), **json.loads(r.value or b"{}")} for r in records]


async def latest(settings: Settings, changelog: str) -> dict[bytes, Record]:
    """The changelog's last record of each key."""
    return {record.key or b"": record for record in await everything(settings, changelog)}


def header(record: Record, name: str) -> str | None:
    """One header's value."""
    return next((value.decode() for found, value in record.headers if found == name), None)


async def lag(settings: Settings, topics: Topics, steps: Iterable[str]) -> int:
    """Records after the committed offsets of the group."""
    return await lag_of(settings, f"{settings.topic_prefix}{APPLICATION}", [topics.name(step) for step in steps])


def assert_exactly_once(told: list[dict[str, Any]], expected: Iterable[tuple[str, str]]) -> None:
    """Each event once, and each key counted without gap or repeat, in the order of its partition.

    Args:
        told: Outputs as read.
        expected: Key and id of each event.
    """
    counts: dict[str, list[int]] = defaultdict(list)
    for output in told:
        counts[output["key"]].append(output["n"])
    wrong = {key: ns for key, ns in counts.items() if ns != list(range(1, len(ns) + 1))}
    assert not wrong, f"sequences with gaps or repeats: {dict(list(wrong.items())[:3])}"
    assert sorted((o["key"], str(o["id"])) for o in told) == sorted(expected)


def assert_order_kept(told: list[dict[str, Any]]) -> None:
    """Events of one key in one step topic have rising ids."""
    seen: dict[tuple[str, str], int] = {}
    for output in told:
        place = (output["key"], output["step"])
        assert seen.get(place, -1) < output["id"]
        seen[place] = output["id"]
