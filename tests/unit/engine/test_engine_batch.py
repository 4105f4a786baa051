"""A batch folds over the rows without touching them; what becomes of it is applied whole or not at all."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from b2b2c_saga.bus.records import Record, partition_of
from b2b2c_saga.model.errors import BadInput, Unreadable
from b2b2c_saga.runtime.engine import Decided, Job, Send
from b2b2c_saga.runtime.engine.batch import Batch, Force, Ground, Ring, Unit
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.table import Table, changelog_line, parked_in

PARTITIONS = 4
NUMBER = 1
KEY = next(k for k in (b"key-%d" % n for n in range(99)) if partition_of(k, PARTITIONS) == NUMBER)
OTHER = next(k for k in (b"other-%d" % n for n in range(99)) if partition_of(k, PARTITIONS) == NUMBER)
STRANGE = next(k for k in (b"strange-%d" % n for n in range(99)) if partition_of(k, PARTITIONS) == 2)


class Appending:
    """A row is the values seen; each is sent on."""

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
        value = record.value or b""
        if value == b"bad":
            raise BadInput("no good", field="value", value="bad")
        if value == b"noise":
            raise Unreadable("value is not JSON", field="message")
        if value == b"bug":
            raise ZeroDivisionError("Ada Lovelace")
        if value == b"delete":
            return Decided(None)
        due = int(value[1:]) if value.startswith(b"@") else None
        return Decided((row or b"") + value, (Send("out", key, value, (("h", b"1"),)),), due)

    def ring(self, key: bytes, row: bytes, now: int) -> Decided:
        if row == b"ring-bug":
            raise BadInput("even this is a bug: nobody sent it")
        if row == b"ring-again":
            return Decided(row, (), now)
        return Decided(row + b"!", (Send("out", key, b"rang"),))

    def alarm(self, key: bytes, row: bytes) -> int | None:
        return int(row[1:]) if row.startswith(b"@") else None


JOB = Job(
    "test",
    {"intake": "orders", "pack": "orders", "inventory": "stock"},
    {"orders": Appending(), "stock": Appending()},
    "parked",
)


def _ground(**rows: Mapping[bytes, bytes]) -> Ground:
    tables = {"orders": Table(), "stock": Table()}
    for name, content in rows.items():
        tables[name].rows.update(content)
    return Ground(JOB, NUMBER, PARTITIONS, tables)


def _record(offset: int, value: bytes, key: bytes | None = KEY, topic: str = "intake") -> Record:
    return Record(topic, NUMBER, offset, key, value, (("ce_id", b"x"),), 77)


def _fold(ground: Ground, *units: Unit, forced: Mapping[Unit, Force] | None = None) -> Batch:
    return Batch.of(units, ground, forced or {})


def test_a_batch_sees_its_own_changes_and_the_table_does_not():
    ground = _ground(orders={KEY: b"0"})
    batch = _fold(ground, _record(5, b"1"), _record(9, b"2", topic="pack"), _record(6, b"3"))
    assert ground.tables["orders"].rows == {KEY: b"0"}
    assert batch.outputs == {
        Place("out", NUMBER): [(KEY, v, [("h", b"1")], None) for v in (b"1", b"2", b"3")],
        Place("orders", NUMBER): [(KEY, b"0123", [("sources", b'["intake:5","pack:9","intake:6"]')], None)],
    }
    assert batch.offsets == {Place("intake", NUMBER): 7, Place("pack", NUMBER): 10}
    batch.apply()
    assert ground.tables["orders"].rows == {KEY: b"0123"}


def test_tables_are_apart():
    ground = _ground()
    _fold(ground, _record(0, b"1"), _record(0, b"2", topic="inventory")).apply()
    assert (ground.tables["orders"].rows, ground.tables["stock"].rows) == ({KEY: b"1"}, {KEY: b"2"})


def test_a_deleted_row_is_a_tombstone_and_nothing_from_nothing_is_not_written():
    batch = _fold(_ground(orders={KEY: b"0"}), _record(0, b"delete"), _record(1, b"delete", key=OTHER))
    assert batch.outputs == {Place("orders", NUMBER): [(KEY, None, [("sources", b'["intake:0"]')], None)]}
    ground = _ground(orders={KEY: b"0"})
    _fold(ground, _record(0, b"delete")).apply()
    assert ground.tables["orders"].rows == {}


def test_a_row_made_and_deleted_in_one_batch_is_written():
    batch = _fold(_ground(), _record(0, b"1"), _record(1, b"delete"))
    assert batch.outputs[Place("orders", NUMBER)] == [(KEY, None, [("sources", b'["intake:0","intake:1"]')], None)]


def test_what_cannot_be_read_is_parked_alone():
    ground = _ground(orders={KEY: b"0"})
    batch = _fold(ground, _record(4, b"noise"), _record(5, b"1"))
    (line,) = batch.outputs[Place("parked", NUMBER)]
    assert line == (
        KEY,
        b"noise",
        [
            ("ce_id", b"x"),
            ("__dlq.errors.topic", b"intake"),
            ("__dlq.errors.partition", b"1"),
            ("__dlq.errors.offset", b"4"),
            ("__dlq.errors.class", b"Unreadable"),
            ("__dlq.errors.message", b"value is not JSON: message"),
            ("__dlq.errors.scope", b"record"),
        ],
        77,
    )
    batch.apply()
    assert ground.tables["orders"].rows == {KEY: b"01"}
    assert ground.tables["orders"].parked == {}
    assert batch.offsets == {Place("intake", NUMBER): 6}


def test_what_is_refused_parks_its_key_and_others_go_on():
    ground = _ground(orders={KEY: b"0"})
    batch = _fold(ground, _record(4, b"bad"), _record(5, b"1"), _record(6, b"2", key=OTHER))
    first, behind = batch.outputs[Place("parked", NUMBER)]
    assert (first[1], dict(first[2])["__dlq.errors.class"], dict(first[2])["__dlq.errors.scope"]) == (
        b"bad",
        b"BadInput",
        b"key",
    )
    assert (behind[1], dict(behind[2])["__dlq.errors.class"]) == (b"1", b"KeyParked")
    batch.apply()
    table = ground.tables["orders"]
    assert (table.rows, table.parked, table.blocked) == ({KEY: b"0", OTHER: b"2"}, {KEY: 2}, {})


def test_a_bug_parks_the_key_and_tells_no_personal_data():
    ground = _ground(orders={KEY: b"0"})
    ground.tables["orders"].alarms.set(KEY, 10)
    batch = _fold(ground, _record(4, b"bug"), _record(5, b"1"), _record(6, b"2", key=OTHER))
    assert [line[1] for line in batch.outputs[Place("parked", NUMBER)]] == [b"bug", b"1"]
    assert b"Lovelace" not in repr(batch.outputs).encode()
    assert (KEY, b"0", [("sources", b"[]"), ("parked", b"2")], None) in batch.outputs[Place("orders", NUMBER)]
    batch.apply()
    table = ground.tables["orders"]
    assert (table.rows, table.parked) == ({KEY: b"0", OTHER: b"2"}, {KEY: 2})
    assert table.alarms.next() is None
    later = _fold(ground, _record(7, b"3"))
    assert (KEY, b"0", [("sources", b"[]"), ("parked", b"3")], None) in later.outputs[Place("orders", NUMBER)]


def test_a_key_parked_without_a_row_is_remembered_through_compaction_and_recovery():
    batch = _fold(_ground(), _record(0, b"bug"))
    ((_, value, headers, _),) = batch.outputs[Place("orders", NUMBER)]
    assert value == b""
    table = Table()
    table.replay(KEY, value, headers)
    assert (table.rows, table.parked) == ({}, {KEY: 1})


def test_a_record_without_a_key_is_parked_by_its_origin():
    batch = _fold(_ground(), _record(3, b"1", key=None), _record(4, b"2", key=b""))
    assert [(line[0], dict(line[2])["__dlq.errors.offset"]) for line in batch.outputs[Place("parked", NUMBER)]] == [
        (None, b"3"),
        (None, b"4"),
    ]
    assert batch.offsets == {Place("intake", NUMBER): 5}


def test_a_misrouted_key_goes_home_as_it_came():
    batch = _fold(_ground(), _record(3, b"1", key=STRANGE))
    assert batch.outputs == {Place("intake", 2): [(STRANGE, b"1", [("ce_id", b"x")], 77)]}
    assert batch.moved == {"intake": 1}
    assert batch.offsets == {Place("intake", NUMBER): 4}


def test_what_is_sent_under_another_key_goes_to_that_keys_partition():
    class Telling(Appending):
        def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
            return Decided(row, (Send("out", STRANGE, b"told"), Send("out", key, b"told")))

    job = Job("test", {"intake": "orders"}, {"orders": Telling()}, "parked")
    batch = _fold(Ground(job, NUMBER, PARTITIONS, {"orders": Table()}), _record(3, b"1"))
    assert batch.outputs == {
        Place("out", 2): [(STRANGE, b"told", [], None)],
        Place("out", NUMBER): [(KEY, b"told", [], None)],
    }


def test_what_the_cluster_refuses_parks_its_key_at_last_by_origin_alone():
    record = _record(4, b"1")
    for force, value in ((Force.PARK, b"1"), (Force.PARK_ORIGIN, None)):
        batch = _fold(_ground(), record, forced={record: force})
        (line,) = batch.outputs[Place("parked", NUMBER)]
        assert line[1] == value
        assert dict(line[2])["__dlq.errors.class"] == b"TooLarge"
        assert dict(line[2]).get("ce_id") == (None if value is None else b"x")
        assert dict(line[2]).get("__dlq.errors.omitted") == (b"1" if value is None else None)
        assert batch.changes["orders"][KEY].parked == 1


@pytest.mark.parametrize("why", ["NoKey", "KeyParked", "Undecodable", "NotReleased"])
def test_whatever_it_is_parked_for_the_cluster_may_refuse_its_copy_and_takes_its_origin(why: str):
    ground = replace(_ground(), job=replace(JOB, released="released"))
    ground.tables["orders"].store(KEY, None, 1 if why == "KeyParked" else 0)
    record = _record(
        4, b"1", key=None if why == "NoKey" else KEY, topic="released" if why == "NotReleased" else "intake"
    )
    if why == "Undecodable":
        record = replace(record, undecoded="checksum (CRC) is wrong")
    for force, value in ((Force.PARK, b"1"), (Force.PARK_ORIGIN, None)):
        (line,) = _fold(ground, record, forced={record: force}).outputs[Place("parked", NUMBER)]
        assert (line[1], dict(line[2])["__dlq.errors.class"]) == (value, why.encode())
        assert dict(line[2]).get("__dlq.errors.omitted") == (b"1" if value is None else None)


def test_an_alarm_rings_with_the_time_in_its_source():
    ground = _ground(orders={KEY: b"0"})
    batch = _fold(ground, Ring("orders", KEY, 10, 12))
    assert batch.outputs[Place("orders", NUMBER)] == [(KEY, b"0!", [("sources", b'["alarm:12"]')], None)]
    assert batch.offsets == {}
    batch.apply()
    assert ground.tables["orders"].alarms.next() is None


def test_an_alarm_is_set_by_a_decision_and_taken_over_on_commit_only():
    ground = _ground()
    batch = _fold(ground, _record(0, b"@50"))
    assert ground.tables["orders"].alarms.next() is None
    batch.apply()
    assert ground.tables["orders"].alarms.next() == 50


def test_an_alarm_that_is_due_at_once_again_waits_a_moment():
    ground = _ground(orders={KEY: b"ring-again"})
    _fold(ground, Ring("orders", KEY, 10, 12)).apply()
    assert ground.tables["orders"].alarms.next() == 1_012


def test_a_parked_or_deleted_key_does_not_ring():
    ground = _ground(orders={KEY: b"0"})
    ground.tables["orders"].parked[KEY] = 1
    assert _fold(ground, Ring("orders", KEY, 10, 12), Ring("orders", OTHER, 10, 12)).outputs == {}


@pytest.mark.parametrize("forced", [False, True])
def test_an_alarm_that_fails_parks_the_key(*, forced: bool):
    ground = _ground(orders={KEY: b"0" if forced else b"ring-bug"})
    ring = Ring("orders", KEY, 10, 12)
    batch = _fold(ground, ring, forced={ring: Force.PARK} if forced else {})
    ((key, value, headers, _),) = batch.outputs[Place("parked", NUMBER)]
    assert (key, value, dict(headers)["__dlq.errors.offset"]) == (KEY, None, b"-1")
    batch.apply()
    assert ground.tables["orders"].parked == {KEY: 1}


def test_recovery_derives_alarms_from_rows_and_leaves_parked_keys_silent():
    table = Table()
    for key, value, parked in ((KEY, b"@10", 0), (OTHER, b"@20", 1), (b"plain", b"x", 0), (b"gone", b"y", 0)):
        table.replay(key, *changelog_line(value, parked, ["intake:1"]))
    table.replay(b"gone", None, [])
    table.derive_alarms(JOB.logics["orders"])
    assert set(table.rows) == {KEY, OTHER, b"plain"}
    assert table.parked == {OTHER: 1}
    assert table.alarms.take(99, 99) == [(KEY, 10)]


def test_a_bug_in_deriving_an_alarm_rings_it_at_once_so_that_it_parks_its_key_alone():
    table = Table()
    table.rows = {KEY: b"@soon", OTHER: b"@20"}
    table.derive_alarms(JOB.logics["orders"])
    assert table.alarms.take(99, 99) == [(KEY, 0), (OTHER, 20)]


def test_sources_are_json():
    _, headers = changelog_line(b"r", 0, ["b2b2c.intake.v1:1", "alarm:5"])
    assert json.loads(dict(headers)["sources"]) == ["b2b2c.intake.v1:1", "alarm:5"]
    assert parked_in(headers) == 0


def test_a_job_names_a_logic_for_each_table():
    with pytest.raises(ValueError, match="stock"):
        Job("test", {"inventory": "stock"}, {}, "parked")
