"""One batch: records and alarms folded over the rows, without touching them until the batch is committed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from b2b2c_saga.bus.records import Record, partition_of
from b2b2c_saga.model.errors import Unreadable
from b2b2c_saga.runtime.engine import parking
from b2b2c_saga.runtime.engine.job import Decided, Job
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.parking import Failure, Line, Past
from b2b2c_saga.runtime.engine.released import Back, came_back
from b2b2c_saga.runtime.engine.table import Table, alarm_of, changelog_line

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

    changelog: str
    key: bytes
    row: bytes | None
    parked: int
    blocked: int | None
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


def _rung(decided: Decided, now: int) -> Decided:
    """What an alarm led to; it does not ring again at once."""
    if decided.alarm is not None and decided.alarm <= now:
        return replace(decided, alarm=now + RING_AGAIN_MS)
    return decided


class Batch:
    """The effects of units in order: outputs by place, changes by table, offsets by step topic."""

    def __init__(self, ground: Ground, forced: Mapping[Unit, Force]) -> None:
        self._job = ground.job
        self._tables = ground.tables
        self._number = ground.number
        self._partitions = ground.partitions
        self._forced = forced
        self._places: dict[str, Place] = {}
        self._whole = True
        """Whether what is parked of the record at hand is parked with its value."""
        self.outputs: dict[Place, list[Line]] = {}
        self.changes: dict[str, dict[bytes, Change]] = {changelog: {} for changelog in ground.job.logics}
        self.offsets: dict[Place, int] = {}
        self.events: Counter[str] = Counter()
        self.parked: Counter[str] = Counter()
        self.released: Counter[str] = Counter()
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
                table.store(key, change.row, change.parked, change.blocked)
                table.alarms.set(key, change.alarm)

    def _take(self, record: Record) -> None:
        topic, key = record.topic, record.key
        self.offsets[self._here(topic)] = record.offset + 1
        self.events[topic] += 1
        self._whole = not self._forced or self._forced.get(record) is not Force.PARK_ORIGIN
        if record.undecoded is not None:
            self._park(record, Failure(parking.UNDECODABLE, record.undecoded, alone=True))
        elif topic == self._job.released:
            self._take_back(record)
        elif not key:
            self._park(record, parking.NO_KEY)
        elif change := self._found(self._job.steps[topic], key, record):
            if change.parked:
                self._park(record, parking.WAITS)
                self._wait(change)
            else:
                self._decide(change, record)

    def _take_back(self, released: Record) -> None:
        """A record that was parked: decided as if it came from where it first came from, when its turn has come."""
        try:
            back, key = came_back(released), released.key
            changelog = back.record.topic if back.is_alarm else self._job.steps.get(back.record.topic, "")
        except Unreadable as error:
            self._park(released, Failure(parking.NOT_RELEASED, str(error), alone=True))
            return
        if not key or changelog not in self._job.logics:
            self._park(released, Failure(parking.NOT_RELEASED, "it belongs to no table of this job", alone=True))
            return
        if not (change := self._found(changelog, key, released)):
            return
        counted = back.counted and change.parked > 0
        if not back.skipped and not counted and change.parked:
            self._park_back(back, parking.WAITS, None)
            self._wait(change)
        elif not back.skipped and counted and change.blocked is not None and back.past.place > change.blocked:
            self._park_back(back, parking.WAITS, back.past)
        else:
            if counted:
                self._leave(change, back.past.place)
            if back.skipped:
                self.released["skipped"] += 1
            else:
                self._decide(change, released, back)

    def _decide(self, change: Change, unit: Record, back: Back | None = None) -> None:
        """Decide on a record as it came, or as it came back."""
        logic = self._job.logics[change.changelog]
        record = unit if back is None else back.record
        if back is not None and back.is_alarm:
            ended = self._ring_back(change, unit)
        else:
            ended = self._attempt(unit, lambda: logic.decide(change.key, change.row, record))
        if isinstance(ended, Decided):
            if back is not None:
                self.released["decided"] += 1
            self._follow(change, ended, f"{unit.topic}:{unit.offset}")
            return
        if back is None:
            self._park(record, ended)
        else:
            self._park_back(back, ended, replace(back.past, redrives=back.past.redrives + 1))
        if not ended.alone:
            self._wait(change)
            change.blocked = None if back is None else back.past.place

    def _ring_back(self, change: Change, unit: Record) -> Decided | Failure:
        """An alarm comes back: it rings, if time still changes something."""
        logic, key, row, now = self._job.logics[change.changelog], change.key, change.row, unit.timestamp
        due = None if row is None else alarm_of(logic, key, row)
        if row is None or due is None or due > now:
            return Decided(row, alarm=due)
        return self._attempt(unit, lambda: _rung(logic.ring(key, row, now), now))

    def _ring(self, ring: Ring) -> None:
        table = self._tables[ring.changelog]
        key, now = ring.key, ring.now
        change = self.changes[ring.changelog].get(key)
        if change is None:
            parked, blocked = table.parked.get(key, 0), table.blocked.get(key)
            change = Change(ring.changelog, key, table.rows.get(key), parked, blocked, ring.due)
        row = change.row
        if row is None or change.parked or change.alarm is None or change.alarm > now:
            return
        self.rung[ring.changelog] += 1
        logic = self._job.logics[ring.changelog]
        ended = self._attempt(ring, lambda: _rung(logic.ring(key, row, now), now))
        if isinstance(ended, Decided):
            self._follow(change, ended, f"alarm:{now}")
        else:
            line = parking.parked_alarm(ring.changelog, self._number, key, ended)
            self._send(self._here(self._job.parked), line)
            self.parked[ended.reason] += 1
            self._wait(change)

    def _attempt(self, unit: Unit, decide: Callable[[], Decided]) -> Decided | Failure:
        """What was decided, or why it could not be: a bug in one order's rules must not stop the others."""
        if self._forced and unit in self._forced:
            return Failure(parking.TOO_LARGE, "the cluster refuses what follows from it: too large")
        try:
            return decide()
        except Exception as error:  # noqa: BLE001 - as said
            return Failure.of(error)

    def _found(self, changelog: str, key: bytes, record: Record) -> Change | None:
        """What becomes of a record's key, so far. None: the record belongs to another partition, and is sent there."""
        change = self.changes[changelog].get(key)
        if change is None:
            table = self._tables[changelog]
            row, parked = table.rows.get(key), table.parked.get(key, 0)
            if row is None and not parked and (home := partition_of(key, self._partitions)) != self._number:
                self._send(Place(record.topic, home), (key, record.value, list(record.headers), record.timestamp))
                self.moved[record.topic] += 1
                return None
            change = Change(changelog, key, row, parked, table.blocked.get(key), table.alarms.of(key))
        return change

    def _follow(self, change: Change, decided: Decided, source: str) -> None:
        key = change.key
        for send in decided.sends:
            place = self._here(send.topic) if send.key == key else self._home(send.topic, send.key)
            self._send(place, (send.key, send.value, list(send.headers), None))
        change.written = change.written or change.row is not None or decided.row is not None
        change.row = decided.row
        change.alarm = None if decided.row is None or change.parked else decided.alarm
        change.sources.append(source)
        self.changes[change.changelog][key] = change

    def _wait(self, change: Change) -> None:
        """One more record waits, and the key with it."""
        change.parked += 1
        change.alarm = None
        change.written = True
        self.changes[change.changelog][change.key] = change

    def _leave(self, change: Change, place: int) -> None:
        """A record leaves the line. The key goes on when none is left."""
        change.parked -= 1
        if not change.parked or change.blocked == place:
            change.blocked = None
        if not change.parked and change.row is not None:
            change.alarm = alarm_of(self._job.logics[change.changelog], change.key, change.row)
        change.written = True
        self.changes[change.changelog][change.key] = change

    def _park(self, record: Record, failure: Failure, past: Past | None = None) -> None:
        self._send(self._here(self._job.parked), parking.parked(record, failure, whole=self._whole, past=past))
        self.parked[failure.reason] += 1

    def _park_back(self, back: Back, failure: Failure, past: Past | None) -> None:
        self.released["parked"] += 1
        self._park(back.record, failure, past)

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
                    value, headers = changelog_line(change.row, change.parked, change.sources, change.blocked)
                    self._send(place, (key, value, headers, None))
