"""What can't be decided is parked with its reason and origin, and the next key goes on."""

import asyncio
import json
import time
from pathlib import Path
from urllib.request import urlopen

from harness import assert_exactly_once, event, everything, header, latest, outputs, publish, until, working

from b2b2c_saga.bus.broker.probe import free_port
from b2b2c_saga.bus.records import Outgoing, Record, partition_of
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.settings import Settings


async def _outputs(settings: Settings, topics: Topics, count: int) -> list[dict[str, object]]:
    async def complete() -> bool:
        return len(await outputs(settings, topics)) >= count

    await until(complete, f"{count} outputs")
    return await outputs(settings, topics)


def _parking(record: Record) -> dict[str, str | None]:
    return {name: header(record, f"__dlq.errors.{name}") for name in ("topic", "class", "message")}


async def test_poison_is_parked_and_others_go_on(settings: Settings, topics: Topics, tmp_path: Path) -> None:
    nested = b'{"id": 1, "deep": ' + b"[" * 500_000 + b"]" * 500_000 + b"}"
    intake = topics.name("intake")
    port = free_port()
    async with working(settings, tmp_path / "a.log", str(port)) as worker:
        await publish(
            settings,
            [
                event(topics, "intake", "a/good", id=1),
                Outgoing(intake, b"a/undecodable", b"\xff\x00", (("ce_id", b"u"),)),
                Outgoing(intake, b"a/nested", nested),
                event(topics, "intake", "a/refused", id=2, do="refuse"),
                event(topics, "intake", "a/refused", id=3),
                event(topics, "intake", "a/bug", id=4),
                event(topics, "intake", "a/bug", id=5, do="bug"),
                event(topics, "intake", "a/bug", id=6),
                event(topics, "intake", "a/grown", id=7, grow=3_000_000),
                event(topics, "intake", "a/grown", id=8),
                event(topics, "intake", "a/good", id=9),
                Outgoing(intake, b"", b"no key"),
            ],
        )
        await _outputs(settings, topics, 3)

        async def all_parked() -> bool:
            return len(await everything(settings, topics.name("parked"))) >= 9

        await until(all_parked, "nine parked records")
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            measured = answer.read().decode()
        assert worker.stop() < 5
    told = await outputs(settings, topics)
    assert_exactly_once(told, [("a/good", "1"), ("a/good", "9"), ("a/bug", "4")])
    parked: dict[str, list[Record]] = {}
    for record in await everything(settings, topics.name("parked")):
        parked.setdefault((record.key or b"").decode(), []).append(record)
    classes = {key: [_parking(record)["class"] for record in records] for key, records in parked.items()}
    assert classes == {
        "a/undecodable": ["Unreadable"],
        "a/nested": ["Bug"],
        "a/refused": ["BadInput", "KeyParked"],
        "a/bug": ["Bug", "KeyParked"],
        "a/grown": ["TooLarge", "KeyParked"],
        "": ["NoKey"],
    }
    assert parked["a/undecodable"][0].value == b"\xff\x00"
    assert header(parked["a/undecodable"][0], "ce_id") == "u"
    assert parked["a/nested"][0].value == nested
    assert parked[""][0].key is None
    assert [json.loads(record.value or b"")["id"] for record in parked["a/bug"]] == [5, 6]
    bug = _parking(parked["a/bug"][0])
    assert bug["topic"] == intake
    assert bug["message"] is not None
    assert bug["message"].startswith("KeyError at counting.py:")
    rows = await latest(settings, topics.name("changelog.orders"))
    assert rows[b"a/bug"].value == b'{"n": 1}'
    assert header(rows[b"a/bug"], "parked") == "2"
    assert header(rows[b"a/good"], "parked") is None
    assert header(rows[b"a/good"], "sources") is not None
    assert 'b2b2c_parked_total{reason="Bug"} 2.0' in measured
    assert "Lovelace" not in worker.log.read_text() + measured


