"""Bad records on the wire: each is refused with the field, the value and the rule; never with personal data."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.errors import Unreadable
from b2b2c_saga.model.messages.upstream import OrderPlaced, PackConfirmed

PERSON = {"name": "Asha Secret", "phone": "555-SECRET", "email": "secret@example.invalid"}
ADDRESS = {"line": "1 Secret Lane", "city": "Chennai", "pin": "600001", "state": "33"}
PACK = {
    "account": "YELLOW-MKT",
    "orderCode": "O-1",
    "shipmentId": "S-1",
    "items": [{"orderItemCode": "L-1", "quantity": 2}],
}
ORDER = {
    "account": "YELLOW-MKT",
    "orderCode": "O-1",
    "parentOrderCode": "P-1",
    "channel": "MARKETPLACE",
    "location": "BLR-3",
    "orderTime": "2026-01-05T09:00:00Z",
    "dispatchByTime": "2026-01-06T18:00:00Z",
    "paymentMethod": "PREPAID",
    "items": [{"channelSkuCode": "SKU", "orderItemCode": "L-1", "quantity": 1, "sellingPricePerUnit": "10.00"}],
    "recipient": {**PERSON, "shippingAddress": ADDRESS, "billingAddress": ADDRESS},
}
HEADERS = {
    "ce_specversion": b"1.0",
    "ce_id": b"id-1",
    "ce_type": b"b2b2c.PackConfirmed.v1",
    "ce_source": b"tests",
    "ce_time": b"2026-01-05T09:30:00Z",
    "content-type": b"application/json",
}
KEY = b"YELLOW-MKT/O-1"


def record(value: object, key: bytes | None = KEY, kind: type = PackConfirmed, **headers: bytes | None) -> Record:
    said = {**HEADERS, "ce_type": kind.ce_type().encode(), **headers}
    present = tuple((name, text) for name, text in said.items() if text is not None)
    raw = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    return Record("b2b2c.pack.v1", 0, 7, key, raw, present, 0)


def refusal(bad: Record, topic: str | None = None) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        decode(bad, topic)
    return caught.value


def test_a_good_record_is_read_whole():
    trace = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"
    assert decode(record(PACK, traceparent=trace, other=b"not ours"), "pack") == Envelope(
        PackConfirmed.model_validate_json(json.dumps(PACK)),
        id="id-1",
        source="tests",
        time=datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
        carried=(("traceparent", trace),),
    )


def test_unknown_fields_are_passed_over():
    assert decode(record({**PACK, "newer": {"field": 1}})) == decode(record(PACK))


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (record(b"\xff\xfe\x00"), "message"),
        (record(b""), "message"),
        (record(None), "message"),
        (record(b'{"account": "YELLOW-MKT"'), "message"),
        (record(b"[" * 1_000_000), "message"),
        (record(b'{"items":' * 100_000 + b"1" + b"}" * 100_000), "message"),
        (record(b"NaN"), "message"),
        (record(b"1e999"), "message"),
        (record(b"9" * 9_000), "message"),
        (record(json.dumps(PACK).encode().replace(b"2}", b"9" * 4_000 + b"}")), "items.0.quantity"),
        (record(json.dumps(PACK).encode().replace(b"2}", b"9" * 9_000 + b"}")), "message"),
        (record([PACK]), "message"),
        (record({name: value for name, value in PACK.items() if name != "shipmentId"}), "shipmentId"),
        (record({**PACK, "shipmentId": 7}), "shipmentId"),
        (record({**PACK, "items": "L-1"}), "items"),
        (record({**PACK, "items": [{"orderItemCode": "L-1", "quantity": 0}]}), "items.0.quantity"),
        (record({**PACK, "items": [{"orderItemCode": "L-1", "quantity": "2"}]}), "items.0.quantity"),
        (record({**PACK, "account": "a/b"}, b"a/b/O-1"), "account"),
        (record({"order_code": "O-1", **{n: v for n, v in PACK.items() if n != "orderCode"}}), "orderCode"),
        (record(PACK, None), "key"),
        (record(PACK, b""), "key"),
        (record(PACK, b"YELLOW-MKT/O-2"), "key"),
        (record(PACK, b"\xff"), "key"),
        (record(PACK, ce_type=b"b2b2c.Nonsense.v1"), "ce_type"),
        (record(PACK, ce_type=None), "ce_type"),
        (record(PACK, ce_type=b"\xff"), "ce_type"),
        (record(PACK, ce_id=None), "ce_id"),
        (record(PACK, ce_source=None), "ce_source"),
        (record(PACK, ce_time=None), "ce_time"),
        (record(PACK, ce_time=b"yesterday"), "ce_time"),
        (record(PACK, ce_time=b"2026-01-05T09:30:00"), "ce_time"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_record_is_refused_by_its_field(bad: Record, field: str):
    refused = refusal(bad)
    assert (refused.field, bool(refused.reason), bool(refused.rule)) == (field, True, True)
    assert len(str(refused)) < 500


def test_a_message_on_the_wrong_topic_is_told_where_it_belongs():
    refused = refusal(record(PACK), "handover")
    assert (refused.field, refused.rule) == (
        "ce_type",
        "b2b2c.PackConfirmed.v1 belongs on topic pack, this is handover",
    )


def test_headers_of_a_megabyte_do_not_make_an_error_of_a_megabyte():
    assert len(str(refusal(record(PACK, ce_type=b"x" * 1_000_000)))) < 500
    assert len(str(refusal(record(PACK, ce_time=b"x" * 1_000_000)))) < 500


def _changed(path: list[str], value: object) -> dict:
    changed = json.loads(json.dumps(ORDER))
    part = changed
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    "bad",
    [
        _changed(["recipient", "shippingAddress", "pin"], 555_0199),
        _changed(["recipient", "shippingAddress", "state"], ["555-SECRET"]),
        _changed(["recipient", "shippingAddress", "pin"], "SECRET"),
        _changed(["recipient", "billingAddress"], "1 Secret Lane"),
        _changed(["recipient"], "Asha Secret"),
        _changed(["recipient"], ["Asha Secret"]),
        _changed(["recipient", "billingAddress", "pin"], "555019"),
        {name: value for name, value in ORDER.items() if name != "orderCode"},
        {**ORDER, "items": [*ORDER["items"], *ORDER["items"]]},
        [ORDER],
        [ORDER["recipient"]],
        json.dumps({"recipient": ORDER["recipient"]}),
        {**ORDER, "account": [ORDER["recipient"]]},
        {**ORDER, "account": ORDER["recipient"]},
        {**ORDER, "items": [[ORDER["recipient"]]]},
    ],
)
def test_no_refusal_shows_personal_data(bad: object):
    refused = refusal(record(bad, kind=OrderPlaced))
    said = " ".join(map(str, (refused, refused.args, refused.value))).lower()
    assert "secret" not in said
    assert "555" not in said


@given(st.binary(max_size=200), st.binary(max_size=40) | st.none(), st.binary(max_size=40))
def test_no_bytes_do_worse_than_be_refused(value: bytes, key: bytes | None, kind: bytes):
    refusal(record(value, key, ce_type=kind))
    refusal(record(value, key))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_no_json_does_worse_than_be_refused(value: object):
    refusal(record({**PACK, "items": value}))
