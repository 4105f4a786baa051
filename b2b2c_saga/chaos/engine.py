"""The form *engine*: workers that count under all faults, and the checker over what they have left behind."""

import asyncio
import shlex
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from b2b2c_saga.bus.clients import ends_of
from b2b2c_saga.bus.whereabouts import lag_of
from b2b2c_saga.chaos.checker.reading import gather
from b2b2c_saga.chaos.checker.story import story
from b2b2c_saga.chaos.counting import APPLICATION, SESSION_SECONDS, job
from b2b2c_saga.chaos.crew import Command, Workers
from b2b2c_saga.chaos.engines import OURS, engine_named
from b2b2c_saga.chaos.figures import figures_of
from b2b2c_saga.chaos.generator import Generator
from b2b2c_saga.chaos.kinds import Victims, all_faults, chosen
from b2b2c_saga.chaos.nemesis import Inflicted, Nemesis
from b2b2c_saga.chaos.outcome import EXAMPLES, Broken, Outcome
from b2b2c_saga.chaos.scene import Say, Scene, scene
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

RATE = 500.0
"""Events a second: 600,000 in twenty minutes."""
FIRST_WORKERS = 3
PAUSE = (2.0, 9.0)
FLOWS_WITHIN = 120.0
QUIET = 5.0
"""No output for so long, and no transaction open: nothing is under way."""
ALARM_SLACK = 3.0
TOLD_EVERY = 10.0


@dataclass(frozen=True)
class Plan:
    """What is to be run."""

    minutes: float
    seed: int
    brokers: int = 3
    kinds: tuple[str, ...] = ()
    """Of faults; none: all."""
    rate: float = RATE
    engine: str = OURS
    """Of `engines.NAMES`."""
    rest_within: float = 300.0
    """Seconds to come to rest after the last fault."""

    @property
    def command(self) -> str:
        """Which repeats the run."""
        faults = ["--faults", ",".join(self.kinds)] if self.kinds else []
        rate = ["--rate", f"{self.rate:g}"] if self.rate != RATE else []
        words = ["b2b2c-saga", "chaos", "engine", "--minutes", f"{self.minutes:g}", "--seed", str(self.seed)]
        engine = ["--engine", self.engine] if self.engine != OURS else []
        return shlex.join([*words, "--brokers", str(self.brokers), *faults, *rate, *engine])


async def run_engine(settings: Settings, plan: Plan, say: Say, worker: Command | None = None) -> Outcome:
    """Set up, break, come to rest, check.

    Args:
        settings: Where its folder lies.
        plan: What is to be run.
        say: Hears how it goes.
        worker: Takes the place of our engine's, and is checked as that is: for a test, one with a mistake in it.

    Raises:
        BadInput: a kind of fault, or an engine, that there is not.
        Unavailable: the cluster can't be run here; the run says nothing.
    """
    async with scene(settings, plan.brokers, say) as here:
        outcome = await _Run(here, plan, say, worker).play()
    if not outcome.violations:
        here.cluster.forget()
    return outcome


