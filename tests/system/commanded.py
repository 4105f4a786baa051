"""Commands sent by hand, and the answers that come back on the step topics."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from b2b2c_saga.bus.clients import producer, read_all
from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages.base import Command
from b2b2c_saga.model.messages.commands import (
    CancelOnMarketplace,
    Disposition,
    DocumentLine,
    GoodsLine,
    HandOverOnMarketplace,
    IssueCreditNote,
    LookUpInvoice,
    OfferStock,
    PackOnMarketplace,
    PutGoodsAway,
    RegisterInvoice,
    ReleaseStock,
    UpdateOmniStock,
    VoidInvoice,
)
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.words import Address, Party, Recipient
from b2b2c_saga.settings import Settings

STEPS = ("inventory", "invoice", "pack", "handover", "cancel", "return")
HOME = Address("1 Lake View", "Mumbai", "400001", "27")
CLIENT_X = Party("Kurta House", "29AABCK1234M1ZX", "X-1000", HOME, HOME)
CLIENT_Y = Party("Yellow Retail", "27AACCY5678N1ZV", "Y-2000", HOME, HOME)
CONSUMER = Recipient("Asha Rao", "+919900000000", "asha@example.org", HOME, HOME)
ASKED_AT = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)


def lines(units: int = 2) -> tuple[DocumentLine, ...]:
    return (DocumentLine(order_item_code="i1", sku="SKU-1", quantity=units, unit_price=Decimal("80.00")),)


def goods(disposition: Disposition = Disposition.PUT_AWAY, units: int = 2) -> tuple[GoodsLine, ...]:
    return (GoodsLine(order_item_code="i1", sku="SKU-1", quantity=units, disposition=disposition),)


class Of:
    """Commands of one order."""

    def __init__(self, code: str = "O1", account: str = "YELLOW-MKT") -> None:
        self.key = f"{account}/{code}"
        self._order = {"account": account, "order_code": code}
        self._shipment = self._order | {"shipment_id": f"{code}-S1"}
        self.number = f"B{code.upper().replace('-', '')}"

    def register(self, attempt: int = 1, units: int = 2) -> RegisterInvoice:
        return RegisterInvoice(
            **self._shipment,
            attempt=attempt,
            document_number=self.number,
            document_time=ASKED_AT,
            seller=CLIENT_X,
            buyer=CLIENT_Y,
            lines=lines(units),
            total=units * Decimal("80.00"),
            recipient=CONSUMER,
        )

    def look_up(self, attempt: int = 1, invoice_attempt: int = 1) -> LookUpInvoice:
        asked = {"document_number": self.number, "attempt": attempt, "invoice_attempt": invoice_attempt}
        return LookUpInvoice(**self._shipment, **asked)

    def void(self, reversal: str = "R1") -> VoidInvoice:
        return VoidInvoice(**self._shipment, reversal=reversal, document_number=self.number)

    def credit(self, units: int = 2, reversal: str = "R1") -> IssueCreditNote:
        return IssueCreditNote(
            **self._shipment,
            reversal=reversal,
            document_number=f"C{self.number}{reversal}",
            preceding_document=self.number,
            lines=lines(units),
            total=units * Decimal("80.00"),
        )

    def pack(self, units: int = 2, attempt: int = 1) -> PackOnMarketplace:
        items = (LineQuantity(order_item_code="i1", quantity=units),)
        return PackOnMarketplace(**self._shipment, items=items, attempt=attempt)

    def hand_over(self) -> HandOverOnMarketplace:
        return HandOverOnMarketplace(**self._shipment, gate_pass_code="GP-1")

    def cancel(self) -> CancelOnMarketplace:
        items = (LineQuantity(order_item_code="i1", quantity=2),)
        return CancelOnMarketplace(**self._order, items=items, reason="cannot be dispatched")

    def put_away(self, disposition: Disposition = Disposition.PUT_AWAY, reversal: str = "R1") -> PutGoodsAway:
        return PutGoodsAway(**self._shipment, reversal=reversal, location="L1", goods=goods(disposition))

    def release(self) -> ReleaseStock:
        return ReleaseStock(**self._order, release="first", location="L1", goods=goods())


def offer(version: int, quantity: int = 7) -> OfferStock:
    return OfferStock(account="YELLOW-MKT", location="L1", sku="SKU-1", quantity=quantity, version=version)


def tell_omni(version: int, quantity: int = 7) -> UpdateOmniStock:
    return UpdateOmniStock(account="YELLOW-MKT", location="L1", sku="SKU-1", quantity=quantity, version=version)


def enveloped(command: Command) -> Envelope:
    """Ids derived as the saga derives them: the idempotency key leaves the attempt out."""
    said = (command.key, command.call(), command.subject, command.effect)
    return Envelope(
        command,
        id=derived_id("command", *said, command.attempt),
        source="b2b2c-saga/test",
        time=ASKED_AT,
        idempotency_key=derived_id("effect", *said),
        carried=(("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),),
    )


async def send(settings: Settings, topics: Topics, *commands: Command) -> None:
    """Onto the topic of their system."""
    records = [Outgoing(topics.name(e.message.topic), e.key, e.value, e.headers) for e in map(enveloped, commands)]
    async with producer(settings) as publisher:
        await publisher.publish_all(records)


async def heard(settings: Settings, topics: Topics, number: int, within: float = 15) -> list[Envelope]:
    """All answers so far, once there are `number` of them (fewer when the time is over)."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        names = [topics.name(step) for step in STEPS]
        found = [decode(record) async for record in read_all(settings, names)]
        if len(found) >= number or asyncio.get_running_loop().time() > deadline:
            return sorted(found, key=lambda envelope: envelope.time)
        await asyncio.sleep(0.1)


async def parked(settings: Settings, topics: Topics, number: int, within: float = 15) -> list[Record]:
    """All parked records, once there are so many."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        found = [record async for record in read_all(settings, [topics.name("parked")])]
        if len(found) >= number or asyncio.get_running_loop().time() > deadline:
            return found
        await asyncio.sleep(0.1)


def names(envelopes: Sequence[Envelope]) -> list[str]:
    """The types, in order."""
    return [type(envelope.message).__name__ for envelope in envelopes]
