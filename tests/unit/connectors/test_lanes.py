"""Order per key, parallel among keys, and offsets that never pass what is not done."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from b2b2c_saga.bus.records import Record
from b2b2c_saga.connectors.lanes import Lanes, Offsets


def record(offset: int, key: bytes = b"k", partition: int = 0) -> Record:
    return Record("t", partition, offset, key, b"", (), 0)


def test_what_is_not_done_holds_the_offset_of_its_partition():
    offsets = Offsets()
    for n in (3, 4, 5):
        offsets.begun(record(n))
    offsets.begun(record(9, partition=1))
    offsets.done(record(4))
    assert offsets.to_commit() == {("t", 0): 3, ("t", 1): 9}
    offsets.done(record(3))
    assert offsets.to_commit() == {("t", 0): 5}
    offsets.done(record(5))
    offsets.done(record(9, partition=1))
    assert offsets.to_commit() == {("t", 0): 6, ("t", 1): 10}
    assert offsets.to_commit() == {}


def test_what_could_not_be_committed_is_told_again():
    offsets = Offsets()
    offsets.begun(record(1))
    offsets.done(record(1))
    moved = offsets.to_commit()
    offsets.not_committed(moved)
    assert offsets.to_commit() == moved == {("t", 0): 2}


def test_a_partition_that_came_back_is_read_from_its_committed_offset_on():
    offsets = Offsets()
    for n in (3, 4):
        offsets.begun(record(n))
        offsets.done(record(n))
    assert offsets.to_commit() == {("t", 0): 5}
    offsets.begun(record(3))
    assert offsets.to_commit() == {("t", 0): 3}
    offsets.done(record(3))
    assert offsets.to_commit() == {("t", 0): 4}


async def test_a_key_goes_in_order_and_keys_in_parallel():
    began: list[tuple[bytes, int]] = []
    gates = {b"a": asyncio.Event(), b"b": asyncio.Event()}

    async def work(one: Record) -> None:
        began.append((one.key or b"", one.offset))
        await gates[one.key or b""].wait()

    lanes = Lanes(work, waiting=8)
    for n, key in enumerate((b"a", b"a", b"b", b"b")):
        lanes.put(record(n, key))
    await lanes.wait(0.01)
    assert began == [(b"a", 0), (b"b", 2)]
    gates[b"b"].set()
    await lanes.wait(1)
    await asyncio.sleep(0)
    assert began == [(b"a", 0), (b"b", 2), (b"b", 3)]
    gates[b"a"].set()
    await lanes.drain(1)
    assert began[-1] == (b"a", 1)
    assert lanes.offsets.to_commit() == {("t", 0): 4}


def _waits_for(gate: asyncio.Event) -> Callable[[Record], Awaitable[None]]:
    async def work(_: Record) -> None:
        await gate.wait()

    return work


async def test_there_is_room_until_so_many_are_under_way():
    gate = asyncio.Event()
    lanes = Lanes(_waits_for(gate), waiting=3)
    for n in range(3):
        lanes.put(record(n, b"%d" % n))
    await lanes.wait(0)
    assert lanes.room == 0
    gate.set()
    await lanes.wait(1)
    assert lanes.room == 3


async def test_what_orders_itself_does_not_wait_for_its_key():
    began: list[int] = []
    gate = asyncio.Event()

    async def work(one: Record) -> None:
        began.append(one.offset)
        await gate.wait()

    lanes = Lanes(work, waiting=8, orders_itself=lambda one: one.key == b"stock")
    for n, key in enumerate((b"stock", b"stock", b"order", b"order")):
        lanes.put(record(n, key))
    await lanes.wait(0.01)
    assert began == [0, 1, 2]
    gate.set()
    await lanes.drain(1)
    assert began == [0, 1, 2, 3]


async def test_after_a_failure_nothing_later_of_the_key_is_done():
    done: list[int] = []

    async def work(one: Record) -> None:
        await asyncio.sleep(0)
        if one.offset == 1:
            raise ValueError("bug")
        done.append(one.offset)

    lanes = Lanes(work, waiting=8)
    for n in (0, 1, 2):
        lanes.put(record(n))
    with pytest.raises(ValueError, match="bug"):
        await lanes.drain(1)
    lanes.put(record(3))
    with pytest.raises(ValueError, match="bug"):
        await lanes.drain(1)
    assert done == [0]
    assert lanes.offsets.to_commit() == {("t", 0): 1}


async def test_what_is_too_late_is_dropped_and_comes_again():
    lanes = Lanes(lambda _: asyncio.sleep(60), waiting=8)
    for n in (0, 1):
        lanes.put(record(n))
    await lanes.drain(0.01)
    assert lanes.offsets.to_commit() == {("t", 0): 0}