class _Run:
    """One run on its scene."""

    def __init__(self, here: Scene, plan: Plan, say: Say, worker: Command | None) -> None:
        self._here, self._plan, self._say = here, plan, say
        self._began = time.time()
        self._job = job(here.topics)
        self._group = f"{here.topics.prefix}{APPLICATION}"
        self._out = here.topics.name("order-events")
        self._crew = Workers(here.fleet, here.cluster.slots, self._command)
        self._engine = engine_named(plan.engine, self._job, self._group, plan.brokers)
        self._worker = worker or self._engine.command
        self._generator = Generator(lambda: here.settings, here.topics, plan.seed, plan.rate, self._engine.plain)
        victims = Victims(
            self._crew,
            here.cluster,
            here.network,
            self._group,
            list(self._job.steps),
            here.topics.partitions,
            SESSION_SECONDS,
        )
        self._nemesis = Nemesis(plan.seed, chosen(all_faults(victims), plan.kinds), PAUSE, self._tell)

    async def play(self) -> Outcome:
        """All of it."""
        for slot in self._here.cluster.slots[:FIRST_WORKERS]:
            self._crew.start(slot)
        over, silent = asyncio.Event(), asyncio.Event()
        self._say(f"{self._plan.rate:.0f} events/s, faults for {self._plan.minutes:g} minutes; {self._here.folder}")
        beside = [asyncio.create_task(self._generator.run(silent)), asyncio.create_task(self._watch())]
        try:
            await self._flowing()
            asyncio.get_running_loop().call_later(60 * self._plan.minutes, over.set)
            faults = await self._nemesis.run(over)
            silent.set()
            await beside[0]
            rested = await self._rest()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        seconds = time.time() - self._began
        for slot in self._crew.running:
            await self._crew.stop(slot)
        return await self._judge(faults, rested, seconds)

    async def _flowing(self) -> None:
        """Wait for first outputs: what breaks before there is anything to break shows nothing.

        Raises:
            Unavailable: none came for long; names the logs.
        """
        limit = time.monotonic() + FLOWS_WITHIN
        while not sum((await ends_of(self._here.settings, [self._out])).values()):
            if time.monotonic() > limit:
                raise Unavailable(f"no output after {FLOWS_WITHIN:.0f} s; the logs are in {self._here.folder}")
            await asyncio.sleep(1)

    async def _rest(self) -> bool:
        """Wait until everything is done, and the last alarm has rung; whether that came to be."""
        limit = time.monotonic() + self._plan.rest_within
        self._say("the last fault is healed; waiting for rest")
        quiet, before = time.monotonic(), -1
        while time.monotonic() < limit:
            await asyncio.sleep(1)
            with suppress(Unavailable):
                written = sum((await ends_of(self._here.settings, [self._out], stable=False)).values())
                stable = sum((await ends_of(self._here.settings, [self._out])).values())
                lag = await lag_of(self._here.settings, self._group, self._job.steps)
                alarms = time.time() < self._generator.alarms_until + ALARM_SLACK
                if lag or alarms or written != stable or written != before:
                    quiet, before = time.monotonic(), written
                elif time.monotonic() - quiet > QUIET:
                    return True
        return False

    async def _judge(self, faults: Sequence[Inflicted], rested: bool, seconds: float) -> Outcome:  # noqa: FBT001
        self._say("reading everything that is committed")
        here = self._here
        evidence = await gather(
            here.settings, here.topics, self._job,
            out=self._out, changelogs=self._engine.changelogs, accepted=self._generator.accepted,
        )  # fmt: skip
        self._say(f"checking {evidence.events:,} events")
        violations = await asyncio.to_thread(self._engine.check, evidence)
        broken = [
            Broken(one.rule, one.what, story(one, evidence, faults) if number < EXAMPLES else ())
            for number, one in enumerate(violations)
        ]
        broken += [Broken("worker died", said) for said in self._crew.deaths]
        if not rested:
            broken.append(Broken("not at rest", f"not after {self._plan.rest_within:.0f} s without a fault"))
        figures = figures_of(evidence, here.folder) | {"events that may have arrived or not": self._generator.unsure}
        plan = self._plan
        return Outcome(
            f"engine, {plan.engine}", plan.command, plan.seed, plan.brokers, seconds, figures, faults, broken,
            self._began,
        )  # fmt: skip

    async def _watch(self) -> None:
        """Say now and then how it goes; start again whoever died by itself."""
        told = time.monotonic()
        while True:
            await asyncio.sleep(1)
            self._crew.bury()
            if time.monotonic() - told > TOLD_EVERY:
                told = time.monotonic()
                faults = len(self._nemesis.inflicted)
                count = len(self._generator.accepted)
                self._say(f"{time.time() - self._began:6.0f} s  {count:,} events published, {faults} faults")

    def _tell(self, one: Inflicted) -> None:
        self._say(f"{one.at - self._began:6.0f} s  {one.kind}, {one.seconds:.1f} s: {one.what}")

    def _command(self, slot: int) -> Command:
        environment = {**(self._worker.environment or {}), **self._here.environment_of(slot)}
        return replace(self._worker, environment=environment)
