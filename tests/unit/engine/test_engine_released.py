"""The way back: parked records are decided in their parked order, once each, or wait again in their place."""

import pytest
from partition import BUG, KEYS, NOISE, REFUSED, Partition

from b2b2c_saga.bus.records import partition_of
from b2b2c_saga.runtime.engine.batch import Force

KEY, OTHER = KEYS[:2]
STRANGE = next(key for key in (b"strange-%d" % n for n in range(99)) if partition_of(key, 2) == 1)


def header(partition: Partition, name: str, topic: str = "parked") -> list[bytes | None]:
    return [dict(record.headers).get(name) for record in partition.logs[topic]]


@pytest.fixture
def here() -> Partition:
    """A key whose second record was refused, and whose third and fourth wait behind it, from two topics."""
    here = Partition()
    here.rules.wrong[b"b"] = REFUSED
    here.tell(b"a", b"b", b"c")
    here.tell(b"d", topic="pack")
    assert (here.out(), here.held()) == ([b"a"], ({KEY: 3}, {}))
    return here


def test_what_is_repaired_goes_on_in_its_order_as_if_it_had_come_now(here: Partition):
    here.rules.wrong.clear()
    here.release()
    assert (here.out(), here.held()) == ([b"a", b"b", b"c", b"d"], ({}, {}))
    assert [dict(r.headers)["from"] for r in here.logs["out"]] == [b"intake", b"intake", b"intake", b"pack"]
    assert (here.waiting(), here.released) == ([], {"decided": 3})
    assert here.recovered()["orders"].rows == here.tables["orders"].rows == {KEY: b"abcd"}
    here.tell(b"e")
    assert here.out() == [b"a", b"b", b"c", b"d", b"e"]


def test_the_changelog_says_that_they_came_from_the_released_topic(here: Partition):
    here.rules.wrong.clear()
    here.release()
    assert dict(here.logs["orders"][-1].headers)["sources"] == b'["released:0","released:1","released:2"]'


def test_ids_and_trace_are_kept_and_what_parking_said_is_not(here: Partition):
    seen = []
    here.rules.wrong.clear()
    decide = here.rules.decide
    here.rules.decide = lambda key, row, record: (seen.append(record), decide(key, row, record))[1]  # type: ignore[method-assign]
    here.release()
    assert [(r.topic, r.partition, r.offset, r.headers) for r in seen] == [
        ("intake", 0, 1, (("ce_id", b"b"), ("traceparent", b"00-1"))),
        ("intake", 0, 2, (("ce_id", b"c"), ("traceparent", b"00-1"))),
        ("pack", 0, 0, (("ce_id", b"d"), ("traceparent", b"00-1"))),
    ]
    assert [r.timestamp for r in seen] == [r.timestamp for r in here.logs["released"]]


def test_what_fails_again_is_parked_again_and_the_rest_behind_it(here: Partition):
    here.release("r1")
    assert (here.out(), here.held()) == ([b"a"], ({KEY: 3}, {KEY: 0}))
    assert header(here, "__dlq.errors.class")[3:] == [b"BadInput", b"KeyParked", b"KeyParked"]
    assert header(here, "__dlq.errors.redrives")[3:] == [b"1", b"0", b"0"]
    assert header(here, "__dlq.errors.place")[3:] == [b"0", b"1", b"2"]
    assert header(here, "__dlq.errors.release")[3:] == [b"r1"] * 3
    assert header(here, "__dlq.errors.topic")[3:] == [b"intake", b"intake", b"pack"]
    assert header(here, "__dlq.errors.offset")[3:] == [b"1", b"2", b"0"]
    (one,) = here.waiting()
    assert ([p.record.value for p in one.records], one.redrives, one.failure.message) == (
        [b"b", b"c", b"d"],
        1,
        "no good: value = 7",
    )
    assert one.since == min(p.since for p in one.records)
    here.release("r2")
    (one,) = here.waiting()
    assert (one.redrives, here.held()) == (2, ({KEY: 3}, {KEY: 0}))
    here.rules.wrong.clear()
    here.release("r3")
    assert (here.out(), here.held()) == ([b"a", b"b", b"c", b"d"], ({}, {}))


