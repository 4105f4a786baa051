"""For the reconciliation: orders played through the real steps, against systems that oblige and keep books."""

# ruff: noqa: ANN401 - one function for any message

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from b2b2c_saga.config import load_catalogue
from b2b2c_saga.model.messages import Event, Message
from b2b2c_saga.model.messages import answers as said
from b2b2c_saga.model.messages import commands as asked
from b2b2c_saga.model.messages import upstream as up
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.model.words import Address, Recipient
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.ledger import Ledger
from b2b2c_saga.saga.decide import Alarm
from b2b2c_saga.steps import ORDERS, STOCK

CATALOGUE = load_catalogue(Path(__file__).parents[2] / "config" / "channels.yaml")
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
PRICE = Decimal(500)
LABEL = {"transporter": "EXPRESS", "url": "https://labels.example/1.pdf"}


@dataclass
class Bookkeeping:
    """Rows on our side, entries on theirs; `tell` makes something happen, and everything that follows from it."""

    now: datetime = BEGIN
    orders: dict[str, Order] = field(default_factory=dict)
    stock: dict[str, Stock] = field(default_factory=dict)
    counts: dict[str, up.StockCounted] = field(default_factory=dict)
    returns: dict[str, list[B2CReturnRequired]] = field(default_factory=lambda: defaultdict(list))
    rows: list[tuple[str, Entry]] = field(default_factory=list)
    """System and entry; a test tampers with these."""

    def tell(self, *events: Event) -> None:
        """Each with all that follows from it."""
        for event in events:
            self._decide(event)

    def later(self, **much: float) -> None:
        """Time passes, and alarms ring."""
        self.now += timedelta(**much)
        for key, order in list(self.orders.items()):
            decision = ORDERS.decide(order, Alarm(), self.now)
            self.orders[key] = decision.row
            self._follow(output.message for output in decision.outputs)

    @property
    def ledger(self) -> Ledger:
        """Our side."""
        return Ledger(dict(self.orders), dict(self.returns), dict(self.stock), dict(self.counts))

    @property
    def books(self) -> Books:
        """Their side."""
        return Books.of(self.rows)

    def entries(self, system: str, table: str) -> list[Entry]:
        """The entries of one table, to tamper with."""
        return [entry for name, entry in self.rows if name == system and entry["table"] == table]

    def _decide(self, event: Any) -> None:
        self.now += timedelta(milliseconds=10)
        terms = CATALOGUE.terms(event.account)
        if event.topic == "inventory":
            fresh = Stock(event.account, event.location, event.sku, terms)
            stock = STOCK.decide(self.stock.get(event.key, fresh), event, self.now)
            self.stock[event.key] = stock.row
            if isinstance(event, up.StockCounted):
                self.counts[event.key] = event
            self._follow(output.message for output in stock.outputs)
            return
        order = self.orders.get(event.key, Order(event.account, event.order_code, terms))
        decision = ORDERS.decide(order, event, self.now)
        self.orders[event.key] = decision.row
        self._follow(output.message for output in decision.outputs)

    def _follow(self, messages: Any) -> None:
        for message in messages:
            if isinstance(message, B2CReturnRequired):
                self.returns[message.key].append(message)
            elif type(message) in OBLIGE:
                self.tell(*OBLIGE[type(message)](self, message))

    def write(self, system: str, table: str, about: Message, **columns: Any) -> None:
        """One entry of a book."""
        known = {
            name: getattr(about, name) for name in ("account", "order_code", "shipment_id") if hasattr(about, name)
        }
        self.rows.append((system, {"table": table} | known | columns))


def _lines(lines: Any) -> list[dict[str, Any]]:
    return [line.model_dump(mode="json", by_alias=False) for line in lines]


def _register(here: Bookkeeping, c: asked.RegisterInvoice) -> tuple[Event, ...]:
    here.write(
        "erp",
        "invoices",
        c,
        document_number=c.document_number,
        status="REGISTERED",
        registration=f"irn-{c.document_number}",
        registered_at=here.now.timestamp(),
        seller={"gstin": c.seller.gstin},
        buyer={"gstin": c.buyer.gstin},
        lines=_lines(c.lines),
        total=str(c.total),
    )
    about = {"account": c.account, "order_code": c.order_code, "shipment_id": c.shipment_id, "attempt": c.attempt}
    number = c.document_number
    return said.InvoiceRegistered(
        **about, document_number=number, registration=f"irn-{number}"
    ), said.InvoiceAcknowledged(**about)


def _void(here: Bookkeeping, c: asked.VoidInvoice) -> tuple[Event, ...]:
    for entry in here.entries("erp", "invoices"):
        if entry["document_number"] == c.document_number:
            entry["status"] = "VOIDED"
    return (_undone(c),)


def _credit(here: Bookkeeping, c: asked.IssueCreditNote) -> tuple[Event, ...]:
    here.write(
        "erp",
        "credit_notes",
        c,
        reversal=c.reversal,
        document_number=c.document_number,
        preceding_document=c.preceding_document,
        lines=_lines(c.lines),
        total=str(c.total),
    )
    return (_undone(c),)


