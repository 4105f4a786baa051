"""The demo as its user runs it: real processes, a kill, the proof; and nothing left behind, however it ends."""

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "b2b2c_saga.cli")


@pytest.fixture
def environment(broker: str, tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "B2B2C_BOOTSTRAP_SERVERS": broker, "B2B2C_DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def run(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run a command to its end; at the end of the test, stop what it left running."""

    def to_its_end(*arguments: str, **more: str | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (*COMMAND, *arguments),
            cwd=ROOT,
            env={name: value for name, value in (environment | more).items() if value is not None},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    yield to_its_end
    to_its_end("down")


def _folder(environment: dict[str, str]) -> Path:
    runs = list((Path(environment["B2B2C_DATA_DIR"]) / "demo").glob("run-*"))
    assert len(runs) == 1
    return runs[0]


def _exports(folder: Path) -> dict[str, str]:
    lines = (folder / "environment").read_text().splitlines()
    return dict(shlex.split(line.removeprefix("export "))[0].split("=", 1) for line in lines)


def _pids(folder: Path) -> dict[str, int]:
    pids: dict[str, int] = json.loads((folder / "fleet.json").read_text())["processes"]
    return pids


def _lives(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _until(holds: Callable[[], Any], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while not holds() and time.monotonic() < limit:
        time.sleep(0.1)
    return bool(holds())


def _consumed(there: dict[str, str], lines: int) -> list[list[str]]:
    """The words of so many lines of the example of a consumer, which runs until it is stopped."""
    program = (sys.executable, "examples/consume_b2c_returns.py")
    where = (there["B2B2C_BOOTSTRAP_SERVERS"], there["B2B2C_TOPIC_PREFIX"])
    with subprocess.Popen((*program, *where), cwd=ROOT, stdout=subprocess.PIPE, text=True) as example:
        assert example.stdout is not None
        at_last = Timer(60, example.kill)
        at_last.start()
        said = [example.stdout.readline().split() for _ in range(lines)]
        at_last.cancel()
        example.terminate()
    return said


def test_a_small_day_ends_well_and_its_books_agree_until_somebody_tampers(run, environment):
    done = run("demo", "--orders", "40", "--seed", "1", "--json", "--keep")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["good"] is True
    assert said["ends"] == {"closed": 40}
    assert (said["cancelledBeforeInvoice"], said["cancelledAfterInvoice"]) == (1, 1)
    assert said["b2cReturns"] == said["voided"] + said["credited"] > 0
    assert said["secondsToRecover"] is not None
    assert sum(said["duplicates"].values()) > 0
    assert (said["surprises"], said["parked"], said["hanging"]) == ([], [], {})
    played = {name: (of["variant"], of["closed"] == of["orders"] > 0) for name, of in said["accounts"].items()}
    variants = {"YELLOW-MKT": "ERP", "YELLOW-OWN": "pass-through", "YELLOW-WMS": "WMS"}
    assert played == {name: (variant, True) for name, variant in variants.items()}
    wms = said["accounts"]["YELLOW-WMS"]
    assert said["pulled"] == wms["orders"] == wms["b2bOrders"]
    assert said["invoicesPutRight"] == 3
    proved = said["proof"]["accounts"]
    assert {name: (of["variant"], of["orders"]) for name, of in proved.items()} == {
        name: (variants[name], of["orders"]) for name, of in said["accounts"].items()
    }
    assert all(of["rows"] == of["books"] for a in proved.values() for of in a["measures"].values() if of["books"])
    assert said["proof"]["orders"] == 40
    assert said["proof"]["differences"] == []

    folder = _folder(environment)
    there = _exports(folder)
    proof = run("prove", "--json", **there)
    assert proof.returncode == 0, proof.stderr
    assert json.loads(proof.stdout) == said["proof"]
    found = run("prove", "--json", B2B2C_BOOTSTRAP_SERVERS=None)
    assert (found.stdout, found.stderr) == (proof.stdout, f"b2b2c-saga: looking at {folder.name}, which is up\n")

    assert all(len(words) == 4 for words in _consumed(there, said["b2cReturns"]))

    order = _tamper(folder)
    proof = run("prove", "--json", **there)
    assert proof.returncode == 1
    found = json.loads(proof.stdout)
    assert found.keys() == {"orders", "lines", "accounts", "differences"}
    assert {one["order"] for one in found["differences"]} == {order}
    assert {one["kind"] for one in found["differences"]} >= {"invoiced"}
    assert order in run("prove", **there).stdout.replace("\n", "")

    pids = _pids(folder)
    assert set(pids) == {"sandbox", "worker-1", "worker-2", "connectors", "gateway", "pull"}
    assert all(_lives(pid) for pid in pids.values())
    assert run("down").stdout.startswith("stopped: ")
    assert not any(_lives(pid) for pid in pids.values())
    assert run("down").stdout == "nothing was left running\n"
    proof = run("prove", **there)
    assert proof.returncode == 69
    assert "shows no book" in proof.stderr


def _tamper(folder: Path) -> str:
    """One invoice of the ERP's book loses a line; the order it belongs to."""
    with sqlite3.connect(folder / "sandbox" / "erp.sqlite") as book:
        number, account, code, text = book.execute(
            "SELECT document_number, account, order_code, lines FROM invoices WHERE status = 'REGISTERED' LIMIT 1"
        ).fetchone()
        lines = json.loads(text)
        lines[0]["quantity"] += 5
        book.execute("UPDATE invoices SET lines = ? WHERE document_number = ?", (json.dumps(lines), number))
    book.close()
    return f"{account}/{code}"


def _started(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen((*COMMAND, *arguments), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


def test_up_says_where_everything_is_and_ctrl_c_stops_all_of_it(environment):
    process = _started(environment, "up")
    said = _read_until(process, "Ctrl-C stops it all")
    folder = _folder(environment)
    assert f". {folder / 'environment'}" in said
    pids = _pids(folder)
    assert all(_lives(pid) for pid in pids.values())
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 128 + signal.SIGINT
    process.communicate()
    assert not any(_lives(pid) for pid in pids.values())
    assert not (folder / "fleet.json").exists()


def test_a_process_that_dies_is_named_with_its_log_and_the_others_are_stopped(environment):
    process = subprocess.Popen(
        (*COMMAND, "demo", "--orders", "40"),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _read_until(process, "placed")
    folder = _folder(environment)
    pids = _pids(folder)
    os.kill(pids["gateway"], signal.SIGKILL)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 69
    assert f"gateway ended with code -9; its log is {folder / 'gateway.log'}" in complaint
    assert _until(lambda: not any(_lives(pid) for pid in pids.values()), 10)


def test_what_a_killed_demo_leaves_behind_is_stopped_by_down_and_a_living_one_is_left_alone(run, environment):
    process = _started(environment, "up")
    _read_until(process, "Ctrl-C stops it all")
    pids = _pids(_folder(environment))
    assert run("down").stdout == "nothing was left running\n"
    assert all(_lives(pid) for pid in pids.values())
    process.kill()
    process.communicate()
    left = _folder(environment).name
    again = _started(environment, "up")
    told = _read_until(again, "topics")
    assert f"{left} was left running (" in told
    assert "`b2b2c-saga down` stops it" in told
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=30)
    assert run("down").stdout.count("/") == len(pids)
    assert not any(_lives(pid) for pid in pids.values())


def test_down_leaves_a_process_alone_that_has_got_the_id_of_one_of_ours(run, environment):
    stranger = subprocess.Popen(("sleep", "60"))
    try:
        folder = Path(environment["B2B2C_DATA_DIR"]) / "demo" / "run-1"
        folder.mkdir(parents=True)
        said = {"startedBy": stranger.pid, "processes": {"worker-1": stranger.pid}}
        (folder / "fleet.json").write_text(json.dumps(said))
        assert run("down").stdout == "nothing was left running\n"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
