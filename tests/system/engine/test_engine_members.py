"""Members of the group: a static one comes back without a rebalance; one that is replaced says so and ends."""

import asyncio
from pathlib import Path

import pytest
from harness import Worker, assert_exactly_once, event, outputs, publish, until, working

from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.settings import Settings

KEYS = 40


async def _round(settings: Settings, topics: Topics, first: int) -> list[tuple[str, str]]:
    """An event for each key; returns them."""
    await publish(settings, [event(topics, "intake", f"a/{n}", id=first + n) for n in range(KEYS)])
    return [(f"a/{n}", str(first + n)) for n in range(KEYS)]


def _assigned(worker: Worker) -> list[list[int]]:
    return [line["partitions"] for line in worker.told("assigned")]


async def test_a_static_member_comes_back_without_a_rebalance_and_a_double_of_it_ends_the_first(
    settings: Settings, topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESSION_SECONDS", "30")
    monkeypatch.setenv("B2B2C_INSTANCE_ID", "a")
    async with working(settings, tmp_path / "a.log") as a:
        await until(lambda: len(a.ready()) == 8, "the first has all")
        monkeypatch.setenv("B2B2C_INSTANCE_ID", "b")
        async with working(settings, tmp_path / "b.log") as b:
            await until(lambda: [len(had[-1]) for had in (_assigned(a), _assigned(b)) if had] == [4, 4], "halves")
            await until(lambda: b.ready() == set(_assigned(b)[-1]), "the second is ready")
            expected = await _round(settings, topics, 0)
            before = _assigned(a), _assigned(b)
            readied = len(b.told("ready"))
            b.stop()
            expected += await _round(settings, topics, 100)
            b.again()
            await until(lambda: len(b.told("ready")) == readied + 4, "back with what it had")
            await until(lambda: _all_there(settings, topics, len(expected)), "all outputs")
            assert _assigned(a) == before[0]
            assert _assigned(b) == [*before[1], before[1][-1]]
            async with working(settings, tmp_path / "double.log") as double:
                await until(lambda: b.process.poll() is not None, "the one replaced ends")
                assert b.process.returncode == 1
                assert "another worker has joined under this instance id: B2B2C_INSTANCE_ID = 'b'" in b.tail()
                assert "--instance-id" in b.tail()
                await until(lambda: double.ready() == set(before[1][-1]), "the double has its share")
                expected += await _round(settings, topics, 200)
                await until(lambda: _all_there(settings, topics, len(expected)), "all outputs")
                await asyncio.sleep(1)
                assert double.process.poll() is None
                assert _assigned(a) == before[0]
    assert_exactly_once(await outputs(settings, topics), expected)


async def _all_there(settings: Settings, topics: Topics, count: int) -> bool:
    return len(await outputs(settings, topics)) >= count