def _undone(c: Any) -> Event:
    return said.FiscalReversed(
        account=c.account,
        order_code=c.order_code,
        shipment_id=c.shipment_id,
        reversal=c.reversal,
        attempt=c.attempt,
        document_number=c.document_number,
    )


def _pack(here: Bookkeeping, c: asked.PackOnMarketplace) -> tuple[Event, ...]:
    code = c.shipment_id
    here.write("marketplace", "packs", c, items=_lines(c.items), invoice_code=f"B2C-{code}", awb_number=f"AWB-{code}")
    label = said.Label(awb_number=f"AWB-{code}", **LABEL)
    about = {"account": c.account, "order_code": c.order_code, "shipment_id": code, "attempt": c.attempt}
    return (said.MarketplacePacked(**about, invoice_code=f"B2C-{code}", invoice_date=here.now, label=label),)


def _hand_over(here: Bookkeeping, c: asked.HandOverOnMarketplace) -> tuple[Event, ...]:
    here.write("marketplace", "handovers", c, handed_over_at=here.now.isoformat())
    about = {"account": c.account, "order_code": c.order_code, "shipment_id": c.shipment_id, "attempt": c.attempt}
    return (said.HandedOver(**about, handed_over_at=here.now),)


def _put_away(here: Bookkeeping, c: asked.PutGoodsAway) -> tuple[Event, ...]:
    here.write("wms", "put_aways", c, reversal=c.reversal, goods=_lines(c.goods))
    about = {"account": c.account, "order_code": c.order_code, "shipment_id": c.shipment_id, "attempt": c.attempt}
    return (said.GoodsPutAway(**about, reversal=c.reversal),)


def _release(here: Bookkeeping, c: asked.ReleaseStock) -> tuple[Event, ...]:
    here.write("wms", "releases", c, release=c.release, goods=_lines(c.goods))
    return (said.StockReleased(account=c.account, order_code=c.order_code, release=c.release, attempt=c.attempt),)


def _take(system: str) -> Any:
    def take(here: Bookkeeping, c: Any) -> tuple[Event, ...]:
        key = {"account": c.account, "location": c.location, "sku": c.sku}
        here.rows.append((system, {"table": "stock"} | key | {"quantity": c.quantity, "version": c.version}))
        return (said.StockTaken(**key, system=system, version=c.version),)

    return take


OBLIGE: dict[type[Message], Any] = {
    asked.RegisterInvoice: _register,
    asked.VoidInvoice: _void,
    asked.IssueCreditNote: _credit,
    asked.PackOnMarketplace: _pack,
    asked.HandOverOnMarketplace: _hand_over,
    asked.PutGoodsAway: _put_away,
    asked.ReleaseStock: _release,
    asked.UpdateOmniStock: _take("omni"),
    asked.OfferStock: _take("marketplace"),
}

HOME = Address("12 Lake View", "Pune", "411014", "27")
ASHA = Recipient("Asha Rao", "+91 9811111111", "asha@example.com", HOME, HOME)


def about(code: str, account: str = "YELLOW-MKT") -> dict[str, str]:
    """Which order."""
    return {"account": account, "order_code": code}


def placed(code: str, lines: dict[str, int], account: str = "YELLOW-MKT") -> up.OrderPlaced:
    """An order of these lines, at 500.00 a unit."""
    return up.OrderPlaced(
        **about(code, account),
        parent_order_code=f"P-{code}",
        channel=CATALOGUE.terms(account).channel,
        location="WH",
        order_time=BEGIN,
        dispatch_by_time=BEGIN + timedelta(days=1),
        payment_method=up.PaymentMethod.PREPAID,
        items=tuple(
            up.OrderItem(channel_sku_code=f"SKU-{line}", order_item_code=line, quantity=n, selling_price_per_unit=PRICE)
            for line, n in lines.items()
        ),
        recipient=ASHA,
    )


def packed(code: str, lines: dict[str, int], account: str = "YELLOW-MKT", shipment: str = "S1") -> up.PackConfirmed:
    """A parcel of these units."""
    items = tuple(up.LineQuantity(order_item_code=line, quantity=n) for line, n in lines.items())
    return up.PackConfirmed(**about(code, account), shipment_id=shipment, items=items)


def cancelled(code: str, lines: dict[str, int], account: str = "YELLOW-MKT") -> up.CancellationPosted:
    """So much of it is cancelled."""
    items = tuple(up.CancelledLine(order_item_code=line, cancelled_quantity=n) for line, n in lines.items())
    return up.CancellationPosted(**about(code, account), items=items)


def returned(code: str, *units: tuple[str, up.QualityCheck], account: str = "YELLOW-MKT") -> up.ReturnReceived:
    """Units of the first parcel come back, each with its verdict."""
    return up.ReturnReceived(
        **about(code, account),
        shipment_id="S1",
        return_order_code=f"R-{code}",
        type=up.ReturnType.CUSTOMER_RETURN,
        units=tuple(
            up.ReturnedUnit(unit_code=f"U{n}", order_item_code=line, quality_check=verdict)
            for n, (line, verdict) in enumerate(units, 1)
        ),
    )
