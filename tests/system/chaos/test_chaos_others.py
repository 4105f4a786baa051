"""The processes of chaos that are not workers: killed and started again, and noted if they end by themselves."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from b2b2c_saga.chaos.crew import Command
from b2b2c_saga.chaos.orders import others as room
from b2b2c_saga.chaos.orders.others import CONNECTORS, GATEWAY, PULL, Others
from b2b2c_saga.demo.fleet import Fleet

PROGRAMS = {
    "stays": "import time; time.sleep(600)",
    "breaks": "raise SystemExit('a bug')",
    "tries_later": "raise SystemExit(69)",
    "dies_by_wish": """
import os, signal, sys, time
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
os.unlink(sys.argv[1])
os.kill(os.getpid(), signal.SIGKILL)
""",
}


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    for name, text in PROGRAMS.items():
        (tmp_path / f"{name}.py").write_text(text)
    fleet = Fleet(tmp_path, {"PYTHONPATH": str(tmp_path)})
    yield fleet
    fleet.stop()


def _others(fleet: Fleet, gateway: str = "stays", connectors: str = "stays") -> Others:
    wish = (str(fleet.folder / "wish"),)
    return Others(
        fleet, {PULL: Command("stays"), GATEWAY: Command(gateway), CONNECTORS: Command(connectors, wish)}
    )  # fmt: skip


async def _until(holds: Callable[[], object], others: Others) -> None:
    limit = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < limit
        others.bury()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("program", "noted"),
    [
        ("breaks", "gateway ended by itself with code 1: a bug"),
        ("tries_later", "gateway ended by itself with code 69: ("),
    ],
)
async def test_who_ends_by_himself_is_noted_and_comes_back(fleet: Fleet, monkeypatch, program: str, noted: str):
    monkeypatch.setattr(room, "COMES_BACK_AFTER", 0)
    others = _others(fleet, gateway=program)
    for name in others.names:
        others.start(name)
    said = others.deaths if program == "breaks" else others.tries
    await _until(lambda: len(said) > 1, others)
    assert said[0].startswith(noted)
    assert len(others.deaths) + len(others.tries) == len(said)
    await others.stop()
    assert not fleet.members


async def test_who_is_killed_is_not_noted_and_stays_away_until_he_is_started(fleet: Fleet):
    others = _others(fleet)
    others.start(GATEWAY)
    first = fleet.members[GATEWAY].process.pid
    others.kill(GATEWAY)
    others.bury()
    assert GATEWAY not in fleet.members
    others.start(GATEWAY)
    assert fleet.members[GATEWAY].process.pid != first
    assert (others.deaths, others.tries) == ([], [])


@pytest.mark.parametrize("program", ["dies_by_wish", "stays"])
async def test_the_connectors_die_at_an_answer_or_without_one(fleet: Fleet, program: str):
    dies = program == "dies_by_wish"
    others = _others(fleet, connectors=program)
    others.start(CONNECTORS)
    pid = fleet.members[CONNECTORS].process.pid
    assert await others.die_at_answer(30 if dies else 0.2) is dies
    others.bury()
    assert (CONNECTORS in fleet.members, others.wish.exists(), others.deaths) == (False, False, [])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
