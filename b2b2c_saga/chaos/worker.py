"""A worker of the engine under test: the counting logic, run as `python -m b2b2c_saga.chaos.worker`."""

import os
import sys

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.chaos.counting import SESSION, SESSION_SECONDS, job
from b2b2c_saga.runtime.app import run_worker
from b2b2c_saga.settings import Settings


def main() -> None:
    """Run until SIGTERM; the argument, if any, is the port for metrics."""
    settings = Settings(_env_file=None, log_format="json")
    session = float(os.environ.get(SESSION, SESSION_SECONDS))
    port = int(sys.argv[1]) if len(sys.argv) > 1 else None
    run_worker(
        job(load_topics(settings.topic_prefix)),
        settings,
        session_seconds=session,
        heartbeat_seconds=session / 6,
        metrics_port=port,
    )


if __name__ == "__main__":
    main()
