"""Rows, sources and outputs against the input log: the logic folded anew, in the order that the changelog names."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from b2b2c_saga.bus.records import Record
from b2b2c_saga.chaos.checker.evidence import Evidence, Input, Output, Place, Version, Violation
from b2b2c_saga.runtime.engine.job import Decided, Logic

ALARM = "alarm:"


def rows(evidence: Evidence, logics: Mapping[str, Logic]) -> Iterator[Violation]:
    """What changelogs, inputs and outputs say against each other."""
    seen: dict[Place, Counter[int]] = defaultdict(Counter)
    promised: dict[bytes, list[bytes]] = defaultdict(list)
    for (changelog, key), versions in sorted(evidence.versions.items()):
        yield from _Fold(evidence, logics[changelog], (changelog, key), seen, promised[key]).over(versions)
    yield from _outputs(evidence, promised)
    yield from _sources(evidence, seen)


class _Fold:
    """The history of one row."""

    def __init__(
        self,
        evidence: Evidence,
        logic: Logic,
        row: tuple[str, bytes],
        seen: dict[Place, Counter[int]],
        promised: list[bytes],
    ) -> None:
        self._evidence, self._logic = evidence, logic
        self._changelog, self._key = row
        self._seen, self._promised = seen, promised
        self._row: bytes | None = None
        self._alarm: int | None = None
        self._parked = 0

    def over(self, versions: Sequence[Version]) -> Iterator[Violation]:
        """Compare each version with what its sources make of the one before; go on from what was written."""
        for version in versions:
            for source in version.sources:
                wrong = self._take(source, version)
                if wrong is not None:
                    yield wrong
            if version.row != self._row:
                what = f"{self._name} is {_text(version.row)} at offset {version.offset}, folded {_text(self._row)}"
                yield self._violation("row differs", what, version)
                self._row = version.row
            self._parked = version.parked
        if self._alarm is not None and not self._parked:
            yield self._violation("alarm never rang", f"{self._name} waits for {self._alarm}", versions[-1])

    def _take(self, source: str, version: Version) -> Violation | None:
        try:
            decided = self._decide(source, version)
        except LookupError:
            return self._violation("no such source", f"{self._name} names {source}, which it has not", version)
        except Exception as error:  # noqa: BLE001 - whatever the logic refuses
            return self._violation("refused, yet done", f"{self._name} folded {source}: {error}", version)
        self._row, self._alarm = decided.row, decided.alarm
        self._promised.extend(send.value or b"" for send in decided.sends)
        return None

    def _decide(self, source: str, version: Version) -> Decided:
        if source.startswith(ALARM):
            now = int(source.removeprefix(ALARM))
            if self._row is None or self._alarm is None or self._alarm > now:
                raise ValueError(f"no alarm was due at {now}")
            return self._logic.ring(self._key, self._row, now)
        topic, offset = source.rsplit(":", 1)
        place = (topic, version.partition)
        self._seen[place][int(offset)] += 1
        found: Input = self._evidence.inputs[place][int(offset)]
        if found.key != self._key or self._evidence.tables[topic] != self._changelog:
            raise LookupError(source)
        record = Record(topic, version.partition, int(offset), found.key, found.value, (), found.at)
        return self._logic.decide(self._key, self._row, record)

    @property
    def _name(self) -> str:
        return f"the row {self._key.decode(errors='replace')} of {self._changelog}"

    def _violation(self, rule: str, what: str, version: Version) -> Violation:
        return Violation(rule, what, self._key, version.at)


def _outputs(evidence: Evidence, promised: Mapping[bytes, list[bytes]]) -> Iterator[Violation]:
    """No output without its decision, and none missing; in the order of the decisions."""
    for key in sorted(promised.keys() | evidence.outputs.keys()):
        found: list[Output] = evidence.outputs.get(key, [])
        wanted = promised.get(key, [])
        told = [output.value for output in found]
        if told == wanted:
            continue
        at = next(
            (o.at for o, value in zip(found, wanted, strict=False) if o.value != value), found[-1].at if found else 0
        )
        less, more = Counter(wanted) - Counter(told), Counter(told) - Counter(wanted)
        name = key.decode(errors="replace")
        for value, count in less.items():
            yield Violation("row without output", f"{name}: {count} x {_text(value)} was decided, not sent", key, at)
        for value, count in more.items():
            yield Violation("output without row", f"{name}: {count} x {_text(value)} was sent, not decided", key, at)
        if not less and not more:
            yield Violation(
                "outputs out of order", f"{name}: outputs are not in the order of its row's changes", key, at
            )


def _sources(evidence: Evidence, seen: Mapping[Place, Counter[int]]) -> Iterator[Violation]:
    """Below the committed offset each input exactly once, in a row or parked; at or above it none."""
    parked: dict[Place, Counter[int]] = defaultdict(Counter)
    for (topic, partition, offset), times in evidence.parked.items():
        parked[topic, partition][offset] += times
    for place in sorted(evidence.inputs):
        log, committed = evidence.inputs[place], evidence.committed.get(place, 0)
        taken = seen.get(place, Counter()) + parked.get(place, Counter())
        for offset in sorted(log.keys() | taken.keys()):
            times, record = taken[offset], log.get(offset)
            what = f"{place[0]}:{place[1]} offset {offset}"
            key, at = (record.key, record.at) if record else (b"", 0)
            if times > 1:
                yield Violation("source repeated", f"{what} is in rows and parked records {times} times", key, at)
            elif times and offset >= committed:
                yield Violation("state ahead", f"{what} is in a row, and {committed} is committed", key, at)
            elif not times and offset < committed:
                yield Violation(
                    "offset ahead", f"{what} is in no row nor parked, and {committed} is committed", key, at
                )


def _text(value: bytes | None) -> str:
    return "no row" if value is None else value[:200].decode(errors="replace")
