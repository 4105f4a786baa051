"""What may go wrong with brokers. One at a time: with two of three down, the cluster is meant to refuse all work.

Each fault ends when every partition has all its copies again, so that the next can't meet the only one left.
"""

import asyncio
import random
from collections.abc import Sequence

from b2b2c_saga.chaos.cluster import Cluster
from b2b2c_saga.chaos.nemesis import for_a_while

BROKER = "broker"


async def kill_leader(cluster: Cluster, topics: Sequence[str], partitions: int, chance: random.Random) -> str:
    """SIGKILL to the leader of a partition."""
    topic, partition = chance.choice(topics), chance.randrange(partitions)
    seconds = chance.uniform(0.5, 10)
    node = await cluster.leader(topic, partition)
    await _killed(cluster, node, seconds)
    return f"SIGKILL to broker {node}, leader of {topic}:{partition}; started again after {seconds:.1f} s"


async def kill_coordinator(cluster: Cluster, group: str, partitions: int, chance: random.Random) -> str:
    """SIGKILL to the coordinator of a writer's transactions, or of the workers' group."""
    number, seconds = chance.randrange(partitions), chance.uniform(0.5, 10)
    name = f"{group}-{number}"
    if chance.random() < 1 / 4:
        node, what = await cluster.group_coordinator(group), f"the group {group}"
    else:
        node, what = await cluster.transaction_coordinator(name), f"the transactions of {name}"
    await _killed(cluster, node, seconds)
    return f"SIGKILL to broker {node}, coordinator of {what}; started again after {seconds:.1f} s"


async def pause_broker(cluster: Cluster, chance: random.Random) -> str:
    """SIGSTOP: connections stay open and nobody answers, for less or more than the controller puts up with."""
    node, seconds = chance.choice(cluster.nodes), chance.uniform(2, 16)
    cluster.pause(node)
    await for_a_while(seconds, lambda: cluster.resume(node))
    await cluster.in_sync()
    return f"broker {node} paused for {seconds:.1f} s"


async def _killed(cluster: Cluster, node: int, seconds: float) -> None:
    cluster.kill(node)
    await asyncio.sleep(seconds)  # cancelled here, the run ends and takes the cluster with it
    await cluster.restart(node)
    await cluster.in_sync()
