"""Computes rows and outputs of a slice anew, by folding `decide` over the inputs in the order that the changelog tells.

The engine is not asked: what it should have written follows from the inputs and the saga alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from b2b2c_saga.bus.records import Record
from b2b2c_saga.chaos.orders.outputs import compare_outputs, compare_told
from b2b2c_saga.chaos.orders.slices import ALARM, Slice, header, sources_of, waits_parked
from b2b2c_saga.chaos.orders.violations import Kind, Violation
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.runtime.engine import Decided, Job, Logic, Send

Place = tuple[str, int]
"""Topic and offset, within a slice."""
ORIGIN = "__dlq.errors."


@dataclass
class Folded:
    """What came of a slice: what is broken, and what its rows told the rows of any slice."""

    violations: list[Violation] = field(default_factory=list)
    told: dict[tuple[str, bytes], list[Send]] = field(default_factory=lambda: defaultdict(list))
    """By topic and key."""


def fold(of: Slice, job: Job) -> Folded:
    """Compute a slice at rest anew. `job` names the steps of each table, and its logic."""
    folding = _Fold(of, job)
    return Folded([*folding.violations()], folding.told)


def check(slices: Sequence[Slice], job: Job) -> list[Violation]:
    """Everything that is broken in slices which are all that there is."""
    folded = [fold(of, job) for of in slices]
    told = compare_told((one.told for one in folded), (of.told for of in slices))
    return [*(violation for one in folded for violation in one.violations), *told]


class _Fold:
    def __init__(self, of: Slice, job: Job) -> None:
        self._of = of
        self._job = job
        self._named: Counter[Place] = Counter()
        self._expected: dict[tuple[str, bytes], list[Send]] = defaultdict(list)
        self.told: dict[tuple[str, bytes], list[Send]] = defaultdict(list)

    def violations(self) -> Iterator[Violation]:
        for (table, key), versions in self._of.versions.items():
            yield from self._row(self._job.logics[table], key, versions)
        yield from self._inputs()
        yield from compare_outputs(self._expected, self._of.outputs)

    def _row(self, logic: Logic, key: bytes, versions: list[Record]) -> Iterator[Violation]:
        """Each version from the one before, as it is told: so that one mistake is told once."""
        row: bytes | None = None
        last: dict[str, int] = {}
        for version in versions:
            where = f"at {version.topic}:{self._of.number}:{version.offset}"
            for topic, at in sources_of(version):
                named = f"{topic}:{at} {where}"
                if topic != ALARM:
                    self._named[topic, at] += 1
                    if last.get(topic, -1) >= at:
                        yield _found(Kind.OUT_OF_ORDER, key, f"{named} after offset {last[topic]}")
                    last[topic] = at
                try:
                    decided = self._decide(logic, key, row, topic, at)
                except Exception as error:  # noqa: BLE001 - whatever it raises is what is wrong with the row
                    yield _found(Kind.UNDECIDABLE, key, f"{named}: {type(error).__name__}")
                    continue
                if isinstance(decided, Kind):
                    yield _found(decided, key, named)
                    continue
                row = decided.row
                self._expect(decided)
            if waits_parked(version):
                yield _found(Kind.PARKED, key, f"{waits_parked(version)} of its records wait, {where}")
            if row != (version.value or None):
                yield _found(Kind.ROW, key, f"{where}: {_difference(row, version.value)}")
            row = version.value or None

    def _decide(self, logic: Logic, key: bytes, row: bytes | None, topic: str, at: int) -> Decided | Kind:
        if topic == ALARM:
            due = None if row is None else logic.alarm(key, row)
            return logic.ring(key, row, at) if row is not None and due is not None and due <= at else Kind.EARLY_ALARM
        record = self._of.inputs.get(topic, {}).get(at)
        return Kind.UNHEARD if record is None or record.key != key else logic.decide(key, row, record)

    def _expect(self, decided: Decided) -> None:
        for send in decided.sends:
            if send.topic in self._job.steps:
                self.told[send.topic, send.key].append(send)
            elif send.topic != self._job.parked:  # that record tells of itself
                self._expected[send.topic, send.key].append(send)

    def _inputs(self) -> Iterator[Violation]:
        """Each input once: named by one version of one row, or parked; and nothing beyond the committed offset."""
        parked: Counter[Place] = Counter()
        for record in self._of.parked:
            said = {name: (header(record, ORIGIN + name) or b"?").decode() for name in ("topic", "offset", "message")}
            if said["offset"].isdecimal():
                parked[said["topic"], int(said["offset"])] += 1
            yield _found(Kind.PARKED, record.key or b"", f"{said['topic']}:{said['offset']}: {said['message']}")
        for topic, records in self._of.inputs.items():
            committed = self._of.committed.get(topic, 0)
            for offset, record in records.items():
                times = self._named[topic, offset] + parked[topic, offset]
                kind = _kind(times, is_committed=offset < committed)
                if kind and not (kind is Kind.LOST and self._leaves_no_trace(record)):
                    what = f"{topic}:{offset}, decided {times} times, committed up to {committed}"
                    yield _found(kind, record.key or b"", what)

    def _leaves_no_trace(self, record: Record) -> bool:
        """Refused with an answer when there was no row yet: then no version of a row tells of it."""
        key, table = record.key or b"", self._job.steps[record.topic]
        try:
            decided = self._job.logics[table].decide(key, None, record)
        except BadInput:
            return False
        if decided.row is not None:
            return False
        self._expect(decided)
        return True


def _kind(times: int, *, is_committed: bool) -> Kind | None:
    if times > 1:
        return Kind.TWICE
    if is_committed:
        return None if times else Kind.LOST
    return Kind.AHEAD if times else Kind.LEFT


def _found(kind: Kind, key: bytes, what: str) -> Violation:
    return Violation(kind, key.decode(errors="replace"), what)


def _difference(computed: bytes | None, told: bytes | None) -> str:
    """Where they part; no more of either, since rows hold a consumer's name and address."""
    ours, theirs = computed or b"", told or b""
    same = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    return f"{len(theirs)} bytes, computed {len(ours)}, the same up to byte {same}"
