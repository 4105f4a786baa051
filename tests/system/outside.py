"""Sandbox and connectors as processes of their own, for tests of the system."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from b2b2c_saga.settings import Settings

PROGRAM = (sys.executable, "-c", "from b2b2c_saga.cli import app; app()")
STOP_WITHIN = 20


class Process:
    """A running command of `b2b2c-saga`; the first line it said is known."""

    def __init__(self, settings: Settings, *arguments: str, **more: str) -> None:
        given = {
            "B2B2C_BOOTSTRAP_SERVERS": str(settings.bootstrap_servers),
            "B2B2C_TOPIC_PREFIX": settings.topic_prefix,
            "B2B2C_DATA_DIR": str(settings.data_dir),
        }
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.log = settings.data_dir / f"{arguments[0]}.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*PROGRAM, *arguments],
                env={**os.environ, **given, **more},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        self.said = self._process.stdout.readline().strip()
        assert self.said, f"{arguments[0]} did not start: {self.log.read_text()}"

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(STOP_WITHIN)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


class Sandbox:
    """The outside systems, as a test sees them."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.url = process.said.rsplit(" ", 1)[-1]

    def book(self, system: str, order: str | None = None, table: str | None = None) -> list[dict[str, Any]]:
        """The rows of a system's book."""
        query = {name: value for name, value in (("order", order), ("table", table)) if value}
        answer = httpx.get(f"{self.url}/{system}/books", params=query)
        assert answer.status_code == 200
        return [json.loads(line) for line in answer.text.splitlines()]

    def faults(self, **wanted: dict[str, Any]) -> None:
        """Change what goes wrong."""
        answer = httpx.post(f"{self.url}/control/faults", json=wanted)
        assert answer.status_code == 200, answer.text

    def faults_of(self, order: str, **wanted: dict[str, Any] | None) -> None:
        """Change what goes wrong for one order."""
        self.faults(orders={order: wanted})

    def fix(self, order: str) -> None:
        """Put right whatever is refused for good about an order."""
        assert httpx.post(f"{self.url}/control/fix", params={"order": order}).status_code == 200

    def consumer_cancels(self, order: str) -> None:
        """All of it, in the marketplace's shop."""
        account, _, code = order.partition("/")
        answer = self.post("/marketplace/consumer-cancellations", order, {"account": account, "orderCode": code})
        assert answer.status_code == 200, answer.text

    def invoice_once(self, order: str, status: str, system: str = "erp") -> dict[str, Any]:
        """The order's only invoice in its issuer's book, once it has that status."""
        until = time.monotonic() + 10
        while (invoice := self.book(system, order, "invoices")[0])["status"] != status:
            assert time.monotonic() < until, invoice
            time.sleep(0.05)
        return invoice

    def post(self, path: str, key: str, body: dict[str, Any], timeout: float = 5) -> httpx.Response:
        """An effect."""
        return httpx.post(self.url + path, json=body, headers={"Idempotency-Key": key}, timeout=timeout)


@contextmanager
def running_sandbox(settings: Settings, *options: str) -> Iterator[Sandbox]:
    """A sandbox on a free port."""
    sandbox = Sandbox(Process(settings, "sandbox", "--port", "0", *options))
    try:
        yield sandbox
    finally:
        sandbox.process.stop()


@contextmanager
def running_connectors(settings: Settings, url: str, **more: str) -> Iterator[Process]:
    """All connectors in one process, calling the sandbox at `url`; `more` are settings of the environment."""
    systems = ("erp", "rms", "marketplace", "wms", "omni")
    urls = {f"B2B2C_{system.upper()}_URL": f"{url}/{system}" for system in systems}
    process = Process(settings, "connectors", **urls, **more)
    try:
        yield process
    finally:
        process.stop()


def tail(file: Path) -> str:
    """The end of a log, for a failing assertion."""
    return file.read_text()[-2_000:]
