"""One partition number in memory, for tests: batches over its logs, and an operator who releases what they parked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from b2b2c_saga.bus.records import Headers, Record, partition_of
from b2b2c_saga.model.errors import BadInput, Unreadable
from b2b2c_saga.replay.parked import Parked, Place
from b2b2c_saga.replay.waiting import Waiting, waiting
from b2b2c_saga.runtime.engine import Decided, Job, Send
from b2b2c_saga.runtime.engine.batch import Batch, Force, Ground, Ring, Unit
from b2b2c_saga.runtime.engine.released import released_headers
from b2b2c_saga.runtime.engine.table import Table

KEYS = [key for key in (b"key-%d" % n for n in range(99)) if partition_of(key, 2) == 0]
TABLES = {"intake": "orders", "pack": "orders", "inventory": "stock"}


class Appending:
    """A row is the values seen; each is sent on, with the topic it came from. `wrong` says what fails, and how."""

    def __init__(self) -> None:
        self.wrong: dict[bytes, Exception] = {}

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
        value = record.value or b""
        if error := self.wrong.get(value):
            raise error
        due = int(value[1:]) if value.startswith(b"@") else None
        return Decided((row or b"") + value, (Send("out", key, value, (("from", record.topic.encode()),)),), due)

    def ring(self, key: bytes, row: bytes, now: int) -> Decided:
        if error := self.wrong.get(b"ring"):
            raise error
        return Decided(row.replace(b"@", b"!"), (Send("out", key, b"rang"),))

    def alarm(self, key: bytes, row: bytes) -> int | None:
        return int(row.rpartition(b"@")[2]) if b"@" in row else None


REFUSED, BUG, NOISE = BadInput("no good", field="value", value=7), ZeroDivisionError("Ada"), Unreadable("noise")


@dataclass
class Partition:
    """Its logs and tables. What is told is decided at once, alone, unless it is told together."""

    rules: Appending = field(default_factory=Appending)
    tables: dict[str, Table] = field(default_factory=lambda: {"orders": Table(), "stock": Table()})
    logs: dict[str, list[Record]] = field(default_factory=dict)
    done: set[Place] = field(default_factory=set)
    now: int = 100
    taken: int = 0
    """Records of the released topic that were read."""
    released: dict[str, int] = field(default_factory=dict)

    @property
    def job(self) -> Job:
        return Job("test", TABLES, {"orders": self.rules, "stock": self.rules}, "parked", "released")

    def write(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()) -> Record:
        """Append to a log."""
        log = self.logs.setdefault(topic, [])
        self.now += 1
        log.append(Record(topic, 0, len(log), key, value, tuple(headers), self.now))
        return log[-1]

    def fold(self, units: Sequence[Unit], forced: dict[Unit, Force] | None = None) -> Batch:
        """One batch, committed."""
        batch = Batch.of(units, Ground(self.job, 0, 2, self.tables), forced or {})
        for place, lines in batch.outputs.items():
            for key, value, headers, _ in lines:
                self.write(place.topic, key, value, tuple(headers))
        batch.apply()
        for outcome, count in batch.released.items():
            self.released[outcome] = self.released.get(outcome, 0) + count
        return batch

    def tell(self, *values: bytes, key: bytes = KEYS[0], topic: str = "intake") -> None:
        """Events come, one by one."""
        for value in values:
            self.fold([self.write(topic, key, value, (("ce_id", value), ("traceparent", b"00-1")))])

    def ring(self, key: bytes = KEYS[0]) -> None:
        """The time has come."""
        due = self.tables["orders"].alarms.of(key)
        assert due is not None
        self.fold([Ring("orders", key, due, max(due, self.now))])

    def waiting(self) -> list[Waiting]:
        """What an operator sees."""
        return waiting(map(Parked, self.logs.get("parked", ())), self.done, TABLES)

    def send(self, records: Iterable[Parked], release: str = "r1", *, skipped: bool = False) -> None:
        """The operator's transaction: not read by the writer yet."""
        for one in records:
            assert one.place not in self.done
            self.done.add(one.place)
            value = None if skipped else one.record.value
            headers = released_headers(one.record, release, skipped=skipped)
            self.write("released", one.record.key, value, headers)

    def take(self, at_most: int = 99) -> None:
        """The writer reads on in the released topic."""
        coming = self.logs.get("released", [])[self.taken : self.taken + at_most]
        self.taken += len(coming)
        self.fold(coming)

    def release(self, release: str = "r1") -> None:
        """Everything that waits."""
        self.send([parked for one in self.waiting() for parked in one.records], release)
        self.take()

    def out(self, key: bytes = KEYS[0]) -> list[bytes]:
        """What was sent for a key, in order."""
        return [record.value or b"" for record in self.logs.get("out", ()) if record.key == key]

    def recovered(self) -> dict[str, Table]:
        """The tables as the changelogs tell them."""
        tables = {"orders": Table(), "stock": Table()}
        for name, table in tables.items():
            for record in self.logs.get(name, ()):
                table.replay(record.key or b"", record.value, record.headers)
            table.derive_alarms(self.rules)
        return tables

    def held(self, table: str = "orders") -> tuple[dict[bytes, int], dict[bytes, int]]:
        """How many records wait, and at which place in line."""
        return self.tables[table].parked, self.tables[table].blocked
