"""The embedded broker: Apache Kafka as a child process, its data in one folder."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from b2b2c_saga.bus.broker.jars import Report
from b2b2c_saga.bus.broker.kafka import cause_in, format_data, java_command, kafka_version, new_cluster_id, spawn
from b2b2c_saga.bus.broker.probe import LOOPBACK, free_port, is_ready
from b2b2c_saga.bus.broker.properties import server_properties
from b2b2c_saga.bus.broker.state import (
    State,
    alone,
    forget_state,
    is_alive,
    life,
    read_state,
    write_state,
)
from b2b2c_saga.model.errors import Unavailable

PORT = 9092
STARTS_WITHIN = 120.0
STOPS_WITHIN = 30.0
TRIES = 3


def silent(_sentence: str, _done: int, _total: int) -> None:
    """A report that nobody hears."""


@dataclass(frozen=True)
class EmbeddedBroker:
    """The broker of a folder: at most one process, whoever starts it.

    Args:
        folder: Data, log and state; made if it isn't there.
        port: The port to listen on if it is free; 0 for any.
        report: Hears what goes on.
    """

    folder: Path
    port: int = PORT
    report: Report = silent

    def up(self) -> str:
        """Start the broker unless it runs; returns its address once it accepts requests.

        Raises:
            Unavailable: Java or a jar is missing, or the broker does not start; names the log.
        """
        with alone(self.folder):
            if address := self.address():
                return address
            if is_alive(self.folder):
                self.report("the broker was left half started; stopping it first", 0, 0)
                self._stop()
            elif read_state(self.folder) is not None:
                self.report("the broker ended without being stopped; it recovers from its log", 0, 0)
            return self._start()

    def down(self) -> bool:
        """Stop the broker cleanly, or by force if it doesn't; False if none ran.

        Raises:
            Unavailable: it can't be stopped.
        """
        if not self.folder.exists():
            return False
        with alone(self.folder):
            ran = is_alive(self.folder)
            if ran:
                self._stop()
            forget_state(self.folder)
            return ran

    def address(self) -> str | None:
        """Where it answers; None if it doesn't run, or not yet."""
        state = read_state(self.folder)
        if state is None or not state.ready or not is_alive(self.folder):
            return None
        return state.address

    @property
    def log(self) -> Path:
        """The broker's log file; that of the run before has `.1` at its end."""
        return self.folder / "broker.log"

    def _start(self) -> str:
        command = java_command(self.report)
        for attempt in range(1, TRIES + 1):
            # Another may take a free port before Kafka binds it: then look for others.
            port = free_port(self.port if attempt == 1 else 0)
            controller = free_port(taken=frozenset({port}))
            self._prepare(command, port, controller)
            if self._run(command, f"{LOOPBACK}:{port}"):
                return f"{LOOPBACK}:{port}"
            if "Address already in use" not in self.log.read_text(errors="replace"):
                break
        raise Unavailable(f"the broker did not start: {cause_in(self.log)}; its log is {self.log}")

    def _prepare(self, command: Sequence[str], port: int, controller: int) -> None:
        data = self.folder.absolute() / "data"
        properties = self.folder / "server.properties"
        properties.write_text(server_properties(data, port, controller))
        if (data / "meta.properties").exists():
            return
        self.report("formatting the broker's data folder", 0, 0)
        format_data(command, properties, new_cluster_id(), self.log)

    def _run(self, command: Sequence[str], address: str) -> bool:
        if self.log.exists():
            self.log.replace(self.log.with_name("broker.log.1"))
        with life(self.folder) as held:
            process = spawn(command, self.folder / "server.properties", self.log, held)
        threading.Thread(target=process.wait, name="reaps the broker", daemon=True).start()  # whoever stops it
        state = State(address, process.pid, kafka_version(), time.time(), ready=False)
        write_state(self.folder, state)
        try:
            if self._answers(process, state):
                write_state(self.folder, replace(state, ready=True))
                return True
        except BaseException:  # Ctrl-C while it starts
            self._stop()
            raise
        self._stop()
        return False

    def _answers(self, process: "subprocess.Popen[bytes]", state: State) -> bool:
        self.report(f"starting Apache Kafka {state.version} at {state.address}", 0, 0)
        limit = time.monotonic() + STARTS_WITHIN
        while process.poll() is None and time.monotonic() < limit:
            if is_ready(state.address):
                return True
            time.sleep(0.1)
        return False

    def _stop(self) -> None:
        state = read_state(self.folder)
        if state is None:
            raise Unavailable(
                f"a broker runs in {self.folder}, but broker.json, which names it, is gone: stop it by hand"
            )
        for number, patience in ((signal.SIGTERM, STOPS_WITHIN), (signal.SIGKILL, STOPS_WITHIN)):
            if not is_alive(self.folder):
                break
            self.report("stopping the broker" if number == signal.SIGTERM else "the broker hangs: killing it", 0, 0)
            os.kill(state.pid, number)  # it holds alive.lock, so the id is still its own
            limit = time.monotonic() + patience
            while is_alive(self.folder) and time.monotonic() < limit:
                time.sleep(0.05)


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a log; none if there is no such file."""
    try:
        return path.read_text(errors="replace").splitlines()[-count:] if count > 0 else []
    except FileNotFoundError:
        return []
