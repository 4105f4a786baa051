"""Our side as it is read from the topics: the last row of each key, the newest count of each SKU, all that was told."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pytest

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.model.messages import Event, Message
from b2b2c_saga.model.messages.integration import B2CReturnRequired, Cause
from b2b2c_saga.model.messages.upstream import StockCounted
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import encode_order
from b2b2c_saga.reconcile import ledger
from b2b2c_saga.reconcile.ledger import Ledger, read_ledger, read_orders
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import ABOUT, PRICES, TERMS, X, Y, order
from b2b2c_saga.settings import Settings
from b2b2c_saga.steps import ORDERS

TOPICS = load_topics()
SETTINGS = Settings(_env_file=None)
EARLY = Order("A", "EARLY", TERMS)
"""It has early events only."""
RETURN = B2CReturnRequired(
    **ABOUT,
    shipment_id="A",
    reversal="cancel-1",
    cause=Cause.CANCELLATION,
    client_y=Y,
    seller=X,
    invoice_number="B1",
    lines=(),
    total=Decimal(0),
    required_at=START,
)


def kept(message: Message) -> Outgoing:
    said = Envelope(message, "id", "test", START)
    return Outgoing(TOPICS.name(message.destination), said.key, said.value, said.headers)


def placed(code: str) -> Event:
    return order().model_copy(update={"order_code": code})


def row(of: Order, value: bytes | None = None, *, is_deleted: bool = False) -> Outgoing:
    known = None if is_deleted else encode_order(of) if value is None else value
    return Outgoing(TOPICS.name("changelog.orders"), of.key.encode(), known)


def count(sku: str, version: int, quantity: int) -> StockCounted:
    return StockCounted(account="A", location="L", sku=sku, quantity=quantity, version=version)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[Outgoing]:
    """Everything on all topics."""
    log: list[Outgoing] = []

    async def read_all(_: Settings, topics: Sequence[str]) -> AsyncIterator[Record]:
        for offset, one in enumerate(log):
            if one.topic in topics:
                yield Record(one.topic, 0, offset, one.key, one.value, one.headers, 0)

    monkeypatch.setattr(ledger, "read_all", read_all)
    return log


async def test_the_last_row_of_each_order_counts_and_none_that_is_deleted_parked_or_early(log: list[Outgoing]):
    first, second = (ORDERS.decide(Order("ACC", code, TERMS), placed(code), START, PRICES).row for code in "OP")
    log += [row(first), row(EARLY), row(second), row(second, is_deleted=True), row(first), row(second, b"")]
    assert await read_ledger(SETTINGS, TOPICS) == Ledger({first.key: first})
    assert await read_orders(SETTINGS, TOPICS) == {first.key: first, EARLY.key: EARLY}


async def test_of_the_counts_of_an_sku_the_newest_version_counts_however_they_come(log: list[Outgoing]):
    log += [kept(count("K", 2, 7)), kept(count("K", 1, 9)), kept(count("K", 2, 8)), kept(count("M", 5, 0))]
    found = await read_ledger(SETTINGS, TOPICS)
    assert found.counts == {"A/L/K": count("K", 2, 7), "A/L/M": count("M", 5, 0)}


async def test_every_return_that_was_told_counts_and_what_cannot_be_read_does_not(log: list[Outgoing]):
    unreadable = Outgoing(TOPICS.name("b2c-returns"), b"A/1", b"{")
    log += [kept(RETURN), unreadable, kept(RETURN)]
    assert (await read_ledger(SETTINGS, TOPICS)).returns == {"ACC/O": [RETURN, RETURN]}
