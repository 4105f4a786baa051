"""Which run a command looks at, where nobody names a cluster."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from b2b2c_saga.demo.stage import running
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.settings import Settings


@pytest.fixture
def lives() -> Iterator[int]:
    """The id of a process that looks like one of ours."""
    command = (sys.executable, "-c", "import sys; sys.stdin.read()", "-m", "b2b2c_saga.cli")
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process.pid


@pytest.fixture
def dead() -> int:
    with subprocess.Popen((sys.executable, "-c", "", "-m", "b2b2c_saga.cli")) as process:
        pass
    return process.pid


def run(data_dir: Path, name: str, *pids: int) -> None:
    folder = data_dir / "demo" / name
    folder.mkdir(parents=True)
    (folder / "environment").write_text(f"export B2B2C_CONFIG='{name} of ours'\nexport B2B2C_TOPIC_PREFIX={name}.\n")
    (folder / "fleet.json").write_text(json.dumps({"startedBy": 1, "processes": dict(enumerate(pids))}))


def settings(data_dir: Path) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir)


def test_it_is_the_one_that_is_up_not_the_oldest(tmp_path: Path, lives: int, dead: int):
    run(tmp_path, "run-1", dead)
    run(tmp_path, "run-2", dead, lives)
    run(tmp_path, "run-3")
    found = running(settings(tmp_path))
    named = {"B2B2C_CONFIG": "run-2 of ours", "B2B2C_TOPIC_PREFIX": "run-2."}
    assert found == (tmp_path / "demo" / "run-2", named)


def test_none_is_up(tmp_path: Path, dead: int):
    assert running(settings(tmp_path)) is None
    run(tmp_path, "run-1", dead)
    (tmp_path / "demo" / "run-1" / "fleet.json").unlink()
    assert running(settings(tmp_path)) is None


def test_of_two_that_are_up_none_is_guessed(tmp_path: Path, lives: int):
    run(tmp_path, "run-1", lives)
    run(tmp_path, "run-2", lives)
    with pytest.raises(BadInput, match=r"several runs are up.*'run-1, run-2'.*/run-2/environment"):
        running(settings(tmp_path))
