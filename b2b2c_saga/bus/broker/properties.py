"""The embedded broker's `server.properties`: one node in KRaft mode, on the loopback interface."""

from pathlib import Path

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


def server_properties(data: Path, port: int, controller_port: int) -> str:
    """The whole file, for a data folder and two ports."""
    ours = {
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "controller.quorum.voters": f"{NODE}@{LOOPBACK}:{controller_port}",
        "log.dirs": str(data).replace("\\", "/"),
    }
    return "".join(f"{name}={value}\n" for name, value in {**ours, **FIXED}.items())
