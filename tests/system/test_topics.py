"""`topics plan` and `topics apply` on a real cluster."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from typer.testing import CliRunner, Result

from b2b2c_saga.bus.topic_admin import apply_topics, plan_topics
from b2b2c_saga.bus.topics import DECLARATION, Topics, load_topics
from b2b2c_saga.cli import app
from b2b2c_saga.settings import Settings


def cli(settings: Settings, command: str, *options: str) -> Result:
    cluster = ("--bootstrap-servers", str(settings.bootstrap_servers))
    return CliRunner().invoke(app, [*cluster, "topics", command, "--prefix", settings.topic_prefix, *options])


def declared_otherwise(folder: Path, short: str, **fields: object) -> str:
    """A copy of topics.yaml with one topic changed."""
    declaration = yaml.safe_load(DECLARATION.read_text())
    declaration["topics"][short] |= fields
    file = folder / "topics.yaml"
    file.write_text(yaml.safe_dump(declaration))
    return str(file)


async def settings_of(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for entry in answers[0].resources[0][4]}


def test_plan_shows_apply_does_and_then_nothing_is_left(settings: Settings):
    planned = cli(settings, "plan", "--json")
    assert planned.exit_code == 3
    changes = json.loads(planned.stdout)["changes"]
    assert {change["kind"] for change in changes} == {"create"}
    assert {change["topic"] for change in changes} == set(load_topics(settings.topic_prefix).by_name)

    applied = cli(settings, "apply")
    assert applied.exit_code == 0
    assert applied.stdout.endswith(f"{len(changes)} done.\n")
    again = cli(settings, "plan")
    assert (again.exit_code, again.stdout) == (0, "The cluster is as declared.\n")
    assert cli(settings, "apply").stdout == "The cluster is as declared.\nNothing to do.\n"


async def test_the_cluster_has_what_was_declared(settings: Settings, topics: Topics):
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    name = topics.name("changelog.orders")
    described = (await admin.describe_topics([name]))[0]
    found = await settings_of(admin, name)
    await admin.close()
    assert (len(described["partitions"]), len(described["partitions"][0]["replicas"])) == (8, 1)
    assert {key: found[key] for key in ("cleanup.policy", "max.message.bytes")} == {
        "cleanup.policy": "compact",
        "max.message.bytes": str(8192 * 1024),
    }


async def test_an_alteration_keeps_what_others_set(settings: Settings, topics: Topics, tmp_path: Path):
    name = topics.name("replies")
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    theirs = {**topics.declared["replies"].settings, "segment.bytes": "1048576"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, theirs)])
    async with asyncio.timeout(20):
        while (await settings_of(admin, name))["segment.bytes"] != "1048576":  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.02)
    longer = load_topics(settings.topic_prefix, Path(declared_otherwise(tmp_path, "replies", retention="2h")))
    planned = await plan_topics(settings, longer)
    assert [change.sentence for change in planned.changes] == [f"{name}: retention.ms 3600000 -> 7200000"]
    await apply_topics(settings, longer)
    assert (await plan_topics(settings, longer)).changes == ()
    found = await settings_of(admin, name)
    await admin.close()
    assert (found["retention.ms"], found["segment.bytes"]) == ("7200000", "1048576")


@pytest.mark.parametrize(
    ("short", "fields", "sentence"),
    [
        ("replies", {"retention": "30m"}, "retention.ms 3600000 -> 1800000 would lose data"),
        ("changelog.orders", {"cleanup": "delete"}, "cleanup.policy compact -> delete would lose data"),
        ("audit", {"partitions": 4}, "partitions 8 -> 4 would lose data"),
    ],
)
async def test_what_is_refused_leaves_everything_as_it_is(settings, topics, tmp_path, short, fields, sentence):
    file = declared_otherwise(tmp_path, short, **fields)
    text = Path(file).read_text().replace("retention: 30d", "retention: 60d")  # could be done, and is not
    Path(file).write_text(text)
    declared = load_topics(settings.topic_prefix, Path(file))
    refused = await apply_topics(settings, declared)
    assert [c.sentence for c in refused.refused] == [
        f"{topics.name(short)}: {sentence}; declare a new version of the topic instead"
    ]
    assert len(refused.work) == 2
    assert (await plan_topics(settings, declared)).changes == refused.changes


def test_exit_codes_tell_refusal_and_a_bad_file(settings: Settings, tmp_path: Path):
    assert cli(settings, "apply").exit_code == 0
    file = declared_otherwise(tmp_path, "replies", retention="30m")
    for command in ("plan", "apply"):
        answer = cli(settings, command, "--file", file)
        assert answer.exit_code == 4
        assert answer.stdout.startswith("refused  ")
    file = declared_otherwise(tmp_path, "replies", retention="soon")
    answer = cli(settings, "plan", "--file", file)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert f"b2b2c-saga: {file}: a field breaks its rule: topics.replies.retention = 'soon'" in answer.stderr


async def test_a_topic_of_its_own_grows(settings: Settings, topics: Topics, tmp_path: Path):
    wider = load_topics(settings.topic_prefix, Path(declared_otherwise(tmp_path, "audit", partitions=12)))
    assert [change.kind for change in (await apply_topics(settings, wider)).changes] == ["grow"]
    assert (await plan_topics(settings, wider)).changes == ()


async def test_an_undeclared_topic_is_told_and_left(settings: Settings, topics: Topics):
    fewer = Topics({short: topic for short, topic in topics.declared.items() if short != "audit"}, topics.prefix)
    found = await apply_topics(settings, fewer)
    assert [(change.kind, change.topic) for change in found.changes] == [("unknown", topics.name("audit"))]
    assert (await plan_topics(settings, topics)).changes == ()


def test_without_a_cluster_one_sentence_tells_the_remedy(tmp_path: Path):
    answer = CliRunner().invoke(app, ["--data-dir", str(tmp_path), "topics", "plan"])
    assert answer.exit_code == 69
    assert answer.stderr.startswith(f"b2b2c-saga: no Kafka: none runs in {tmp_path}/broker; start one with")
    assert answer.stderr.count("\n") == 1
