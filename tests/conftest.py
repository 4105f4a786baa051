"""What tests share: marks by folder, and one real broker a run with topics of its own for each test."""

import itertools
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.settings import Settings

FOLDERS = ("unit", "contract", "histories", "simulation", "system")
_number = itertools.count(1)


def pytest_configure() -> None:
    """Who is started in the background is deaf to Ctrl-C, and with him the processes that tests start and interrupt."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, and run the quick folders first."""
    root = Path(__file__).parent

    def folder(item: pytest.Item) -> str:
        return item.path.relative_to(root).parts[0]

    for item in items:
        item.add_marker(folder(item))
    items.sort(key=lambda item: FOLDERS.index(folder(item)))


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's shell reaches a test."""
    for name in list(os.environ):
        if name.startswith("B2B2C_") and name != "B2B2C_TEST_BOOTSTRAP_SERVERS":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """A command that runs in the test's process sets up its logs; the next test has none of that."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one broker for the whole run: the one named in B2B2C_TEST_BOOTSTRAP_SERVERS, else an embedded one.

    This is the only place that chooses.
    """
    if named := os.environ.get("B2B2C_TEST_BOOTSTRAP_SERVERS"):
        yield named
        return
    embedded = EmbeddedBroker(tmp_path_factory.mktemp("broker"), port=0)
    yield embedded.up()
    embedded.down()


@pytest.fixture
def settings(broker: str, tmp_path: Path) -> Settings:
    """Settings of a test's own: the run's broker, a topic prefix and a data folder that no other test has."""
    return Settings(
        _env_file=None,
        bootstrap_servers=broker,
        topic_prefix=f"t{os.getpid()}-{next(_number)}.",
        data_dir=tmp_path / "data",
    )


@pytest.fixture
async def topics(settings: Settings) -> Topics:
    """All topics of topics.yaml, under the prefix of the test's settings."""
    declared = load_topics(settings.topic_prefix)
    await apply_topics(settings, declared)
    return declared
