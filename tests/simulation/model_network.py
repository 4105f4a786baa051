"""aiokafka's client as its producer sees it, over a network whose requests are late, lost, or unanswered.

The producer above it (transaction manager, sender, batches) is aiokafka's own, so its repeats are the real ones. A
request whose client gave up is not called back: it arrives when the plan says, as from a socket's buffer.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextvars import Context
from random import Random
from types import SimpleNamespace
from typing import Any

from aiokafka.errors import KafkaConnectionError, NodeNotReadyError, RequestTimedOutError
from aiokafka.record.memory_records import MemoryRecords
from model_broker import OFFSETS, Broker
from plans import ANSWER, RESET, Request
from virtual_time import PROCESS, Process, VirtualLoop

from b2b2c_saga.runtime.engine.labels import Place

NEVER = 1e9
Say = Callable[[str], None]


class Network:
    """Between the processes and the broker."""

    def __init__(self, loop: VirtualLoop, broker: Broker, draw: Random, faults: list[Request], say: Say) -> None:
        self.loop = loop
        self.broker = broker
        self.draw = draw
        self.say = say
        self.request_seconds = 15.0
        self.under_way = 0
        """Requests that will arrive yet."""
        self.seen: Counter[str] = Counter()
        self.cut: dict[str, float] = {}
        """Process -> until when it is cut off."""
        self._faults = {(fault.kind, fault.nth): fault for fault in faults}

    def is_cut(self, process: Process) -> bool:
        """Whether nothing passes."""
        return self.cut.get(process.name, 0.0) > self.loop.now

    def hop(self) -> float:
        """Seconds of a way that is as it should be."""
        return 0.001 + 0.006 * self.draw.random()

    async def ask(self, kind: str, apply: Callable[[], Any], refuse: Callable[[int], Any], text: str) -> Any:
        """Send a request and wait for its answer.

        Raises:
            RequestTimedOutError, KafkaConnectionError: no answer came; the request may arrive all the same.
        """
        process = PROCESS.get()
        assert process is not None
        fault = self._faults.get((kind, self.seen[kind])) or Request(kind, 0, 0.0, ANSWER)
        self.seen[kind] += 1
        answer: asyncio.Future[Any] = self.loop.create_future()
        cut = self.is_cut(process)
        told = "silence" if cut else fault.told
        who = f"{process.name} {text}"
        if told != ANSWER or fault.arrives or fault.error:
            self.say(f"{who}: {'cut off' if cut else fault}")

        gives_up = self.loop.now + self.request_seconds

        def arrive() -> None:
            self.under_way -= 1
            result = refuse(fault.error) if fault.error else apply()
            self.say(f"{who} -> {_shown(result)}")
            if told == ANSWER and not self.is_cut(process):
                self.loop.call_later(self.hop(), _resolve, answer, result)
            else:
                process.context.run(give_up)

        def give_up() -> None:
            self.loop.call_at(gives_up, _fail, answer, RequestTimedOutError())

        if fault.arrives is not None and not cut:
            self.under_way += 1
            self.loop.call_later(self.hop() + fault.arrives, arrive, context=OUTSIDE)
        if told == RESET:
            self.loop.call_later(self.hop(), _fail, answer, KafkaConnectionError("reset"))
        elif cut or fault.arrives is None or fault.arrives > self.request_seconds:
            give_up()
        return await answer


def _shown(result: SimpleNamespace) -> str:
    told = vars(result)
    if "topics" in told:
        return ", ".join(
            f"{topic}-{n}: error {error} at {offset}" for topic, ps in told["topics"] for n, error, offset, *_ in ps
        )
    if "errors" in told:
        return f"error {told['errors'][0][1][0][1]}"
    return ", ".join(f"{name.removesuffix('_code')} {value}" for name, value in told.items())


def _resolve(answer: "asyncio.Future[Any]", result: Any) -> None:
    if not answer.done():
        answer.set_result(result)


def _fail(answer: "asyncio.Future[Any]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


OUTSIDE = Context()
"""What happens in no process."""


class ModelClient:
    """`AIOKafkaClient`, of which the producer uses this much; `network` is set for the length of a schedule."""

    network: Network

    def __init__(self, **options: Any) -> None:
        self.network.request_seconds = options["request_timeout_ms"] / 1000
        self._client_id = options["client_id"]
        counts = Counter(place.topic for place in self.network.broker.logs)
        self.cluster = SimpleNamespace(
            partitions_for_topic=lambda topic: set(range(counts[topic])) or None,
            available_partitions_for_topic=lambda topic: set(range(counts[topic])),
            leader_for_partition=lambda _: 0,
        )

    async def bootstrap(self) -> None:
        await asyncio.sleep(self.network.hop())
        if self.network.is_cut(PROCESS.get()):
            raise KafkaConnectionError("unable to bootstrap")

    async def close(self) -> None:
        await asyncio.sleep(0)

    async def ready(self, _: int, group: object = None) -> bool:
        await asyncio.sleep(0)
        return not self.network.is_cut(PROCESS.get())

    async def coordinator_lookup(self, *_: object) -> int:
        await asyncio.sleep(self.network.hop())
        if self.network.is_cut(PROCESS.get()):
            raise NodeNotReadyError
        return 0

    def get_random_node(self) -> int:
        return 0

    def force_metadata_update(self) -> "asyncio.Future[Any]":
        return asyncio.ensure_future(asyncio.sleep(self.network.hop()))

    async def _maybe_wait_metadata(self) -> None:
        await asyncio.sleep(0)

    async def _wait_on_metadata(self, topic: str) -> set[int]:
        return self.cluster.partitions_for_topic(topic)

    async def send(self, node: int, request: Any, *, group: object = None) -> Any:
        if not await self.ready(node):
            raise NodeNotReadyError
        kind = type(request).__name__.removesuffix("Request")
        return await getattr(self, f"_{kind}")(self.network, self.network.broker, request)

    async def _InitProducerId(self, network: Network, broker: Broker, r: Any) -> Any:  # noqa: N802
        def answer(error: int, producer: int = -1, epoch: int = -1) -> SimpleNamespace:
            return SimpleNamespace(error_code=error, producer_id=producer, producer_epoch=epoch)

        name, timeout = r._transactional_id, r._transaction_timeout_ms / 1000
        return await network.ask(
            "InitProducerId", lambda: answer(*broker.init_producer_id(name, timeout)), answer, f"InitProducerId {name}"
        )

    async def _AddPartitionsToTxn(self, network: Network, broker: Broker, r: Any) -> Any:  # noqa: N802
        places = sorted(Place(topic, number) for topic, numbers in r._topics for number in numbers)

        def answer(error: int) -> SimpleNamespace:
            return SimpleNamespace(errors=[(place.topic, [(place.partition, error)]) for place in places])

        who = (r._transactional_id, r._producer_id, r._producer_epoch)
        return await network.ask(
            "AddPartitionsToTxn", lambda: answer(broker.add(*who, places)), answer,
            f"AddPartitionsToTxn {who} {[f'{p.topic}-{p.partition}' for p in places]}",
        )  # fmt: skip

    async def _AddOffsetsToTxn(self, network: Network, broker: Broker, r: Any) -> Any:  # noqa: N802
        def answer(error: int) -> SimpleNamespace:
            return SimpleNamespace(error_code=error)

        who = (r._transactional_id, r._producer_id, r._producer_epoch)
        return await network.ask(
            "AddOffsetsToTxn", lambda: answer(broker.add(*who, [OFFSETS])), answer, f"AddOffsetsToTxn {who}"
        )

    async def _TxnOffsetCommit(self, network: Network, broker: Broker, r: Any) -> Any:  # noqa: N802
        offsets = {Place(topic, number): offset for topic, parts in r._topics for number, offset, _ in parts}

        def answer(error: int) -> SimpleNamespace:
            return SimpleNamespace(errors=[(place.topic, [(place.partition, error)]) for place in offsets])

        who = (r._transactional_id, r._producer_id, r._producer_epoch)
        told = {f"{place.topic}-{place.partition}": offset for place, offset in offsets.items()}
        return await network.ask(
            "TxnOffsetCommit", lambda: answer(broker.commit_offsets(*who, offsets)), answer,
            f"TxnOffsetCommit {who} {told}",
        )  # fmt: skip

    async def _EndTxn(self, network: Network, broker: Broker, r: Any) -> Any:  # noqa: N802
        def answer(error: int) -> SimpleNamespace:
            return SimpleNamespace(error_code=error)

        who = (r._transactional_id, r._producer_id, r._producer_epoch)
        commit = bool(r._transaction_result)
        return await network.ask(
            "EndTxn",
            lambda: answer(broker.end(*who, commit)),
            answer,
            f"EndTxn {who} {'commit' if commit else 'abort'}",
        )

    async def _Produce(self, network: Network, broker: Broker, r: Any) -> Any:  # noqa: N802
        batches = [(Place(topic, number), bytes(data)) for topic, parts in r._topics for number, data in parts]

        def answered(results: list[tuple[int, int]]) -> SimpleNamespace:
            topics = [
                (place.topic, [(place.partition, error, offset, -1, 0)])
                for (place, _), (error, offset) in zip(batches, results, strict=True)
            ]
            return SimpleNamespace(topics=topics, API_VERSION=7)

        def apply() -> SimpleNamespace:
            return answered([self._append(broker, r._transactional_id, place, data) for place, data in batches])

        return await network.ask(
            "Produce", apply, lambda error: answered([(error, -1)] * len(batches)),
            f"Produce {[f'{p.topic}-{p.partition}' for p, _ in batches]}",
        )  # fmt: skip

    @staticmethod
    def _append(broker: Broker, name: str, place: Place, data: bytes) -> tuple[int, int]:
        batch = MemoryRecords(data).next_batch()
        lines = [(r.key, r.value, tuple(r.headers), r.timestamp) for r in batch]
        return broker.produce(
            name, batch.producer_id, batch.producer_epoch, place, batch.base_sequence, lines, len(data)
        )
