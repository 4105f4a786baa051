"""All kinds of fault that any form knows, on one crew, one cluster and one network."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from b2b2c_saga.chaos.broker_faults import BROKER, kill_coordinator, kill_leader, pause_broker
from b2b2c_saga.chaos.cluster import Cluster
from b2b2c_saga.chaos.crew import Crew
from b2b2c_saga.chaos.nemesis import Fault
from b2b2c_saga.chaos.network_faults import NETWORK, delay, drop, half_open, reset, reset_after_commit
from b2b2c_saga.chaos.proxy import Network
from b2b2c_saga.chaos.worker_faults import (
    CLOCK,
    WORKER,
    clock_jump,
    kill_worker,
    rolling_restart,
    scale_in,
    scale_out,
    zombie,
)
from b2b2c_saga.model.errors import BadInput

JUMPS = (60.0, 900.0)
"""Seconds that a clock jumps."""


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
    topics, group, partitions = victims.topics, victims.group, victims.partitions
    return [
        Fault("kill-worker", WORKER, partial(kill_worker, crew)),
        Fault("zombie", WORKER, partial(zombie, crew, victims.session_seconds)),
        Fault("scale-out", WORKER, partial(scale_out, crew)),
        Fault("scale-in", WORKER, partial(scale_in, crew)),
        Fault("rolling-restart", WORKER, partial(rolling_restart, crew)),
        Fault("clock-jump", CLOCK, partial(clock_jump, crew, JUMPS)),
        Fault("kill-leader", BROKER, partial(kill_leader, cluster, topics, partitions)),
        Fault("kill-coordinator", BROKER, partial(kill_coordinator, cluster, group, partitions)),
        Fault("pause-broker", BROKER, partial(pause_broker, cluster)),
        Fault("drop", NETWORK, partial(drop, crew, network)),
        Fault("half-open", NETWORK, partial(half_open, crew, network)),
        Fault("delay", NETWORK, partial(delay, crew, network)),
        Fault("reset", NETWORK, partial(reset, crew, network)),
        Fault("reset-after-commit", NETWORK, partial(reset_after_commit, crew, network)),
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
