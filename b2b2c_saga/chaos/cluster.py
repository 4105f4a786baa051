"""One broker or three of Apache Kafka on the loopback interface, to be killed, paused and brought back one by one.

A broker tells each client to come back by the address of the listener that it came by. So each worker slot has a
listener of its own on every broker, whose address is that of a proxy: no byte of the protocol needs to be changed for a
worker to talk to brokers through proxies alone, while the harness itself goes by the direct one.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from b2b2c_saga.bus.broker.embedded import silent
from b2b2c_saga.bus.broker.jars import Report
from b2b2c_saga.bus.broker.kafka import cause_in, format_data, java_command, new_cluster_id, spawn
from b2b2c_saga.bus.broker.probe import HELD_PORTS_SERVE, LOOPBACK, held_port, is_ready
from b2b2c_saga.bus.broker.properties import DIRECT, node_properties
from b2b2c_saga.bus.whereabouts import GROUP, TRANSACTION, coordinator_of, copies_behind, leader_of
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

JAVA_OPTIONS = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Made for brokers that start often and share two cores with everything else."""
READY_WITHIN = 120.0
ANSWERS_WITHIN = 30.0
STOPS_WITHIN = 20.0
PULSE = 0.2
OF_THREE: Mapping[str, object] = {
    "default.replication.factor": 3,
    "min.insync.replicas": 2,
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
}
"""What the worker asks of a cluster in production (docs/guarantees.md)."""
QUICK: Mapping[str, object] = {
    "unclean.leader.election.enable": "false",
    # a dead broker's partitions have another leader soon, so that a run has time for many faults
    "broker.session.timeout.ms": 6_000,
    "broker.heartbeat.interval.ms": 1_000,
    # the checker reads every version of every row
    "log.cleaner.enable": "false",
}


