"""Sets up one run: on a scene of brokers, all processes of the product, and the outside systems."""

import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType

from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.chaos.crew import Command, Workers
from b2b2c_saga.chaos.orders.faults import Sandbox
from b2b2c_saga.chaos.orders.others import CONNECTORS, GATEWAY, PULL, Others
from b2b2c_saga.chaos.scene import Say, Scene, scene
from b2b2c_saga.demo.fleet import CLI
from b2b2c_saga.demo.stage import PULLED_EVERY
from b2b2c_saga.demo.surroundings import QUICK, as_settings, environment_of, ready
from b2b2c_saga.settings import Settings

PATIENT: Mapping[str, str] = MappingProxyType({**QUICK, "late_effect": "30s", "early_event": "30m"})
"""The demo's patience, but longer than any outage where giving up is for good."""
GATEWAY_WAITS = 15
"""Seconds that a call waits for its answer: longer than a rebalance."""
SLOTS, AT_FIRST = 3, 2
"""Workers that there may be, and that begin."""
SESSION_SECONDS = 10.0
"""Of a worker in its group (runtime/app.py)."""


@dataclass(frozen=True)
class Plan:
    """What is to be run; the same plan plays the same stories under the same schedule of faults."""

    seed: int
    orders: int
    minutes: float
    brokers: int = 3
    kinds: tuple[str, ...] = ()
    """Of faults; none: all."""

    @property
    def command(self) -> str:
        """Which repeats the run."""
        words = ["b2b2c-saga", "chaos", "orders", "--minutes", f"{self.minutes:g}", "--seed", str(self.seed)]
        faults = ["--faults", ",".join(self.kinds)] if self.kinds else []
        return shlex.join([*words, "--brokers", str(self.brokers), "--orders", str(self.orders), *faults])


@dataclass(frozen=True)
class Stage:
    """Where a run happens."""

    base: Settings
    around: Scene
    workers: Workers
    others: Others

    @property
    def settings(self) -> Settings:
        """For the harness itself, which goes by the direct way to those brokers that are up."""
        return self.around.cluster.settings(self.base)

    @property
    def topics(self) -> Topics:
        """Under the prefix of the run."""
        return self.around.topics

    @property
    def group(self) -> str:
        """The workers' group, and what their transactional ids begin with."""
        return f"{self.base.topic_prefix}{self.base.application}"

    @property
    def gateway_url(self) -> str:
        """Where Omni calls."""
        return f"http://127.0.0.1:{self.base.gateway_port}"

    @property
    def sandbox_url(self) -> str:
        """Where the outside systems are."""
        return f"http://127.0.0.1:{self.base.sandbox_port}"

    @property
    def sandbox(self) -> Sandbox:
        """What goes wrong there."""
        return Sandbox(self.sandbox_url)

    def bury(self) -> None:
        """Start anew whoever ended without being told to."""
        self.workers.bury()
        self.others.bury()


@asynccontextmanager
async def stage(settings: Settings, plan: Plan, say: Say) -> AsyncIterator[Stage]:
    """Everything up, for the length of a block; everything stopped at its end.

    Raises:
        BadInput: there is a mistake in the configuration.
        Unavailable: something does not get ready; names its log.
    """
    async with scene(settings, plan.brokers, say, SLOTS) as around:
        here = _stage(around, settings)
        say(f"sandbox, {AT_FIRST} workers, {', '.join(here.others.names)}; logs in {around.folder}")
        around.fleet.start("sandbox", "sandbox", "--seed", str(plan.seed))
        for slot in around.cluster.slots[:AT_FIRST]:
            here.workers.start(slot)
        for name in here.others.names:
            here.others.start(name)
        await ready(around.fleet, f"{here.sandbox_url}/health", f"{here.gateway_url}/health")
        yield here


def _stage(around: Scene, settings: Settings) -> Stage:
    fleet, run = around.fleet, around.base.topic_prefix.removesuffix(".")
    fleet.environment.update(environment_of(settings, around.folder, run, around.settings.bootstrap, PATIENT))
    base = around.base.model_copy(update=as_settings(fleet.environment))

    def worker(slot: int) -> Command:
        return Command(CLI, ("worker",), around.environment_of(slot))

    others = Others(
        fleet,
        {
            PULL: Command(CLI, ("pull", "--every", str(PULLED_EVERY))),
            GATEWAY: Command(CLI, ("gateway", "--wait", str(GATEWAY_WAITS))),
            CONNECTORS: Command("b2b2c_saga.chaos.orders.dying", (str(fleet.folder / "wish"), "connectors")),
        },
    )
    return Stage(base, around, Workers(fleet, around.cluster.slots, worker), others)
