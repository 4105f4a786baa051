"""Which accounts a process polls: those that it was given, from one look to the next."""

import asyncio
from typing import cast

import pytest

from b2b2c_saga.connectors.orders_poller import Poller
from b2b2c_saga.connectors.orders_pull_run import _Pollers


class Waits:
    """In a poller's place: runs until told to stop, or until it fails."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.ended = asyncio.Event()
        self.fails = False

    def stop(self) -> None:
        self.ended.set()

    async def run(self) -> None:
        await self.ended.wait()
        if self.fails:
            raise ValueError("bug")


class Begun:
    """Begins pollers, and knows them."""

    def __init__(self) -> None:
        self.all: list[Waits] = []
        self.pollers = _Pollers(self.begin)

    def begin(self, account: str) -> Poller:
        self.all.append(Waits(account))
        return cast("Poller", self.all[-1])

    @property
    def going_on(self) -> list[str]:
        return sorted(poller.account for poller in self.all if not poller.ended.is_set())


async def test_an_account_that_comes_is_begun_and_one_that_goes_is_stopped():
    begun = Begun()
    for wanted, going_on in (("A", ["A"]), ("AB", ["A", "B"]), ("B", ["B"]), ("", []), ("A", ["A"])):
        await begun.pollers.be(set(wanted))
        assert begun.going_on == going_on
    assert [poller.account for poller in begun.all] == ["A", "B", "A"]
    await begun.pollers.be(set())


async def test_a_poller_that_fails_ends_the_process():
    begun = Begun()
    await begun.pollers.be({"A"})
    begun.all[0].fails = True
    begun.all[0].stop()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="bug"):
        await begun.pollers.be({"A"})
