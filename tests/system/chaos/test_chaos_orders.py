"""The whole product under faults that nobody scripted: three brokers, a fresh seed, every order ends as it should."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

KINDS = 9
"""Kinds of fault that a run must have met, at least."""
ORDERS = 200


def test_every_order_ends_well_and_all_books_agree_whatever_dies(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    command = (sys.executable, "-m", "b2b2c_saga.cli", "--data-dir", str(tmp_path), "chaos", "orders")
    run = subprocess.run(
        (*command, "--minutes", "3", "--orders", str(ORDERS), "--brokers", "3", "--json"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout, run.stderr[-3_000:]
    outcome = json.loads(run.stdout)
    figures, faults = outcome["figures"], len(outcome["faults"])
    with capsys.disabled():
        sys.stdout.write(f"\n  {outcome['command']}: {figures['events decided on']:,} events, {faults} faults\n")
    told = "\n".join(line for one in outcome["violations"] for line in (one["rule"], one["what"], *one["history"]))
    assert not outcome["violations"], f"{outcome['command']}\n{told}"
    assert run.returncode == 0
    assert len(outcome["kinds"]) >= KINDS
    assert figures["orders"] == figures["orders placed"] == outcome["proof"]["orders"] == ORDERS
    assert figures["outputs"] > figures["events decided on"] > ORDERS
    assert sum(outcome["fates"].values()) == ORDERS
    assert {fate.rpartition(": ")[2] for fate in outcome["fates"]} <= {"closed", "held"}
    assert outcome["proof"]["differences"] == []
    assert not [file for file in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path) in _command(file)]


def _command(file: Path) -> str:
    """The command line of a process, or nothing if it has just ended."""
    try:
        return file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
