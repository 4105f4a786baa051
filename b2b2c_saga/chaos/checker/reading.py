"""Reads the evidence of a run from Kafka: committed records only, every version of every row."""

import json
from collections.abc import Iterable, Sequence

from b2b2c_saga.bus.clients import ends_of, read_all
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.whereabouts import committed_by
from b2b2c_saga.chaos.checker.evidence import Evidence, Input, Output, Version
from b2b2c_saga.runtime.engine import Job
from b2b2c_saga.settings import Settings

ORIGIN = "__dlq.errors."


async def gather(  # noqa: PLR0913 - what ran, and where it left what
    settings: Settings, topics: Topics, job: Job, *, out: str, changelogs: Sequence[str], accepted: Iterable[int]
) -> Evidence:
    """All that a job of the counting logic has left in its topics.

    Args:
        settings: The cluster.
        topics: For the number of partitions.
        job: What ran.
        out: The topic of its outputs.
        changelogs: The topics of its tables.
        accepted: Ids of the events that were acknowledged to their publisher.

    Raises:
        Unavailable: the cluster does not answer.
    """
    evidence = Evidence(job.steps, accepted=frozenset(accepted))
    evidence.inputs = {(topic, number): {} for topic in job.steps for number in range(topics.partitions)}
    evidence.committed = await committed_by(settings, f"{topics.prefix}{job.application}")
    evidence.ends = await ends_of(settings, list(job.steps))
    names: dict[bytes, bytes] = {}
    async for record in read_all(settings, list(job.steps)):
        key = names.setdefault(record.key or b"", record.key or b"")
        log = evidence.inputs[record.topic, record.partition]
        log[record.offset] = Input(key, record.value or b"", record.timestamp)
    async for record in read_all(settings, [out]):
        evidence.outputs.setdefault(record.key or b"", []).append(_output(record))
    async for record in read_all(settings, changelogs):
        evidence.versions.setdefault((record.topic, record.key or b""), []).append(_version(record))
    async for record in read_all(settings, [job.parked]):
        origin = _origin(record)
        evidence.parked[origin] = evidence.parked.get(origin, 0) + 1
    return evidence


def _output(record: Record) -> Output:
    value = record.value or b"{}"
    told = json.loads(value)
    return Output(record.offset, record.timestamp, value, told["id"], int(told["n"]), told.get("step"))


def _version(record: Record) -> Version:
    sources = tuple(json.loads(_header(record, "sources") or "[]"))
    parked = int(_header(record, "parked") or 0)
    return Version(record.partition, record.offset, record.timestamp, record.value or None, sources, parked)


def _origin(record: Record) -> tuple[str, int, int]:
    said = [_header(record, f"{ORIGIN}{name}") or "0" for name in ("topic", "partition", "offset")]
    return said[0], int(said[1]), int(said[2])


def _header(record: Record, name: str) -> str | None:
    return next(
        (value.decode() for found, value in reversed(record.headers) if found == name and value is not None), None
    )
