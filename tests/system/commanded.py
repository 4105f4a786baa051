"""Commands sent by hand, and the answers that come back on the step topics."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from outside import Sandbox, running_connectors, running_sandbox

from b2b2c_saga.bus.clients import follow, producer
from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.base import Command
from b2b2c_saga.model.messages.commands import (
    B2BOrderLine,
    CancelB2BOrder,
    CancelOnMarketplace,
    CreateB2BOrder,
    Disposition,
    FetchLabel,
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
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Preceding
from b2b2c_saga.model.messages.upstream import LineQuantity
from b2b2c_saga.model.terms import Issuer, Provider
from b2b2c_saga.model.words import Address, Party, Recipient
from b2b2c_saga.settings import Settings

STEPS = ("inventory", "intake", "invoice", "pack", "handover", "cancel", "return")
HOME = Address("1 Lake View", "Mumbai", "400001", "27")
MILL = Address("14 Mill Road", "Bengaluru", "560001", "29")
CLIENT_X = Party("Kurta House", "29AABCK1234M1ZG", "X-1000", MILL, MILL)
CLIENT_Y = Party("Yellow Retail", "27AACCY5678N1ZF", "Y-2000", HOME, HOME)
CONSUMER = Recipient("Asha Rao", "+919900000000", "asha@example.org", HOME, HOME)
ASKED_AT = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)


TAXABLE, IGST = Decimal("76.19"), Decimal("3.81")
"""Of a unit at 80.00, with 5 % between states in it."""


def document(number: str, units: int, undoes: str | None = None) -> FiscalDocument:
    """An invoice for units of one line; or a credit note, if it undoes one."""
    line = DocumentLine(
        order_item_code="i1",
        sku="SKU-1",
        hsn_code="61091000",
        quantity=units,
        unit_price=Decimal("80.00"),
        gst_rate=Decimal(5),
        taxable_value=units * TAXABLE,
        igst=units * IGST,
        total=units * Decimal("80.00"),
    )
    kind = DocumentType.CREDIT_NOTE if undoes else DocumentType.INVOICE
    preceding = Preceding(number=undoes, dated=ASKED_AT) if undoes else None
    return FiscalDocument(
        type=kind, number=number, dated=ASKED_AT, lines=(line,), total=line.total, preceding=preceding
    )


def goods(disposition: Disposition = Disposition.PUT_AWAY, units: int = 2) -> tuple[GoodsLine, ...]:
    return (GoodsLine(order_item_code="i1", sku="SKU-1", quantity=units, disposition=disposition),)


class Of:
    """Commands of one order; its documents are issued by `issuer`, under `provider`."""

    def __init__(self, code: str = "O1", account: str = "YELLOW-MKT", issuer: Issuer = Issuer.ERP) -> None:
        self.key = f"{account}/{code}"
        self.order = {"account": account, "order_code": code}
        self.shipment = self.order | {"shipment_id": f"{code}-S1"}
        self.number = f"B{code.upper().replace('-', '')}"
        self.issuer = issuer
        self.provider = Provider.INDIA_INV01

    @classmethod
    def named_like(cls, text: str, issuer: Issuer = Issuer.ERP) -> Self:
        """An order of one's own, the same for the same text."""
        return cls(sha256(text.encode()).hexdigest()[:8].upper(), issuer=issuer)

    @property
    def _issued(self) -> dict[str, Any]:
        return self.shipment | {"issuer": self.issuer, "provider": self.provider}

    def register(self, attempt: int = 1, units: int = 2) -> RegisterInvoice:
        return RegisterInvoice(
            **self._issued,
            attempt=attempt,
            document_number=self.number,
            document_time=ASKED_AT,
            seller=CLIENT_X,
            buyer=CLIENT_Y,
            documents=(document(self.number, units),),
            total=units * Decimal("80.00"),
            recipient=CONSUMER,
        )

    def look_up(self, attempt: int = 1, invoice_attempt: int = 1, units: int = 2) -> LookUpInvoice:
        return LookUpInvoice(
            **self._issued,
            attempt=attempt,
            invoice_attempt=invoice_attempt,
            document_number=self.number,
            document_time=ASKED_AT,
            seller_gstin=CLIENT_X.gstin,
            buyer_gstin=CLIENT_Y.gstin,
            total=units * Decimal("80.00"),
        )

    def void(self, reversal: str = "R1", attempt: int = 1) -> VoidInvoice:
        about = {"reversal": reversal, "attempt": attempt, "seller_gstin": CLIENT_X.gstin}
        return VoidInvoice(**self._issued, **about, document_number=self.number)

    def credit(self, units: int = 2, reversal: str = "R1", attempt: int = 1) -> IssueCreditNote:
        number = f"C{self.number}{reversal}"
        return IssueCreditNote(
            **self._issued,
            reversal=reversal,
            attempt=attempt,
            document_number=number,
            document_time=ASKED_AT,
            preceding_document=self.number,
            seller=CLIENT_X,
            buyer=CLIENT_Y,
            documents=(document(number, units, undoes=self.number),),
            total=units * Decimal("80.00"),
            recipient=CONSUMER,
        )

    def b2b_order(self, units: int = 2) -> CreateB2BOrder:
        lines = (B2BOrderLine(order_item_code="i1", sku="SKU-1", quantity=units, cost_price=Decimal("80.00")),)
        about = {"location": "L1", "seller": CLIENT_X, "buyer": CLIENT_Y, "recipient": CONSUMER}
        return CreateB2BOrder(**self.order, **about, lines=lines)

    def cancel_b2b_order(self, code: str, units: int = 1) -> CancelB2BOrder:
        return CancelB2BOrder(
            **self.order, release="first", b2b_order_code=code, location="L1", goods=goods(units=units)
        )

    def pack(self, units: int = 2, attempt: int = 1) -> PackOnMarketplace:
        items = (LineQuantity(order_item_code="i1", quantity=units),)
        return PackOnMarketplace(**self.shipment, items=items, attempt=attempt)

    def fetch_label(self, attempt: int = 1) -> FetchLabel:
        return FetchLabel(**self.shipment, attempt=attempt)

    def hand_over(self) -> HandOverOnMarketplace:
        return HandOverOnMarketplace(**self.shipment, gate_pass_code="GP-1")

    def cancel(self) -> CancelOnMarketplace:
        items = (LineQuantity(order_item_code="i1", quantity=2),)
        return CancelOnMarketplace(**self.order, items=items, reason="cannot be dispatched")

    def put_away(
        self, disposition: Disposition = Disposition.PUT_AWAY, reversal: str = "R1", b2b_order_code: str | None = None
    ) -> PutGoodsAway:
        about = {"reversal": reversal, "location": "L1", "goods": goods(disposition)}
        return PutGoodsAway(**self.shipment, **about, b2b_order_code=b2b_order_code)

    def release(self) -> ReleaseStock:
        return ReleaseStock(**self.order, release="first", location="L1", goods=goods())


