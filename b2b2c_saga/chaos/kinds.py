"""All kinds of fault that any form knows, on one crew, one cluster and one network."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from b2b2c_saga.chaos.broker_faults import KillCoordinator, KillLeader, PauseBroker
from b2b2c_saga.chaos.cluster import Cluster
from b2b2c_saga.chaos.crew import Crew
from b2b2c_saga.chaos.faults import ClockJump, KillWorker, RollingRestart, ScaleIn, ScaleOut, Zombie
from b2b2c_saga.chaos.nemesis import Fault
from b2b2c_saga.chaos.network_faults import Delayed, Dropped, HalfOpen, Reset, ResetAfterCommit
from b2b2c_saga.chaos.proxy import Network
from b2b2c_saga.model.errors import BadInput


@dataclass(frozen=True)
class Victims:
    """What faults befall."""

    crew: Crew
    cluster: Cluster
    network: Network
    group: str
    """The workers' consumer group; a writer's transactional id is the group's name, `-`, its partition number."""
    topics: Sequence[str]
    """Whose leaders are killed."""
    partitions: int
    session_seconds: float


def all_faults(victims: Victims) -> list[Fault]:
    """One of each kind."""
    crew, cluster, network = victims.crew, victims.cluster, victims.network
    return [
        KillWorker(crew),
        Zombie(crew, victims.session_seconds),
        ScaleOut(crew),
        ScaleIn(crew),
        RollingRestart(crew),
        ClockJump(crew),
        KillLeader(cluster, victims.topics, victims.partitions),
        KillCoordinator(cluster, victims.group, victims.partitions),
        PauseBroker(cluster),
        Dropped(crew, network),
        HalfOpen(crew, network),
        Delayed(crew, network),
        Reset(crew, network),
        ResetAfterCommit(crew, network),
    ]


def chosen(faults: Sequence[Fault], kinds: Collection[str]) -> list[Fault]:
    """Those of some kinds; all of them if none is named.

    Raises:
        BadInput: a kind that there is not.
    """
    known = {fault.kind for fault in faults}
    if unknown := sorted(set(kinds) - known):
        rule = f"some of {', '.join(sorted(known))}"
        raise BadInput("no such kind of fault", field="faults", value=unknown[0], rule=rule)
    return [fault for fault in faults if not kinds or fault.kind in kinds]
