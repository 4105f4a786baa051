"""The embedded broker: started once, stopped cleanly, recovered after a kill, whatever was left behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.broker.jars import locked_jars
from b2b2c_saga.bus.broker.probe import is_ready
from b2b2c_saga.bus.broker.state import State, is_alive, read_state, write_state
from b2b2c_saga.bus.clients import producer, read_all
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

CLI = (sys.executable, "-m", "b2b2c_saga.cli")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A broker's folder; whatever runs in it at the end is stopped."""
    yield tmp_path / "broker"
    EmbeddedBroker(tmp_path / "broker").down()


def cli(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (*CLI, "--data-dir", str(folder.parent), "broker", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_two_who_start_it_at_once_share_one_broker(folder: Path):
    both = [cli(folder, "up", "--port", "0", "--json") for _ in range(2)]
    answers = [ended(process) for process in both]
    assert [code for code, _, _ in answers] == [0, 0]
    first, second = (json.loads(out) for _, out, _ in answers)
    assert first == second
    assert is_ready(first["address"])
    assert "already runs" in ended(cli(folder, "up"))[1]

    code, out, _ = ended(cli(folder, "status", "--json"))
    assert (code, json.loads(out)) == (0, first)
    assert "Kafka Server started" in ended(cli(folder, "logs", "-n", "500"))[1]

    code, out, _ = ended(cli(folder, "down"))
    assert (code, out) == (0, "Kafka is stopped\n")
    assert not is_ready(first["address"])
    assert (folder / "data" / ".kafka_cleanshutdown").exists()
    code, out, _ = ended(cli(folder, "status", "--json"))
    assert (code, json.loads(out)["running"]) == (3, False)
    assert ended(cli(folder, "down"))[1] == "no broker ran\n"


async def test_a_killed_broker_recovers_with_its_data_on_another_port(folder: Path):
    before = EmbeddedBroker(folder, port=0).up()
    settings = Settings(_env_file=None, data_dir=folder.parent)
    assert settings.bootstrap == before
    topics = load_topics()
    await apply_topics(settings, topics)
    async with producer(settings) as publisher:
        await publisher.send(topics.name("intake"), b"acme/1", b"kept")

    state = read_state(folder)
    assert state is not None
    os.kill(state.pid, signal.SIGKILL)
    while is_alive(folder):  # noqa: ASYNC110 - another process, nothing to be told by
        await asyncio.sleep(0.01)
    assert EmbeddedBroker(folder).address() is None
    assert "ended without being stopped" in ended(cli(folder, "status"))[1]

    said: list[str] = []
    port = int(before.rsplit(":", 1)[1])
    with socket.socket() as other:  # someone took the port meanwhile
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        after = EmbeddedBroker(folder, port=port, report=lambda sentence, *_: said.append(sentence)).up()
    assert after != before
    assert "the broker ended without being stopped; it recovers from its log" in said
    values = [record.value async for record in read_all(settings, [topics.name("intake")])]
    assert values == [b"kept"]


def test_what_was_left_behind_does_not_stop_it(folder: Path):
    folder.mkdir()
    (folder / "up.lock").touch()
    (folder / "alive.lock").touch()
    (folder / "data").mkdir()
    stranger = os.getpid()  # the old process id belongs to someone else now
    write_state(folder, State("127.0.0.1:1", stranger, "4.3.1", 0.0, ready=True))
    broker = EmbeddedBroker(folder, port=0)
    assert broker.address() is None
    assert not broker.down()  # and the stranger lives on
    (folder / "broker.json").write_text("{half a ")
    assert is_ready(broker.up())

    # one who started it was killed before it was ready
    state = read_state(folder)
    assert state is not None
    write_state(folder, State(state.address, state.pid, state.version, state.started, ready=False))
    said: list[str] = []
    assert is_ready(EmbeddedBroker(folder, port=0, report=lambda sentence, *_: said.append(sentence)).up())
    assert said[0] == "the broker was left half started; stopping it first"
    renewed = read_state(folder)
    assert renewed is not None
    assert renewed.pid != state.pid


def test_a_broker_that_cannot_start_says_why(folder: Path):
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "meta.properties").write_text("version=1\ncluster.id=x\nnode.id=77\n")
    with pytest.raises(Unavailable, match=r"the broker did not start: .*node.id.*; its log is .*broker\.log"):
        EmbeddedBroker(folder, port=0).up()
    assert not is_alive(folder)


def test_the_port_wanted_is_taken_if_it_is_free(folder: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert EmbeddedBroker(folder, port=port).up() == f"127.0.0.1:{port}"


def test_the_lock_names_one_kafka():
    jars = locked_jars()
    assert {jar.version for jar in jars if jar.group == "org.apache.kafka"} == {"4.3.1"}
    assert len({jar.file for jar in jars}) == len(jars) == 46
