"""One schedule from its plan: the engine's own code between a model of Faust above and a model of Kafka below."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.producer.transaction_manager import TransactionState
from checks import Ledger, Violation
from model_broker import Broker
from model_group import SESSION_SECONDS, Deliveries, Group, ModelSource, Worker
from model_logic import NUMBERS, STEPS, TOPICS, job
from model_network import OUTSIDE, Network
from plans import Crash, Cut, Fault, Leave, Pause, Plan, Rebalance, Request
from virtual_time import EPOCH, Process, Stuck, VirtualLoop

from b2b2c_saga.bus.records import partition_of
from b2b2c_saga.runtime.engine import recovery
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.owners import Owners
from b2b2c_saga.runtime.engine.transaction import Transactions
from b2b2c_saga.runtime.engine.writer import Writer

GROUP = "sim"
PUBLISHED_WITHIN = 3.0
STUCK_AFTER = 400.0
"""Virtual seconds in which everything must be done, all faults included."""
KEYS = [b"%c" % letter for letter in b"abcdef"]
MISROUTED = 0.08
DOINGS = ("", "", "", "", "", "", "", " alarm 300", " alarm 3000", " refuse", " bug", " grow")


@dataclass(slots=True)
class Outcome:
    """Of a schedule."""

    plan: Plan
    violation: str | None = None
    history: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return "\n".join([*self.history, f"=> {self.violation or 'all is well'}", f"repeat: {self.plan!r}"])


class World:
    """Everything of one schedule."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcome = Outcome(plan)
        self.loop = VirtualLoop()
        self.loop.set_exception_handler(lambda *_: None)
        self.draw = Random(~plan.seed)
        self.broker = Broker(dict.fromkeys(TOPICS, NUMBERS), self._later)
        self.broker.decided = self._decided
        self.broker.moved = self._moved
        requests = [fault for fault in plan.faults if isinstance(fault, Request)]
        self.network = Network(self.loop, self.broker, self.draw, requests, self.say)
        self.ledger = Ledger(self.broker)
        self.group = Group(self.network, NUMBERS)
        self.deliveries = Deliveries(plan.faults)
        self.workers: list[Worker] = []
        self.processes: list[Process] = []
        self.producers: list[AIOKafkaProducer] = []
        self.last_fault = 0.0

    def say(self, what: str) -> None:
        """Add a line to the history."""
        self.outcome.history.append(f"{self.loop.now:8.3f}  {what}")

    def run(self) -> Outcome:
        """Play the plan to its end."""
        try:
            self.loop.run_until_complete(self._play())
        except (Violation, Stuck) as error:
            self.outcome.violation = str(error) or "everything waits and nothing is due"
        finally:
            self._end()
        return self.outcome

    async def _play(self) -> None:
        for number in range(self.plan.workers):
            self.workers.append(self._worker(number, 1))
        for at, place, key, value in _published(self.plan):
            self.loop.call_later(at, self._publish, place, key, value, context=OUTSIDE)
        self.last_fault = PUBLISHED_WITHIN
        for fault in self.plan.faults:
            self._arrange(fault)
        at_rest = -1
        while True:
            await asyncio.sleep(1.0)
            if self.outcome.violation:
                raise Violation(self.outcome.violation)
            if self.loop.now < self.last_fault:
                continue
            left = self.ledger.left()
            if not left and not self.network.under_way and all(map(_rests, self._owning())):
                if at_rest == self.ledger.commits:
                    return self._tables()
                at_rest = self.ledger.commits
            if self.loop.now > STUCK_AFTER:
                raise Violation(f"not done within {STUCK_AFTER:.0f} s: {left}")

    def _owning(self) -> list[Writer]:
        """Writers that are the last to have fenced: the rows of another may be outdated, and it will see."""
        return [
            running
            for worker in self.workers
            if not worker.process.frozen and not self.network.is_cut(worker.process)
            for running in worker.owners._writers.values()
            if self._owns(running)
        ]

    def _tables(self) -> None:
        for running in self._owning():
            if differs := self.ledger.differs(running._number, running._ground.tables):
                raise Violation(differs)

    def _owns(self, running: Writer) -> bool:
        known = self.broker.ids.get(running._transactions._id)
        return known is not None and running._transactions._epoch == (known.producer, known.epoch)

    def _publish(self, place: Place, key: bytes, value: bytes) -> None:
        offset = self.broker.publish(place, [(key, value, (), round((EPOCH + self.loop.now) * 1000))])
        self.say(f"published {place.topic}-{place.partition} {offset}: {key.decode()} {value.decode()!r}")

    # what the broker does by itself

    def _later(self, why: str, step: Any) -> None:
        seconds = float(why.split()[1]) if why.startswith("timeout") else self.network.hop()
        self.loop.call_later(seconds, step, context=OUTSIDE)

    def _decided(self, name: str, producer: int, commit: bool, offsets: dict[Place, int]) -> None:  # noqa: FBT001
        told = {f"{place.topic}-{place.partition}": offset for place, offset in offsets.items()}
        self.say(f"broker: {name} {'commits' if commit else 'aborts'} {told}")
        if self.outcome.violation is None:
            try:
                self.ledger.decided(name, producer, commit, offsets)
            except Violation as error:
                self.outcome.violation = str(error)
                self.say(f"VIOLATION: {error}")

    def _moved(self, place: Place) -> None:
        if place.topic in STEPS:
            for worker in self.workers:
                worker.process.context.run(worker.source.more)

    # workers

    def _worker(self, number: int, life: int) -> Worker:
        process = Process(f"w{number}.{life}", self.loop)
        self.processes.append(process)

        def owning(source: ModelSource) -> Owners:
            def make(partition: int) -> Writer:
                return Writer(
                    job(),
                    partition,
                    transactions=Transactions({"bootstrap_servers": "model"}, f"{GROUP}-{partition}", GROUP),
                    recover=partial(recovery.recover, {"bootstrap_servers": "model"}, GROUP, job(), partition),
                    source=source,
                    notice_seconds=3.0,
                )

            return Owners(STEPS, make)

        worker = Worker(process, self.group, owning, self.deliveries)
        process.start(lambda: worker.run(self.network, STEPS, cooperative=self.plan.cooperative))
        return worker

    def _arrange(self, fault: Fault) -> None:
        match fault:
            case Crash(number, step, _) | Pause(number, step, _) if number < len(self.workers):
                self.workers[number].process.at_step[step] = lambda: self._signal(fault)
            case Rebalance(at):
                self._at(at, self.group.rebalance)
            case Leave(at, number, seconds) if number < len(self.workers):
                self._at(at, lambda: self._leave(number, seconds))
                self._until(at + seconds)
            case Cut(at, number, seconds) if number < len(self.workers):
                self._at(at, lambda: self._cut(number, seconds))
                self._until(at + seconds)
            case _:
                pass

    def _at(self, seconds: float, step: Any) -> None:
        self.loop.call_later(seconds, step, context=OUTSIDE)

    def _until(self, at: float) -> None:
        self.last_fault = max(self.last_fault, at)

    def _signal(self, fault: Crash | Pause) -> None:
        worker = self.workers[fault.worker]
        self.say(f"{worker.process.name} {fault}")
        self.outcome.counts[type(fault).__name__] += 1
        worker.process.freeze()
        self._until(self.loop.now + fault.seconds)
        if isinstance(fault, Crash):
            self._at(SESSION_SECONDS, lambda: self.group.expel(worker.process.name))
            self._at(fault.seconds, lambda: self._again(fault.worker, worker))
            return
        if fault.seconds > SESSION_SECONDS:
            self._at(SESSION_SECONDS, lambda: self.group.expel(worker.process.name))
        self._at(fault.seconds, lambda: self._go_on(worker))

    def _go_on(self, worker: Worker) -> None:
        self.say(f"{worker.process.name} goes on")
        worker.process.thaw()

    def _again(self, number: int, before: Worker) -> None:
        if self.workers[number] is before:
            life = int(before.process.name.partition(".")[2]) + 1
            self.workers[number] = self._worker(number, life)
            self.say(f"{self.workers[number].process.name} starts")

    def _leave(self, number: int, seconds: float) -> None:
        worker = self.workers[number]
        self.say(f"{worker.process.name} is told to stop")
        worker.process.context.run(worker.leaving.set)
        self._at(seconds, lambda: self._again(number, worker))

    def _cut(self, number: int, seconds: float) -> None:
        worker = self.workers[number]
        self.say(f"{worker.process.name} is cut off for {seconds} s")
        self.network.cut[worker.process.name] = self.loop.now + seconds
        if seconds > SESSION_SECONDS:
            self._at(SESSION_SECONDS, lambda: self.group.expel(worker.process.name))

    def _end(self) -> None:
        self.outcome.counts.update(
            commits=self.ledger.commits, aborts=self.ledger.aborts, requests=self.network.seen.total()
        )
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task._log_destroy_pending = False
            task.cancel()
        for worker in self.workers:
            worker.process.at_step.clear()
        self.loop._scheduled.clear()
        for process in self.processes:
            process.thaw()
        for producer in self.producers:
            producer._closed = True
        with contextlib.suppress(Stuck):
            while any(not task.done() for task in tasks):
                self.loop._run_once()
        self.loop.close()


def _published(plan: Plan) -> Iterator[tuple[float, Place, bytes, bytes]]:
    """When, where, key and value of each record; the same whatever goes wrong."""
    draw = Random(plan.seed)
    for index in range(plan.records):
        key = draw.choice(KEYS)
        number = partition_of(key, NUMBERS)
        if draw.random() < MISROUTED:
            number = 1 - number
        place = Place(draw.choice(list(STEPS)), number)
        yield draw.uniform(0, PUBLISHED_WITHIN), place, key, f"{index}{draw.choice(DOINGS)}".encode()


def _rests(running: Writer) -> bool:
    """Whether nothing of a writer is under way."""
    producer = running._transactions._producer
    ready = producer is not None and producer._txn_manager.state is TransactionState.READY
    return running._ground is not None and running._open and ready
