"""The model and a real broker behind one face, request by request, for the tests that hold one against the other."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
    TxnOffsetCommitRequest,
)
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from model_broker import CONCURRENT_TRANSACTIONS, OFFSETS, Broker

from b2b2c_saga.bus.clients import ends_of, read_all
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.settings import Settings


class Who(NamedTuple):
    """A producer."""

    name: str
    producer: int
    epoch: int


class ModelCluster:
    """The model; what the coordinator does after its answers waits for `init` or `settled`."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._due: list[Any] = []
        self.broker = Broker({topic: 1}, self._later)

    def _later(self, why: str, step: Any) -> None:
        if not why.startswith("timeout"):
            self._due.append(step)

    async def start(self) -> None:
        """It is there."""

    async def stop(self) -> None:
        """It goes."""

    async def settled(self) -> None:
        for step in self._due:
            step()
        self._due.clear()

    async def init(self, name: str) -> Who:
        while (found := self.broker.init_producer_id(name, 60.0))[0] == CONCURRENT_TRANSACTIONS:
            await self.settled()
        return Who(name, *found[1:])

    async def add(self, who: Who) -> int:
        return self.broker.add(*who, [Place(self.topic, 0)])

    async def add_offsets(self, who: Who) -> int:
        return self.broker.add(*who, [OFFSETS])

    async def produce(self, who: Who, first: int, *values: bytes) -> tuple[int, int]:
        lines = [(b"k", value, (), 0) for value in values]
        return self.broker.produce(*who, Place(self.topic, 0), first, lines, 100)

    async def commit_offset(self, who: Who, offset: int) -> int:
        return self.broker.commit_offsets(*who, {Place(self.topic, 0): offset})

    async def end(self, who: Who, *, commit: bool) -> int:
        return self.broker.end(*who, commit)

    async def read(self) -> dict[int, bytes | None]:
        await self.settled()
        records, _ = self.broker.logs[Place(self.topic, 0)].read(0, 1_000)
        return {record.offset: record.value for record in records}

    async def stable(self) -> int:
        await self.settled()
        return self.broker.logs[Place(self.topic, 0)].stable

    async def committed(self) -> int | None:
        await self.settled()
        return self.broker.offsets.get(Place(self.topic, 0))


class RealCluster:
    """A real broker, spoken to in single requests of aiokafka's protocol."""

    def __init__(self, settings: Settings, topic: str, partition: int) -> None:
        self.topic = topic
        self._place = TopicPartition(topic, partition)
        self._settings = settings
        self._group = f"{settings.topic_prefix}group{partition}"
        self._nodes: dict[tuple[int, str], int] = {}

    async def start(self) -> None:
        self._client = AIOKafkaClient(bootstrap_servers=self._settings.bootstrap)
        await self._client.bootstrap()
        await self._client._wait_on_metadata(self.topic)

    async def stop(self) -> None:
        await self._client.close()

    async def settled(self) -> None:
        """A real one does it by itself; until then records pass for ones of the transaction that has ended."""
        async with asyncio.timeout(30):
            while await self._end(stable=True) != await self._end(stable=False):  # noqa: ASYNC110 - Kafka doesn't tell
                await asyncio.sleep(0.02)

    async def _end(self, *, stable: bool) -> int:
        return (await ends_of(self._settings, [self.topic], stable=stable))[self.topic, self._place.partition]

    async def init(self, name: str) -> Who:
        name = f"{self._settings.topic_prefix}{name}{self._place.partition}"
        while True:
            found = await self._coordinator(name, InitProducerIdRequest(name, 60_000))
            if found.error_code == 0:
                return Who(name, found.producer_id, found.producer_epoch)
            await asyncio.sleep(0.02)

    async def add(self, who: Who) -> int:
        async def once() -> int:
            found = await self._coordinator(
                who.name, AddPartitionsToTxnRequest(*who, [(self.topic, [self._place.partition])])
            )
            return found.errors[0][1][0][1]

        return await _again(once)

    async def add_offsets(self, who: Who) -> int:
        async def once() -> int:
            return (await self._coordinator(who.name, AddOffsetsToTxnRequest(*who, self._group))).error_code

        return await _again(once)

    async def produce(self, who: Who, first: int, *values: bytes) -> tuple[int, int]:
        builder = DefaultRecordBatchBuilder(2, 0, True, who.producer, who.epoch, first, 1 << 20)
        for offset, value in enumerate(values):
            builder.append(offset, int(time.time() * 1000), b"k", value, [])
        request = ProduceRequest(
            who.name, -1, 10_000, [(self.topic, [(self._place.partition, bytes(builder.build()))])]
        )
        while True:
            leader = self._client.cluster.leader_for_partition(self._place)
            found = (await self._client.send(leader, request)).topics[0][1][0]
            if found[1] not in RETRIED:
                return found[1], found[2]
            await asyncio.sleep(0.05)

    async def commit_offset(self, who: Who, offset: int) -> int:
        request = TxnOffsetCommitRequest(
            who.name, self._group, who.producer, who.epoch, [(self.topic, [(self._place.partition, offset, "")])]
        )

        async def once() -> int:
            node = await self._node(CoordinationType.GROUP, self._group)
            return (await self._client.send(node, request)).errors[0][1][0][1]

        return await _again(once)

    async def end(self, who: Who, *, commit: bool) -> int:
        async def once() -> int:
            return (await self._coordinator(who.name, EndTxnRequest(*who, commit))).error_code

        return await _again(once)

    async def read(self) -> dict[int, bytes | None]:
        await asyncio.sleep(0.3)  # markers follow the answer
        return {
            record.offset: record.value
            async for record in read_all(self._settings, [self.topic], self._place.partition)
        }

    async def stable(self) -> int:
        await asyncio.sleep(0.3)
        return next(iter((await self._ask("end_offsets")).values()))

    async def committed(self) -> int | None:
        await asyncio.sleep(0.3)
        return await self._ask("committed")

    async def _ask(self, what: str) -> Any:
        place = self._place
        client = AIOKafkaConsumer(
            bootstrap_servers=self._settings.bootstrap,
            group_id=self._group,
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        await client.start()
        try:
            client.assign([place])
            return await (client.committed(place) if what == "committed" else client.end_offsets([place]))
        finally:
            await client.stop()

    async def _coordinator(self, name: str, request: Any) -> Any:
        return await self._client.send(await self._node(CoordinationType.TRANSACTION, name), request)

    async def _node(self, kind: int, key: str) -> int:
        while (kind, key) not in self._nodes:
            try:
                self._nodes[kind, key] = await self._client.coordinator_lookup(kind, key)
            except Exception:  # noqa: BLE001 - the internal topic is being made
                await asyncio.sleep(0.1)
        return self._nodes[kind, key]


RETRIED: Mapping[int, str] = {
    3: "unknown topic",
    6: "not leader",
    14: "loading",
    15: "not available",
    16: "not coordinator",
    51: "concurrent",
}


async def _again(once: Any) -> int:
    """The answer that is not "ask again"."""
    async with asyncio.timeout(20):
        while (found := await once()) in RETRIED:  # noqa: ASYNC110 - a broker has no event to wait for
            await asyncio.sleep(0.05)
    return found
