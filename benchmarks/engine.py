# ruff: noqa: INP001 - a program, not a package
"""How many events a second one worker decides, with the counting work that the design's figures were measured with.

    .venv/bin/python benchmarks/engine.py [--events 200000] [--servers HOST:PORT]

One changelog record and one output an event; 8 partitions, 7 step topics, 400 B events, 1.4 kB rows, JSON decoded and
encoded. Without --servers it starts a broker of its own. The rate is that of the outputs between 10 % and 95 % of
them, when the worker has a backlog; the latency is from publishing to the committed output, at a steady rate.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.clients import Publisher, follow, producer
from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.runtime.app import run_worker
from b2b2c_saga.runtime.engine import Decided, Job, Send
from b2b2c_saga.settings import Settings
from b2b2c_saga.telemetry import logs

STEPS = ("inventory", "intake", "invoice", "pack", "handover", "cancel", "return")
KEYS = 5_000
RATES = (20, 200, 1_000, 4_000)
"""Events a second at which latency is measured."""


class Counting:
    """Counts the events of a key."""

    def __init__(self, out: str) -> None:
        self._out = out

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
        """One more."""
        state = json.loads(row) if row else {"n": 0, "pad": "x" * 1_350}
        event = json.loads(record.value or b"{}")
        state["n"] += 1
        out = json.dumps({"id": event["id"], "at": event["at"], "n": state["n"]}).encode()
        return Decided(json.dumps(state).encode(), (Send(self._out, key, out),))

    def ring(self, key: bytes, row: bytes, now: int) -> Decided:  # noqa: ARG002
        """Never."""
        return Decided(row)

    def alarm(self, key: bytes, row: bytes) -> int | None:  # noqa: ARG002
        """None."""
        return None


def job(topics: Topics) -> Job:
    """One table for all steps."""
    table, out = topics.name("changelog.orders"), topics.name("order-events")
    steps = {topics.name(step): table for step in STEPS}
    return Job("bench", steps, {table: Counting(out)}, topics.name("parked"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--servers")
    parser.add_argument("--worker", metavar="PREFIX", help=argparse.SUPPRESS)
    options = parser.parse_args()
    logs.configure()
    if options.worker:
        settings = Settings(_env_file=None, bootstrap_servers=options.servers, topic_prefix=options.worker)
        run_worker(job(load_topics(options.worker)), settings)
    elif options.servers:
        asyncio.run(measure(options.servers, options.events))
    else:
        with tempfile.TemporaryDirectory() as folder:
            broker = EmbeddedBroker(Path(folder) / "broker", port=0)
            try:
                asyncio.run(measure(broker.up(), options.events))
            finally:
                broker.down()


async def measure(servers: str, events: int) -> None:
    """Throughput from a backlog, then latency at rates."""
    prefix = f"bench{os.getpid()}."
    settings = Settings(_env_file=None, bootstrap_servers=servers, topic_prefix=prefix)
    topics = load_topics(prefix)
    await apply_topics(settings, topics)
    async with producer(settings) as publisher:
        await publisher.publish_all(_event(topics, number) for number in range(events))
        began = time.monotonic()
        async with _worker(servers, prefix) as worker:
            rate = await _rate(settings, topics, events)
            print(f"throughput      {rate:8,.0f} events/s ({time.monotonic() - began:.1f} s with the start)")  # noqa: T201
            for wanted in RATES:
                latencies = await _latencies(settings, topics, publisher, wanted)
                p50, p99 = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
                print(f"latency at {wanted:5,}/s  p50 {p50 * 1000:4.0f} ms, p99 {p99 * 1000:4.0f} ms")  # noqa: T201
            worker.terminate()
            worker.wait(30)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"worker          {used.ru_utime + used.ru_stime:8.1f} s of CPU, {used.ru_maxrss / 1024:.0f} MB at most")  # noqa: T201


def _event(topics: Topics, number: int) -> Outgoing:
    value = json.dumps({"id": number, "at": time.time(), "pad": "y" * 340}).encode()
    return Outgoing(topics.name(STEPS[number % len(STEPS)]), b"acme/%d" % (number % KEYS), value)


@asynccontextmanager
async def _worker(servers: str, prefix: str) -> AsyncIterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, __file__, "--servers", servers, "--worker", prefix]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: ASYNC220, S603 - ourselves
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


async def _rate(settings: Settings, topics: Topics, events: int) -> float:
    client = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, isolation_level="read_committed")
    await client.start()
    places = [TopicPartition(topics.name("order-events"), number) for number in range(topics.partitions)]
    client.assign(places)
    seen: list[tuple[float, int]] = [(0.0, 0)]
    try:
        while seen[-1][1] < events:
            await asyncio.sleep(0.2)
            seen.append((time.monotonic(), sum((await client.end_offsets(places)).values())))
    finally:
        await client.stop()
    begin = next(when for (_, before), (when, after) in pairwise(seen) if before <= 0.1 * events < after)
    first = next(count for when, count in seen if when == begin)
    end, last = next((when, count) for when, count in seen if count >= 0.95 * events)
    return (last - first) / (end - begin) if end > begin else float("nan")


async def _latencies(settings: Settings, topics: Topics, publisher: Publisher, rate: int) -> list[float]:
    latencies: list[float] = []
    ready = asyncio.Event()
    count = max(100, 5 * rate)

    async def listen() -> None:
        async for record in follow(settings, [topics.name("order-events")], from_end=True, ready=ready):
            latencies.append(time.time() - json.loads(record.value or b"{}")["at"])
            if len(latencies) >= count:
                return

    listening = asyncio.create_task(listen())
    await ready.wait()
    began = time.monotonic()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        event = _event(topics, number)
        task = asyncio.create_task(publisher.send(event.topic, event.key, event.value))
        task.add_done_callback(asyncio.Task.result)
    await listening
    return sorted(latencies)


if __name__ == "__main__":
    main()