class Cluster:
    """Brokers with ids from 1; `start` before anything else, `stop` in any case.

    Args:
        folder: For data and logs.
        brokers: How many.
        slots: How many worker slots have listeners of their own, numbered from 1.
        report: Hears what goes on.
    """

    def __init__(self, folder: Path, brokers: int = 3, slots: int = 4, report: Report = silent) -> None:
        self.folder = folder
        self.nodes = tuple(range(1, brokers + 1))
        self.slots = tuple(range(1, slots + 1))
        self._report = report
        self._holders: list[socket.socket] = []

        def port() -> int:
            found, holder = held_port()
            self._holders.append(holder)
            return found

        self._direct = {node: port() for node in self.nodes}
        self._controllers = {node: port() for node in self.nodes}
        self.listeners = {(slot, node): port() for slot in self.slots for node in self.nodes}
        """Where a broker listens for a slot: a proxy's other end."""
        self.proxies = {(slot, node): port() for slot in self.slots for node in self.nodes}
        """Where the broker tells that slot's worker to come: a proxy's own port."""
        if not HELD_PORTS_SERVE:
            self._let_go_of_ports()
        self._command: Sequence[str] = ()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._paused: set[int] = set()

    async def start(self) -> None:
        """All of them up and answering.

        Raises:
            Unavailable: one does not start; names its log.
        """
        self._command = await asyncio.to_thread(java_command, self._report, JAVA_OPTIONS)
        self._report(f"formatting {len(self.nodes)} brokers", 0, 0)
        cluster_id = new_cluster_id()
        await asyncio.gather(*(asyncio.to_thread(self._format, node, cluster_id) for node in self.nodes))
        self._report(f"starting {len(self.nodes)} brokers", 0, 0)
        for node in self.nodes:
            self._spawn(node)
        await asyncio.gather(*(self._answers(node) for node in self.nodes))

    async def stop(self) -> None:
        """End all of them, by force if need be."""
        for node in list(self._paused):
            self.resume(node)
        for process in self._processes.values():
            process.terminate()
        limit = time.monotonic() + STOPS_WITHIN
        for process in self._processes.values():
            try:
                await asyncio.to_thread(process.wait, max(0.1, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
        self._let_go_of_ports()

    def forget(self) -> None:
        """Delete the data of stopped brokers, which is large; their logs stay."""
        for node in self.nodes:
            shutil.rmtree(self._home(node) / "data", ignore_errors=True)

    def kill(self, node: int) -> None:
        """SIGKILL: no goodbye, no flush."""
        process = self._processes.pop(node)
        process.kill()
        process.wait()
        self._paused.discard(node)

    async def restart(self, node: int) -> None:
        """Start a killed one again; returns once it answers.

        Raises:
            Unavailable: it does not come back; names its log.
        """
        self._spawn(node)
        await self._answers(node)

    def pause(self, node: int) -> None:
        """SIGSTOP: its connections stay, and nobody answers."""
        os.kill(self._processes[node].pid, signal.SIGSTOP)
        self._paused.add(node)

    def resume(self, node: int) -> None:
        """SIGCONT."""
        self._paused.discard(node)
        if node in self._processes:
            os.kill(self._processes[node].pid, signal.SIGCONT)

    async def in_sync(self, patience: float = READY_WITHIN) -> None:
        """Return once every partition has all its copies again.

        Raises:
            Unavailable: not within `patience` seconds.
        """
        limit = time.monotonic() + patience
        while behind := await self._asked(lambda: copies_behind(self.settings(), len(self.nodes)), patience):
            if time.monotonic() > limit:
                raise Unavailable(f"{behind} partitions lack copies after {patience:.0f} s; the logs: {self.folder}")
            await asyncio.sleep(PULSE)

    async def leader(self, topic: str, partition: int) -> int:
        """The broker that leads a partition now; waits for one to be elected.

        Raises:
            Unavailable: none is, for long.
        """
        return await self._asked(lambda: leader_of(self.settings(), topic, partition))

    async def transaction_coordinator(self, transactional_id: str) -> int:
        """The broker that keeps a transactional id now."""
        return await self._asked(lambda: coordinator_of(self.settings(), transactional_id, TRANSACTION))

    async def group_coordinator(self, group: str) -> int:
        """The broker that keeps a consumer group now."""
        return await self._asked(lambda: coordinator_of(self.settings(), group, GROUP))

    def settings(self, base: Settings | None = None) -> Settings:
        """Settings for whoever goes by the direct listeners: of those brokers that are up."""
        up = [f"{LOOPBACK}:{self._direct[node]}" for node in self._processes if node not in self._paused]
        return (base or Settings(_env_file=None)).model_copy(update={"bootstrap_servers": ",".join(up)})

    def address_for(self, slot: int) -> str:
        """The bootstrap servers of a worker slot: its proxies."""
        return ",".join(f"{LOOPBACK}:{self.proxies[slot, node]}" for node in self.nodes)

    @property
    def pids(self) -> dict[int, int]:
        """The process id of each broker that runs."""
        return {node: process.pid for node, process in self._processes.items()}

    async def _asked(self, question: Callable[[], Awaitable[int]], patience: float = ANSWERS_WITHIN) -> int:
        """What the cluster says, once it can: while brokers die, it says for a while that it doesn't know."""
        limit = time.monotonic() + patience
        while True:
            try:
                return await question()
            except Unavailable:
                if time.monotonic() > limit:
                    raise
            await asyncio.sleep(PULSE)

    def _format(self, node: int, cluster_id: str) -> None:
        home = self._home(node)
        home.mkdir(parents=True, exist_ok=True)
        slots = {f"SLOT{slot}": (self.listeners[slot, node], self.proxies[slot, node]) for slot in self.slots}
        listeners = {DIRECT: (self._direct[node], self._direct[node]), **slots}
        changes = {**QUICK, **(OF_THREE if len(self.nodes) > 1 else {})}
        text = node_properties(node, (home / "data").absolute(), listeners, self._controllers, changes)
        (home / "server.properties").write_text(text)
        format_data(self._command, home / "server.properties", cluster_id, home / "format.log")

    def _spawn(self, node: int) -> None:
        home = self._home(node)
        log = home / "broker.log"
        if log.exists():
            log.replace(home / f"broker.log.{int(time.time())}")
        self._processes[node] = spawn(self._command, home / "server.properties", log)

    async def _answers(self, node: int) -> None:
        limit = time.monotonic() + READY_WITHIN
        address = f"{LOOPBACK}:{self._direct[node]}"
        while not await asyncio.to_thread(is_ready, address):
            log = self._home(node) / "broker.log"
            if self._processes[node].poll() is not None:
                raise Unavailable(f"broker {node} ended: {cause_in(log)}; its log is {log}")
            if time.monotonic() > limit:
                raise Unavailable(f"broker {node} does not answer after {READY_WITHIN:.0f} s; its log is {log}")
            await asyncio.sleep(PULSE)

    def _let_go_of_ports(self) -> None:
        for holder in self._holders:
            holder.close()

    def _home(self, node: int) -> Path:
        return self.folder / f"broker-{node}"