def test_a_newcomer_waits_behind_those_that_fail_again(here: Partition):
    first = list(here.waiting()[0].records)
    here.send(first)
    here.tell(b"e")  # parked before the others are parked again
    here.take()
    assert [p.record.value for p in here.waiting()[0].records] == [b"b", b"c", b"d", b"e"]
    here.rules.wrong.clear()
    here.release("r2")
    assert here.out() == [b"a", b"b", b"c", b"d", b"e"]


def test_two_releases_under_way_do_not_overtake(here: Partition):
    """An operator was killed; the next one sends the rest before the worker has seen the first part."""
    first = list(here.waiting()[0].records)
    here.send(first[:2], "r1")
    here.send(first[2:], "r2")
    here.take(1)
    here.rules.wrong.clear()
    here.take()
    assert (here.out(), here.held()) == ([b"a"], ({KEY: 3}, {KEY: 0}))
    here.release("r3")
    assert here.out() == [b"a", b"b", b"c", b"d"]


def test_what_comes_while_some_wait_still_waits_and_the_key_goes_on_when_none_does(here: Partition):
    here.rules.wrong.clear()
    here.send(here.waiting()[0].records)
    here.take(2)
    here.tell(b"e")
    assert (here.out(), here.held()) == ([b"a", b"b", b"c"], ({KEY: 2}, {}))
    here.take()
    assert here.held() == ({KEY: 1}, {})
    here.release("r2")
    here.tell(b"f")
    assert (here.out(), here.held()) == ([b"a", b"b", b"c", b"d", b"e", b"f"], ({}, {}))


def test_skipping_is_done_without_being_decided(here: Partition):
    here.send(here.waiting()[0].records[:1], skipped=True)
    here.take()
    assert (here.out(), here.held(), here.released) == ([b"a"], ({KEY: 2}, {}), {"skipped": 1})
    here.release()
    assert here.out() == [b"a", b"c", b"d"]


def test_what_blocks_the_others_may_be_skipped_and_so_may_any_of_them(here: Partition):
    here.release("r1")
    b, _, d = here.waiting()[0].records
    here.send([d], "s1", skipped=True)
    here.take()
    assert here.held() == ({KEY: 2}, {KEY: 0})
    here.send([b], "s2", skipped=True)
    here.take()
    assert here.held() == ({KEY: 1}, {})
    here.release("r2")
    assert (here.out(), here.held()) == ([b"a", b"c"], ({}, {}))


def test_the_last_skipped_of_a_key_without_a_row_leaves_nothing():
    here = Partition()
    here.rules.wrong[b"x"] = BUG
    here.tell(b"x")
    here.send(here.waiting()[0].records, skipped=True)
    here.take()
    assert here.logs["orders"][-1].value is None
    assert here.recovered()["orders"].parked == {}


def test_the_alarm_of_a_key_that_goes_on_is_derived_again():
    here = Partition()
    here.rules.wrong[b"x"] = BUG
    here.tell(b"@500", b"x")
    assert here.tables["orders"].alarms.of(KEY) is None
    here.send(here.waiting()[0].records, skipped=True)
    here.take()
    assert here.tables["orders"].alarms.of(KEY) == 500


def test_a_parked_alarm_rings_when_it_is_released():
    here = Partition()
    here.rules.wrong[b"ring"] = BUG
    here.tell(b"@50")
    here.ring()
    here.tell(b"c")
    assert (here.held(), here.waiting()[0].records[0].is_alarm) == (({KEY: 2}, {}), True)
    here.release("r1")
    assert (here.held(), here.waiting()[0].redrives) == (({KEY: 2}, {KEY: 0}), 1)
    here.rules.wrong.clear()
    here.release("r2")
    assert (here.out(), here.held(), here.tables["orders"].rows) == (
        [b"@50", b"rang", b"c"],
        ({}, {}),
        {KEY: b"!50c"},
    )


def test_a_parked_alarm_that_is_not_due_is_set_again():
    here = Partition()
    here.tell(b"@50")
    here.rules.wrong[b"ring"] = BUG
    here.ring()
    here.tables["orders"].rows[KEY] = b"@9000"
    here.release()
    assert (here.out(), here.held(), here.tables["orders"].alarms.of(KEY)) == ([b"@50"], ({}, {}), 9000)


