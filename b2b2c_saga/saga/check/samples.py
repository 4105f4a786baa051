"""What the small worlds are made of: parties, terms, prices, and what upstream says of one small order."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from b2b2c_saga.model.messages import BY_TYPE, Event, OrderEvent
from b2b2c_saga.model.messages.answers import (
    FiscalReversed,
    InvoiceRegistered,
    Refusal,
    StockRefused,
    StockTaken,
    StockUnanswered,
)
from b2b2c_saga.model.messages.fiscal import EwayBillNumber
from b2b2c_saga.model.messages.upstream import (
    B2BPacked,
    CancellationPosted,
    CancelledLine,
    Delivered,
    HandoverRequested,
    LineQuantity,
    OrderItem,
    OrderPlaced,
    PackConfirmed,
    PaymentMethod,
    QualityCheck,
    RecipientCorrected,
    ReturnedUnit,
    ReturnReceived,
    ReturnType,
    StockCounted,
)
from b2b2c_saga.model.prices import PriceBook, PriceMode, PriceRule, Product, TaxRule, TaxSlab, TaxTable
from b2b2c_saga.model.terms import (
    USUAL_PATIENCE,
    Capabilities,
    EwayBill,
    Issuer,
    Numbers,
    Provider,
    Rounding,
    Terms,
)
from b2b2c_saga.model.words import Address, Party, Recipient
from b2b2c_saga.saga.check.outside import LABEL, START

PLACE = Address("1 Road", "Town", "560001", "29")
X = Party("Client X", "29AABCK1234M1ZG", "X", PLACE, PLACE)
Y = Party("Client Y", "27AACCY5678N1ZF", "Y", PLACE, PLACE)
CONSUMER = Recipient("Consumer", "0", "c@example.com", PLACE, PLACE)
INDIA = Capabilities(
    provider=Provider.INDIA_INV01,
    void_window=timedelta(hours=24),
    lines_at_most=1_000,
    rounding=Rounding.LINE,
    round_total_to=Decimal("0.01"),
    report_within=timedelta(days=30),
    credit_until=(11, 30),
    exempt_reported=False,
)
TERMS = Terms(
    version=1,
    channel="CH",
    b2b_leg=True,
    b2b_order=False,
    cancel_after_pack=True,
    issuer=Issuer.ERP,
    numbers=Numbers.DERIVED,
    documents=INDIA,
    eway_bill=None,
    client_x=X,
    client_y=Y,
    patience=USUAL_PATIENCE,
)
PASS_THROUGH = replace(TERMS, b2b_leg=False)
WMS = replace(TERMS, b2b_order=True, issuer=Issuer.RMS)
FIRM = replace(TERMS, cancel_after_pack=False)
IMPATIENT = replace(TERMS, patience=replace(USUAL_PATIENCE, attempts_at_most=1))
SERIES = replace(TERMS, numbers=Numbers.ISSUER)
EWAY_BILL = EwayBill(Decimal(50), "29AABCT1234M1Z5", "Transporter")
EWAY_BILLS = replace(TERMS, eway_bill=EWAY_BILL)
MILK, SOAP = Product("SKU-MILK", "040110", "Fresh milk", "LTR"), Product("SKU-SOAP", "340111", "Soap")
"""Nil-rated; and of another rate from the third day on."""
PRICES = PriceBook(
    products={f"SKU-{line}": Product(f"SKU-{line}", "610910", "Shirt") for line in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    | {product.sku: product for product in (MILK, SOAP)},
    prices=(PriceRule("*", date(2025, 4, 1), PriceMode.PERCENT_OF_SELLING_PRICE, Decimal(80)),),
    taxes=TaxTable(
        (
            TaxRule("6109", date(2025, 4, 1), (TaxSlab(Decimal(2_500), Decimal(5)), TaxSlab(None, Decimal(18)))),
            TaxRule("3401", date(2025, 4, 1), (TaxSlab(None, Decimal(18)),)),
            TaxRule("3401", date(2026, 1, 3), (TaxSlab(None, Decimal(5)),)),
            TaxRule("0401", date(2025, 4, 1), (TaxSlab(None, Decimal(0)),)),
        )
    ),
)
ABOUT: Any = {"account": "ACC", "order_code": "O"}
LINE = "L"


def order(units: int = 1, **lines: int) -> OrderPlaced:
    """An order of one line `L`, or of the lines named."""
    return OrderPlaced(
        **ABOUT,
        parent_order_code="P",
        channel="CH",
        location="W",
        order_time=START,
        dispatch_by_time=START + timedelta(hours=48),
        payment_method=PaymentMethod.PREPAID,
        items=tuple(
            OrderItem(
                channel_sku_code=f"SKU-{line}", order_item_code=line, quantity=n, selling_price_per_unit=Decimal(100)
            )
            for line, n in (lines or {LINE: units}).items()
        ),
        recipient=CONSUMER,
    )


def pack(shipment: str, units: int = 1, request: str | None = "q", line: str = LINE) -> PackConfirmed:
    """A pack confirmation of one line."""
    items = (LineQuantity(order_item_code=line, quantity=units),)
    return PackConfirmed(**ABOUT, shipment_id=shipment, items=items, request_id=request)


def b2b_pack(shipment: str, units: int = 1, line: str = LINE) -> B2BPacked:
    """The warehouse packed one line of the B2B order."""
    return B2BPacked(**ABOUT, shipment_id=shipment, items=(LineQuantity(order_item_code=line, quantity=units),))


def handover(shipment: str, request: str | None = "h") -> HandoverRequested:
    """A handover request."""
    return HandoverRequested(**ABOUT, shipment_id=shipment, request_id=request)


def cancel(units: int, line: str = LINE) -> CancellationPosted:
    """So many units of a line are cancelled so far."""
    return CancellationPosted(**ABOUT, items=(CancelledLine(order_item_code=line, cancelled_quantity=units),))


def come_back(shipment: str, code: str, *units: str, line: str = LINE) -> ReturnReceived:
    """Units that came back, by their codes; the last passes its quality check, the others fail."""
    rows = tuple(
        ReturnedUnit(
            unit_code=unit,
            order_item_code=line,
            quality_check=QualityCheck.PASS if unit == units[-1] else QualityCheck.FAIL,
        )
        for unit in units
    )
    return ReturnReceived(
        **ABOUT, shipment_id=shipment, return_order_code=code, type=ReturnType.CUSTOMER_RETURN, units=rows
    )


def registered(shipment: str) -> InvoiceRegistered:
    """An invoice that nobody asked for."""
    return InvoiceRegistered(**ABOUT, shipment_id=shipment, document_number="?", registration="?")


def undone(shipment: str, number: str) -> FiscalReversed:
    """A document that nobody asked to be undone for the first cancelled unit."""
    about = {**ABOUT, "shipment_id": shipment, "reversal": "cancel-1"}
    return FiscalReversed(**about, attempt=1, document_number=number)


def count(version: int, quantity: int) -> StockCounted:
    """The warehouse's count."""
    return StockCounted(account="ACC", location="W", sku="SKU", quantity=quantity, version=version)


