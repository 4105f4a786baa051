"""What must hold, read off the broker's log alone at each transaction that is committed, and at the end."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from model_broker import Broker
from model_logic import NUMBERS, STEPS, TABLES, Naming

from b2b2c_saga.bus.records import Record, partition_of
from b2b2c_saga.runtime.engine import Decided
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.parking import PREFIX
from b2b2c_saga.runtime.engine.table import SOURCES, parked_in


class Violation(Exception):  # noqa: N818 - what it is
    """Something that must hold does not."""


class Ledger:
    """Follows the commits: state, outputs and offsets must tell of the same records, each once."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._logics = {table: Naming(table) for table in TABLES}
        self.rows: dict[Place, dict[bytes, bytes | None]] = defaultdict(dict)
        self.parked: dict[Place, dict[bytes, int]] = defaultdict(dict)
        self.positions: dict[Place, int] = {Place(step, n): 0 for step in STEPS for n in range(NUMBERS)}
        self.commits = 0
        self.aborts = 0

    def decided(self, name: str, producer: int, commit: bool, offsets: Mapping[Place, int]) -> None:  # noqa: FBT001
        """A transaction's end is decided.

        Raises:
            Violation: by what it wrote, or by its offsets.
        """
        if not commit:
            self.aborts += 1
            return
        self.commits += 1
        number = int(name.rpartition("-")[2])
        written = {place: records for place, log in self._broker.logs.items() if (records := log.written_by(producer))}
        covered: dict[Place, list[int]] = defaultdict(list)
        sent: dict[tuple[bytes, str], list[bytes]] = {}
        for place, records in written.items():
            for record in records:
                if place.topic in TABLES:
                    sent[record.key or b"", place.topic] = self._fold(place, record, covered)
                elif place.topic == "parked":
                    self._origin(record, covered)
                elif place.topic in STEPS:
                    self._moved(place, record, covered)
        self._outputs(number, written.get(Place("out", number), ()), sent)
        self._offsets(covered, offsets)

    def _fold(self, place: Place, record: Record, covered: dict[Place, list[int]]) -> list[bytes]:
        """Decide anew what a changelog record says it was made of; returns what that sends."""
        key = record.key or b""
        row = self.rows[place].get(key)
        sent: list[bytes] = []
        sources = json.loads(dict(record.headers)[SOURCES])
        if sources and self.parked[place].get(key):
            raise Violation(f"decided although parked: {record}")
        last: dict[str, int] = {}
        for source in sources:
            topic, _, at = source.rpartition(":")
            if topic == "alarm":
                decided = self._ring(place.topic, row, int(at), record)
            else:
                origin = Place(topic, place.partition)
                if last.get(topic, -1) > int(at):
                    raise Violation(f"out of order: {record}")
                last[topic] = int(at)
                covered[origin].append(int(at))
                decided = self._logics[place.topic].decide(key, row, self._broker.logs[origin].entries[int(at)].record)
            row = decided.row
            sent += [send.value for send in decided.sends]
        if (record.value or None) != row:
            raise Violation(f"the row of {key} is not what its sources make: {record.value}, not {row}")
        self.rows[place][key] = row
        self.parked[place][key] = parked_in(record.headers)
        return sent

    def _ring(self, table: str, row: bytes | None, now: int, record: Record) -> Decided:
        try:
            return self._logics[table].ring(record.key or b"", row or b"", now)
        except AssertionError as error:
            raise Violation(f"{error}: {record}") from error

    @staticmethod
    def _origin(record: Record, covered: dict[Place, list[int]]) -> None:
        headers = dict(record.headers)
        offset = int(headers[f"{PREFIX}offset"])
        if offset >= 0:
            covered[Place(headers[f"{PREFIX}topic"].decode(), int(headers[f"{PREFIX}partition"]))].append(offset)

    def _moved(self, place: Place, record: Record, covered: dict[Place, list[int]]) -> None:
        if partition_of(record.key or b"", NUMBERS) != place.partition:
            raise Violation(f"moved to a wrong place: {record}")
        origin = Place(place.topic, 1 - place.partition)
        covered[origin] += [
            entry.record.offset for entry in self._broker.logs[origin].entries if entry.record.value == record.value
        ]

    @staticmethod
    def _outputs(number: int, outputs: Iterable[Record], sent: Mapping[tuple[bytes, str], list[bytes]]) -> None:
        found: dict[tuple[bytes, str], list[bytes]] = defaultdict(list)
        for record in outputs:
            value = record.value or b""
            found[record.key or b"", value.split()[0].decode()].append(value)
        expected = {key: values for key, values in sent.items() if values}
        if found != expected:
            raise Violation(f"outputs of partition {number} are not those of its rows: {dict(found)}, not {expected}")

    def _offsets(self, covered: Mapping[Place, list[int]], offsets: Mapping[Place, int]) -> None:
        if astray := covered.keys() - offsets.keys():
            raise Violation(f"effects without offsets: {sorted(astray)}")
        for place, after in offsets.items():
            before = self.positions[place]
            entries = self._broker.logs[place].entries[before:after]
            due = [entry.record.offset for entry in entries if not entry.marker and not entry.aborted]
            if after < before or Counter(covered.get(place, ())) != Counter(due):
                raise Violation(
                    f"{place.topic}-{place.partition} goes from {before} to {after}, so effects of {due} are due; "
                    f"found those of {covered.get(place, [])}"
                )
            self.positions[place] = after

    def left(self) -> list[str]:
        """What is not done yet."""
        found: list[str] = []
        for place, position in self.positions.items():
            entries = self._broker.logs[place].entries[position:]
            if unread := [e.record.offset for e in entries if not e.marker and not e.aborted]:
                found.append(f"{place.topic}-{place.partition}: {unread} have no effect")
        for place, rows in self.rows.items():
            found += [
                f"{place.topic}-{place.partition}: the alarm of {key} has not rung"
                for key, row in rows.items()
                if row and self._logics[place.topic].alarm(key, row) and not self.parked[place].get(key)
            ]
        found += [
            f"{place.topic}-{place.partition}: a transaction is open"
            for place, log in self._broker.logs.items()
            if log.open
        ]
        ahead = {place for place, offset in self._broker.offsets.items() if offset != self.positions[place]}
        return [*found, *(f"{place.topic}-{place.partition}: another offset is committed" for place in sorted(ahead))]

    def differs(self, number: int, tables: Mapping[str, object]) -> str | None:
        """How a writer's tables differ from the changelogs."""
        for changelog, table in tables.items():
            rows = {key: row for key, row in self.rows[Place(changelog, number)].items() if row is not None}
            if table.rows != rows:
                return f"the writer of {number} holds other rows than {changelog}: {table.rows}, not {rows}"
        return None