def test_a_record_parked_alone_comes_back_alone():
    here = Partition()
    here.rules.wrong[b"n"] = NOISE
    here.tell(b"a", b"n", b"b")
    (one,) = here.waiting()
    assert (one.alone, here.held()) == (True, ({}, {}))
    here.release("r1")  # it is noise still
    (one,) = here.waiting()
    assert (one.alone, one.redrives, here.held()) == (True, 1, ({}, {}))
    here.rules.wrong.clear()
    here.release("r2")
    assert (here.out(), here.waiting()) == ([b"a", b"b", b"n"], [])


def test_a_record_parked_alone_waits_like_any_other_if_its_key_waits():
    here = Partition()
    here.rules.wrong = {b"n": NOISE, b"x": BUG}
    here.tell(b"n", b"x")
    alone = next(one for one in here.waiting() if one.alone)
    here.send(alone.records)
    here.take()
    (line,) = here.waiting()
    assert ([p.record.value for p in line.records], here.held()) == ([b"x", b"n"], ({KEY: 2}, {}))
    here.rules.wrong.clear()
    here.release("r2")
    assert (here.out(), here.held()) == ([b"x", b"n"], ({}, {}))


def test_noise_in_a_line_is_parked_alone_when_its_turn_has_come():
    here = Partition()
    here.rules.wrong = {b"x": BUG, b"n": NOISE}
    here.tell(b"x", b"n", b"c")
    del here.rules.wrong[b"x"]
    here.release()
    (one,) = here.waiting()
    assert (one.alone, here.out(), here.held()) == (True, [b"x", b"c"], ({}, {}))


def test_tables_are_apart():
    here = Partition()
    here.rules.wrong[b"x"] = BUG
    here.tell(b"x", topic="inventory")
    here.tell(b"x")
    assert (here.held("stock"), here.held("orders")) == (({KEY: 1}, {}), ({KEY: 1}, {}))
    here.rules.wrong.clear()
    here.send(next(one for one in here.waiting() if one.table == "stock").records)
    here.take()
    assert (here.held("stock"), here.tables["stock"].rows) == (({}, {}), {KEY: b"x"})
    assert here.held("orders") == ({KEY: 1}, {})


def test_what_comes_back_too_large_waits_again_with_its_origin(here: Partition):
    here.rules.wrong.clear()
    here.send(here.waiting()[0].records[:1])
    (back,) = here.logs["released"]
    here.fold([back], {back: Force.PARK_ORIGIN})
    said = dict(here.logs["parked"][-1].headers)
    assert (here.logs["parked"][-1].value, said["__dlq.errors.class"], said["__dlq.errors.offset"]) == (
        None,
        b"TooLarge",
        b"1",
    )
    assert (said["__dlq.errors.redrives"], here.held()) == (b"1", ({KEY: 3}, {KEY: 0}))


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (KEY, ()),
        (KEY, (("__dlq.errors.topic", b"intake"), ("__released.place", b"x"))),
        (None, "good"),
        (KEY, "elsewhere"),
    ],
)
def test_what_nobody_released_is_parked_alone(here: Partition, key: bytes | None, headers: object):
    here.send(here.waiting()[0].records[:1])
    good = here.logs["released"][-1].headers
    if headers == "good":
        headers = good
    elif headers == "elsewhere":
        headers = tuple((n, b"elsewhere" if n == "__dlq.errors.topic" else v) for n, v in good)
    here.fold([here.write("released", key, b"1", headers)])
    assert header(here, "__dlq.errors.class")[-1] == b"NotReleased"
    assert here.held() == ({KEY: 3}, {})


def test_a_released_record_of_a_key_that_belongs_elsewhere_goes_there():
    here = Partition()
    here.rules.wrong[b"n"] = NOISE
    here.tell(b"n")
    here.send(here.waiting()[0].records)
    sent = here.logs["released"][-1]
    batch = here.fold([here.write("released", STRANGE, sent.value, sent.headers)])
    assert batch.moved == {"released": 1}


def test_an_event_that_waited_in_vain_comes_back_with_a_place_that_no_other_has():
    """The saga parks it, by itself: it never lay on a topic as it is."""
    here = Partition()
    here.write("parked", KEY, b"early", (("__dlq.errors.topic", b"pack"), ("__dlq.errors.class", b"BadInput")))
    seen = []
    decide = here.rules.decide
    here.rules.decide = lambda key, row, record: (seen.append(record), decide(key, row, record))[1]  # type: ignore[method-assign]
    here.release()
    assert [(r.topic, r.offset) for r in seen] == [("pack", -2)]
