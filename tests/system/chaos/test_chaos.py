"""The engine under faults that nobody scripted: three brokers, a fresh seed, and nothing lost or doubled."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KINDS = 9
"""Kinds of fault that a run must have met, at least."""
EVENTS = 10_000
"""A ninth of what is due in three minutes: a generator that stalls would prove nothing."""
STARTS_WITHIN = 180.0


def chaos(folder: Path, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "b2b2c_saga.cli", "--data-dir", str(folder), "chaos", "engine", *arguments)


def processes_of(folder: Path) -> list[str]:
    """Command lines of living processes that name a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has just ended
        if str(folder) in line:
            found.append(line[:200])
    return found


def test_nothing_is_lost_and_nothing_doubled_whatever_dies(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run = subprocess.run(
        chaos(tmp_path, "--minutes", "3", "--brokers", "3", "--json"), capture_output=True, text=True, check=False
    )
    assert run.stdout, run.stderr[-3_000:]
    outcome = json.loads(run.stdout)
    faults, kinds = len(outcome["faults"]), len(outcome["kinds"])
    events = outcome["figures"]["events in the input log"]
    with capsys.disabled():
        sys.stdout.write(f"\n  {outcome['command']}: {events:,} events, {faults} faults of {kinds} kinds\n")
    told = "\n".join(line for one in outcome["violations"] for line in (one["rule"], one["what"], *one["history"]))
    assert not outcome["violations"], f"{outcome['command']}\n{told}"
    assert run.returncode == 0
    assert kinds >= KINDS
    assert outcome["figures"]["outputs"] + outcome["figures"]["events parked"] >= events >= EVENTS
    assert processes_of(tmp_path) == []


def test_ctrl_c_leaves_nothing_running(tmp_path: Path):
    with subprocess.Popen(
        chaos(tmp_path, "--brokers", "1"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        limit = time.monotonic() + STARTS_WITHIN
        while not list(tmp_path.glob("chaos/*/worker-3.log")):
            assert run.poll() is None, run.stdout
            assert time.monotonic() < limit
            time.sleep(0.2)
        assert len(processes_of(tmp_path)) > 3
        run.send_signal(signal.SIGINT)
        assert run.wait(120) == 128 + signal.SIGINT
    assert processes_of(tmp_path) == []
