"""Engine and orders under faults that nobody scripted: three brokers each, fresh seeds, nothing lost or doubled."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

KINDS = 9
"""Kinds of fault that a run must have met, at least."""
EVENTS = 10_000
"""A ninth of what is due in three minutes: a generator that stalls would prove nothing."""
ORDERS = 200
FORMS = {"engine": (), "orders": ("--orders", str(ORDERS))}
STARTS_WITHIN = 180.0


def chaos(folder: Path, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "b2b2c_saga.cli", "--data-dir", str(folder), "chaos", *arguments)


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


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, "subprocess.Popen[bytes]"]]]:
    """Three minutes of both forms, side by side: they wait more than they work."""
    started: dict[str, tuple[Path, subprocess.Popen[bytes]]] = {}
    for form, more in FORMS.items():
        folder = tmp_path_factory.mktemp(form)
        command = chaos(folder, form, "--minutes", "3", "--brokers", "3", "--json", *more)
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            started[form] = folder, subprocess.Popen(command, stdout=out, stderr=err)
    yield started
    for _, run in started.values():
        if run.poll() is None:
            run.send_signal(signal.SIGINT)
            run.wait(120)


@pytest.fixture
def outcome(
    request: pytest.FixtureRequest,
    runs: dict[str, tuple[Path, "subprocess.Popen[bytes]"]],
    capsys: pytest.CaptureFixture[str],
) -> dict[str, Any]:
    """What a form's run has shown, once it is over: no violation, and nothing of it is left running."""
    folder, run = runs[request.param]
    code, out = run.wait(), (folder / "out").read_text()
    assert out, (folder / "err").read_text()[-3_000:]
    outcome: dict[str, Any] = json.loads(out)
    faults, kinds, figures = len(outcome["faults"]), len(outcome["kinds"]), outcome["figures"]
    events = figures.get("events in the input log") or figures["events decided on"]
    with capsys.disabled():
        sys.stdout.write(f"\n  {outcome['command']}: {events:,} events, {faults} faults of {kinds} kinds\n")
    told = "\n".join(line for one in outcome["violations"] for line in (one["rule"], one["what"], *one["history"]))
    assert not outcome["violations"], f"{outcome['command']}\n{told}"
    assert code == 0
    assert kinds >= KINDS
    assert processes_of(folder) == []
    return outcome


@pytest.mark.parametrize("outcome", ["engine"], indirect=True)
def test_nothing_is_lost_and_nothing_doubled_whatever_dies(outcome: dict[str, Any]):
    figures = outcome["figures"]
    assert figures["outputs"] + figures["events parked"] >= figures["events in the input log"] >= EVENTS


@pytest.mark.parametrize("outcome", ["orders"], indirect=True)
def test_every_order_ends_well_and_all_books_agree_whatever_dies(outcome: dict[str, Any]):
    figures = outcome["figures"]
    assert figures["orders"] == figures["orders placed"] == outcome["proof"]["orders"] == ORDERS
    assert figures["outputs"] > figures["events decided on"] > ORDERS
    assert sum(outcome["fates"].values()) == ORDERS
    assert {fate.rpartition(": ")[2] for fate in outcome["fates"]} <= {"closed", "held"}
    assert outcome["proof"]["differences"] == []


def test_ctrl_c_leaves_nothing_running(tmp_path: Path):
    with subprocess.Popen(
        chaos(tmp_path, "engine", "--brokers", "1"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
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
