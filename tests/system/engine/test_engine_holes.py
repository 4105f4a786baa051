"""What is lost between the fetch and a writer is seen and asked for again: Faust's real queues, a real broker."""

from pathlib import Path

import pytest
from harness import assert_exactly_once, assert_order_kept, event, outputs, publish, until, working

from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.settings import Settings

COUNT = 1_000


async def test_every_third_delivery_is_lost_and_nothing_is_missing(
    settings: Settings, topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSE_EVERY", "3")
    expected = [(f"a/{n % 50}", str(n)) for n in range(COUNT)]
    async with working(settings, tmp_path / "a.log") as worker:
        for first in range(0, COUNT, 100):
            await publish(
                settings,
                [event(topics, ("intake", "pack")[n % 2], f"a/{n % 50}", id=n) for n in range(first, first + 100)],
            )

        async def all_there() -> bool:
            return len(await outputs(settings, topics)) >= COUNT

        await until(all_there, f"{COUNT} outputs")
        assert worker.told("hole, asking again")
        assert not worker.told("writer failed, starting again")
    told = await outputs(settings, topics)
    assert_exactly_once(told, expected)
    assert_order_kept(told)
