"""A worker's logics get the new set while they run, from real files; and the log says what was taken and what not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from small_set import SET, altered
from structlog.testing import capture_logs

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.config import load_catalogue
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.runtime.engine import Job
from b2b2c_saga.runtime.renewal import renew
from b2b2c_saga.runtime.rows import SagaLogic, saga_job
from b2b2c_saga.telemetry import metrics

LOOK = 0.01


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(SET)
    return path


@pytest.fixture
async def job(file: Path) -> AsyncIterator[Job]:
    catalogue = load_catalogue(file)
    made = saga_job("tests", load_topics(""), catalogue)
    other = cast("Any", SimpleNamespace(catalogue="not a saga's"))
    made = Job(made.application, made.steps, {**made.logics, "other": other}, made.parked)
    renewing = asyncio.create_task(renew(made, Watch(file, catalogue), LOOK))
    yield made
    renewing.cancel()


async def until(holds: Callable[[], object]) -> None:
    """Wait for something."""
    for _ in range(1_000):
        if holds():
            return
        await asyncio.sleep(LOOK)
    raise AssertionError("waited in vain")


def versions(job: Job) -> list[int]:
    return [logic.catalogue.version for logic in job.logics.values() if isinstance(logic, SagaLogic)]


async def test_every_logic_gets_a_new_version_and_no_other_set(job: Job, file: Path):
    with capture_logs() as logs:
        await until(lambda: metrics.CONFIG_VERSION._value.get() == 3)
        assert versions(job) == [3, 3]
        file.write_text(altered(("value: 80", "value: 90")))
        await until(lambda: logs)
        file.write_text(altered(("version: 3", "version: 4"), ("value: 80", "value: 90")))
        await until(lambda: versions(job) == [4, 4])
        await until(lambda: len(logs) == 2)
    assert cast("Any", job.logics["other"]).catalogue == "not a saga's"
    assert metrics.CONFIG_VERSION._value.get() == 4
    assert logs == [
        {
            "event": "configuration not taken",
            "log_level": "warning",
            "held": 3,
            "reason": "the configuration changed and its version did not: raise `version` above 3 to have it taken",
        },
        {"event": "configuration taken", "log_level": "info", "version": 4, "before": 3},
    ]
