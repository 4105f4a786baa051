"""One batch: records and alarms folded over the rows, without touching them until the batch is committed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from b2b2c_saga.bus.records import Record, partition_of
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.runtime.engine import parking
from b2b2c_saga.runtime.engine.job import Decided, Job
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.parking import Line
from b2b2c_saga.runtime.engine.table import Table, changelog_line

RING_AGAIN_MS = 1_000
"""An alarm that, once rung, is due at once again: waits this long, so that it can't keep the writer busy alone."""


@dataclass(frozen=True, slots=True)
class Ring:
    """An alarm that came due."""

    changelog: str
    key: bytes
    due: int
    now: int


Unit = Record | Ring
"""What a batch is made of, and the least that can be committed alone."""


class Force(IntEnum):
    """What was learned of a unit whose effects the cluster refuses, each step smaller than the one before."""

    PARK = 1
    PARK_ORIGIN = 2


@dataclass(slots=True)
class Change:
    """What becomes of one key."""

    row: bytes | None
    parked: int
    alarm: int | None
    sources: list[str] = field(default_factory=list)
    written: bool = False
    """Whether it is worth a changelog record: an event that found no row and made none is not."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a batch stands on: one partition number of a job, as committed."""

    job: Job
    number: int
    partitions: int
    tables: Mapping[str, Table]


class Batch:
    """The effects of units in order: outputs by place, changes by table, offsets by step topic."""

    def __init__(self, ground: Ground, forced: Mapping[Unit, Force]) -> None:
        self._job = ground.job
        self._tables = ground.tables
        self._number = ground.number
        self._partitions = ground.partitions
        self._forced = forced
        self._places: dict[str, Place] = {}
        self.outputs: dict[Place, list[Line]] = {}
        self.changes: dict[str, dict[bytes, Change]] = {changelog: {} for changelog in ground.job.logics}
        self.offsets: dict[Place, int] = {}
        self.events: Counter[str] = Counter()
        self.parked: Counter[str] = Counter()
        self.moved: Counter[str] = Counter()
        self.rung: Counter[str] = Counter()

    @classmethod
    def of(cls, units: Sequence[Unit], ground: Ground, forced: Mapping[Unit, Force]) -> "Batch":
        """Fold units over the tables of one partition number; `forced` are the units that are to be parked."""
        batch = cls(ground, forced)
        for unit in units:
            if isinstance(unit, Record):
                batch._take(unit)
            else:
                batch._ring(unit)
        batch._write_changelogs()
        return batch

    def apply(self) -> None:
        """Take the changes over into the tables: once the batch is committed."""
        for changelog, changes in self.changes.items():
            table = self._tables[changelog]
            for key, change in changes.items():
                table.store(key, change.row, change.parked)
                table.alarms.set(key, change.alarm)

    def _take(self, record: Record) -> None:
        topic, key = record.topic, record.key
        self.offsets[self._here(topic)] = record.offset + 1
        self.events[topic] += 1
        if not key:
            self._park(record, parking.NO_KEY, "a record without a key belongs to no order")
            return
        changelog = self._job.steps[topic]
        table = self._tables[changelog]
        change = self.changes[changelog].get(key)
        if change is None:
            row, count = table.rows.get(key), table.parked.get(key, 0)
            if row is None and not count and (home := partition_of(key, self._partitions)) != self._number:
                self._send(Place(topic, home), (key, record.value, list(record.headers), record.timestamp))
                self.moved[topic] += 1
                return
            change = Change(row, count, table.alarms.of(key))
        if change.parked:
            self._park(record, parking.KEY_PARKED, "waits behind an earlier record of its key")
            self._park_key(changelog, key, change)
        elif self._forced and record in self._forced:
            self._park(record, parking.TOO_LARGE, "the cluster refuses what follows from it: too large")
            self._park_key(changelog, key, change)
        else:
            try:
                decided = self._job.logics[changelog].decide(key, change.row, record)
            except BadInput as error:
                self._park(record, *parking.why(error))
            except Exception as error:  # noqa: BLE001 - a bug in one order's rules must not stop the others
                self._park(record, *parking.why(error))
                self._park_key(changelog, key, change)
            else:
                self._follow(changelog, key, change, decided, f"{topic}:{record.offset}")

    def _ring(self, ring: Ring) -> None:
        table = self._tables[ring.changelog]
        change = self.changes[ring.changelog].get(ring.key)
        if change is None:
            change = Change(table.rows.get(ring.key), table.parked.get(ring.key, 0), ring.due)
        if change.row is None or change.parked or change.alarm is None or change.alarm > ring.now:
            return
        self.rung[ring.changelog] += 1
        failure: tuple[str, str] | None = None
        if self._forced and ring in self._forced:
            failure = (parking.TOO_LARGE, "the cluster refuses what follows from the alarm: too large")
        else:
            try:
                decided = self._job.logics[ring.changelog].ring(ring.key, change.row, ring.now)
            except Exception as error:  # noqa: BLE001 - as above; no sender is to blame for an alarm
                failure = parking.why(error)
            else:
                if decided.alarm is not None and decided.alarm <= ring.now:
                    decided = Decided(decided.row, decided.sends, ring.now + RING_AGAIN_MS)
                self._follow(ring.changelog, ring.key, change, decided, f"alarm:{ring.now}")
        if failure:
            self._send(
                self._here(self._job.parked),
                parking.parked_alarm(ring.changelog, self._number, ring.key, *failure),
            )
            self.parked[failure[0]] += 1
            self._park_key(ring.changelog, ring.key, change)

    def _follow(self, changelog: str, key: bytes, change: Change, decided: Decided, source: str) -> None:
        for send in decided.sends:
            place = self._here(send.topic) if send.key == key else self._home(send.topic, send.key)
            self._send(place, (send.key, send.value, list(send.headers), None))
        change.written = change.written or change.row is not None or decided.row is not None
        change.row, change.alarm = decided.row, decided.alarm if decided.row is not None else None
        change.sources.append(source)
        self.changes[changelog][key] = change

    def _park_key(self, changelog: str, key: bytes, change: Change) -> None:
        change.parked += 1
        change.alarm = None
        change.written = True
        self.changes[changelog][key] = change

    def _park(self, record: Record, reason: str, message: str) -> None:
        whole = not self._forced or self._forced.get(record) is not Force.PARK_ORIGIN
        self._send(self._here(self._job.parked), parking.parked(record, reason, message, whole=whole))
        self.parked[reason] += 1

    def _here(self, topic: str) -> Place:
        place = self._places.get(topic)
        if place is None:
            place = self._places[topic] = Place(topic, self._number)
        return place

    def _home(self, topic: str, key: bytes) -> Place:
        """Where another key than this row's belongs."""
        return Place(topic, partition_of(key, self._partitions))

    def _send(self, place: Place, line: Line) -> None:
        lines = self.outputs.get(place)
        if lines is None:
            lines = self.outputs[place] = []
        lines.append(line)

    def _write_changelogs(self) -> None:
        for changelog, changes in self.changes.items():
            place = self._here(changelog)
            for key, change in changes.items():
                if change.written:
                    value, headers = changelog_line(change.row, change.parked, change.sources)
                    self._send(place, (key, value, headers, None))
