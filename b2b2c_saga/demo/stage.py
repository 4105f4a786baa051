"""Sets up one run: a prefix and folder of its own, quick patience, the broker, the topics, and all processes."""

import asyncio
import shlex
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.demo.fleet import Fleet, is_up, left_running
from b2b2c_saga.demo.surroundings import QUICK, as_settings, environment_of, ready
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.settings import Settings

GATEWAY_WAITS = 5
PULLED_EVERY = 0.5
"""Seconds between two looks at the marketplace's list of orders."""
KEPT = "kept"
"""The file that says: whoever started this run wants it to go on."""
ENVIRONMENT = "environment"
"""The file to source, so that `b2b2c-saga` looks at this run."""
WORKERS = ("worker-1", "worker-2")
NO_OPTIONS: Mapping[str, Sequence[str]] = MappingProxyType({})
Say = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """Where a run happens."""

    settings: Settings
    topics: Topics
    fleet: Fleet
    folder: Path
    gateway_url: str
    sandbox_url: str
    broker_started: bool
    """By this run, so this run stops it."""

    @property
    def exports(self) -> str:
        """Shell lines after which `b2b2c-saga` looks at this run."""
        named = sorted(self.fleet.environment.items())
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in named)


@asynccontextmanager
async def stage(
    settings: Settings, seed: int, say: Say, *, quick: bool = True, options: Mapping[str, Sequence[str]] = NO_OPTIONS
) -> AsyncIterator[Stage]:
    """Everything up, for the length of a block; everything stopped at its end unless `leave_running` was called.

    `options` are more arguments of processes, by name.

    Raises:
        Unavailable: a process does not get ready; names its log.
    """
    for left, members in left_running(runs_of(settings)):
        if members:
            say(f"{left.name} was left running ({', '.join(members)}): `b2b2c-saga down` stops it")
    run = f"run-{time.strftime('%H%M%S')}-{uuid4().hex[:4]}"
    folder = (settings.data_dir / "demo" / run).absolute()
    folder.mkdir(parents=True)
    broker, started, address = await _broker(settings, say)
    fleet = Fleet(folder, environment_of(settings, folder, run, address, QUICK if quick else None))
    try:
        here = settings.model_copy(update=as_settings(fleet.environment))
        topics = load_topics(here.topic_prefix)
        say("topics")
        await apply_topics(here, topics)
        set_up = Stage(
            here,
            topics,
            fleet,
            folder,
            f"http://127.0.0.1:{here.gateway_port}",
            f"http://127.0.0.1:{here.sandbox_port}",
            started,
        )
        say("sandbox, two workers, connectors, gateway, the poll of the marketplace's orders")
        fleet.start("sandbox", "sandbox", "--seed", str(seed))
        for worker in WORKERS:
            fleet.start(worker, "worker", *options.get(worker, ()))
        fleet.start("connectors", "connectors")
        fleet.start("gateway", "gateway", "--wait", str(GATEWAY_WAITS))
        fleet.start("pull", "pull", "--every", str(PULLED_EVERY))
        (folder / ENVIRONMENT).write_text(set_up.exports)
        await ready(fleet, f"{set_up.sandbox_url}/health", f"{set_up.gateway_url}/health")
        yield set_up
    finally:
        if not (folder / KEPT).exists():
            fleet.stop()
            if started:
                await asyncio.to_thread(broker.down)


def leave_running(here: Stage) -> None:
    """Let the processes outlive this one; `b2b2c-saga down` stops them."""
    (here.folder / KEPT).touch()


def runs_of(settings: Settings) -> Path:
    """The folder of all runs."""
    return settings.data_dir / "demo"


def running(settings: Settings) -> tuple[Path, dict[str, str]] | None:
    """The folder of the run that is up in this data folder, and where everything of it is, as `B2B2C_*` has it.

    Raises:
        BadInput: several are.
    """
    up = sorted(file.parent for file in runs_of(settings).glob(f"*/{ENVIRONMENT}") if is_up(file.parent))
    if len(up) > 1:
        names, rule = ", ".join(folder.name for folder in up), f". {up[-1] / ENVIRONMENT}, or that of another"
        raise BadInput("several runs are up, and none is named", field="runs", value=names, rule=rule)
    if not up:
        return None
    words = shlex.split((up[0] / ENVIRONMENT).read_text())
    return up[0], dict(word.split("=", 1) for word in words if word != "export")


def _tenths(say: Say) -> Callable[[str, int, int], None]:
    """A sentence, then how far it got at each tenth: short enough for a terminal that can't go back."""
    told: tuple[str, int] = ("", 0)

    def report(sentence: str, done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total if total else 0
        if (sentence, tenth) != told:
            say(f"{sentence}: {10 * tenth} %" if tenth else sentence)
            told = (sentence, tenth)

    return report


async def _broker(settings: Settings, say: Say) -> tuple[EmbeddedBroker, bool, str]:
    """The cluster that is named, else the embedded broker, started if it isn't up."""
    broker = EmbeddedBroker(settings.broker_dir, report=_tenths(say))
    if settings.bootstrap_servers:
        return broker, False, settings.bootstrap_servers
    if address := broker.address():
        return broker, False, address
    say("Apache Kafka")
    starting = asyncio.ensure_future(asyncio.to_thread(broker.up))
    try:
        return broker, True, await asyncio.shield(starting)
    except asyncio.CancelledError:
        await starting  # a thread can't be stopped half-way
        await asyncio.to_thread(broker.down)
        raise
