"""The worker as a process: membership, writers, signals, logs, metrics."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import structlog

from b2b2c_saga.bus.access import refusal
from b2b2c_saga.bus.security import connection
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.runtime.engine import Job
from b2b2c_saga.runtime.engine.owners import Owners
from b2b2c_saga.runtime.engine.recovery import recover
from b2b2c_saga.runtime.engine.transaction import Transactions
from b2b2c_saga.runtime.engine.transport import Membership
from b2b2c_saga.runtime.engine.writer import Writer
from b2b2c_saga.settings import Settings
from b2b2c_saga.telemetry import logs
from b2b2c_saga.telemetry.serving import serve

log = structlog.get_logger(__name__)

STOP_SECONDS = 15.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


async def _nothing() -> None:
    await asyncio.Event().wait()


def run_worker(  # noqa: PLR0913 - what an operator or a test may set
    job: Job,
    settings: Settings,
    *,
    metrics_port: int | None = None,
    session_seconds: float = 10.0,
    heartbeat_seconds: float = 0.5,
    beside: Callable[[], Awaitable[object]] = _nothing,
) -> None:
    """Run a job in this process until SIGTERM or SIGINT; then settle the batches in hand and leave the group.

    Args:
        job: What to run.
        settings: The cluster, and the prefix of group and transactional ids. Topic names in the job are full names.
        metrics_port: Port on 127.0.0.1 for Prometheus.
        session_seconds: How long this process may be silent before its partitions go to others.
        heartbeat_seconds: How often it gives a sign, and hears of a rebalance: the partitions of a worker that leaves
            wait about so long.
        beside: What runs all the while, such as a watch over the configuration; if it fails, the worker stops.

    Raises:
        Unavailable: no cluster is named and none runs here.
        BadInput: the settings of TLS or SASL don't fit together, the cluster refuses them, or another worker has our
            instance id.
    """
    logs.configure(settings.log_format)
    connection(settings)  # what is wrong with the settings is said before anything starts
    if metrics_port is not None:
        serve(metrics_port)
    _run(_beside(beside, partial(_supervise, job, settings, session_seconds, heartbeat_seconds)))


async def _beside(other: Callable[[], Awaitable[object]], main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Both until told to stop, or until the other fails."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = asyncio.ensure_future(other())
    running.add_done_callback(lambda _: stop.set())
    await main(stop)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def _supervise(
    job: Job, settings: Settings, session_seconds: float, heartbeat_seconds: float, stop: asyncio.Event
) -> None:
    """One membership after another: a new one when Faust's has crashed, until told to stop."""
    if (refused := await refusal(settings)) is not None:
        raise refused
    loop = asyncio.get_running_loop()
    pause = FIRST_PAUSE
    while True:
        began = loop.time()
        await _member(job, settings, stop, session_seconds, heartbeat_seconds)
        if stop.is_set():
            return
        pause = FIRST_PAUSE if loop.time() - began > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
        log.warning("membership lost, joining again", retry_seconds=pause)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()
        if stop.is_set():
            return


async def _member(
    job: Job, settings: Settings, stop: asyncio.Event, session_seconds: float, heartbeat_seconds: float
) -> None:
    """Be a member of the group until told to stop, or until Faust crashes."""
    group = f"{settings.topic_prefix}{job.application}"
    client = connection(settings)
    owners: list[Owners] = []

    def owning(source: Membership) -> Owners:
        def writer(number: int) -> Writer:
            return Writer(
                job,
                number,
                transactions=Transactions(client, f"{group}-{number}", group),
                recover=partial(recover, client, group, job, number),
                source=source,
                notice_seconds=1.5 * heartbeat_seconds,
            )

        owners.append(Owners(job.inputs, writer))
        return owners[0]

    membership = Membership(
        group, settings, client, owning,
        steps=job.inputs, session_seconds=session_seconds, heartbeat_seconds=heartbeat_seconds,
    )  # fmt: skip
    waits = [asyncio.create_task(ended) for ended in (stop.wait(), membership.serve(), membership.replaced.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        replaced = membership.replaced.is_set()
        reason = "told to" if stop.is_set() else "replaced" if replaced else type(membership.crash_reason).__name__
        log.info("stopping", reason=reason)
        await owners[0].close()
        await _bounded(membership.leave())
        if replaced and not stop.is_set():
            raise BadInput(
                "another worker has joined under this instance id",
                field="B2B2C_INSTANCE_ID",
                value=settings.instance_id,
                rule="an id of its own for each worker that runs (--instance-id), or stop the other first",
            )
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _bounded(work: Coroutine[Any, Any, None]) -> None:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await work
    except Exception as error:  # noqa: BLE001 - we leave in any case; the group notices by silence
        log.warning("left without a word", reason=type(error).__name__)


def _run(main: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        asyncio.run(main)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)
