"""What a broker's folder knows of its process: who may start it, whether it lives, where it answers.

Two advisory locks of the operating system, so that none is ever stale. `up.lock` is held while someone starts or
stops the broker. `alive.lock` is handed to the broker's process, which holds it until it ends, however it ends; so
a process id that was given to someone else since is never taken for the broker.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from b2b2c_saga.model.errors import Unavailable

PATIENCE = 180.0
"""Seconds to wait for another who starts or stops the same broker."""


@dataclass(frozen=True, slots=True)
class State:
    """What is written down in broker.json."""

    address: str
    pid: int
    version: str
    started: float
    """Seconds since the epoch."""
    ready: bool
    docker: bool = False


def read_state(folder: Path) -> State | None:
    """What was written last; None if nothing readable is there."""
    try:
        return State(**json.loads((folder / "broker.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_state(folder: Path, state: State) -> None:
    """Write it down in one step: a reader sees the old or the new."""
    draft = folder / f".broker.json.{os.getpid()}"
    draft.write_text(json.dumps(asdict(state)))
    draft.replace(folder / "broker.json")


def forget_state(folder: Path) -> None:
    """There is no broker any more."""
    (folder / "broker.json").unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Start or stop the broker of a folder while nobody else does.

    Raises:
        Unavailable: someone else has been at it for minutes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "up.lock").open("a") as file:
        limit = time.monotonic() + PATIENCE
        while not _locked(file.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > limit:
                raise Unavailable(f"another process has been starting or stopping the broker in {folder} for minutes")
            time.sleep(0.1)
        yield


def is_alive(folder: Path) -> bool:
    """Whether the broker's process lives."""
    try:
        file = (folder / "alive.lock").open("a")
    except OSError:
        return False
    with file:
        return not _locked(file.fileno(), fcntl.LOCK_SH)  # shared: two who ask don't mislead each other


@contextmanager
def life(folder: Path) -> Iterator[int]:
    """A descriptor to hand to the broker's process, holding `alive.lock` as long as that process lives."""
    with (folder / "alive.lock").open("a") as file:
        while not _locked(file.fileno(), fcntl.LOCK_EX):
            time.sleep(0.01)  # someone asks whether it is held, for an instant
        yield file.fileno()


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
