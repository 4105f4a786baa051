"""topics.yaml: the shipped one is whole, and a bad one is refused with file, topic and field."""

from pathlib import Path

import pytest

from b2b2c_saga.bus.topics import FOREVER, load_topics
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import BY_TYPE

STEPS = {"inventory", "intake", "invoice", "pack", "handover", "cancel", "return"}
COMMANDS = {f"commands.{system}" for system in ("omni", "marketplace", "erp", "wms", "rms")}
OTHERS = {"b2c-returns", "order-events", "replies", "parked", "released", "audit", "cursors"}
CHANGELOGS = {"changelog.orders", "changelog.stock"}


def test_all_topics_of_the_design_are_there():
    topics = load_topics()
    assert set(topics.declared) == STEPS | COMMANDS | OTHERS | CHANGELOGS
    for short in STEPS | COMMANDS | OTHERS:
        assert topics.name(short) == f"b2b2c.{short}.v1"
    assert {short for short, topic in topics.declared.items() if not topic.copartitioned} == {"audit", "cursors"}
    assert {short for short, topic in topics.declared.items() if topic.cleanup == "compact"} == CHANGELOGS | {"cursors"}
    assert topics.declared["replies"].retention == 3_600_000
    assert topics.declared["parked"].retention == FOREVER
    assert topics.partitions == 8


def test_each_message_type_is_on_the_topic_that_it_names():
    said = {short: sorted(topic.messages) for short, topic in load_topics().declared.items()}
    known: dict[str, list[str]] = {short: [] for short in said}
    for kind in BY_TYPE.values():
        for topic in kind.travels_on():
            known[topic].append(kind.__name__)
    for bytes_only in CHANGELOGS | {"parked", "released"}:
        del said[bytes_only], known[bytes_only]
    assert said == {short: sorted(names) for short, names in known.items()}


DEFAULTS = """
defaults: {partitions: 8, replication: cluster, retention: 7d, cleanup: delete, copartitioned: true, key: k, owner: o}
topics:
  intake: {name: b2b2c.intake.v1, messages: []}
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("topics: [", "is not YAML"),
        ("hello", "a field breaks its rule: topics: Input should be a valid dictionary"),
        ("topics: {}", "no co-partitioned topic: topics"),
        (DEFAULTS + "  pack: {name: b2b2c.pack.v1}", "topics.pack.messages: Field required"),
        (DEFAULTS + "  pack: 3", "topics.pack = 3: Input should be a valid dictionary"),
        (DEFAULTS + "  pack: {name: pack, messages: []}", "topics.pack.name = 'pack': String should match pattern"),
        (DEFAULTS + "  pack: {name: b2b2c.pack.v1, messages: [], color: red}", "topics.pack.color = 'red': Extra"),
        (DEFAULTS + "  pack: {name: b2b2c.pack.v1, messages: [], retention: soon}", "topics.pack.retention = 'soon'"),
        (DEFAULTS + "  pack: {name: b2b2c.pack.v1, messages: [], replication: 0}", "topics.pack.replication = 0"),
        (
            DEFAULTS + "  pack: {name: b2b2c.pack.v1, messages: [], partitions: 9}",
            "co-partitioned topics differ: topics.pack.partitions = 9: 8, as topics.intake",
        ),
        (
            DEFAULTS + "  pack: {name: b2b2c.intake.v1, messages: []}",
            "topic declared twice: topics.pack.name = 'b2b2c.intake.v1': a name of its own: intake has this one",
        ),
        (DEFAULTS + "extra: 1", "extra = 1: Extra inputs are not permitted"),
    ],
)
def test_a_bad_declaration_is_refused(tmp_path: Path, text: str, told: str):
    file = tmp_path / "topics.yaml"
    file.write_text(text)
    with pytest.raises(BadInput) as caught:
        load_topics(path=file)
    assert str(caught.value).startswith(str(file))
    assert told in str(caught.value)


def test_a_declaration_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match=r"nowhere\.yaml: No such file or directory: topics: a readable file"):
        load_topics(path=tmp_path / "nowhere.yaml")
