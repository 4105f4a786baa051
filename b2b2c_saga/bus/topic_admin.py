"""Topics of a real cluster: read them, plan against the declaration, apply the plan."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from b2b2c_saga.bus.driver import admin_client
from b2b2c_saga.bus.topic_plan import Existing, Plan, compare
from b2b2c_saga.bus.topics import Topic, Topics
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

SET_ON_THE_TOPIC = 1
"""`config_source` of DescribeConfigs: DYNAMIC_TOPIC_CONFIG."""
SETTLED_WITHIN = 30.0
"""Seconds in which new topics must have leaders."""


async def plan_topics(settings: Settings, topics: Topics) -> Plan:
    """How the cluster differs from the declaration.

    Raises:
        Unavailable: the cluster does not answer.
    """
    async with admin_client(settings) as admin:
        return compare(topics, await _existing(admin, topics))


async def apply_topics(settings: Settings, topics: Topics) -> Plan:
    """Make the cluster as declared, unless something is refused; returns the plan, carried out or refused.

    Raises:
        Unavailable: the cluster does not answer, or could not do it.
    """
    async with admin_client(settings) as admin:
        cluster = await _existing(admin, topics)
        plan = compare(topics, cluster)
        if plan.refused:
            return plan
        by_kind = {kind: [c for c in plan.work if c.kind == kind] for kind in ("create", "alter", "grow")}
        if created := {c.topic: topics.by_name[c.topic] for c in by_kind["create"]}:
            await _create(admin, created)
        for change in by_kind["alter"]:
            # AlterConfigs replaces all that was set on the topic: what others set must be said again.
            wanted = {**cluster[change.topic].settings, **dict(change.settings)}
            _check(await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, change.topic, wanted)]))
        for change in by_kind["grow"]:
            await admin.create_partitions({change.topic: NewPartitions(topics.by_name[change.topic].partitions)})
        if plan.work:
            await _settled(admin, topics)
        return plan


async def _existing(admin: AIOKafkaAdminClient, topics: Topics) -> dict[str, Existing]:
    """The cluster's topics that are ours by name."""
    names = [name for name in await admin.list_topics() if name.startswith(topics.prefix + "b2b2c.")]
    if not names:
        return {}
    found = {topic["topic"]: _described(topic) for topic in await admin.describe_topics(names)}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    for name, entries in _entries(await admin.describe_configs(resources)):
        found[name] = replace(
            found[name],
            settings={key: value for key, value, source in entries if source == SET_ON_THE_TOPIC},
            effective={key: value for key, value, _ in entries},
        )
    return found


def _described(topic: dict[str, Any]) -> Existing:
    partitions = topic["partitions"]
    return Existing(len(partitions), min((len(p["replicas"]) for p in partitions), default=0), {}, {})


def _entries(responses: Sequence[Any]) -> Iterable[tuple[str, list[tuple[str, str, int]]]]:
    for response in responses:
        for code, message, _, name, entries in response.resources:
            if code:
                raise for_code(code)(f"{name}: {message}")
            yield name, [(entry[0], entry[1], entry[3]) for entry in entries]


async def _create(admin: AIOKafkaAdminClient, created: dict[str, Topic]) -> None:
    default = await _default_replication(admin)
    new = [
        NewTopic(
            name,
            topic.partitions,
            default if topic.replication == "cluster" else topic.replication,
            topic_configs=topic.settings,
        )
        for name, topic in created.items()
    ]
    response = await admin.create_topics(new)
    for name, code, message in response.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:  # another apply was quicker
            raise for_code(code)(f"{name}: {message}")


async def _default_replication(admin: AIOKafkaAdminClient) -> int:
    """The cluster's own: aiokafka's CreateTopics is too old to leave it to the broker."""
    broker = (await admin.describe_cluster())["brokers"][0]["node_id"]
    responses = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, str(broker))])
    settings = {key: value for _, entries in _entries(responses) for key, value, _ in entries}
    return int(settings.get("default.replication.factor", 1))


def _check(responses: Sequence[Any]) -> None:
    for response in responses:
        for code, message, _, name in response.resources:
            if code:
                raise for_code(code)(f"{name}: {message}")


async def _settled(admin: AIOKafkaAdminClient, topics: Topics) -> None:
    """Wait until a broker tells what the controller has decided, and each partition has a leader.

    The controller answers first and the brokers follow: a client that came in between would be told that there is
    no such topic.
    """
    limit = time.monotonic() + SETTLED_WITHIN
    while True:
        described = await admin.describe_topics(list(topics.by_name))
        leaderless = [t["topic"] for t in described if t["error_code"] or any(p["error_code"] for p in t["partitions"])]
        if not leaderless and not compare(topics, await _existing(admin, topics)).work:
            return
        if time.monotonic() > limit:
            what = f"no leader for {leaderless[0]}" if leaderless else "not all brokers know"
            raise Unavailable(f"the topics are not as declared after {SETTLED_WITHIN:.0f} s: {what}")
        await asyncio.sleep(0.05)
