"""Releasing and skipping: chunk by chunk, each with its audit record in one transaction.

One transactional id for all: whoever begins ends what an operator before left open, and reads what they have done
only after that. So a release that is killed and begun again sends nothing twice and forgets nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from b2b2c_saga.bus.records import Outgoing
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.transactions import AtomicPublisher, Fenced, atomic_publisher
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.replay.audit import Act
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.standing import Look, Standing, looking
from b2b2c_saga.replay.waiting import Name, Waiting
from b2b2c_saga.replay.whole import whole
from b2b2c_saga.runtime.engine.released import released_headers
from b2b2c_saga.settings import Settings

PUBLISHER = "replay"
CHUNK_RECORDS = 500
CHUNK_BYTES = 4 << 20
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 30.0
"""Without any news from a worker: then what is on its way is left on its way."""


@dataclass
class Outcome:
    """What became of a release."""

    sent: int = 0
    """Records."""
    gone: int = 0
    """Orders that don't wait any more."""
    alone: int = 0
    """Records that were parked alone and are sent."""
    again: list[Waiting] = field(default_factory=list)
    """As they wait now: a record failed again."""
    on_their_way: int = 0
    """Orders whose records no worker has taken yet."""


Tell = Callable[[int, int], None]
"""Hears how many records were sent, of how many that are known of."""


class Redrive:
    """An operator at work: sees how it stands, and is the only one who changes it."""

    def __init__(self, settings: Settings, topics: Topics, look: Look, publisher: AtomicPublisher) -> None:
        self._settings = settings
        self._topics = topics
        self._look = look
        self._publisher = publisher
        self._parts = 0

    @property
    def standing(self) -> Standing:
        """As of the last look."""
        return self._look.standing

    async def release(self, chosen: Iterable[Waiting], act: Act, rate: float | None, tell: Tell) -> Outcome:
        """Send back all that was chosen, and what comes to wait behind it meanwhile, until nothing of it is left.

        Args:
            chosen: What to release.
            act: As what it is audited.
            rate: Records a second at most.
            tell: Hears of the progress.

        Raises:
            BadInput: a record was parked without its value, and is gone from where it came from.
            Unavailable: Kafka does not answer, or another has begun: what was sent, the audit knows.
        """
        outcome = Outcome()
        names = {one.name for one in chosen}
        clock = asyncio.get_running_loop().time
        news, heard = clock(), ""
        while True:
            now = {one.name: one for one in self.standing.waiting() if one.name in names}
            outcome.again = [one for one in now.values() if any(parked.release == act.id for parked in one.records)]
            going = [one for one in now.values() if one not in outcome.again]
            if records := [parked for one in going for parked in one.records]:
                began = clock()
                chunk = _chunk(records, rate)
                await self._publish([await self._back(one, act) for one in chunk], chunk, act)
                outcome.sent += len(chunk)
                tell(outcome.sent, outcome.sent - len(chunk) + len(records))
                await asyncio.sleep(0 if rate is None else max(0.0, len(chunk) / rate - (clock() - began)))
            waited = self._on_their_way(names - {one.name for one in outcome.again})
            if not records and not waited:
                break
            if heard != (heard := f"{outcome.sent} {waited}"):
                news = clock()
            elif clock() - news > PATIENCE_SECONDS:
                break
            await asyncio.sleep(0 if records else LOOK_SECONDS)
            await self._look.again()
        outcome.on_their_way = len(waited)
        outcome.alone = sum(place is not None for _, _, place in names)
        outcome.gone = len(names) - outcome.alone - len(outcome.again) - len(waited)
        return outcome

    async def skip(self, records: Sequence[Parked], act: Act) -> None:
        """Say of parked records that they are done without being decided.

        Raises:
            Unavailable: as `release`.
        """
        rest = list(records)
        while rest:
            chunk = _chunk(rest, None)
            rest = rest[len(chunk) :]
            await self._publish(
                [_note(self._topics, one, act) for one in chunk if one.counted and one.origin], chunk, act
            )

    async def _publish(self, back: Iterable[Outgoing], chunk: Sequence[Parked], act: Act) -> None:
        try:
            await self._publisher.publish([*back, act.record(self._parts, chunk, self._topics)])
        except Fenced:
            raise Unavailable(
                "another `b2b2c-saga replay` has begun, and this one ends; begin it again when the other is done"
            ) from None
        self._parts += 1
        self.standing.done.update(one.place for one in chunk)

    async def _back(self, one: Parked, act: Act) -> Outgoing:
        record = await whole(self._settings, one)
        headers = released_headers(record, act.id)
        return Outgoing(self._topics.name("released"), record.key or b"", record.value, headers)

    def _on_their_way(self, names: Iterable[Name]) -> Mapping[Name, int]:
        """Of these, how many records the tables say wait."""
        counts = self.standing.counts
        return {name: n for name in sorted(names, key=str) if name[2] is None and (n := counts.get(name[:2], 0))}


@asynccontextmanager
async def redriving(settings: Settings, topics: Topics, tables: Mapping[str, str]) -> AsyncIterator[Redrive]:
    """Begin: what another left open is ended, and what they did is read.

    Raises:
        BadInput: a topic does not exist.
        Unavailable: the cluster does not answer.
    """
    async with (
        atomic_publisher(settings, PUBLISHER) as publisher,
        looking(settings, topics, tables, with_tables=True) as look,
    ):
        yield Redrive(settings, topics, look, publisher)


def _note(topics: Topics, one: Parked, act: Act) -> Outgoing:
    headers = released_headers(one.record, act.id, skipped=True)
    return Outgoing(topics.name("released"), one.record.key or b"", None, headers)


def _chunk(records: Sequence[Parked], rate: float | None) -> list[Parked]:
    """So many of the first as one transaction takes, or as may go in a second; one at least."""
    most = CHUNK_RECORDS if rate is None else max(1, min(CHUNK_RECORDS, int(rate)))
    size = 0
    chunk: list[Parked] = []
    for one in records[:most]:
        size += len(one.record.value or b"")
        if chunk and size > CHUNK_BYTES:
            break
        chunk.append(one)
    return chunk
