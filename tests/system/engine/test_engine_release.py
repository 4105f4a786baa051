"""The way back on real Kafka: released in order, exactly once, whoever is killed."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from harness import (
    assert_exactly_once,
    assert_order_kept,
    event,
    everything,
    header,
    latest,
    outputs,
    publish,
    until,
    working,
)
from operator_shell import replay, started

from b2b2c_saga.bus.records import Outgoing
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.replay.parked import Parked
from b2b2c_saga.replay.whole import whole
from b2b2c_saga.settings import Settings

KEYS = [f"a/{n}" for n in range(30)]
LARGE = 1_048_300
"""Bytes: as much as a sender can send; with the reason it is more."""


async def _waiting(settings: Settings, topics: Topics) -> dict[str, str]:
    rows = await latest(settings, topics.name("changelog.orders"))
    return {key.decode(): count for key, row in rows.items() if (count := header(row, "parked"))}


async def test_a_release_that_is_killed_and_begun_again_sends_nothing_twice(
    settings: Settings, topics: Topics, tmp_path: Path
) -> None:
    needed = tmp_path / "needed"
    late = [event(topics, "pack", key, id=100 + n) for n in range(3) for key in KEYS]
    async with working(settings, tmp_path / "a.log") as worker:
        await publish(settings, [event(topics, "intake", key, id=0) for key in KEYS])
        await publish(settings, [event(topics, "intake", key, id=1, do="lack", file=str(needed)) for key in KEYS])
        await publish(settings, [event(topics, "intake", key, id=n) for n in range(2, 6) for key in KEYS])

        async def all_wait() -> bool:
            return await _waiting(settings, topics) == dict.fromkeys(KEYS, "5")

        await until(all_wait, "five records of each key wait")
        needed.touch()
        killed = started(settings, "release", "--reason", "Bug", "--rate", "40", "--yes")
        try:

            async def some_are_back() -> bool:
                return len(await everything(settings, topics.name("released"))) >= 40

            await until(some_are_back, "a part is released")
        finally:
            killed.kill()
            killed.communicate()
        part = len(await everything(settings, topics.name("released")))
        assert 40 <= part < 150
        await publish(settings, late[:30])
        worker.kill()
        worker.again()
        await publish(settings, late[30:])
        said = replay(settings, "release", "--reason", "Bug", "--yes")
        assert (said["again"], said["leftOut"], said["onTheirWay"]) == ([], [], 0)
        assert await _waiting(settings, topics) == {}
        await _all_out(settings, topics, 9 * len(KEYS))
        assert replay(settings, "list") == []
    told = await outputs(settings, topics)
    assert_exactly_once(told, [(key, str(n)) for key in KEYS for n in (*range(6), 100, 101, 102)])
    assert_order_kept(told)
    back = await everything(settings, topics.name("released"))
    places = Counter((header(r, "__released.partition"), header(r, "__released.offset")) for r in back)
    assert set(places.values()) == {1}
    audit = [json.loads(record.value or b"") for record in await everything(settings, topics.name("audit"))]
    audited = [(str(one["partition"]), str(one["offset"])) for said in audit for one in said["records"]]
    assert sorted(audited) == sorted(places)
    assert len({said["actionId"] for said in audit}) == 2


async def _all_out(settings: Settings, topics: Topics, count: int) -> None:
    async def complete() -> bool:
        return len(await outputs(settings, topics)) >= count

    await until(complete, f"{count} outputs")


async def test_what_fails_again_waits_again_up_to_a_limit_and_can_be_skipped(
    settings: Settings, topics: Topics, tmp_path: Path
) -> None:
    due = int(time.time() * 1000) + 1
    async with working(settings, tmp_path / "a.log"):
        await publish(
            settings,
            [
                event(topics, "intake", "a/bad", id=1, do="refuse"),
                event(topics, "intake", "a/bad", id=2),
                event(topics, "intake", "a/bug", id=1, do="alarm", at=due + 86_400_000),
                event(topics, "intake", "a/bug", id=2, do="bug"),
                Outgoing(topics.name("intake"), b"", b"no key"),
                Outgoing(topics.name("intake"), b"a/noise", b"\xff"),
                event(topics, "intake", "a/good", id=1),
            ],
        )

        async def parked() -> bool:
            return len(await everything(settings, topics.name("parked"))) >= 5

        await until(parked, "five parked records")
        await publish(settings, [event(topics, "pack", "a/bad", id=3)])
        await until(lambda: _count_is(settings, topics, "a/bad", "3"), "three wait")

        listed = {one["order"]: one for one in replay(settings, "list")}
        assert {key: (one["records"], one["alone"], one["class"]) for key, one in listed.items()} == {
            "a/bad": (3, False, "BadInput"),
            "a/bug": (1, False, "Bug"),
            "": (1, True, "NoKey"),
            "a/noise": (1, True, "Unreadable"),
        }
        (again,) = replay(settings, "release", "--order", "a/bad", "--limit", "1", code=3)["again"]
        assert (again["records"], again["redrives"], again["class"]) == (3, 1, "BadInput")
        said = replay(settings, "release", "--all", "--yes", "--limit", "1", code=3)
        assert {one["order"]: one["leftOut"] for one in said["leftOut"]} == {
            "a/bad": "released once and failed again (--limit 1)",
            "": "it has no key",
        }
        assert [(one["order"], one["redrives"]) for one in said["again"]] == [("a/bug", 1)]

        skipped = replay(settings, "skip", "--order", "a/bad", "--reason", "sent by mistake")
        assert len(skipped["skipped"]) == 1
        replay(settings, "skip", "--order", "a/bug", "--reason", "INC-1", "--operator", "ada")
        replay(settings, "release", "--order", "a/bad")
        rest = [record for one in replay(settings, "list") for record in one["parked"]]
        places = [word for r in rest for word in ("--offset", f"{r['partition']}:{r['offset']}")]
        assert len(replay(settings, "skip", *places, "--reason", "noise")["skipped"]) == 2
        assert replay(settings, "list") == []
        await publish(settings, [event(topics, "pack", "a/bug", id=3)])
        await _all_out(settings, topics, 5)
        assert await _waiting(settings, topics) == {}
    told = await outputs(settings, topics)
    assert sorted((o["key"], o["id"]) for o in told) == [
        ("a/bad", 2),
        ("a/bad", 3),
        ("a/bug", 1),
        ("a/bug", 3),
        ("a/good", 1),
    ]
    audit = [json.loads(record.value or b"") for record in await everything(settings, topics.name("audit"))]
    kept = [said for said in audit if said["operator"] == "ada"]
    assert [(said["action"], said["reason"], said["records"][0]["key"]) for said in kept] == [
        ("SKIP", "INC-1", "a/bug")
    ]


async def _count_is(settings: Settings, topics: Topics, key: str, count: str) -> bool:
    return (await _waiting(settings, topics)).get(key) == count


async def test_of_two_operators_the_later_one_goes_on_and_the_first_is_told(
    settings: Settings, topics: Topics, tmp_path: Path
) -> None:
    async with working(settings, tmp_path / "a.log"):
        needed = tmp_path / "needed"
        await publish(settings, [event(topics, "intake", "a/1", id=1, do="lack", file=str(needed))])
        await publish(settings, [event(topics, "intake", "a/1", id=n) for n in range(2, 30)])
        large = {"id": 1, "do": "lack", "file": str(needed), "pad": ""}
        large["pad"] = "x" * (LARGE - len(json.dumps(large)))
        await publish(settings, [event(topics, "intake", "a/large", **large), event(topics, "intake", "a/large", id=2)])
        await until(lambda: _count_is(settings, topics, "a/1", "29"), "29 wait")
        await until(lambda: _count_is(settings, topics, "a/large", "2"), "2 wait")
        needed.touch()
        first = started(settings, "release", "--order", "a/1", "--rate", "2")

        async def begun() -> bool:
            return bool(await everything(settings, topics.name("released")))

        try:
            await until(begun, "the first has begun")
            assert replay(settings, "release", "--order", "a/1")["onTheirWay"] == 0
            _, error = await asyncio.to_thread(first.communicate, timeout=30)
        finally:
            first.kill()
        assert (first.returncode, "another `b2b2c-saga replay` has begun" in error) == (69, True), error
        first_large = next(r for r in await everything(settings, topics.name("parked")) if r.key == b"a/large")
        bare = replace(first_large, value=None, headers=(*first_large.headers, ("__dlq.errors.omitted", b"1")))
        assert (await whole(settings, Parked(bare))).value == first_large.value  # it lies where it came from, too
        assert replay(settings, "release", "--order", "a/large")["orders"] == 1
        await _all_out(settings, topics, 31)
    expected = [*(("a/1", str(n)) for n in range(1, 30)), ("a/large", "1"), ("a/large", "2")]
    assert_exactly_once(await outputs(settings, topics), expected)
