"""A whole system for the tests of a module: the demo's processes, and the hands and eyes that a test needs.

It runs on the run's broker, under a topic prefix and on ports of its own. Systems upstream are played through Kafka,
Omni through the gateway; outside systems are the sandbox, which shows its books and gets things wrong when told to.
"""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from example_set import example_set
from outside import Sandbox

from b2b2c_saga.bus.clients import Publisher, follow, producer, read_all
from b2b2c_saga.bus.records import Record, partition_of
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.demo import events
from b2b2c_saga.demo.stage import NO_OPTIONS, WORKERS, Stage, stage
from b2b2c_saga.model.messages import Event, Message
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order, decode_stock
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.settings import Settings

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
"""Seconds; a slow machine may need them, a good one needs a few."""
ASSIGNED = re.compile(r"assigned .*partitions=\[([\d, ]*)\]")


class Books(Sandbox):
    """The outside systems of a stage."""

    def __init__(self, url: str) -> None:
        self.url = url


@dataclass
class Stack:
    """Everything that runs, and what it has said so far."""

    stage: Stage
    publisher: Publisher
    gateway: httpx.AsyncClient
    sandbox: Books
    rows: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """The newest row of each key, by table."""
    parked: list[Record] = field(default_factory=list)

    async def listen(self, ready: asyncio.Event) -> None:
        """Keep `rows` and `parked` up to date."""
        topics = self.stage.topics
        tables = {topics.name(f"changelog.{table}"): table for table in ("orders", "stock")}
        followed = [*tables, topics.name("parked")]
        async for record in follow(self.stage.settings, followed, from_end=False, ready=ready):
            if record.topic in tables:
                self.rows[tables[record.topic], (record.key or b"").decode()] = record.value or b""
            else:
                self.parked.append(record)

    def order(self, key: str) -> Order | None:
        """The order's row of now."""
        row = self.rows.get(("orders", key))
        return decode_order(row) if row else None

    def stock(self, key: str) -> Stock | None:
        """The row of an SKU of now."""
        row = self.rows.get(("stock", key))
        return decode_stock(row) if row else None

    async def until(self, holds: Callable[[], Any], what: str) -> None:
        """Wait for something, while every process lives."""
        began = time.monotonic()
        while not holds():
            self.stage.fleet.check()
            assert time.monotonic() - began < PATIENCE, f"waited {PATIENCE} s for: {what}"
            await asyncio.sleep(0.05)

    async def tell(self, *told: Event) -> None:
        """Publish events, as a system upstream does."""
        for event in told:
            said = events.envelope(event, datetime.now(UTC))
            await self.publisher.send(self.stage.topics.name(event.topic), said.key, said.value, said.headers)

    async def call(self, path: str, event: Event) -> httpx.Response:
        """Call the gateway as Omni does: again, until there is an answer."""
        body = event.model_dump_json(exclude_none=True)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = await self.gateway.post(path, content=body, headers={"Content-Type": "application/json"})
            if answer.status_code != 503 and answer.json().get("status") != "PENDING":
                return answer
            await asyncio.sleep(0.2)
        raise AssertionError(f"no answer to {path} {event.key} in {PATIENCE} s")

    async def records(self, *shorts: str, key: str | None = None) -> list[Record]:
        """All committed records of topics, or those of one key."""
        partition = None if key is None else partition_of(key.encode(), self.stage.topics.partitions)
        names = [self.stage.topics.name(short) for short in shorts]
        return [
            record
            async for record in read_all(self.stage.settings, names, partition)
            if key is None or record.key == key.encode()
        ]

    async def said(self, short: str, key: str) -> list[Message]:
        """Everything said about a key on a topic, in order."""
        return [decode(record).message for record in await self.records(short, key=key)]

    async def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """`b2b2c-saga WORDS`, in a shell that looks at this stage."""
        return await asyncio.to_thread(
            subprocess.run,
            (sys.executable, "-m", "b2b2c_saga.cli", *words),
            env={**os.environ, **self.stage.fleet.environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    async def stop(self, name: str) -> int:
        """SIGTERM for one process; its exit code."""
        process = self.stage.fleet.members.pop(name).process
        process.terminate()
        return await asyncio.to_thread(process.wait, 30)

    def owned(self, worker: str) -> set[int]:
        """The partitions that a worker was given last, by its log."""
        found = ASSIGNED.findall((self.stage.folder / f"{worker}.log").read_text())
        return {int(number) for number in found[-1].split(",") if number.strip()} if found else set()

    @property
    def pids(self) -> dict[str, int]:
        """The processes, by name."""
        return {name: member.process.pid for name, member in self.stage.fleet.members.items()}

    @property
    def logs(self) -> dict[str, str]:
        """What each process has logged."""
        return {file.stem: file.read_text(errors="replace") for file in self.stage.folder.glob("*.log")}


@asynccontextmanager
async def standing(
    broker: str, folder: Path, options: Mapping[str, Sequence[str]] = NO_OPTIONS
) -> AsyncIterator[Stack]:
    """A stack for the length of a block, its workers sharing the partitions; all its processes end with it."""
    config = folder / "config.yaml"
    config.write_text(example_set())
    settings = Settings(_env_file=None, bootstrap_servers=broker, data_dir=folder, config=config)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("B2B2C_")]:
            patch.delenv(name)
        async with (
            stage(settings, 1, lambda _: None, options=options) as here,
            producer(here.settings) as publisher,
            httpx.AsyncClient(base_url=here.gateway_url, timeout=30) as gateway,
        ):
            stack = Stack(here, publisher, gateway, Books(here.sandbox_url))
            ready = asyncio.Event()
            listening = asyncio.create_task(stack.listen(ready))
            try:
                await ready.wait()
                await stack.until(lambda: all(stack.owned(worker) for worker in WORKERS), "both workers have a share")
                yield stack
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening


@pytest.fixture(scope="module")
async def stack(broker: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """One stack for the tests of a module."""
    async with standing(broker, tmp_path_factory.mktemp("stack")) as it:
        yield it
