"""What a new owner reads before anything else: its tables from their changelogs, and the committed offsets.

Only after `InitProducerId`: it has ended the transaction that the owner before left open, so the last stable offset is
the end of all that was committed, and markers at a log's end are stepped over.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.runtime.engine.job import Job
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.table import Table

log = structlog.get_logger(__name__)

POLL_MS = 200
STALLED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Recovered:
    """State of one partition number, as committed."""

    tables: dict[str, Table]
    committed: dict[Place, int]
    """Offset to read next, for each step topic."""


async def recover(connection: Mapping[str, Any], group: str, job: Job, number: int) -> Recovered:
    """Read everything that the writer of a partition number must know.

    Raises:
        Unavailable: the cluster stopped answering.
    """
    reader = AIOKafkaConsumer(
        **connection,
        group_id=group,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_poll_records=5_000,
        max_partition_fetch_bytes=8 << 20,
        fetch_max_wait_ms=POLL_MS,
    )
    try:
        await reader.start()
        changelogs, inputs = _places(job.logics, number), _places(job.inputs, number)
        reader.assign([*changelogs, *inputs])  # all at once: the client asks for all their leaders together
        reader.pause(*inputs)
        tables = {changelog: Table() for changelog in job.logics}
        await _replay(reader, changelogs, tables)
        for changelog, table in tables.items():
            table.derive_alarms(job.logics[changelog])
        return Recovered(tables, await _committed(reader, inputs))
    finally:
        await reader.stop()


def _places(topics: Iterable[str], number: int) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic in topics]


async def _replay(reader: AIOKafkaConsumer, places: Sequence[TopicPartition], tables: Mapping[str, Table]) -> None:
    ends: dict[TopicPartition, int] = await reader.end_offsets(places)  # read_committed: the last stable offsets
    await reader.seek_to_beginning(*places)
    clock = asyncio.get_running_loop().time
    progressed = clock()
    unread = set(places)
    while unread := {tp for tp in unread if await reader.position(tp) < ends[tp]}:
        batches = await reader.getmany(*unread, timeout_ms=POLL_MS)
        for tp, records in batches.items():
            table = tables[tp.topic]
            for record in records:
                if record.offset < ends[tp]:
                    table.replay(record.key, record.value, record.headers)
        if batches:
            progressed = clock()
        elif clock() - progressed > STALLED_SECONDS:
            raise Unavailable("the changelog could not be read to its end")


async def _committed(reader: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> dict[Place, int]:
    starts: dict[TopicPartition, int] = await reader.beginning_offsets(places)
    offsets: list[int | None] = await asyncio.gather(*(reader.committed(tp) for tp in places))
    committed: dict[Place, int] = {}
    for tp, offset in zip(places, offsets, strict=True):
        start = starts[tp]
        if offset is not None and offset < start:
            log.error(
                "records deleted before they were read", topic=tp.topic, partition=tp.partition, lost=start - offset
            )
        committed[Place(*tp)] = max(start, offset or 0)
    return committed