def offer(version: int, quantity: int = 7, sku: str = "SKU-1") -> OfferStock:
    return OfferStock(account="YELLOW-MKT", location="L1", sku=sku, quantity=quantity, version=version)


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


class Saga:
    """In the saga's place: sends commands, and hears all that comes back on the step topics and is parked."""

    def __init__(self, settings: Settings, topics: Topics) -> None:
        self._settings = settings
        self.topics = topics
        self.connectors_log = settings.data_dir / "connectors.log"
        self.heard: list[Envelope] = []
        self.parked: list[Record] = []

    async def send(self, *commands: Command) -> None:
        """Onto the topics of their systems."""
        await self.send_raw(
            *(
                Outgoing(self.topics.name(e.message.destination), e.key, e.value, e.headers)
                for e in map(enveloped, commands)
            )
        )

    async def send_raw(self, *records: Outgoing) -> None:
        """Whatever it is."""
        async with producer(self._settings) as publisher:
            await publisher.publish_all(records)

    async def ask(self, command: Command, answers: int = 1) -> list[Message]:
        """Send a command, and return what came back under its key; nothing else may be under way there."""
        before = len(self.about(command.key))
        await self.send(command)
        return (await self.answers(command.key, before + answers))[before:]

    async def answers(self, key: str, number: int, within: float = 15) -> list[Message]:
        """What was heard under a key, once it is so much (less when the time is over)."""
        await once(lambda: len(self.about(key)) >= number, within)
        return self.about(key)

    def about(self, key: str) -> list[Message]:
        """What was heard under a key."""
        return [envelope.message for envelope in self.heard if envelope.message.key == key]

    async def listen(self) -> None:
        """For ever."""
        steps = [self.topics.name(step) for step in STEPS]
        async for record in follow(self._settings, [*steps, self.topics.name("parked")], from_end=False):
            if record.topic in steps:
                self.heard.append(decode(record))
            else:
                self.parked.append(record)


@asynccontextmanager
async def listening_saga(settings: Settings, topics: Topics) -> AsyncIterator[Saga]:
    """A saga that listens."""
    saga = Saga(settings, topics)
    task = asyncio.create_task(saga.listen())
    try:
        yield saga
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def connected(broker: str, folder: Path, **more: str) -> AsyncIterator[tuple[Sandbox, Saga]]:
    """Sandbox, connectors (with these settings), and a saga that listens: for many tests, each with its own orders."""
    prefix = f"connected-{os.getpid()}-{folder.name}."
    settings = Settings(_env_file=None, bootstrap_servers=broker, topic_prefix=prefix, data_dir=folder)
    topics = load_topics(settings.topic_prefix)
    await apply_topics(settings, topics)
    with running_sandbox(settings) as sandbox, running_connectors(settings, sandbox.url, **more):
        async with listening_saga(settings, topics) as saga:
            yield sandbox, saga


async def once(claim: Callable[[], bool], within: float = 15) -> bool:
    """Wait until something holds; False when the time is over."""
    deadline = asyncio.get_running_loop().time() + within
    while not claim():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True
