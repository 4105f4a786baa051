"""Hands a changed configuration to the running logics. Orders that are taken in keep the terms and prices they have."""

from typing import NoReturn

from b2b2c_saga.config.reload import Watch
from b2b2c_saga.config.watching import LOOK_SECONDS, keep_current
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.runtime.engine import Job
from b2b2c_saga.runtime.rows import SagaLogic
from b2b2c_saga.telemetry import metrics


async def renew(job: Job, watch: Watch, seconds: float = LOOK_SECONDS) -> NoReturn:
    """Every order that is new from then on is taken in with the newest set; as long as the worker runs."""

    def tell(catalogue: Catalogue) -> None:
        for logic in job.logics.values():
            if isinstance(logic, SagaLogic):
                logic.catalogue = catalogue
        metrics.CONFIG_VERSION.set(catalogue.version)

    metrics.CONFIG_VERSION.set(watch.held.version)
    await keep_current(watch, seconds, tell=tell)
