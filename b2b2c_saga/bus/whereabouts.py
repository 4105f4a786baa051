"""Who does what in a cluster now: leaders, coordinators, copies that lag, and where a group stands.

Each question is a short connection of its own, with little patience: it is asked while brokers die.
"""

from collections.abc import Iterable

from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from b2b2c_saga.bus.clients import ends_of
from b2b2c_saga.bus.driver import admin_client
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

GROUP, TRANSACTION = 0, 1
"""Kinds of coordinator (FindCoordinator)."""
PATIENCE = 5.0
"""Seconds for one answer."""
Place = tuple[str, int]
"""Topic and partition."""


async def leader_of(settings: Settings, topic: str, partition: int) -> int:
    """The id of the broker that leads a partition.

    Raises:
        Unavailable: it has no leader now, or the cluster does not answer.
    """
    async with admin_client(settings, PATIENCE) as admin:
        described = (await admin.describe_topics([topic]))[0]
    leaders = {found["partition"]: int(found["leader"]) for found in described["partitions"]}
    if leaders.get(partition, -1) < 0:
        raise Unavailable(f"partition {partition} of {topic} has no leader now")
    return leaders[partition]


async def coordinator_of(settings: Settings, name: str, kind: int) -> int:
    """The id of the broker that coordinates a consumer group (GROUP) or a transactional id (TRANSACTION).

    Raises:
        Unavailable: none does now, or the cluster does not answer.
    """
    async with admin_client(settings, PATIENCE) as admin:
        return int(await admin.find_coordinator(name, kind))


async def copies_behind(settings: Settings, brokers: int) -> int:
    """How many partitions, of all topics, have fewer copies in sync than they should, or no leader.

    Args:
        settings: The cluster.
        brokers: How many brokers it should have: a partition has no more copies than that.
    """
    async with admin_client(settings, PATIENCE) as admin:
        topics = await admin.describe_topics()
    partitions = [partition for topic in topics for partition in topic["partitions"]]
    return sum(p["leader"] < 0 or len(p["isr"]) < min(brokers, len(p["replicas"])) for p in partitions)


async def committed_by(settings: Settings, group: str) -> dict[Place, int]:
    """The offset that a group reads next, for each partition that it ever committed.

    Raises:
        Unavailable: the cluster does not answer.
    """
    async with admin_client(settings, PATIENCE) as admin:
        node = await admin.find_coordinator(group)
        # Not `list_consumer_group_offsets`: it overlooks what `heeded` tells of.
        answer = await admin._send_request(OffsetFetchRequest(group, None), node)  # noqa: SLF001
        if answer.error_code:
            raise for_code(answer.error_code)(f"no offsets of {group} now")
    return {
        (topic, partition): int(offset) for topic, partitions in answer.topics for partition, offset, *_ in partitions
    }


async def lag_of(settings: Settings, group: str, topics: Iterable[str]) -> int:
    """How many offsets of these topics lie behind what a group has committed."""
    committed = await committed_by(settings, group)
    ends = await ends_of(settings, list(topics))
    return sum(max(0, end - committed.get(place, 0)) for place, end in ends.items())
