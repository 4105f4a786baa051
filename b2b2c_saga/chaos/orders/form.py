"""One run: a day of orders while the nemesis is at work, then peace, then everything computed anew and compared."""

import asyncio
import time
from collections.abc import Sequence

from b2b2c_saga.chaos.kinds import Victims, all_faults, chosen
from b2b2c_saga.chaos.nemesis import Fault, Inflicted, Nemesis
from b2b2c_saga.chaos.orders.audit import Audit, audit, told
from b2b2c_saga.chaos.orders.faults import FARTHEST_JUMP, own_faults
from b2b2c_saga.chaos.orders.page import OrdersOutcome, figures_of
from b2b2c_saga.chaos.orders.play import follow_on, play
from b2b2c_saga.chaos.orders.slices import STEPS
from b2b2c_saga.chaos.orders.stage import SESSION_SECONDS, Plan, Stage, stage
from b2b2c_saga.chaos.orders.verdicts import answers_in, books_in, deaths_in, stories_in
from b2b2c_saga.chaos.scene import Say
from b2b2c_saga.demo.day import seeded_day
from b2b2c_saga.demo.faults import faults_of
from b2b2c_saga.demo.groups import leaves
from b2b2c_saga.demo.rest import rest
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.verdict import Verdict
from b2b2c_saga.demo.watch import Watch
from b2b2c_saga.reconcile.books import read_books
from b2b2c_saga.reconcile.compare import compare
from b2b2c_saga.reconcile.ledger import read_ledger
from b2b2c_saga.settings import Settings

ORDERS_COME_FOR = 0.9
"""Share of the time in which orders begin; the rest is for their ends, under faults too."""
SHORT = 10.0
"""Minutes below which faults come faster, and outages of outside systems are shorter."""
PAUSE, SHORT_PAUSE = (3.0, 20.0), (1.0, 6.0)
PULSE, TOLD_EVERY = 0.5, 10.0
STALLED_AFTER = 60.0 + FARTHEST_JUMP
"""Seconds without any event, in peace, until orders that are open count as hanging."""


async def run_orders(settings: Settings, plan: Plan, say: Say) -> OrdersOutcome:
    """Set up, play under faults, come to rest, check.

    Raises:
        BadInput: a kind of fault that there is not, or a mistake in the configuration.
        Unavailable: something did not get ready, or a fault could not be healed; the run says nothing.
    """
    try:
        async with stage(settings, plan, say) as here:
            return await _Run(here, plan, say).play()
    except ExceptionGroup as errors:
        raise next(leaves(errors)) from None


def faults_for(here: Stage, plan: Plan) -> list[Fault]:
    """All kinds that there are, or those that are wanted.

    Raises:
        BadInput: one is wanted that there is not.
    """
    victims = Victims(
        here.workers,
        here.around.cluster,
        here.around.network,
        here.group,
        [here.topics.name(short) for short in STEPS],
        here.topics.partitions,
        SESSION_SECONDS,
    )
    own = own_faults(here.workers, here.others, here.sandbox, 1 if plan.minutes >= SHORT else 0.25)
    kinds = {fault.kind: fault for fault in (*all_faults(victims), *own)}
    return chosen(list(kinds.values()), plan.kinds)


class _Run:
    """One run on its stage."""

    def __init__(self, here: Stage, plan: Plan, say: Say) -> None:
        self._here, self._plan, self._say = here, plan, say
        self._day = seeded_day(plan.orders, plan.seed, ORDERS_COME_FOR * 60 * plan.minutes)
        self._watch, self._tally = Watch(), Tally(plan.orders)
        pause = PAUSE if plan.minutes >= SHORT else SHORT_PAUSE
        self._nemesis = Nemesis(plan.seed, faults_for(here, plan), pause, self._tell)
        self._began = time.time()

    async def play(self) -> OrdersOutcome:
        """All of it."""
        here = self._here
        await here.sandbox.change(faults_of(self._day))
        async with asyncio.TaskGroup() as background:
            beside = [
                background.create_task(follow_on(self._watch, lambda: here.settings, here.topics)),
                background.create_task(self._pulse()),
            ]
            faults = await self._under_faults()
            self._say("the last fault is healed; waiting until every order is at rest")
            await here.around.cluster.in_sync()
            verdicts = await rest(here.settings, here.topics, self._day, self._watch, STALLED_AFTER)
            for task in beside:
                task.cancel()
        seconds = time.time() - self._began
        return await self._judge(await audit(here, self._say), verdicts, faults, seconds)

    async def _under_faults(self) -> list[Inflicted]:
        over = asyncio.Event()
        limit = time.monotonic() + 60 * self._plan.minutes
        async with asyncio.TaskGroup() as group:
            inflicting = group.create_task(self._nemesis.run(over))
            await play(self._here, self._day, self._tally)
            await asyncio.sleep(max(0.0, limit - time.monotonic()))
            over.set()
        return inflicting.result()

    async def _judge(
        self, audited: Audit, verdicts: Sequence[Verdict], faults: Sequence[Inflicted], seconds: float
    ) -> OrdersOutcome:
        here, plan = self._here, self._plan
        self._say("the books of the outside systems")
        proof = compare(await read_ledger(here.settings, here.topics), await read_books(here.settings))
        violations = [
            *audited.violations,
            *stories_in(verdicts),
            *answers_in(self._tally.surprises),
            *books_in(proof),
            *deaths_in([*here.workers.deaths, *here.others.deaths]),
        ]
        return OrdersOutcome(
            form="orders",
            command=plan.command,
            seed=plan.seed,
            brokers=plan.brokers,
            seconds=seconds,
            figures=figures_of(self._day, self._tally, here.others.tries) | audited.figures,
            faults=faults,
            violations=await told(here, violations, faults),
            began=self._began,
            verdicts=verdicts,
            proof=proof,
        )

    async def _pulse(self) -> None:
        """Say now and then how it goes; start again whoever died by itself."""
        said = 0.0
        while True:
            self._here.bury()
            if time.monotonic() - said > TOLD_EVERY:
                said = time.monotonic()
                placed, events = f"{self._tally.placed} of {self._tally.orders} placed", self._watch.events
                rates = f"{events:,} events, {self._watch.events_per_second:.0f}/s"
                faults = f"{len(self._nemesis.inflicted)} faults"
                rested = f"{self._watch.at_rest} at rest"
                self._say(f"{time.time() - self._began:6.0f} s  {placed}, {rested}, {rates}, {faults}")
            await asyncio.sleep(PULSE)

    def _tell(self, one: Inflicted) -> None:
        self._say(f"{one.at - self._began:6.0f} s  {one.kind}, {one.seconds:.1f} s: {one.what}")
