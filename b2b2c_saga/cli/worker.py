"""`b2b2c-saga worker`: the saga itself."""

from typing import Annotated

import typer

from b2b2c_saga.cli.shared import settings_of


def worker(
    context: typer.Context,
    metrics_port: Annotated[int | None, typer.Option(help="Prometheus metrics on 127.0.0.1 at this port.")] = None,
    instance_id: Annotated[
        str | None,
        typer.Option(help="Name for good in the group: a restart within the session moves no partition."),
    ] = None,
    session_seconds: Annotated[
        float, typer.Option(min=1, help="Silent for longer than this, its partitions go to others.")
    ] = 10.0,
) -> None:
    """Run the saga: each workflow step an agent on its topic, rows and outputs and offsets in one transaction.

    Start as many as you like: they share the partitions. Stop with SIGTERM or Ctrl-C; if killed, nothing is lost.

    A changed configuration of a higher version is taken while it runs; orders keep the terms and prices that they were
    taken in with.

    Example: `b2b2c-saga worker --metrics-port 9100`

    Example: `b2b2c-saga worker --instance-id worker-1 --session-seconds 30`
    """
    from functools import partial

    from b2b2c_saga.bus.topics import load_topics
    from b2b2c_saga.config import load_catalogue
    from b2b2c_saga.config.reload import Watch
    from b2b2c_saga.runtime.app import run_worker
    from b2b2c_saga.runtime.renewal import renew
    from b2b2c_saga.runtime.rows import saga_job

    settings = settings_of(context, instance_id=instance_id)
    catalogue = load_catalogue(settings.config)
    job = saga_job(settings.application, load_topics(settings.topic_prefix), catalogue)
    beside = partial(renew, job, Watch(settings.config, catalogue))
    run_worker(job, settings, metrics_port=metrics_port, session_seconds=session_seconds, beside=beside)
