"""The inbox holds back its own places alone, and gathers only under load."""

import asyncio

from b2b2c_saga.bus.records import Record
from b2b2c_saga.runtime.engine.inbox import LONGEST_WINDOW, Inbox, Window
from b2b2c_saga.runtime.engine.labels import Fetched, Place


def _fetched(count: int) -> Fetched:
    return Fetched(Place("intake", 0), [Record("intake", 0, n, b"k", b"v", (), 0) for n in range(count)], None, 1)


async def test_a_full_inbox_holds_and_half_an_inbox_lets_go():
    held: list[bool] = []
    inbox = Inbox(100, held.append)
    for _ in range(3):
        inbox.put(_fetched(40))
    assert held == [True]
    await inbox.gather(50, 0, 1)
    assert held == [True, False]
    assert inbox.events == 40


async def test_it_gathers_up_to_the_bound_and_keeps_the_rest():
    inbox = Inbox(1_000, lambda _: None)
    for _ in range(4):
        inbox.put(_fetched(40))
    assert [len(f.records) for f in await inbox.gather(100, 0, 1)] == [40, 40, 40]
    assert [len(f.records) for f in await inbox.gather(100, 0, 1)] == [40]


async def test_patience_ends_and_a_wake_ends_it_sooner():
    inbox = Inbox(10, lambda _: None)
    assert await inbox.gather(10, 0, 0.01) == []
    asyncio.get_running_loop().call_later(0.01, inbox.wake)
    async with asyncio.timeout(1):
        assert await inbox.gather(10, 0, 60) == []


async def test_a_window_takes_in_what_comes_a_little_later():
    inbox = Inbox(100, lambda _: None)
    inbox.put(_fetched(1))
    asyncio.get_running_loop().call_later(0.01, inbox.put, _fetched(2))
    assert [len(f.records) for f in await inbox.gather(50, 0.2, 1)] == [1, 2]


async def test_a_full_batch_does_not_wait_for_the_window():
    inbox = Inbox(1_000, lambda _: None)
    inbox.put(_fetched(50))
    async with asyncio.timeout(1):
        assert len(await inbox.gather(50, 60, 1)) == 1


async def test_a_cleared_inbox_lets_go():
    held: list[bool] = []
    inbox = Inbox(10, held.append)
    inbox.put(_fetched(10))
    inbox.clear()
    assert (held, inbox.events) == ([True, False], 0)


def test_the_window_opens_with_the_length_of_commits_and_closes_when_idle():
    window = Window()
    assert window.length(0.0) == 0
    for end in (1.0, 2.0, 3.0):
        window.committed(end - 0.2, end)
    assert window.length(3.01) == LONGEST_WINDOW
    assert window.length(9.0) == 0
    quick = Window()
    quick.committed(0.99, 1.0)
    assert 0 < quick.length(1.001) < 0.005
