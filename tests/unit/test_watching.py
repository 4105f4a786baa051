"""A process that asks no row is kept on the newest set, and keeps the old one while the new one has a mistake."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from example_set import example_set

from b2b2c_saga.config import load_catalogue
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.config.watching import keep_current


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A set that can be changed."""
    written = tmp_path / "set.yaml"
    written.write_text(example_set(version=1))
    return written


@asynccontextmanager
async def kept(file: Path) -> AsyncIterator[Watch]:
    watch = Watch(file, load_catalogue(file))
    keeping = asyncio.create_task(keep_current(watch, 0.01))
    yield watch
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_a_higher_version_is_taken(file: Path):
    async with kept(file) as watch:
        file.write_text(example_set(version=2))
        await until(lambda: watch.held.version == 2)


async def test_a_set_with_a_mistake_is_told_once_and_not_taken(file: Path, capsys: pytest.CaptureFixture[str]):
    async with kept(file) as watch:
        file.write_text(example_set(version="two"))
        said = ""
        async with asyncio.timeout(10):
            while "configuration not taken" not in said:
                await asyncio.sleep(0.05)
                said += capsys.readouterr().out
        await asyncio.sleep(0.1)
        assert (said + capsys.readouterr().out).count("configuration not taken") == 1
        assert watch.held.version == 1
        file.write_text(example_set(version=3))
        await until(lambda: watch.held.version == 3)
