"""The topics that `topics.yaml` declares, by short name.

The file lies at the root of the repository, for people to find; a link in the package puts it into the wheel.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from b2b2c_saga.model.errors import BadInput

FOREVER = -1
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
DECLARATION = (Path(__file__).parents[1] / "topics.yaml").resolve()
OURS = "b2b2c."
"""How the name of every topic of ours begins, after the prefix."""


def _milliseconds(text: object) -> object:
    if text == "forever":
        return FOREVER
    match = re.fullmatch(r"([1-9]\d*)([smhd])", str(text))
    if match is None:
        raise ValueError("a number with s, m, h or d, or forever")
    return int(match[1]) * SECONDS[match[2]] * 1_000


class Topic(BaseModel):
    """One declared topic."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^b2b2c\.[a-z0-9.-]+\.v[1-9]\d*$")
    partitions: int = Field(ge=1, le=1_000)
    replication: Literal["cluster"] | Annotated[int, Field(ge=1, le=9)]
    retention: Annotated[int, BeforeValidator(_milliseconds)]
    """Milliseconds, or FOREVER."""
    cleanup: Literal["delete", "compact"]
    copartitioned: bool
    max_message: int | None = Field(default=None, ge=1_024, le=65_536)
    """KiB."""
    key: str = Field(min_length=1)
    messages: tuple[str, ...]
    owner: str = Field(min_length=1)

    @property
    def settings(self) -> dict[str, str]:
        """What we declare of the topic's configuration, in Kafka's words; the rest is the cluster's."""
        declared = {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(self.retention),
            "message.timestamp.type": "LogAppendTime",  # the saga's clock: no sender can set it wrong
        }
        if self.max_message is not None:
            declared["max.message.bytes"] = str(self.max_message * 1_024)
        return declared


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: dict[str, Topic]


@dataclass(frozen=True)
class Topics:
    """All declared topics; `prefix` stands before each full name."""

    declared: Mapping[str, Topic]
    prefix: str = ""

    def name(self, short: str) -> str:
        """The full name of a topic: `intake` -> `<prefix>b2b2c.intake.v1`."""
        return self.prefix + self.declared[short].name

    def short(self, full: str) -> str:
        """The short name of a full one."""
        return self._shorts[full]

    def partitions_of(self, short: str) -> int:
        """How many partitions a topic has."""
        return self.declared[short].partitions

    @property
    def partitions(self) -> int:
        """How many partitions each of the co-partitioned topics has."""
        return next(topic.partitions for topic in self.declared.values() if topic.copartitioned)

    @property
    def by_name(self) -> dict[str, Topic]:
        """The declared topics by full name."""
        return {self.prefix + topic.name: topic for topic in self.declared.values()}

    @cached_property
    def _shorts(self) -> dict[str, str]:
        return {self.name(short): short for short in self.declared}


def load_topics(prefix: str = "", path: Path | None = None) -> Topics:
    """The topics of a declaration (the shipped one unless a path is given).

    Raises:
        BadInput: names file, topic and field of the first mistake.
    """
    file = path or DECLARATION
    try:
        raw = yaml.safe_load(file.read_text())
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}", field="topics", rule="a readable file") from None
    except yaml.YAMLError as error:
        raise BadInput(f"{file} is not YAML: {error}", field="topics", rule="YAML 1.1") from None
    try:
        declared = _Declared.model_validate(_with_defaults(raw)).topics
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part not in {"int", "literal['cluster']"})
        value = None if isinstance(first["input"], dict) else first["input"]
        raise BadInput(f"{file}: a field breaks its rule", field=where, value=value, rule=first["msg"]) from None
    _check(declared, file)
    return Topics(declared, prefix)


def _with_defaults(raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("topics"), dict):
        return {"topics": None}
    defaults = raw.get("defaults") or {}
    others = {name: value for name, value in raw.items() if name != "defaults"}
    merged = {
        short: {**defaults, **fields} if isinstance(fields, dict) else fields for short, fields in raw["topics"].items()
    }
    return {**others, "topics": merged}


def _check(declared: Mapping[str, Topic], file: Path) -> None:
    """The rules that span topics: a name once, one number of partitions for all that are co-partitioned."""
    names: dict[str, str] = {}
    together: dict[str, int] = {}
    for short, topic in declared.items():
        if other := names.get(topic.name):
            rule = f"a name of its own: {other} has this one"
            raise BadInput(f"{file}: topic declared twice", field=f"topics.{short}.name", value=topic.name, rule=rule)
        names[topic.name] = short
        if topic.copartitioned:
            together[short] = topic.partitions
            first, wanted = next(iter(together.items()))
            if topic.partitions != wanted:
                raise BadInput(
                    f"{file}: co-partitioned topics differ",
                    field=f"topics.{short}.partitions",
                    value=topic.partitions,
                    rule=f"{wanted}, as topics.{first}: one partition number of all of them has one writer",
                )
    if not together:
        raise BadInput(f"{file}: no co-partitioned topic", field="topics", rule="at least the step topics")
