"""In the saga's place: sends commands by hand, and hears the answers that come back on the step topics."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from commanded import ASKED_AT
from outside import Sandbox, running_connectors, running_sandbox

from b2b2c_saga.bus.clients import follow, producer
from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.base import Command
from b2b2c_saga.settings import Settings

STEPS = ("inventory", "intake", "invoice", "pack", "handover", "cancel", "return")


def enveloped(command: Command) -> Envelope:
    """Ids derived as the saga derives them: the idempotency key leaves the attempt out."""
    said = (command.key, command.call(), command.subject, command.effect)
    return Envelope(
        command,
        id=derived_id("command", *said, command.attempt),
        source="b2b2c-saga/test",
        time=ASKED_AT,
        idempotency_key=derived_id("effect", *said),
        carried=(("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),),
    )


class Saga:
    """In the saga's place: sends commands, and hears all that comes back on the step topics and is parked."""

    def __init__(self, settings: Settings, topics: Topics) -> None:
        self._settings = settings
        self.topics = topics
        self.connectors_log = settings.data_dir / "connectors.log"
        self.heard: list[Envelope] = []
        self.parked: list[Record] = []

    async def send(self, *commands: Command) -> None:
        """Onto the topics of their systems."""
        await self.send_raw(
            *(
                Outgoing(self.topics.name(e.message.destination), e.key, e.value, e.headers)
                for e in map(enveloped, commands)
            )
        )

    async def send_raw(self, *records: Outgoing) -> None:
        """Whatever it is."""
        async with producer(self._settings) as publisher:
            await publisher.publish_all(records)

    async def ask(self, command: Command, answers: int = 1) -> list[Message]:
        """Send a command, and return what came back under its key; nothing else may be under way there."""
        before = len(self.about(command.key))
        await self.send(command)
        return (await self.answers(command.key, before + answers))[before:]

    async def answers(self, key: str, number: int, within: float = 15) -> list[Message]:
        """What was heard under a key, once it is so much (less when the time is over)."""
        await once(lambda: len(self.about(key)) >= number, within)
        return self.about(key)

    def about(self, key: str) -> list[Message]:
        """What was heard under a key."""
        return [envelope.message for envelope in self.heard if envelope.message.key == key]

    async def listen(self) -> None:
        """For ever."""
        steps = [self.topics.name(step) for step in STEPS]
        async for record in follow(self._settings, [*steps, self.topics.name("parked")], from_end=False):
            if record.topic in steps:
                self.heard.append(decode(record))
            else:
                self.parked.append(record)


@asynccontextmanager
async def listening_saga(settings: Settings, topics: Topics) -> AsyncIterator[Saga]:
    """A saga that listens."""
    saga = Saga(settings, topics)
    task = asyncio.create_task(saga.listen())
    try:
        yield saga
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(scope="module")
async def outside(
    broker: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Sandbox, Saga]]:
    """Sandbox, connectors (with the module's `SETTINGS`), and a saga that listens: many tests, each with its orders."""
    folder = tmp_path_factory.mktemp(request.module.__name__)
    prefix = f"connected-{os.getpid()}-{folder.name}."
    settings = Settings(_env_file=None, bootstrap_servers=broker, topic_prefix=prefix, data_dir=folder)
    topics = load_topics(settings.topic_prefix)
    await apply_topics(settings, topics)
    more: dict[str, str] = getattr(request.module, "SETTINGS", {})
    with running_sandbox(settings) as here, running_connectors(settings, here.url, **more):
        async with listening_saga(settings, topics) as listening:
            yield here, listening


@pytest.fixture
def sandbox(outside: tuple[Sandbox, Saga]) -> Sandbox:
    """The module's."""
    return outside[0]


@pytest.fixture
def saga(outside: tuple[Sandbox, Saga]) -> Saga:
    """The module's."""
    return outside[1]


async def once(claim: Callable[[], bool], within: float = 15) -> bool:
    """Wait until something holds; False when the time is over."""
    deadline = asyncio.get_running_loop().time() + within
    while not claim():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True
