"""aiokafka's consumer as `recover` sees it: reading by itself, committed records only."""

import asyncio
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError
from model_network import Network
from plans import ANSWER, Request
from virtual_time import PROCESS

from b2b2c_saga.runtime.engine.labels import Place

AT_ONCE = 3


class ModelReader:
    """`AIOKafkaConsumer`, of which `recover` uses this much; `network` is set for the length of a schedule."""

    network: Network

    def __init__(self, **options: Any) -> None:
        self._committed = options["isolation_level"] == "read_committed"
        self._positions: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        await self._way()

    async def stop(self) -> None:
        await asyncio.sleep(0)

    def assign(self, places: list[TopicPartition]) -> None:
        self._positions = dict.fromkeys(places, 0)

    def pause(self, *places: TopicPartition) -> None:
        pass

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        await self._way()
        logs = {tp: self.network.broker.logs[Place(*tp)] for tp in places}
        return {tp: log.stable if self._committed else log.end for tp, log in logs.items()}

    def last_stable_offset(self, place: TopicPartition) -> int:
        return self.network.broker.logs[Place(*place)].stable

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        await self._way()
        return dict.fromkeys(places, 0)

    async def seek_to_beginning(self, *places: TopicPartition) -> None:
        self._positions.update(dict.fromkeys(places, 0))

    async def position(self, place: TopicPartition) -> int:
        return self._positions[place]

    async def getmany(self, *places: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        await self._way()
        found: dict[TopicPartition, list[Any]] = {}
        for tp in sorted(places):
            log = self.network.broker.logs[Place(*tp)]
            records, self._positions[tp] = log.read(self._positions[tp], AT_ONCE, committed=self._committed)
            if records:
                found[tp] = records
        if not found:
            await asyncio.sleep(timeout_ms / 1000)
        return found

    async def committed(self, place: TopicPartition) -> int | None:
        await self._way()
        return self.network.broker.offsets.get(Place(*place))

    async def _way(self) -> None:
        """To the broker and back; the plan may lose it."""
        network = self.network
        await asyncio.sleep(network.hop())
        fault = network._faults.get(("Recover", network.seen["Recover"])) or Request("Recover", 0, 0.0, ANSWER)
        network.seen["Recover"] += 1
        if fault.arrives is None or fault.told != ANSWER:
            network.say(f"{PROCESS.get().name} recovering: {fault}")
            raise KafkaConnectionError("reset")
        if fault.arrives:
            network.say(f"{PROCESS.get().name} recovering: {fault}")
            await asyncio.sleep(fault.arrives)
        if network.is_cut(PROCESS.get()):
            await asyncio.sleep(network.request_seconds)
            raise KafkaTimeoutError
        await asyncio.sleep(network.hop())
