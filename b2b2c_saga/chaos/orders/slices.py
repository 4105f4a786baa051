"""What the topics say of one partition number, as any reader of committed records may see it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from b2b2c_saga.bus.clients import read_all
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.settings import Settings

SOURCES, PARKED = "sources", "parked"
"""Headers of a changelog record: the inputs that were folded into it, in order; and how many wait behind a parked one.

Written out here and not imported: the checker has nothing of the engine's."""
ALARM = "alarm"
WORKER = b"b2b2c-saga/worker"
"""Source of what a worker says."""
STEPS = ("inventory", "intake", "invoice", "pack", "handover", "cancel", "return")
TABLES = ("changelog.orders", "changelog.stock")
OUTPUTS = (
    *("commands.omni", "commands.marketplace", "commands.erp", "commands.wms", "commands.rms"),
    *("b2c-returns", "order-events", "replies"),
)
"""Topics that workers alone write, short names."""


@dataclass
class Slice:
    """One partition number of all topics: keys and their rows lie in one slice alone. Topics by their full names."""

    number: int
    inputs: dict[str, dict[int, Record]] = field(default_factory=lambda: defaultdict(dict))
    """By step topic, by offset."""
    versions: dict[tuple[str, bytes], list[Record]] = field(default_factory=lambda: defaultdict(list))
    """Of each row, by table and key, in the order they were written."""
    outputs: dict[tuple[str, bytes], list[Record]] = field(default_factory=lambda: defaultdict(list))
    """By topic and key, in the order they were written."""
    told: dict[tuple[str, bytes], list[Record]] = field(default_factory=lambda: defaultdict(list))
    """Inputs that workers wrote, such as an order's count of stock for the stock's row: by topic and key."""
    parked: list[Record] = field(default_factory=list)
    committed: dict[str, int] = field(default_factory=dict)
    """The offset that would be read next, by step topic."""

    @classmethod
    def of(cls, number: int, records: Iterable[Record], committed: Mapping[str, int], topics: Topics) -> "Slice":
        """Sort the records of a partition number."""
        made = cls(number, committed=dict(committed))
        for record in records:
            made.put(topics.short(record.topic), record)
        return made

    def put(self, short: str, record: Record) -> None:
        """One record of a topic, by its short name."""
        key = record.key or b""
        if short in STEPS:
            self.inputs[record.topic][record.offset] = record
            if header(record, "ce_source") == WORKER:
                self.told[record.topic, key].append(record)
        elif short in TABLES:
            self.versions[record.topic, key].append(record)
        elif short == "parked":
            self.parked.append(record)
        else:
            self.outputs[record.topic, key].append(record)

    @property
    def events(self) -> int:
        """Records that the workers had to decide on."""
        return sum(len(of_topic) for of_topic in self.inputs.values())

    def about(self, key: bytes) -> list[Record]:
        """Everything of one key, by time; what is of one time in the order of cause and effect."""
        inputs = [record for of_topic in self.inputs.values() for record in of_topic.values() if record.key == key]
        versions = [record for (_, of), records in self.versions.items() if of == key for record in records]
        outputs = [record for (_, of), records in self.outputs.items() if of == key for record in records]
        parked = [record for record in self.parked if record.key == key]
        return sorted([*inputs, *versions, *outputs, *parked], key=lambda record: record.timestamp)


async def read_slice(settings: Settings, topics: Topics, number: int, committed: Mapping[str, int]) -> Slice:
    """All that is committed of one partition number now.

    Raises:
        BadInput, Unavailable: as `read_all`.
    """
    names = [topics.name(short) for short in (*STEPS, *TABLES, *OUTPUTS, "parked")]
    return Slice.of(number, [r async for r in read_all(settings, names, number)], committed, topics)


def header(record: Record, name: str) -> bytes | None:
    """A header's value; the first of that name."""
    return next((value for known, value in record.headers if known == name), None)


def sources_of(version: Record) -> Sequence[tuple[str, int]]:
    """What was folded into a version of a row: topic and offset, or `alarm` and its time in milliseconds."""
    named: list[str] = json.loads(header(version, SOURCES) or b"[]")
    return [(place, int(at)) for place, _, at in (source.rpartition(":") for source in named)]


def waits_parked(version: Record) -> int:
    """How many records of this key are parked."""
    return int(header(version, PARKED) or 0)
