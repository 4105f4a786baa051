"""What may go wrong with brokers. One at a time: with two of three down, the cluster is meant to refuse all work.

Each fault ends when every partition has all its copies again, so that the next can't meet the only one left.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

from b2b2c_saga.chaos.cluster import Cluster

BROKER = "broker"


@dataclass
class KillLeader:
    """SIGKILL to the leader of a partition."""

    cluster: Cluster
    topics: Sequence[str]
    partitions: int
    kind: str = "kill-leader"
    where: str = BROKER

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        topic, partition = chance.choice(self.topics), chance.randrange(self.partitions)
        seconds = chance.uniform(0.5, 10)
        node = await self.cluster.leader(topic, partition)
        await _killed(self.cluster, node, seconds)
        return f"SIGKILL to broker {node}, leader of {topic}:{partition}; started again after {seconds:.1f} s"


@dataclass
class KillCoordinator:
    """SIGKILL to the coordinator of a writer's transactions, or of the workers' group."""

    cluster: Cluster
    group: str
    partitions: int
    kind: str = "kill-coordinator"
    where: str = BROKER

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        number, seconds = chance.randrange(self.partitions), chance.uniform(0.5, 10)
        name = f"{self.group}-{number}"
        if chance.random() < 1 / 4:
            node, what = await self.cluster.group_coordinator(self.group), f"the group {self.group}"
        else:
            node, what = await self.cluster.transaction_coordinator(name), f"the transactions of {name}"
        await _killed(self.cluster, node, seconds)
        return f"SIGKILL to broker {node}, coordinator of {what}; started again after {seconds:.1f} s"


@dataclass
class PauseBroker:
    """SIGSTOP: connections stay open and nobody answers, for less or more than the controller puts up with."""

    cluster: Cluster
    kind: str = "pause-broker"
    where: str = BROKER

    async def inflict(self, chance: random.Random) -> str:
        """See `Fault`."""
        node, seconds = chance.choice(self.cluster.nodes), chance.uniform(2, 16)
        self.cluster.pause(node)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.cluster.resume(node)
        await self.cluster.in_sync()
        return f"broker {node} paused for {seconds:.1f} s"


async def _killed(cluster: Cluster, node: int, seconds: float) -> None:
    cluster.kill(node)
    await asyncio.sleep(seconds)  # cancelled here, the run ends and takes the cluster with it
    await cluster.restart(node)
    await cluster.in_sync()
