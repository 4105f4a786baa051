"""How it stands: what is parked, what of it is done, and how many records the tables say wait."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from b2b2c_saga.bus.reading import Reading, reading
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.model.errors import Bug
from b2b2c_saga.replay.audit import done_in
from b2b2c_saga.replay.parked import Parked, Place
from b2b2c_saga.replay.waiting import Waiting, waiting
from b2b2c_saga.runtime.engine.table import parked_in
from b2b2c_saga.settings import Settings


@dataclass
class Standing:
    """What was read so far."""

    parked_topic: str
    audit_topic: str
    tables: Mapping[str, str]
    """Step topic -> changelog of the table that it changes."""
    parked: list[Parked] = field(default_factory=list)
    done: set[Place] = field(default_factory=set)
    """Released or skipped, by anyone."""
    counts: dict[tuple[str, bytes], int] = field(default_factory=dict)
    """Table and key -> how many records wait, of those on their way back too; a key that goes on is not here."""

    def take(self, record: Record) -> None:
        """Take in a record of one of the topics."""
        if record.topic == self.parked_topic:
            one = Parked(record)
            # Of one that is done, what it failed of may still be asked for: never its value.
            self.parked.append(Parked(replace(record, value=None)) if one.place in self.done else one)
        elif record.topic == self.audit_topic:
            self.done.update(done_in(record))
        else:
            self._count(record)

    def _count(self, version: Record) -> None:
        name = version.topic, version.key or b""
        try:
            count = parked_in(version.headers)
        except Bug:
            return  # written by no worker: a worker that meets it says so, and what was known stands here
        if count:
            self.counts[name] = count
        else:
            self.counts.pop(name, None)

    def waiting(self) -> list[Waiting]:
        """All that waits, the oldest first."""
        return waiting(self.parked, self.done, self.tables)


class Look:
    """Keeps a `Standing` up to date, look by look."""

    def __init__(self, standing: Standing, source: Reading) -> None:
        self.standing = standing
        self._source = source

    async def again(self) -> None:
        """Take in what was committed since.

        Raises:
            Unavailable: the cluster does not answer.
        """
        async for record in self._source.more():
            self.standing.take(record)


@asynccontextmanager
async def looking(
    settings: Settings,
    topics: Topics,
    tables: Mapping[str, str],
    *,
    with_tables: bool,
    partition: int | None = None,
) -> AsyncIterator[Look]:
    """How it stands now; with the tables only where `with_tables`, of one partition number where one is named.

    Raises:
        BadInput: a topic does not exist.
        Unavailable: the cluster does not answer.
    """
    parked, audit = topics.name("parked"), topics.name("audit")
    changelogs: Collection[str] = set(tables.values()) if with_tables else ()
    standing = Standing(parked, audit, tables)
    async with reading(settings, [audit]) as audited:
        await Look(standing, audited).again()
        async with reading(settings, [parked, *changelogs], partition) as source:
            look = Look(standing, source)
            await look.again()
            yield look


async def read_waiting(
    settings: Settings, topics: Topics, tables: Mapping[str, str], partition: int | None = None
) -> list[Waiting]:
    """All that waits now, or what of it lies on one partition number; the oldest first.

    Raises:
        BadInput, Unavailable: as `looking`.
    """
    async with looking(settings, topics, tables, with_tables=False, partition=partition) as look:
        return look.standing.waiting()