STRAYS = ("Delivered", "InvoiceFixed", "PackFixed", "ReversalFixed", "RecipientCorrected")
"""Of what upstream says, what is about something that must be there already."""


def strays() -> tuple[Event, ...]:
    """One of each answer, about a shipment, a reversal and a release that never are."""
    values: dict[str, object] = {
        **ABOUT, "shipment_id": "Z", "reversal": "Z", "release": "Z", "call": "z", "attempt": 1, "look_up": 1,
        "reason": "-",
        "document_number": "-", "registration": "-", "invoice_code": "-", "invoice_date": START, "label": LABEL,
        "invoice_attempt": 1, "numbers": ("-",), "eway_bills": (EwayBillNumber(document_number="-", number="-"),),
        "recipient": CONSUMER, "corrected_at": START, "corrected_by": "-",
        "refusal": Refusal.PERMANENT, "handed_over_at": START, "delivered_at": START, "b2b_order_code": "Z",
    }  # fmt: skip
    stray = (kind for kind in BY_TYPE.values() if issubclass(kind, OrderEvent) and kind.__module__.endswith("answers"))
    said = (BY_TYPE[f"b2b2c.{name}.v1"] for name in STRAYS)
    return tuple(
        kind(**{name: values[name] for name in kind.model_fields if name in values})  # type: ignore[misc]
        for kind in (*stray, *said)
    )


def bad_orders() -> tuple[Event, ...]:
    """Orders that can't be taken: of the future, due before they were placed, paid with discounts, of unknown SKUs."""
    item = order().items[0]
    return (
        order().model_copy(update={"order_time": START + timedelta(hours=1)}),
        order().model_copy(update={"dispatch_by_time": START - timedelta(hours=1)}),
        order().model_copy(update={"items": (item.model_copy(update={"discount": Decimal(101)}),)}),
        order().model_copy(update={"items": (item.model_copy(update={"channel_sku_code": "NONE"}),)}),
    )


def corrected(pin: str, after: timedelta = timedelta(0)) -> RecipientCorrected:
    """The consumer lives elsewhere."""
    home = replace(CONSUMER, shipping_address=replace(PLACE, pin=pin))
    about: Any = {**ABOUT, "corrected_at": START + after, "corrected_by": "-", "reason": "-"}
    return RecipientCorrected(**about, recipient=home)


def delivered(shipment: str, after: timedelta) -> Delivered:
    """The consumer has it."""
    return Delivered(**ABOUT, shipment_id=shipment, delivered_at=START + after)


def stock_strays() -> tuple[Event, ...]:
    """One of each answer about stock that nobody ever counts."""
    about: Any = {"account": "ACC", "location": "W", "sku": "SKU"}
    return (
        StockTaken(**about, system="omni", version=1),
        StockRefused(**about, system="omni", version=1, reason="-"),
        StockUnanswered(**about, call="offer_stock", attempt=1),
    )
