"""Each event once, each key counted without gap or repeat, in order: by events and outputs alone."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from b2b2c_saga.chaos.checker.evidence import Evidence, Input, Output, Violation

Known = dict[object, tuple[str, Input]]
"""Events of a key by id: the topic and the record."""


def effects(evidence: Evidence) -> Iterator[Violation]:
    """What events and outputs of each key say against the promise."""
    expected: dict[bytes, dict[str, list[tuple[object, Input]]]] = defaultdict(lambda: defaultdict(list))
    parked: dict[bytes, set[object]] = defaultdict(set)
    for (topic, partition), log in evidence.inputs.items():
        for offset in sorted(log):
            record = log[offset]
            said = json.loads(record.value)["id"]
            if (topic, partition, offset) in evidence.parked:
                parked[record.key].add(said)
            else:
                expected[record.key][topic].append((said, record))
    for key in sorted(expected.keys() | evidence.outputs.keys()):
        outputs = evidence.outputs.get(key, [])
        yield from _once(key, expected[key], outputs, parked[key])
        yield from _counted(key, outputs)
        for topic, events in expected[key].items():
            yield from _in_order(key, topic, [said for said, _ in events], outputs)


def _once(
    key: bytes, expected: dict[str, list[tuple[object, Input]]], outputs: Sequence[Output], parked: set[object]
) -> Iterator[Violation]:
    known: Known = {said: (topic, record) for topic, events in expected.items() for said, record in events}
    wanted = Counter(said for events in expected.values() for said, _ in events)
    told = Counter(output.id for output in outputs if output.step is not None)
    last = {output.id: output for output in outputs}
    for said, missing in (wanted - told).items():
        topic, record = known[said]
        yield Violation("lost", f"event {said} of {_name(key)} in {topic} has {missing} output too few", key, record.at)
    for said, more in (told - wanted).items():
        at = last[said].at
        if said in known:
            yield Violation("doubled", f"event {said} of {_name(key)} has {more} output too many", key, at)
        elif said in parked:
            yield Violation("parked and done", f"event {said} of {_name(key)} was parked, and has an output", key, at)
        else:
            yield Violation("invented", f"output {said} of {_name(key)} answers no event", key, at)


def _counted(key: bytes, outputs: Sequence[Output]) -> Iterator[Violation]:
    wanted = 1
    for output in outputs:
        if output.n != wanted:
            rule = "count repeated" if output.n < wanted else "count gap"
            yield Violation(rule, f"{_name(key)} counts {output.n} where {wanted} comes next", key, output.at)
        wanted = max(wanted, output.n + 1)


def _in_order(key: bytes, topic: str, events: Sequence[object], outputs: Sequence[Output]) -> Iterator[Violation]:
    rank = {said: number for number, said in enumerate(events)}
    before = -1
    for output in outputs:
        if output.step != topic or output.id not in rank:
            continue
        if rank[output.id] < before:
            what = f"event {output.id} of {_name(key)} in {topic} took effect after {events[before]}, which follows it"
            yield Violation("out of order", what, key, output.at)
        before = max(before, rank[output.id])


def _name(key: bytes) -> str:
    return key.decode(errors="replace")
