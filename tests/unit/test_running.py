"""Runs that are up: which one a command looks at, where nobody names a cluster, and which were left running."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from b2b2c_saga.demo.fleet import left_running, stop_left_running
from b2b2c_saga.demo.stage import running
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.settings import Settings


@pytest.fixture
def both() -> Iterator[tuple[int, int]]:
    """The ids of two processes that look like ours."""
    command = (sys.executable, "-c", "import sys; sys.stdin.read()", "-m", "b2b2c_saga.cli")
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE) as one,
        subprocess.Popen(command, stdin=subprocess.PIPE) as other,
    ):
        yield one.pid, other.pid


@pytest.fixture
def lives(both: tuple[int, int]) -> int:
    return both[0]


@pytest.fixture
def dead() -> int:
    with subprocess.Popen((sys.executable, "-c", "", "-m", "b2b2c_saga.cli")) as process:
        pass
    return process.pid


def run(data_dir: Path, name: str, *pids: int, started_by: int = 1) -> None:
    folder = data_dir / "demo" / name
    folder.mkdir(parents=True)
    (folder / "environment").write_text(f"export B2B2C_CONFIG='{name} of ours'\nexport B2B2C_TOPIC_PREFIX={name}.\n")
    processes = {f"process-{n}": pid for n, pid in enumerate(pids)}
    (folder / "fleet.json").write_text(json.dumps({"startedBy": started_by, "processes": processes}))


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


def test_what_was_left_running_is_what_lives_of_runs_whose_starter_is_gone(
    tmp_path: Path, both: tuple[int, int], dead: int
):
    lives, starter = both
    run(tmp_path, "run-1", lives, dead, started_by=dead)
    run(tmp_path, "run-2", starter, started_by=starter)
    run(tmp_path, "run-3", dead, started_by=dead)
    demo = tmp_path / "demo"
    assert list(left_running(demo)) == [(demo / "run-1", {"process-0": lives}), (demo / "run-3", {})]
    assert stop_left_running(demo) == ["run-1/process-0"]
    assert [folder for folder, _ in left_running(demo)] == []
    assert (demo / "run-2" / "fleet.json").exists()
