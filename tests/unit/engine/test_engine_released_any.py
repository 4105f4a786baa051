"""Whatever comes, fails, is repaired, released or skipped, and however these fall together."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from partition import BUG, KEYS, NOISE, REFUSED, Partition

Step = tuple[str, *tuple[object, ...]]
STEPS = st.one_of(
    st.tuples(st.just("tell"), st.sampled_from(KEYS[:2]), st.sampled_from(["intake", "pack"]), st.none()),
    st.tuples(
        st.just("tell"),
        st.sampled_from(KEYS[:2]),
        st.sampled_from(["intake", "pack"]),
        st.sampled_from([REFUSED, BUG, NOISE]),
    ),
    st.tuples(st.just("repair"), st.integers(0, 3)),
    st.tuples(st.just("release"), st.integers(0, 3), st.integers(1, 6)),
    st.tuples(st.just("skip"), st.integers(0, 3), st.integers(0, 5)),
    st.tuples(st.just("take"), st.integers(1, 5)),
    st.tuples(st.just("recover")),
)


@dataclass
class Play:
    """A partition, and what was done to it."""

    here: Partition = field(default_factory=Partition)
    told: dict[bytes, list[bytes]] = field(default_factory=dict)
    skipped: set[bytes] = field(default_factory=set)
    alone: set[bytes] = field(default_factory=set)
    """What was ever parked alone: its order among the others is not kept."""
    number: int = 0

    def step(self, name: str, *how: object) -> None:
        """One thing happens."""
        getattr(self, name)(*how)
        self.alone |= {one.records[0].record.value or b"" for one in self.here.waiting() if one.alone}

    def tell(self, key: bytes, topic: str, error: Exception | None) -> None:
        value = self._next()
        self.told.setdefault(key, []).append(value)
        if error:
            self.here.rules.wrong[value] = error
        self.here.tell(value, key=key, topic=topic)

    def repair(self, which: int) -> None:
        for value in list(self.here.rules.wrong)[which : which + 1]:
            del self.here.rules.wrong[value]

    def take(self, at_most: int) -> None:
        self.here.take(at_most)

    def recover(self) -> None:
        recovered = self.here.recovered()
        for name, table in self.here.tables.items():
            found = recovered[name]
            assert (found.rows, found.parked, found.blocked) == (table.rows, table.parked, table.blocked)
        self.here.tables = recovered

    def release(self, which: int, at_most: int) -> None:
        if which < len(lines := self.here.waiting()):
            self.here.send(lines[which].records[:at_most], self._next().decode())

    def skip(self, which: int, nth: int) -> None:
        lines = [one for one in self.here.waiting() if not one.alone]
        if which < len(lines) and nth < len(lines[which].records):
            record = lines[which].records[nth]
            self.here.send([record], self._next().decode(), skipped=True)
            self.skipped.add(record.record.value or b"")

    def _next(self) -> bytes:
        self.number += 1
        return b"%d;" % self.number


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_each_is_decided_once_or_waits_or_was_skipped_and_in_order(steps: list[Step]):
    play = Play()
    here = play.here
    for step in steps:
        play.step(*step)
    here.take(999)
    for key, values in play.told.items():
        mine = [one for one in here.waiting() if one.key == key]
        line = [p.record.value for one in mine if not one.alone for p in one.records]
        single = [p.record.value for one in mine if one.alone for p in one.records]
        assert sorted([*here.out(key), *line, *single, *(play.skipped & set(values))]) == sorted(values)
        assert here.tables["orders"].parked.get(key, 0) == len(line)
        in_order = [value for value in [*here.out(key), *line] if value not in play.alone]
        assert in_order == [value for value in values if value in in_order]

    here.rules.wrong.clear()
    while here.waiting():
        here.release(play._next().decode())
    for key, values in play.told.items():
        assert sorted([*here.out(key), *(play.skipped & set(values))]) == sorted(values)
    assert here.held() == ({}, {})
