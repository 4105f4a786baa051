"""The process: a connector for each system, until told to stop."""

import asyncio
import signal
from collections.abc import Callable, Sequence

from b2b2c_saga.bus.clients import Publisher, producer
from b2b2c_saga.bus.driver import no_such_topic
from b2b2c_saga.bus.topic_admin import plan_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.connectors import erp, marketplace, omni, rms, wms
from b2b2c_saga.connectors.caller import Caller
from b2b2c_saga.connectors.connector import Connector
from b2b2c_saga.connectors.exchange import Exchanges
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.settings import Settings

SYSTEMS: dict[str, Exchanges] = {
    "erp": erp.EXCHANGES,
    "rms": rms.EXCHANGES,
    "marketplace": marketplace.EXCHANGES,
    "wms": wms.EXCHANGES,
    "omni": omni.EXCHANGES,
}
ISSUERS = frozenset({"erp", "rms"})


def chosen(text: str) -> tuple[str, ...]:
    """Systems from a list with commas; all if it is empty.

    Raises:
        BadInput: one is unknown.
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip()) or tuple(SYSTEMS)
    for name in names:
        if name not in SYSTEMS:
            raise BadInput("unknown system", field="systems", value=name, rule=f"one or more of {', '.join(SYSTEMS)}")
    return tuple(dict.fromkeys(names))


async def run(settings: Settings, limits: Limits, systems: Sequence[str], ready: Callable[[], None]) -> None:
    """Run until SIGTERM or SIGINT; `ready` is called once Kafka has answered.

    Raises:
        Unavailable, BadInput: Kafka is away, or lacks a topic.
    """
    topics = load_topics(settings.topic_prefix)
    await _check(settings, topics)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with producer(settings) as publisher:
        ready()
        try:
            async with asyncio.TaskGroup() as group:
                for system in systems:
                    group.create_task(_run_one(system, settings, limits, publisher, topics, stop))
        except ExceptionGroup as failed:
            if known := failed.subgroup((BadInput, Unavailable)):
                raise known.exceptions[0] from None  # the first says what to do; the others follow from it
            raise


async def _check(settings: Settings, topics: Topics) -> None:
    """A group that subscribes to a topic which isn't there waits for it for ever, and says nothing."""
    for change in (await plan_topics(settings, topics)).changes:
        if change.kind == "create":
            raise no_such_topic(change.topic)


async def _run_one(  # noqa: PLR0913, PLR0917 - a process wires everything
    system: str, settings: Settings, limits: Limits, publisher: Publisher, topics: Topics, stop: asyncio.Event
) -> None:
    a_minute = limits.invoice_calls_a_minute if system in ISSUERS else None
    caller = Caller(getattr(settings, f"{system}_url"), settings.call_timeout, limits, a_minute)
    try:
        await Connector(system, SYSTEMS[system], caller, publisher, topics).run(settings, limits, stop)
    finally:
        await caller.close()
