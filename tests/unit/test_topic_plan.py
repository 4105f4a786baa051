"""What separates a cluster from the declaration, and what may not be changed."""

from dataclasses import replace

import pytest

from b2b2c_saga.bus.topic_plan import Change, Existing, Plan, compare
from b2b2c_saga.bus.topics import Topic, Topics, load_topics

DAY = 86_400_000
STEP = Topic(
    name="b2b2c.intake.v1",
    partitions=8,
    replication="cluster",
    retention="7d",
    cleanup="delete",
    copartitioned=True,
    key="account/orderCode",
    messages=("OrderPlaced",),
    owner="steps",
)
SETTINGS = STEP.settings
SAME = Existing(partitions=8, replication=1, settings=SETTINGS, effective=SETTINGS)
NAME = "x.b2b2c.intake.v1"


def plan(existing: Existing | None, **declared: object) -> Plan:
    topic = Topic(**{**STEP.model_dump(), "retention": "7d", **declared})
    return compare(Topics({"intake": topic}, "x."), {} if existing is None else {NAME: existing})


def having(**settings: str) -> Existing:
    renamed = {name.replace("_", "."): value for name, value in settings.items()}
    return replace(SAME, settings={**SETTINGS, **renamed}, effective={**SETTINGS, **renamed})


def test_a_missing_topic_is_created():
    assert plan(None).changes == (Change("create", NAME, f"{NAME}: create with 8 partitions, kept 168 h"),)
    assert plan(None, cleanup="compact").changes[0].sentence.endswith(", compacted")
    assert plan(None, retention="forever").changes[0].sentence.endswith(", kept for ever")


def test_what_is_declared_in_kafkas_words():
    assert STEP.settings == {
        "cleanup.policy": "delete",
        "retention.ms": str(7 * DAY),
        "message.timestamp.type": "LogAppendTime",
    }


def test_a_cluster_as_declared_needs_nothing():
    assert plan(SAME) == Plan(())


def test_longer_retention_and_larger_records_are_set():
    found = plan(having(retention_ms=str(DAY), max_message_bytes="1048588"), max_message=2_048)
    sentence = f"{NAME}: retention.ms {DAY} -> {7 * DAY}, max.message.bytes 1048588 -> 2097152"
    settings = (("retention.ms", str(7 * DAY)), ("max.message.bytes", "2097152"))
    assert found.changes == (Change("alter", NAME, sentence, settings),)
    assert (len(found.work), found.refused) == (1, ())
    assert plan(SAME, retention="forever").work[0].settings == (("retention.ms", "-1"),)


@pytest.mark.parametrize(
    ("existing", "declared", "sentence"),
    [
        (having(retention_ms=str(30 * DAY)), {}, f"retention.ms {30 * DAY} -> {7 * DAY} would lose data"),
        (having(retention_ms="-1"), {}, f"retention.ms -1 -> {7 * DAY} would lose data"),
        (having(cleanup_policy="compact"), {}, "cleanup.policy compact -> delete would lose data"),
        (SAME, {"cleanup": "compact"}, "cleanup.policy delete -> compact would lose data"),
        (replace(SAME, partitions=16), {}, "partitions 16 -> 8 would lose data"),
        (SAME, {"partitions": 16}, "partitions 8 -> 16 would break co-partitioning: keys would move"),
        (replace(SAME, partitions=16), {"copartitioned": False}, "partitions 16 -> 8 would lose data"),
    ],
)
def test_what_would_lose_data_or_break_copartitioning_is_refused(existing, declared, sentence):
    found = plan(existing, **declared)
    sentence = f"{NAME}: {sentence}; declare a new version of the topic instead"
    assert found.refused == (Change("refused", NAME, sentence),)
    assert found.work == ()


def test_a_topic_of_its_own_may_grow():
    assert plan(SAME, partitions=16, copartitioned=False).changes == (
        Change("grow", NAME, f"{NAME}: partitions 8 -> 16"),
    )


def test_replication_is_the_clusters_or_moved_by_its_own_tools():
    assert plan(replace(SAME, replication=3)) == Plan(())
    assert plan(SAME, replication=1) == Plan(())
    assert "replication 1 -> 3 moves data between brokers" in plan(SAME, replication=3).refused[0].sentence


def test_undeclared_topics_of_ours_are_told_and_others_are_not():
    found = compare(
        Topics({"intake": STEP}, "x."),
        {NAME: SAME, "x.b2b2c.old.v1": SAME, "b2b2c.intake.v1": SAME, "x.payments": SAME},
    )
    assert found.changes == (Change("unknown", "x.b2b2c.old.v1", "x.b2b2c.old.v1: not declared; left as it is"),)
    assert (found.work, found.refused) == ((), ())


def test_a_plan_for_a_machine():
    assert plan(SAME, partitions=16).as_json() == {
        "changes": [{"kind": "refused", "topic": NAME, "sentence": plan(SAME, partitions=16).refused[0].sentence}],
        "work": 0,
        "refused": 1,
    }


def test_short_and_full_names():
    topics = load_topics("x.")
    assert topics.name("changelog.orders") == "x.b2b2c.orders.changelog.v1"
    assert topics.short("x.b2b2c.b2c-returns.v1") == "b2c-returns"
    assert {topics.short(topics.name(short)) for short in topics.declared} == set(topics.declared)
