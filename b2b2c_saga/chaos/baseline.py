"""The counting logic as plain Faust agents with a Faust table: `python -m b2b2c_saga.chaos.baseline GUARANTEE`.

For comparison only: same events, same topics, same faults, Faust's own `at_least_once` or `exactly_once`.
Nothing of what our own clients put right in Kafka's driver (`bus/heeded.py`) is imported here.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import faust

from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.chaos.counting import SESSION, SESSION_SECONDS, job
from b2b2c_saga.settings import Settings

TABLE = "rows"
COPIES = "CHAOS_COPIES"
"""In the environment: the replication factor of the table's changelog, which Faust makes by itself."""


def changelog_of(group: str) -> str:
    """The topic of the table, as Faust names it."""
    return f"{group}-{TABLE}-changelog"


def plain_app(settings: Settings, topics: Topics, guarantee: str) -> Any:  # noqa: ANN401 - Faust has no types
    """An agent for each step, all upon one table."""
    work, out = job(topics), topics.name("order-events")
    session = float(os.environ.get(SESSION, SESSION_SECONDS))
    app = faust.App(
        f"{topics.prefix}{work.application}",
        broker=[f"kafka://{server}" for server in settings.bootstrap.split(",")],
        processing_guarantee=guarantee,
        broker_session_timeout=session,
        broker_heartbeat_interval=session / 6,
        consumer_auto_offset_reset="earliest",
        store="memory://",
        topic_partitions=topics.partitions,
        topic_replication_factor=int(os.environ.get(COPIES, "1")),
        datadir=str(Path(settings.data_dir) / f"faust-{os.getpid()}"),
        web_enabled=False,
    )
    rows = app.Table(TABLE, partitions=topics.partitions, key_type=bytes, value_type=int)
    told = app.topic(out, key_serializer="raw", value_serializer="raw")

    async def count(stream: Any) -> None:  # noqa: ANN401
        async for event in stream.events():
            key = event.key
            number = (rows.get(key) or 0) + 1
            rows[key] = number
            said = {"id": json.loads(event.value)["id"], "n": number, "step": event.message.topic}
            await told.send(key=key, value=json.dumps(said).encode())

    for step in work.steps:
        app.agent(app.topic(step, key_serializer="raw", value_serializer="raw"), name=step)(count)
    return app


if __name__ == "__main__":
    ours = Settings(_env_file=None)
    plain = plain_app(ours, load_topics(ours.topic_prefix), sys.argv[1])
    faust.Worker(plain, loglevel="WARN").execute_from_commandline()
