"""A broker's `server.properties` in KRaft mode, on the loopback interface: the embedded one, or one of several."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from b2b2c_saga.bus.broker.probe import LOOPBACK

NODE = 1
FIXED = {
    "process.roles": "broker,controller",
    "node.id": NODE,
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # topics come from topics.yaml, never from a typing error
    "auto.create.topics.enable": "false",
    # one node can keep one copy
    "default.replication.factor": 1,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # the default of 50 each costs a small machine seconds at the first transaction
    "offsets.topic.num.partitions": 8,
    "transaction.state.log.num.partitions": 8,
    # a test or demo does not wait for members that may come
    "group.initial.rebalance.delay.ms": 0,
    # a killed worker's place is free soon
    "group.min.session.timeout.ms": 1_000,
    # default of 1 GiB: the segments of 200 small partitions would not be deleted in a lifetime
    "log.segment.bytes": 128 * 1024 * 1024,
    "num.network.threads": 2,
    "num.io.threads": 4,
}
NO_CHANGES: Mapping[str, object] = MappingProxyType({})
DIRECT = "PLAINTEXT"
"""The listener by which brokers talk to each other, and whoever comes without a detour."""


def server_properties(data: Path, port: int, controller_port: int) -> str:
    """The whole file of the only broker, for a data folder and two ports."""
    return node_properties(NODE, data, {DIRECT: (port, port)}, {NODE: controller_port})


def node_properties(
    node: int,
    data: Path,
    listeners: Mapping[str, tuple[int, int]],
    controllers: Mapping[int, int],
    changes: Mapping[str, object] = NO_CHANGES,
) -> str:
    """The whole file of one node of a cluster.

    Args:
        node: Its id.
        data: Its data folder.
        listeners: By name, the port that it listens on and the port that it tells those who come by it.
        controllers: The controller port of every node, by id.
        changes: What differs from the embedded broker's settings.
    """
    listening = [f"{name}://{LOOPBACK}:{port}" for name, (port, _) in listeners.items()]
    ours = {
        "node.id": node,
        "listeners": ",".join([*listening, f"CONTROLLER://{LOOPBACK}:{controllers[node]}"]),
        "advertised.listeners": ",".join(f"{name}://{LOOPBACK}:{told}" for name, (_, told) in listeners.items()),
        "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in (*listeners, "CONTROLLER")),
        "controller.quorum.voters": ",".join(f"{other}@{LOOPBACK}:{port}" for other, port in controllers.items()),
        "log.dirs": str(data).replace("\\", "/"),
    }
    return "".join(f"{name}={value}\n" for name, value in {**FIXED, **ours, **changes}.items())
