"""What a page of the marketplace's order list becomes: events, parked orders, and nothing of anybody else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from example_set import example_catalogue

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.connectors.exchange import Heard, MeaninglessAnswer, Request
from b2b2c_saga.connectors.orders_pull import Page, Pulled, ask_orders, cursor_record, hear_orders, pulled
from b2b2c_saga.connectors.orders_pull_run import chosen
from b2b2c_saga.model.admission import order_event_id
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages.upstream import OrderPlaced

ACCOUNT = "YELLOW-WMS"
NOW = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
HOME = {"line": "7 Hidden Lane", "city": "Pune", "pin": "411033", "state": "27"}
TOPICS = load_topics("t.")
CATALOGUE = example_catalogue()
ITEM = {"channelSkuCode": "K-1", "orderItemCode": "1", "quantity": 2, "sellingPricePerUnit": "499.50"}


def order(code: object = "O-1", **others: object) -> dict[str, Any]:
    return {
        "account": ACCOUNT,
        "orderCode": code,
        "parentOrderCode": "P-1",
        "channel": "MARKETPLACE-FBF",
        "location": "WH",
        "orderTime": "2026-01-05T10:59:00Z",
        "dispatchByTime": "2026-01-06T11:00:00Z",
        "paymentMethod": "COD",
        "items": [ITEM],
        "recipient": {
            "name": "Asha Hidden",
            "phone": "+91 99",
            "email": "a@example.org",
            "shippingAddress": HOME,
            "billingAddress": HOME,
        },
        **others,
    }


def page(*orders: object) -> Page:
    return Page(orders=orders, cursor="9", more=False)


def taken(*orders: object) -> Pulled:
    return pulled(page(*orders), ACCOUNT, CATALOGUE, TOPICS, NOW)


def headers(record: Outgoing) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


def test_the_first_page_has_no_cursor_and_the_next_begins_behind_it():
    asked = {"account": ACCOUNT, "limit": "50"}
    assert ask_orders(ACCOUNT, "", 50) == Request("/orders", query=asked)
    assert ask_orders(ACCOUNT, "17", 50) == Request("/orders", query={**asked, "after": "17"})


def test_a_page_is_read_and_anything_else_is_not():
    told = {"orders": [order()], "cursor": "17", "more": True, "news": 1}
    assert hear_orders(Heard(200, json.dumps(told).encode())) == Page(orders=(order(),), cursor="17", more=True)
    numbered = hear_orders(Heard(200, b'{"orders": [], "cursor": 17}'))
    assert numbered == Page(orders=(), cursor="17"), "other people's cursors are theirs, too"
    for heard in (Heard(200, b"[]"), Heard(200, b'{"orders": []}'), Heard(400, b'{"code":"BAD","reason":"x"}')):
        with pytest.raises(MeaninglessAnswer):
            hear_orders(heard)


def test_an_order_becomes_an_event_that_a_repeat_is_too():
    first, again = taken(order()).records[0], taken(order(), order("O-2")).records[0]
    assert (first.topic, first.key) == ("t.b2b2c.intake.v1", f"{ACCOUNT}/O-1".encode())
    assert first.value == again.value
    envelope = decode(Record(first.topic, 0, 0, first.key, first.value, first.headers, 0), "intake")
    assert envelope.message == OrderPlaced.model_validate_json(json.dumps(order()))
    assert (envelope.source, envelope.time) == ("b2b2c-saga/pull", NOW)
    assert envelope.id == headers(again)["ce_id"] == order_event_id(envelope.message)  # type: ignore[arg-type]


BAD = [
    ("no time in UTC", order("O-B", dispatchByTime="9999-12-31T23:59:59-05:30"), "a time that there is in UTC"),
    ("account", order(account="YELLOW-MKT"), "order of another account: account = 'YELLOW-MKT': YELLOW-WMS"),
    (
        "too many items",
        order(items=[{**ITEM, "orderItemCode": str(n)} for n in range(2_501)]),
        "items = 2501: Tuple should have at most 2500 items",
    ),
    (
        "a SKU twice",
        order(items=[ITEM, {**ITEM, "orderItemCode": "2"}]),
        "items.1.channelSkuCode = 'K-1': appears twice",
    ),
    ("quantity", order(items=[{**ITEM, "quantity": -1}]), "items.0.quantity = -1: Input should be greater"),
    ("nothing ordered", order(items=[]), "items = 0: Tuple should have at least 1 item"),
    ("missing field", {k: v for k, v in order().items() if k != "location"}, "location"),
    (
        "time to come",
        order(orderTime="2026-01-05T11:10:01Z"),
        "a time to come: orderTime = '2026-01-05T11:10:01+00:00'",
    ),
    ("consumer", order(recipient={"name": "Asha Hidden"}), "recipient.phone"),
    ("code", order(code="a/b"), "orderCode = 'a/b'"),
    ("no object", "Asha Hidden", "message: Input should be an object"),
    ("nothing", None, "message: Input should be an object"),
]


@pytest.mark.parametrize(("told", "reason"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_order_is_parked_with_its_reason_and_stops_no_other(told: object, reason: str):
    found = taken(order("O-1"), told, order("O-2"))
    assert (found.published, found.parked) == (2, 1)
    first, bad, last = found.records
    assert (first.key, last.key) == (f"{ACCOUNT}/O-1".encode(), f"{ACCOUNT}/O-2".encode())
    assert bad.topic == "t.b2b2c.parked.v1"
    assert json.loads(bad.value or b"") == told
    why = headers(bad)
    assert reason in why["__dlq.errors.message"]
    assert "Hidden" not in str(why)
    assert (why["__dlq.errors.topic"], why["__dlq.errors.class"]) == ("t.b2b2c.intake.v1", "BadInput")
    assert why["ce_type"] == "b2b2c.OrderPlaced.v1"


def test_a_parked_order_lies_under_its_code_if_that_can_be_one():
    keys = [taken(told).records[0].key for told in (order(items=[]), order(code="a/b"), order(code=7), [order()])]
    assert keys == [f"{ACCOUNT}/O-1".encode(), *[ACCOUNT.encode()] * 3]


def test_an_order_too_large_to_send_is_parked_without_its_value():
    [bad] = taken(order(items=[{**ITEM, "orderItemCode": "x" * 1_000_000}])).records
    assert bad.value is None
    assert int(headers(bad)["__dlq.errors.omitted"]) > 1_000_000


def test_clocks_may_differ_by_ten_minutes():
    told = order(orderTime=(NOW + timedelta(minutes=10)).isoformat())
    assert taken(told).published == 1


def test_the_cursor_lies_under_its_account():
    assert cursor_record(ACCOUNT, "17", TOPICS) == Outgoing("t.b2b2c.cursors.v1", ACCOUNT.encode(), b"17")


def test_only_accounts_whose_orders_are_pulled_are_polled():
    assert chosen(CATALOGUE) == chosen(CATALOGUE, [ACCOUNT]) == (ACCOUNT,)
    with pytest.raises(BadInput, match=r"orders of this account are pushed: --account = 'YELLOW-MKT'"):
        chosen(CATALOGUE, [ACCOUNT, "YELLOW-MKT"])
    with pytest.raises(BadInput, match="unknown seller account"):
        chosen(CATALOGUE, ["NOBODY"])
    with pytest.raises(BadInput, match="no account's orders are pulled"):
        chosen(type(CATALOGUE)({"YELLOW-MKT": CATALOGUE.accounts["YELLOW-MKT"]}))


@pytest.mark.parametrize("told", ["", None, "two\nlines", "\x00", "x" * 201, 9845000000])
def test_no_order_is_parked_for_what_a_consumer_is_called_or_where_they_live(told: object):
    recipient = order()["recipient"] | {"name": told, "phone": told, "email": told}
    recipient["shippingAddress"] = HOME | {"line": told, "city": told}

    found = taken(order(recipient=recipient))

    assert (found.published, found.parked) == (1, 0)


def test_a_letter_that_is_none_keeps_no_page_from_being_read():
    told = json.dumps({"orders": [order(), order("O-2")], "cursor": "17"}).encode()

    page = hear_orders(Heard(200, told.replace(b"Asha", b"Zo\xeb \\ud83d\n", 1)))

    assert page.orders[1] == order("O-2")
    assert page.orders[0]["recipient"]["name"] == "Zo\ufffd \ufffd  Hidden"
    assert taken(*page.orders).published == 2
