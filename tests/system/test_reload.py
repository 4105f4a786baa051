"""Hot reload on real Kafka: an order keeps the price of its intake, a later one has the new; taxes are of today."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from example_set import SHIPPED, example_set
from ordered import story

from b2b2c_saga.bus.clients import Publisher, follow, producer, read_all
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.config import written_in
from b2b2c_saga.demo import events
from b2b2c_saga.demo.fleet import Fleet
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import InvoiceNumberGiven
from b2b2c_saga.model.messages.commands import RegisterInvoice
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order
from b2b2c_saga.settings import Settings

WITHIN = 60.0


@dataclass
class Shop:
    """One worker on a configuration that the test changes, and what it wrote."""

    config: Path
    fleet: Fleet
    publisher: Publisher
    settings: Settings
    topics: Topics
    rows: dict[str, Order] = field(default_factory=dict)

    async def tell(self, event: Event) -> None:
        said = events.envelope(event, datetime.now(UTC))
        await self.publisher.send(self.topics.name(event.topic), said.key, said.value, said.headers)

    async def placed(self, code: str) -> Order:
        """An order of two units at 250.50, as it was taken in."""
        told = story(code, L1=2)
        await self.tell(events.order_placed(told, datetime.now(UTC)))
        await self.until(lambda: told.key in self.rows)
        return self.rows[told.key]

    async def invoiced(self, code: str) -> RegisterInvoice:
        """The first command for its invoice, once it is packed and has a number."""
        told = story(code, L1=2)
        about = {"account": told.shop.account, "order_code": code, "shipment_id": told.parcels[0].id}
        await self.tell(events.pack_confirmed(told, told.parcels[0]))
        await self.tell(InvoiceNumberGiven(**about, invoice_attempt=1, numbers=(f"E-{code}",)))
        await self.until(lambda: (packed := self.rows[told.key].shipments) and packed[0].invoice.number)
        sent = [decode(record).message async for record in read_all(self.settings, [self.topics.name("commands.erp")])]
        return next(one for one in sent if isinstance(one, RegisterInvoice) and one.order_code == code)

    async def until(self, holds: Callable[[], object]) -> None:
        began = time.monotonic()
        while not holds():
            self.fleet.check()
            assert time.monotonic() - began < WITHIN
            await asyncio.sleep(0.05)

    async def until_parked(self, count: int) -> None:
        """Wait until so many records are parked."""
        while len([r async for r in read_all(self.settings, [self.topics.name("parked")])]) < count:
            self.fleet.check()
            await asyncio.sleep(0.1)

    async def logged(self, words: str) -> None:
        await self.until(lambda: words in (self.fleet.folder / "worker.log").read_text())


@pytest.fixture
async def shop(settings: Settings, topics: Topics, tmp_path: Path) -> AsyncIterator[Shop]:
    config = tmp_path / "config.yaml"
    config.write_text(example_set())
    environment = {
        "B2B2C_BOOTSTRAP_SERVERS": settings.bootstrap,
        "B2B2C_TOPIC_PREFIX": settings.topic_prefix,
        "B2B2C_CONFIG": str(config),
        "B2B2C_LOG_FORMAT": "json",
    }
    async with producer(settings) as publisher:
        here = Shop(config, Fleet(tmp_path, environment), publisher, settings, topics)
        listening = asyncio.create_task(_listen(here))
        here.fleet.start("worker", "worker")
        yield here
        here.fleet.stop()
        listening.cancel()


async def _listen(shop: Shop) -> None:
    async for record in follow(shop.settings, [shop.topics.name("changelog.orders")], from_end=False):
        if record.value:
            order = decode_order(record.value)
            shop.rows[order.key] = order


def dearer(version: int, percent: int) -> str:
    """The set with another price on the marketplace, and all apparel taxed at 18 percent."""
    lists = written_in(SHIPPED).values["price_lists"]
    taxes = {"62": [{"since": "2017-07-01", "slabs": [{"rate": "18"}]}]}
    assert isinstance(lists, dict)
    price = {"sku": "*", "since": "2024-04-01", "mode": "percent_of_selling_price", "value": str(percent)}
    return example_set(
        version=str(version),
        price_lists={**lists, "marketplace": {**lists["marketplace"], "prices": [price]}},
        taxes={**written_in(SHIPPED).values["taxes"], **taxes},
    )


def price(order: Order) -> tuple[int, Decimal]:
    return order.terms.version, order.lines[0].unit_price


async def test_an_order_keeps_its_price_and_the_next_one_has_the_new_one(shop: Shop):
    before = await shop.placed("OLD")
    assert price(before) == (1, Decimal("200.40"))

    shop.config.write_text(dearer(version=2, percent=1_200))
    await shop.logged("must be at most 1000 percent")
    assert price(await shop.placed("STILL-OLD")) == (1, Decimal("200.40"))

    shop.config.write_text(dearer(version=2, percent=90))
    await shop.logged('"event": "configuration taken"')
    assert price(await shop.placed("NEW")) == (2, Decimal("225.45"))

    for code, version, total in (("OLD", 1, "400.80"), ("NEW", 2, "450.90")):
        command = await shop.invoiced(code)
        assert command.total == Decimal(total)
        assert [line.gst_rate for part in command.documents for line in part.lines] == [18]
        assert price(shop.rows[f"YELLOW-MKT/{code}"])[0] == version
    log = (shop.fleet.folder / "worker.log").read_text()
    assert log.count("configuration not taken") == log.count("configuration taken") == 1
