"""The main job, from the first order to the proof."""

import asyncio
import time

import httpx
from rich.console import Console

from b2b2c_saga.bus.clients import producer
from b2b2c_saga.demo.faults import faults_of
from b2b2c_saga.demo.groups import leaves
from b2b2c_saga.demo.omni import Omni
from b2b2c_saga.demo.outage import Outage, are_served, one_for_each_partition
from b2b2c_saga.demo.outside import Outside
from b2b2c_saga.demo.player import Player
from b2b2c_saga.demo.rest import rest
from b2b2c_saga.demo.screen import Screen
from b2b2c_saga.demo.stage import WORKERS, Stage
from b2b2c_saga.demo.story import Day
from b2b2c_saga.demo.summary import Outcome
from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.upstream import Upstream
from b2b2c_saga.demo.watch import Watch
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.reconcile.books import read_books
from b2b2c_saga.reconcile.compare import compare
from b2b2c_saga.reconcile.ledger import read_ledger, read_orders

VICTIM = WORKERS[1]
DOWN_FOR = 2.0
"""Seconds between the kill of a worker and its restart."""
PATIENCE = 90.0
"""Seconds in which a call must get its final answer, or something be seen."""
HTTP_TIMEOUT = 30.0
NO_QUEUE = httpx.Limits(max_connections=None, max_keepalive_connections=None)
"""httpx looks through its whole queue at each event: a long one starves everything else in the process."""
OPENS_WITHIN = 60.0
OPENING_LOOKED_AT_EVERY = 0.1


async def play(here: Stage, day: Day, console: Console) -> Outcome:
    """Play a day on a stage, kill a worker half-way, wait until all is at rest, and prove it.

    Raises:
        Unavailable: a process ended, or Kafka is gone.
        Bug: the gateway gave an answer that it may not give.
    """
    try:
        return await _play(here, day, console)
    except ExceptionGroup as errors:
        raise next(leaves(errors)) from None


async def _play(here: Stage, day: Day, console: Console) -> Outcome:
    await _set_faults(here, day)
    watch, tally, done = Watch(), Tally(len(day.stories)), asyncio.Event()
    outage = Outage(watch)
    async with asyncio.TaskGroup() as background:
        in_position = asyncio.Event()
        following = background.create_task(watch.follow(here.settings, here.topics, in_position))
        await in_position.wait()
        async with (
            producer(here.settings) as publisher,
            httpx.AsyncClient(base_url=here.gateway_url, timeout=HTTP_TIMEOUT, limits=NO_QUEUE) as http,
            httpx.AsyncClient(base_url=here.sandbox_url, timeout=HTTP_TIMEOUT, limits=NO_QUEUE) as sandbox,
        ):
            outside = Outside(sandbox, PATIENCE)
            upstream = Upstream(publisher, here.topics, http, outside, tally, PATIENCE)
            player = Player(upstream, Omni(http, tally, PATIENCE), tally)
            await _opening(here, upstream, watch, day)
            screen = Screen(console, len(day.stories), watch, tally)

            def pulse() -> None:
                here.fleet.check()
                if outage.look():
                    screen.say(f"every partition is served again, {outage.recovered_after:.1f} s after the kill")

            background.create_task(screen.run(done, pulse))
            async with asyncio.TaskGroup() as playing:
                playing.create_task(player.play_day(day))
                playing.create_task(_kill_half_way(here, day, upstream, screen, outage))
        screen.say("all stories are told; waiting until every order is at rest")
        verdicts = await rest(here.settings, here.topics, day, watch)
        seconds = screen.elapsed
        done.set()
        following.cancel()
    proof = compare(await read_ledger(here.settings, here.topics), await read_books(here.settings))
    rows = await read_orders(here.settings, here.topics)
    return Outcome(verdicts, rows, watch, tally, outage, proof, seconds)


async def _opening(here: Stage, upstream: Upstream, watch: Watch, day: Day) -> None:
    """Wait until the workers have shared the partitions and serve each.

    Raises:
        Unavailable: they don't.
    """
    counts = one_for_each_partition(day.counts, here.topics.partitions)
    counted = {count.key: await upstream.count(count) for count in counts}
    until = time.monotonic() + OPENS_WITHIN
    while not are_served(watch, counted):
        here.fleet.check()
        if time.monotonic() > until:
            raise Unavailable(
                f"the workers don't serve every partition after {OPENS_WITHIN:.0f} s; logs in {here.folder}"
            )
        await asyncio.sleep(OPENING_LOOKED_AT_EVERY)


async def _kill_half_way(here: Stage, day: Day, upstream: Upstream, screen: Screen, outage: Outage) -> None:
    await screen.tally.half_placed.wait()
    here.fleet.kill(VICTIM)
    outage.killed_at = time.monotonic()
    screen.say(f"{VICTIM} is killed (SIGKILL), with {screen.tally.placed} of {screen.orders} orders placed")
    counts = one_for_each_partition(reversed(day.counts), here.topics.partitions)
    outage.counted |= {count.key: await upstream.count(count) for count in counts}
    await asyncio.sleep(DOWN_FOR)
    here.fleet.start(VICTIM, "worker")
    screen.say(f"{VICTIM} is started again")


async def _set_faults(here: Stage, day: Day) -> None:
    async with httpx.AsyncClient() as http:
        response = await http.post(f"{here.sandbox_url}/control/faults", json=faults_of(day))
    if response.is_error:
        raise Unavailable(f"the sandbox refuses the day's faults: {response.text}")
