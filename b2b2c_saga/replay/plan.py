"""What would become of a release: the worker's own batch, with the real `decide`, over the rows of now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from b2b2c_saga.bus.clients import read_all
from b2b2c_saga.bus.records import Record, header_values
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.waiting import Waiting
from b2b2c_saga.runtime.engine import Job
from b2b2c_saga.runtime.engine.batch import Batch, Ground
from b2b2c_saga.runtime.engine.parking import PREFIX
from b2b2c_saga.runtime.engine.released import released_headers
from b2b2c_saga.runtime.engine.table import Table
from b2b2c_saga.settings import Settings

RELEASE = "(planned)"
Rows = dict[tuple[str, bytes], bytes]
"""Table and key -> row."""


@dataclass(frozen=True)
class Sent:
    """What would be sent."""

    topic: str
    type: str


@dataclass(frozen=True)
class Planned:
    """What would become of one order, or of a record parked alone."""

    waiting: Waiting
    before: bytes | None
    after: bytes | None
    """The row."""
    decided: int
    """Records."""
    sent: tuple[Sent, ...]
    failed: Parked | None
    """What would be parked again first, as it would be parked; None: nothing."""

    @property
    def parked_again(self) -> int:
        """Records."""
        return len(self.waiting.records) - self.decided


async def read_rows(settings: Settings, chosen: Iterable[Waiting]) -> Rows:
    """The rows of now, of all that was chosen.

    Raises:
        BadInput, Unavailable: as `read_all`.
    """
    wanted = {(one.table, one.key) for one in chosen}
    rows: Rows = {}
    async for record in read_all(settings, sorted({table for table, _ in wanted})):
        name = record.topic, record.key or b""
        if name in wanted:
            rows[name] = record.value or b""
    return {name: row for name, row in rows.items() if row}


def plan(job: Job, partitions: int, chosen: Iterable[Waiting], rows: Rows, now: int) -> list[Planned]:
    """What would become of each, were it released now and no record came meanwhile.

    Args:
        job: What the worker runs.
        partitions: How many the topics have.
        chosen: What would be released.
        rows: The rows of now.
        now: Milliseconds since the epoch.
    """
    return [_planned(job, partitions, one, rows, now) for one in chosen]


def _planned(job: Job, partitions: int, one: Waiting, rows: Rows, now: int) -> Planned:
    number = one.records[0].record.partition
    tables = {changelog: Table() for changelog in job.logics}
    row = rows.get((one.table, one.key))
    # What else waits is not known to wait for it: the count is that of the records at hand.
    tables[one.table].store(one.key, row, 0 if one.alone else len(one.records))
    ground = Ground(job, number, partitions, tables)
    sent: list[Sent] = []
    failed: Parked | None = None
    parked_again = 0
    for offset, parked in enumerate(one.records):
        batch = Batch.of([_as_released(job, parked, offset, now)], ground, {})
        batch.apply()
        for place, lines in batch.outputs.items():
            for key, value, headers, _ in lines:
                said = header_values(headers)
                if place.topic == job.parked and f"{PREFIX}release" in said:
                    parked_again += 1
                    failed = failed or Parked(Record(place.topic, number, offset, key, value, tuple(headers), now))
                elif place.topic not in job.logics:
                    sent.append(Sent(place.topic, _type(said)))
    after = tables[one.table].rows.get(one.key)
    return Planned(one, row, after, len(one.records) - parked_again, tuple(sent), failed)


def _as_released(job: Job, parked: Parked, offset: int, now: int) -> Record:
    record = parked.record
    headers = released_headers(record, RELEASE)
    return replace(record, topic=job.released or "", offset=offset, headers=headers, timestamp=now)


def _type(headers: dict[str, bytes]) -> str:
    return headers.get("ce_type", b"").decode(errors="replace").removeprefix("b2b2c.").removesuffix(".v1")
