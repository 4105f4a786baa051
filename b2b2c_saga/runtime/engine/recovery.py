"""What a new owner reads before anything else: its tables from their changelogs, and the committed offsets.

Nothing can be lost between fencing and reading, because of the order in which things happen:

1. `InitProducerId` answers only once whatever the owner before had open is aborted, or, where its commit was decided,
   completed: markers are written to all partitions of that transaction, those of the committed offsets among them.
   From then on requests of the owner before carry an outdated epoch, and the cluster refuses them.
2. Only then are the ends of the changelogs asked for. Nobody but us writes after that, so what lies before the ends is
   all there will ever be of others, and offsets that are read later belong to the same transactions.

An end is the high watermark, not the last stable offset of the moment: a transaction of anyone else that is open on a
changelog (there should be none) holds the latter back, and what was committed behind it would be missed. Read is with
`read_committed`, up to where the last stable offset has reached that end; so we wait for such a transaction to be
ended, by its time-out at the latest. A position moves past markers and aborted records, which are no records, so it is
positions that tell whether the end is reached.

A foreign transaction on a step topic is no matter of recovery: records behind it are delivered once it has ended.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from b2b2c_saga.bus.undecodable import Undecoded
from b2b2c_saga.model.errors import Bug, Unavailable
from b2b2c_saga.runtime.engine.job import Job
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.table import Table
from b2b2c_saga.telemetry import metrics

log = structlog.get_logger(__name__)

POLL_MS = 200
WAITING_SECONDS = 2.0
"""Without progress for so long, the log says what is waited for."""
STALLED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Recovered:
    """State of one partition number, as committed."""

    tables: dict[str, Table]
    committed: dict[Place, int]
    """Offset to read next, for each step topic."""


async def recover(connection: Mapping[str, Any], group: str, job: Job, number: int) -> Recovered:
    """Read everything that the writer of a partition number must know; after `Transactions.open`, never before.

    Raises:
        Unavailable: the cluster stopped answering, or a foreign transaction stays open on a changelog.
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
        starts, ends = await _bounds(connection, inputs, changelogs)
        reader.assign(changelogs)
        tables = {changelog: Table() for changelog in job.logics}
        await _replay(reader, ends, tables)
        for changelog, table in tables.items():
            table.derive_alarms(job.logics[changelog])
        return Recovered(tables, await _committed(reader, starts))
    finally:
        await reader.stop()


def _places(topics: Iterable[str], number: int) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic in topics]


async def _bounds(
    connection: Mapping[str, Any], inputs: Sequence[TopicPartition], changelogs: Sequence[TopicPartition]
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """Where inputs begin, and the high watermarks of changelogs; a read_committed client would be told less.

    Asked for by ListOffsets: a leader just elected, which does not know its own yet, answers that with an error and
    we ask again (KIP-207), where a fetch would be told an old one.
    """
    client = AIOKafkaConsumer(**connection, group_id=None, isolation_level="read_uncommitted")
    try:
        await client.start()
        client.assign([*inputs, *changelogs])  # all at once: the client asks for all their leaders together
        client.pause(*inputs, *changelogs)  # no fetch on the way, behind which an answer would wait
        return await client.beginning_offsets(inputs), await client.end_offsets(changelogs)
    finally:
        await client.stop()


async def _replay(reader: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], tables: Mapping[str, Table]) -> None:
    await reader.seek_to_beginning(*ends)
    clock = asyncio.get_running_loop().time
    progressed, told = clock(), False
    positions: dict[TopicPartition, int] = {}
    while True:
        before, positions = positions, {tp: await reader.position(tp) for tp in ends}
        unread = [tp for tp, end in ends.items() if positions[tp] < end]
        if not unread:
            return
        if positions != before:
            progressed = clock()
        elif clock() - progressed > STALLED_SECONDS:
            raise Unavailable("the changelog could not be read to its end")
        elif clock() - progressed > WAITING_SECONDS and not told:
            for tp in (tp for tp in unread if reader.last_stable_offset(tp) == positions[tp]):
                told = True
                log.warning("waits for a transaction of another to end", topic=tp.topic, partition=tp.partition)
        for tp, records in (await reader.getmany(*unread, timeout_ms=POLL_MS)).items():
            table = tables[tp.topic]
            for record in records:
                if record.offset < ends[tp]:
                    _take(table, record)


def _take(table: Table, record: ConsumerRecord) -> None:
    if isinstance(record, Undecoded):  # rows are in it: without them nothing may be decided
        raise Bug(f"the changelog {record.topic}:{record.partition} can't be decoded: {record.undecoded}")
    table.replay(record.key, record.value, record.headers)


async def _committed(reader: AIOKafkaConsumer, starts: Mapping[TopicPartition, int]) -> dict[Place, int]:
    offsets: list[int | None] = await asyncio.gather(*(reader.committed(tp) for tp in starts))
    committed: dict[Place, int] = {}
    for (tp, start), offset in zip(starts.items(), offsets, strict=True):
        if offset is not None and offset < start:
            metrics.DELETED_UNREAD.labels(tp.topic).inc(start - offset)
            log.error(
                "records deleted before they were read", topic=tp.topic, partition=tp.partition, lost=start - offset
            )
        committed[Place(*tp)] = max(start, offset or 0)
    return committed
