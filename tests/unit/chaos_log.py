"""Logs as an honest engine writes them, and ways to tamper with them."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from said_upstream import BEGIN, CATALOGUE

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.chaos.orders.fold import check
from b2b2c_saga.chaos.orders.slices import Slice
from b2b2c_saga.chaos.orders.violations import Kind
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import Event
from b2b2c_saga.runtime.engine import Send
from b2b2c_saga.runtime.rows import saga_job

TOPICS = load_topics("t.")
JOB = saga_job("test", TOPICS, CATALOGUE)
NUMBER = 3


@dataclass
class Log:
    """All records of one partition number; times in milliseconds."""

    records: list[Record] = field(default_factory=list)
    committed: dict[str, int] = field(default_factory=dict)
    now: int = int(BEGIN.timestamp() * 1_000)
    _ends: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _rows: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    _told: list[Record] = field(default_factory=list)
    _sources: dict[tuple[str, bytes], list[str]] = field(default_factory=dict)

    def hear(self, *events: Event) -> None:
        """Each is published and decided on, all of them in one batch; then what rows told other rows."""
        for event in events:
            self.now += 10
            self._decide(self.take(event))
        self._write()
        while self._told:
            self._decide(self._told.pop(0))
            self._write()

    def take(self, event: Event) -> Record:
        """It is published, and the offset behind it is committed."""
        sent = Envelope(event, derived_id(event.model_dump_json()), "test", BEGIN)
        record = self.publish(TOPICS.name(event.topic), sent.key, sent.value, sent.headers)
        self.committed[record.topic] = record.offset + 1
        return record

    def _decide(self, record: Record) -> None:
        key, table = record.key or b"", JOB.steps[record.topic]
        decided = JOB.logics[table].decide(key, self._rows.get((table, key)), record)
        self._follow(table, key, f"{record.topic}:{record.offset}", decided.row, decided.sends)
        self.committed[record.topic] = record.offset + 1

    def ring(self, table: str, key: bytes) -> None:
        """The row's alarm comes due, and rings."""
        row = self._rows[TOPICS.name(table), key]
        due = JOB.logics[TOPICS.name(table)].alarm(key, row)
        assert due is not None
        self.now = max(self.now, due)
        decided = JOB.logics[TOPICS.name(table)].ring(key, row, self.now)
        self._follow(TOPICS.name(table), key, f"alarm:{self.now}", decided.row, decided.sends)
        self._write()

    def publish(self, topic: str, key: bytes, value: bytes | None, headers: Iterable[tuple[str, bytes]] = ()) -> Record:
        """One more record at a topic's end."""
        record = Record(topic, NUMBER, self._ends[topic], key, value, tuple(headers), self.now)
        self._ends[topic] += 1
        self.records.append(record)
        return record

    def _follow(self, table: str, key: bytes, source: str, row: bytes | None, sends: Iterable[Send]) -> None:
        assert row is not None
        self._rows[table, key] = row
        self._sources.setdefault((table, key), []).append(source)
        for send in sends:
            record = self.publish(send.topic, send.key, send.value, send.headers)
            if send.topic in JOB.steps:
                self._told.append(record)

    def _write(self) -> None:
        for (table, key), sources in self._sources.items():
            self.publish(table, key, self._rows[table, key], [("sources", json.dumps(sources).encode())])
        self._sources.clear()

    @property
    def slice(self) -> Slice:
        """As it is read."""
        return Slice.of(NUMBER, self.records, self.committed, TOPICS)

    @property
    def found(self) -> list[Kind]:
        """The kinds of violations in it, each once, sorted."""
        return sorted({violation.kind for violation in check([self.slice], JOB)}, key=lambda kind: kind.name)

    def of(self, short: str) -> list[Record]:
        """The records of a topic."""
        return [record for record in self.records if record.topic == TOPICS.name(short)]

    def change(self, record: Record, **to: object) -> None:
        """A record says something else."""
        self.records[self.records.index(record)] = replace(record, **to)  # type: ignore[arg-type]

    def sources(self, version: Record, change: Callable[[list[str]], list[str]]) -> None:
        """A version of a row names other sources."""
        named = change(json.loads(dict(version.headers)["sources"]))
        self.change(version, headers=(("sources", json.dumps(named).encode()),))
