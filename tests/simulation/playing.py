"""Schedules played: the engine sees the model in place of Kafka's clients, and virtual time in place of the clock."""

import contextlib
import gc
import logging
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

import aiokafka.producer.producer as aiokafka_producer
import structlog
from aiokafka import AIOKafkaProducer
from model_network import ModelClient
from model_reader import ModelReader
from plans import Plan
from virtual_time import Clock
from world import Outcome, World

from b2b2c_saga.runtime import engine
from b2b2c_saga.runtime.engine import recovery, transaction, writer


def play(plan: Plan) -> Outcome:
    """Run one schedule; `ready` is to be entered before."""
    _played[0] += 1
    if _played[0] % 100 == 0:
        gc.collect()
    world = World(plan)
    ModelClient.network = ModelReader.network = world.network
    for module in _clocked():
        module.time = Clock(world.loop)
    random.seed(plan.seed)
    _Producer.kept = world.producers
    _say[0] = world.say
    return world.run()


class _Producer(AIOKafkaProducer):
    """aiokafka's own; remembered, so that none complains of not having been closed when its process was killed."""

    kept: list[AIOKafkaProducer]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.kept.append(self)


_say: list[Any] = [None]
_played = [0]


def _to_history(_: object, level: str, event: dict[str, Any]) -> Any:
    if level != "debug":
        number = event.pop("partition", "-")
        _say[0](f"  writer {number}: {event.pop('event')} {event or ''}")
    raise structlog.DropEvent


def _clocked() -> list[Any]:
    """The engine's modules that look at the clock."""
    names = [name for name in sys.modules if name.startswith(f"{engine.__name__}.") and not name.endswith("transport")]
    return [sys.modules[name] for name in sorted(names) if hasattr(sys.modules[name], "time")]


@contextlib.contextmanager
def ready() -> Iterator[None]:
    """The engine sees the model in place of Kafka's clients and of the clock, and small batches are large to it."""
    places = [
        (aiokafka_producer, "AIOKafkaClient", ModelClient),
        (transaction, "AIOKafkaProducer", _Producer),
        (recovery, "AIOKafkaConsumer", ModelReader),
        *((module, "time", time) for module in _clocked()),
        (writer, "MAX_EVENTS", 4),
        (writer, "WAITING_EVENTS", 8),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in places]
    configured, chance = structlog.get_config(), random.getstate()
    logging.disable(logging.CRITICAL)
    gc.disable()  # a schedule is short; `play` collects now and then
    try:
        for module, name, value in places:
            setattr(module, name, value)
        structlog.configure(processors=[_to_history], cache_logger_on_first_use=False)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
        structlog.configure(**configured)
        random.setstate(chance)
        logging.disable(logging.NOTSET)
        gc.enable()
