"""The process that pulls orders: which accounts it polls, and its end.

All such processes are a group on the topic of the cursors: whoever has the partition of an account's cursor polls the
account, and when a process dies the others take over. What the group tells too late the transaction does: a poller
that has lost its account without knowing it is fenced, and publishes nothing.
"""

import asyncio
import signal
from collections.abc import Callable, Sequence

import structlog

from b2b2c_saga.bus.clients import Subscription, consume
from b2b2c_saga.bus.driver import no_such_topic
from b2b2c_saga.bus.records import partition_of
from b2b2c_saga.bus.topic_admin import plan_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.config.watching import keep_current
from b2b2c_saga.connectors.caller import Caller
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.orders_poller import NAME, Pace, Poller
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.settings import Settings

LOOK_S = 0.5
"""How often the group is asked who has what."""
AWAY_S = 1.0
DRAIN_S = 5.0
Begin = Callable[[str], Poller]

log = structlog.get_logger(__name__)


def chosen(catalogue: Catalogue, only: Sequence[str] = ()) -> tuple[str, ...]:
    """The accounts to poll: all that are pulled, or only these.

    Raises:
        BadInput: one of `only` is not set up, or its orders are pushed; or there is none.
    """
    rule = "`orders: pulled` in the configuration of the account"
    for name in only:
        if not catalogue.account(name).orders_pulled:
            raise BadInput("the orders of this account are pushed", field="--account", value=name, rule=rule)
    names = _pulled(catalogue, only)
    if not names:
        raise BadInput("no account's orders are pulled", field="config", rule=rule)
    return names


async def run(
    settings: Settings, pace: Pace, watch: Watch, only: Sequence[str] = (), ready: Callable[[], None] = lambda: None
) -> None:
    """Poll all accounts that are pulled, or only these, until SIGTERM or SIGINT; `ready` once Kafka has answered.

    Raises:
        Unavailable, BadInput: Kafka is away at the start, or lacks a topic.
    """
    topics = load_topics(settings.topic_prefix)
    await _check(settings, topics)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    caller = Caller(settings.marketplace_url, settings.call_timeout, Limits())
    pollers = _Pollers(lambda account: Poller(account, lambda: watch.held, caller, settings, pace))
    renewing = asyncio.create_task(keep_current(watch))
    try:
        async with consume(settings, [topics.name("cursors")], NAME) as subscription:
            ready()
            while not stop.is_set():
                await _stay_a_member(subscription)
                await pollers.be(_mine(subscription, _pulled(watch.held, only), topics))
            await pollers.be(set())
    finally:
        renewing.cancel()
        await caller.close()


def _pulled(catalogue: Catalogue, only: Sequence[str]) -> tuple[str, ...]:
    return tuple(n for n, account in catalogue.accounts.items() if account.orders_pulled and (not only or n in only))


async def _check(settings: Settings, topics: Topics) -> None:
    """A group that subscribes to a topic which isn't there waits for it for ever, and says nothing."""
    for change in (await plan_topics(settings, topics)).changes:
        if change.kind == "create":
            raise no_such_topic(change.topic)


async def _stay_a_member(subscription: Subscription) -> None:
    """What comes is the cursors, which pollers read for themselves: to be a member, one must take it."""
    try:
        records = await subscription.batch(LOOK_S)
        await subscription.commit({(r.topic, r.partition): r.offset + 1 for r in records})
    except Unavailable as error:
        log.warning("no group for now", reason=str(error))
        await asyncio.sleep(AWAY_S)


def _mine(subscription: Subscription, accounts: Sequence[str], topics: Topics) -> set[str]:
    partitions, cursors = topics.partitions_of("cursors"), topics.name("cursors")
    places = subscription.places
    return {account for account in accounts if (cursors, partition_of(account.encode(), partitions)) in places}


class _Pollers:
    """The pollers of this process."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._running: dict[str, tuple[Poller, asyncio.Task[None]]] = {}

    async def be(self, wanted: set[str]) -> None:
        """Poll these accounts from now on, and no others.

        Raises:
            BaseException: what a poller raised.
        """
        for _, task in self._running.values():
            if task.done():
                task.result()
        leaving = {name: self._running.pop(name) for name in self._running.keys() - wanted}
        for poller, _ in leaving.values():
            poller.stop()
        if leaving:
            _, late = await asyncio.wait({task for _, task in leaving.values()}, timeout=DRAIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*(task for _, task in leaving.values()), return_exceptions=True)
            log.info("orders are pulled no more", accounts=sorted(leaving))
        for name in wanted - self._running.keys():
            poller = self._begin(name)
            self._running[name] = (poller, asyncio.create_task(poller.run()))
