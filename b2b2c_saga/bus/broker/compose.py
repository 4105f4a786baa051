"""The same broker in a Docker engine, as `compose.yaml` says; for those who prefer it."""

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from b2b2c_saga.bus.broker.jars import Report
from b2b2c_saga.bus.broker.kafka import kafka_version
from b2b2c_saga.bus.broker.probe import LOOPBACK, is_ready
from b2b2c_saga.bus.broker.state import State, alone, forget_state, is_alive, read_state, write_state
from b2b2c_saga.model.errors import Unavailable

COMPOSE = (Path(__file__).parents[2] / "compose.yaml").resolve()
"""At the root of the repository, linked into the package."""
ADDRESS = f"{LOOPBACK}:9092"
READY_WITHIN = 90.0
NO_ENGINE = "no Docker engine answers ({}); start one, or leave out --docker: the embedded broker needs none"


@dataclass(frozen=True)
class ComposeBroker:
    """The broker of compose.yaml; its state is written down in the same folder as the embedded one's."""

    folder: Path
    report: Report

    def up(self) -> str:
        """Start the container; returns its address once it accepts requests.

        Raises:
            Unavailable: no engine answers, or the broker does not start; or an embedded one runs in this folder.
        """
        _check_engine()
        with alone(self.folder):
            if is_alive(self.folder):
                raise Unavailable("an embedded broker runs here; stop it first with `b2b2c-saga broker down`")
            self.report(f"starting Apache Kafka {kafka_version()} in Docker at {ADDRESS}", 0, 0)
            _compose("up", "--detach", "--wait")
            limit = time.monotonic() + READY_WITHIN
            while not is_ready(ADDRESS):
                if time.monotonic() > limit:
                    raise Unavailable("the container runs but does not answer; see `b2b2c-saga broker logs`")
                time.sleep(0.2)
            write_state(self.folder, State(ADDRESS, 0, kafka_version(), time.time(), ready=True, docker=True))
            return ADDRESS

    def down(self) -> bool:
        """Stop the container, keeping its data; False if it was not started from here."""
        state = read_state(self.folder)
        if state is None or not state.docker:
            return False
        with alone(self.folder):
            _compose("down")
            forget_state(self.folder)
        return True

    def log_lines(self, count: int) -> list[str]:
        """The last lines of the container's log."""
        return _compose("logs", "--no-log-prefix", "--tail", str(count)).splitlines()


def engine_answers() -> bool:
    """Whether there is a Docker engine to talk to."""
    try:
        _check_engine()
    except Unavailable:
        return False
    return True


def _check_engine() -> None:
    if shutil.which("docker") is None:
        raise Unavailable(NO_ENGINE.format("no `docker` on the PATH"))
    try:
        asked = _docker("version", "--format", "{{.Server.Version}}", patience=10)
    except subprocess.TimeoutExpired:
        raise Unavailable(NO_ENGINE.format("it hangs")) from None
    if asked.returncode:
        raise Unavailable(NO_ENGINE.format(_last(asked.stderr)))


def _compose(*arguments: str) -> str:
    done = _docker("compose", "--file", str(COMPOSE), *arguments, patience=300)
    if done.returncode:
        raise Unavailable(f"docker compose {arguments[0]} failed: {_last(done.stderr)}")
    return done.stdout


def _docker(*arguments: str, patience: float) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own words
        ("docker", *arguments),  # noqa: S607 - wherever the user has it
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