async def test_a_parked_key_stays_parked_after_a_kill(settings: Settings, topics: Topics, tmp_path: Path) -> None:
    async with working(settings, tmp_path / "a.log") as worker:
        await publish(
            settings,
            [
                event(topics, "intake", "a/none", id=1, do="bug"),
                event(topics, "intake", "a/some", id=2),
                event(topics, "intake", "a/some", id=3, do="bug"),
                event(topics, "intake", "a/gone", id=4, do="forget"),
            ],
        )

        async def parked(count: int) -> bool:
            return len(await everything(settings, topics.name("parked"))) >= count

        await until(lambda: parked(2), "two parked")
        worker.kill()
        worker.again()
        await publish(
            settings,
            [
                event(topics, "invoice", "a/none", id=5),
                event(topics, "pack", "a/some", id=6),
                event(topics, "pack", "a/gone", id=7),
            ],
        )
        await until(lambda: parked(4), "four parked")
        told = await _outputs(settings, topics, 3)
    assert sorted((o["key"], o["id"], o["n"]) for o in told) == [("a/gone", 4, 1), ("a/gone", 7, 1), ("a/some", 2, 1)]
    rows = await latest(settings, topics.name("changelog.orders"))
    assert {key: (r.value, header(r, "parked")) for key, r in rows.items()} == {
        b"a/none": (b"", "2"),
        b"a/some": (b'{"n": 1}', "2"),
        b"a/gone": (b'{"n": 1}', None),
    }


async def test_a_misrouted_record_is_moved_home(settings: Settings, topics: Topics, tmp_path: Path) -> None:
    key = b"a/lost"
    home = partition_of(key, topics.partitions)
    wrong = (home + 1) % topics.partitions
    await _send_to(settings, topics.name("intake"), wrong, key, b'{"id": 1}', [("ce_id", b"one")])
    async with working(settings, tmp_path / "a.log"):
        told = await _outputs(settings, topics, 1)
        await publish(settings, [event(topics, "intake", "a/lost", id=2)])
        told = await _outputs(settings, topics, 2)
    assert [(o["id"], o["n"]) for o in told] == [(1, 1), (2, 2)]
    moved = [r for r in await everything(settings, topics.name("intake")) if r.partition == home]
    assert (moved[0].key, moved[0].value, moved[0].headers) == (key, b'{"id": 1}', (("ce_id", b"one"),))
    assert {r.partition for r in await everything(settings, topics.name("order-events"))} == {home}


async def _send_to(
    settings: Settings, topic: str, number: int, key: bytes, value: bytes, headers: list[tuple[str, bytes]]
) -> None:
    from aiokafka import AIOKafkaProducer  # noqa: PLC0415

    client = AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
    await client.start()
    await client.send_and_wait(topic, value, key, partition=number, headers=headers)
    await client.stop()


async def test_an_alarm_survives_a_kill_and_rings_once_never_early(
    settings: Settings, topics: Topics, tmp_path: Path
) -> None:
    async with working(settings, tmp_path / "a.log") as worker:
        due = int(time.time() * 1000) + 12_000
        await publish(settings, [event(topics, "intake", f"a/{n}", id=n, do="alarm", at=due + n) for n in range(50)])
        await publish(settings, [event(topics, "intake", "a/bug", id=1, do="alarm", at=due)])
        await publish(settings, [event(topics, "intake", "a/bug", id=2, do="bug")])
        await _outputs(settings, topics, 51)
        worker.kill()
        worker.again()
        told = await _outputs(settings, topics, 101)
        await asyncio.sleep(2)
        told = await outputs(settings, topics)
    rang = [o for o in told if "due" in o]
    assert sorted(o["key"] for o in rang) == sorted(f"a/{n}" for n in range(50))
    assert all(o["now"] >= o["due"] for o in rang)
    rows = await latest(settings, topics.name("changelog.orders"))
    assert header(rows[b"a/0"], "sources") == f'["alarm:{next(o["now"] for o in rang if o["key"] == "a/0")}"]'
