"""Keeps a running process on the newest set: looks at the files every couple of seconds, and tells what it found."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

import structlog

from b2b2c_saga.config.reload import Watch
from b2b2c_saga.model.catalogue import Catalogue

LOOK_SECONDS = 2.0

log = structlog.get_logger(__name__)


def _nobody(_: Catalogue) -> None:
    pass


async def keep_current(
    watch: Watch, seconds: float = LOOK_SECONDS, *, tell: Callable[[Catalogue], None] = _nobody
) -> NoReturn:
    """Look every so many seconds; `watch.held` is the newest set that was taken, and `tell` is told of each."""
    while True:
        await asyncio.sleep(seconds)
        before = watch.held.version
        verdict = await asyncio.to_thread(watch.look)
        if verdict is None:
            continue
        if verdict.taken is None:
            log.warning("configuration not taken", reason=verdict.warning, held=before)
        else:
            tell(verdict.taken)
            log.info("configuration taken", version=verdict.taken.version, before=before)
