"""What separates a cluster's topics from the declared ones: a pure comparison, one sentence a difference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from b2b2c_saga.bus.topics import FOREVER, OURS, Topic, Topics

Kind = Literal["create", "alter", "grow", "refused", "unknown"]
REMEDY = "declare a new version of the topic instead"


@dataclass(frozen=True)
class Existing:
    """A topic as the cluster has it; `settings` are those that were set on the topic itself."""

    partitions: int
    replication: int
    settings: Mapping[str, str]
    effective: Mapping[str, str]
    """All settings, with the cluster's defaults."""


@dataclass(frozen=True)
class Change:
    """One difference."""

    kind: Kind
    topic: str
    sentence: str
    settings: tuple[tuple[str, str], ...] = ()
    """For `alter`: what to set."""


@dataclass(frozen=True)
class Plan:
    """All differences, in the order of the declaration."""

    changes: tuple[Change, ...]

    @property
    def refused(self) -> tuple[Change, ...]:
        """What would lose data or break co-partitioning."""
        return tuple(change for change in self.changes if change.kind == "refused")

    @property
    def work(self) -> tuple[Change, ...]:
        """What `apply` does."""
        return tuple(change for change in self.changes if change.kind in {"create", "alter", "grow"})

    def as_json(self) -> dict[str, Any]:
        """For a machine."""
        changes = [{"kind": c.kind, "topic": c.topic, "sentence": c.sentence} for c in self.changes]
        return {"changes": changes, "work": len(self.work), "refused": len(self.refused)}


def compare(topics: Topics, cluster: Mapping[str, Existing]) -> Plan:
    """The way from the cluster's topics (by full name) to the declared ones."""
    changes: list[Change] = []
    for name, topic in topics.by_name.items():
        existing = cluster.get(name)
        if existing is None:
            changes.append(Change("create", name, f"{name}: create with {topic.partitions} partitions, {_kept(topic)}"))
        else:
            changes += _differences(name, topic, existing)
    strangers = sorted(name for name in cluster if name.startswith(topics.prefix + OURS) and name not in topics.by_name)
    changes += [Change("unknown", name, f"{name}: not declared; left as it is") for name in strangers]
    return Plan(tuple(changes))


def _differences(name: str, topic: Topic, existing: Existing) -> Iterator[Change]:
    yield from _partitions(name, topic, existing)
    if topic.replication not in ("cluster", existing.replication):
        sentence = (
            f"{name}: replication {existing.replication} -> {topic.replication} moves data between brokers; "
            "reassign it with the cluster's own tools"
        )
        yield Change("refused", name, sentence)
    to_set: list[tuple[str, str]] = []
    for setting, wanted in topic.settings.items():
        found = existing.effective.get(setting)
        if found == wanted:
            continue
        if reason := _loss(setting, found, wanted):
            yield Change("refused", name, f"{name}: {setting} {found} -> {wanted} {reason}; {REMEDY}")
        else:
            to_set.append((setting, wanted))
    if to_set:
        what = ", ".join(f"{setting} {existing.effective.get(setting)} -> {wanted}" for setting, wanted in to_set)
        yield Change("alter", name, f"{name}: {what}", tuple(to_set))


def _partitions(name: str, topic: Topic, existing: Existing) -> Iterator[Change]:
    change = f"{name}: partitions {existing.partitions} -> {topic.partitions}"
    if existing.partitions == topic.partitions:
        return
    if topic.partitions < existing.partitions:
        yield Change("refused", name, f"{change} would lose data; {REMEDY}")
    elif topic.copartitioned:
        yield Change("refused", name, f"{change} would break co-partitioning: keys would move; {REMEDY}")
    else:
        yield Change("grow", name, change)


def _loss(setting: str, found: str | None, wanted: str) -> str | None:
    """Why a change of a setting would lose data; None if it doesn't."""
    if setting == "cleanup.policy":
        return "would lose data"  # either way: compaction drops old values, deletion drops old keys
    if (
        setting == "retention.ms"
        and wanted != str(FOREVER)
        and (found == str(FOREVER) or int(found or 0) > int(wanted))
    ):
        return "would lose data"
    return None


def _kept(topic: Topic) -> str:
    if topic.cleanup == "compact":
        return "compacted"
    return "kept for ever" if topic.retention == FOREVER else f"kept {topic.retention // 3_600_000} h"
