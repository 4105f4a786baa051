"""The processes of a run: started with a log file each, watched, stopped by their ids."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from b2b2c_saga.model.errors import Unavailable

STOPS_WITHIN = 10.0
"""Seconds that a process has after SIGTERM."""
PULSE = 0.05
TAIL = 3
PIDS = "fleet.json"
CLI = "b2b2c_saga.cli"
OURS = "-m b2b2c_saga."


@dataclass
class Member:
    """One process; `arguments` are those of its module."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    process: subprocess.Popen[bytes]


class Fleet:
    """All processes of a run, in one folder; each in a session of its own, so that Ctrl-C reaches only us."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self.members: dict[str, Member] = {}

    def start(self, name: str, *arguments: str) -> Member:
        """Start `b2b2c-saga ARGUMENTS`; a member started again appends to its log."""
        return self.run(name, CLI, *arguments)

    def run(self, name: str, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Member:
        """Start `python -m MODULE ARGUMENTS`, with more in its environment than the others have."""
        log = self.folder / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                (sys.executable, "-m", module, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment, **(environment or {}), "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        self.members[name] = Member(name, arguments, log, process)
        self._write_pids()
        return self.members[name]

    def kill(self, name: str) -> None:
        """SIGKILL: no goodbye."""
        process = self.members.pop(name).process
        process.kill()
        process.wait()
        self._write_pids()

    def check(self) -> None:
        """All of them live.

        Raises:
            Unavailable: one has ended; names its log and the last it said.
        """
        for member in self.members.values():
            code = member.process.poll()
            if code is not None:
                raise Unavailable(
                    f"{member.name} ended with code {code}; its log is {member.log}: {last_words(member.log)}"
                )

    def stop(self) -> None:
        """SIGTERM to all, the last started first; SIGKILL to those that stay."""
        processes = [member.process for member in reversed(self.members.values())]
        for process in processes:
            if process.poll() is None:
                process.terminate()
                process.send_signal(signal.SIGCONT)  # one that is paused would not hear it
        until = time.monotonic() + STOPS_WITHIN
        for process in processes:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.members.clear()
        (self.folder / PIDS).unlink(missing_ok=True)

    def _write_pids(self) -> None:
        pids = {member.name: member.process.pid for member in self.members.values()}
        (self.folder / PIDS).write_text(json.dumps({"startedBy": os.getpid(), "processes": pids}))


def last_words(log: Path) -> str:
    """The end of a log, as one line."""
    lines = (
        [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()] if log.exists() else []
    )
    return " | ".join(lines[-TAIL:]) or "(it said nothing)"


def left_running(runs: Path) -> Iterator[tuple[Path, dict[str, int]]]:
    """Runs in this folder whose starter is gone (kept on purpose, or killed): their folders, and what still lives."""
    for file in sorted(runs.glob(f"*/{PIDS}")):
        said = json.loads(file.read_text())
        if "b2b2c" not in _command(said["startedBy"]):
            yield file.parent, {name: pid for name, pid in reversed(said["processes"].items()) if _is_ours(pid)}


def stop_left_running(runs: Path) -> list[str]:
    """Stop every process of such runs; their names."""
    stopped = []
    for folder, ours in left_running(runs):
        for pid in ours.values():
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + STOPS_WITHIN
        while any(_is_ours(pid) for pid in ours.values()) and time.monotonic() < until:
            time.sleep(PULSE)
        for pid in ours.values():
            if _is_ours(pid):
                os.kill(pid, signal.SIGKILL)
        (folder / PIDS).unlink()
        stopped += [f"{folder.name}/{name}" for name in ours]
    return stopped


def is_up(folder: Path) -> bool:
    """Some process of the run in this folder lives."""
    file = folder / PIDS
    return file.exists() and any(_is_ours(pid) for pid in json.loads(file.read_text())["processes"].values())


def _is_ours(pid: int) -> bool:
    """It lives and is one of our processes: ids are used again by others."""
    return OURS in _command(pid)


def _command(pid: int) -> str:
    """The command line of a living process; empty if there is none of that id (a zombie has none either)."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return subprocess.run(  # noqa: S603
        ("ps", "-o", "command=", "-p", str(pid)),  # noqa: S607 - wherever the system has it
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
