"""A gateway process under test, and a small stand-in for the worker that answers what it publishes."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from b2b2c_saga.bus.clients import Publisher, follow, producer
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.messages import Reply
from b2b2c_saga.model.messages.answers import Label
from b2b2c_saga.model.messages.replies import HandoverAnswered, HandoverOutcome, PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import HandoverRequested, PackConfirmed
from b2b2c_saga.settings import Settings

COMMAND = [sys.executable, "-c", "from b2b2c_saga.cli import app; app()"]
CONFIG = Path(__file__).parents[2] / "config"
AT = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
Answering = Callable[[PackConfirmed | HandoverRequested], Reply | None]


@dataclass
class Gateway:
    """A running gateway."""

    process: subprocess.Popen[str]
    url: str

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


@contextmanager
def started(bootstrap: str, prefix: str, *options: str) -> Iterator[Gateway]:
    environment = {
        **os.environ,
        "B2B2C_BOOTSTRAP_SERVERS": bootstrap,
        "B2B2C_TOPIC_PREFIX": prefix,
        "B2B2C_CONFIG": str(CONFIG),
    }
    process = subprocess.Popen(
        [*COMMAND, "gateway", "--port", "0", *options], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("gateway listens on http://127.0.0.1:"), first
        yield Gateway(process, first.split()[-1])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@asynccontextmanager
async def client_of(gateway: Gateway, *, ready: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=60) as client:
        if ready:
            await eventually(lambda: is_ready(client))
        yield client


async def is_ready(client: httpx.AsyncClient) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get("/health")).status_code == 200
    return False


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 45) -> None:
    until = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < until, "it never came to hold"
        await asyncio.sleep(0.1)


@dataclass
class Saga:
    """Answers what it is asked, as the test says; stands in for the worker."""

    publisher: Publisher
    topics: Topics
    answering: Answering
    heard: list[Envelope] = field(default_factory=list)

    async def run(self, settings: Settings) -> None:
        async for record in follow(settings, [self.topics.name("pack"), self.topics.name("handover")], from_end=False):
            envelope = decode(record)
            self.heard.append(envelope)
            if reply := self.answering(envelope.message):
                await self.say(Envelope(reply, "r", "tests", AT))

    async def say(self, said: Envelope) -> None:
        await self.publisher.send(self.topics.name("replies"), said.key, said.value, said.headers)


@asynccontextmanager
async def saga(settings: Settings, topics: Topics, answering: Answering) -> AsyncIterator[Saga]:
    async with producer(settings) as publisher:
        stand_in = Saga(publisher, topics, answering)
        running = asyncio.create_task(stand_in.run(settings))
        yield stand_in
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def packed(event: PackConfirmed | HandoverRequested, outcome: PackOutcome = PackOutcome.PACKED) -> PackAnswered:
    done = outcome is PackOutcome.PACKED
    return PackAnswered(
        account=event.account,
        order_code=event.order_code,
        shipment_id=event.shipment_id,
        request_id=event.request_id or "",
        outcome=outcome,
        invoice_code="INV-1" if done else None,
        invoice_date=AT if done else None,
        label=Label(transporter="T", awb_number="AWB-1", url="https://labels.invalid/1") if done else None,
        reason=None if done else f"it is {outcome}",
    )


def handed(event: PackConfirmed | HandoverRequested, outcome: HandoverOutcome) -> HandoverAnswered:
    return HandoverAnswered(
        account=event.account,
        order_code=event.order_code,
        shipment_id=event.shipment_id,
        request_id=event.request_id or "",
        outcome=outcome,
        waits_for=("invoice registered",) if outcome is HandoverOutcome.HELD else (),
    )
