"""The largest order that there can be fits its topics: 2,500 lines, each a document of its own, all of it sent back.

It is played through the saga; every record on its way, and the row after each, is held against `max_message`.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from b2b2c_saga.bus.clients import LARGEST_RECORD
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.catalogue import Account, Catalogue
from b2b2c_saga.model.messages import Event, Message
from b2b2c_saga.model.messages.answers import (
    CreditNoteNumberGiven,
    HandedOver,
    InvoiceAcknowledged,
    InvoiceNumberGiven,
    InvoiceRegistered,
    Label,
    MarketplacePacked,
)
from b2b2c_saga.model.messages.commands import IssueCreditNote, RegisterInvoice
from b2b2c_saga.model.messages.fiscal import EwayBillNumber, RegisteredDocument
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.messages.replies import HandoverAnswered, PackAnswered
from b2b2c_saga.model.messages.upstream import (
    ITEMS_AT_MOST,
    HandoverRequested,
    LineQuantity,
    OrderItem,
    PackConfirmed,
    QualityCheck,
    ReturnedUnit,
    ReturnReceived,
    ReturnType,
)
from b2b2c_saga.model.prices import Product
from b2b2c_saga.model.words import to_epoch_ms
from b2b2c_saga.runtime.rows import saga_job
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import EWAY_BILL, INDIA, PRICES, SERIES, order

TOPICS = load_topics()
KIB = 1_024
USUAL = 1_024
"""KiB that a cluster takes where nothing else is said."""
ABOUT = {"account": "YELLOW-MARKETPLACE", "order_code": "OD432198765432109876"}
SHIPMENT = ABOUT | {"shipment_id": "OD432198765432109876-S1"}
CODES = [f"OD4321987654321-{n:04}" for n in range(ITEMS_AT_MOST)]
SKUS = [f"KURTA-INDIGO-{n:04}-XL" for n in range(ITEMS_AT_MOST)]
LONG_LABEL = Label(transporter="№" * 200, awb_number="№" * 200, url=f"https://labels.example/{'a' * 3_900}")
"""As long as other people's names and addresses may be."""
QR_CODE = "e" * 1_300
"""Characters of a signed QR code: real ones have about 1,000."""


def numbers(kind: str) -> tuple[str, ...]:
    return tuple(f"{kind}/2627/{n:07}" for n in range(1, ITEMS_AT_MOST + 1))


REGISTERED = InvoiceRegistered(
    **SHIPMENT,
    document_number=numbers("IN")[0],
    registration="a" * 64,
    documents=tuple(
        RegisteredDocument(
            number=number, registration="a" * 64, ack_number="1" * 15, ack_date=START, signed_qr_code=QR_CODE
        )
        for number in numbers("IN")
    ),
    eway_bills=tuple(EwayBillNumber(document_number=n, number="1" * 12, valid_until=START) for n in numbers("IN")),
)


def happening() -> Iterator[Event]:
    """From the order to the last credit note."""
    prices = {"quantity": 1, "selling_price_per_unit": Decimal("12345.60"), "discount": Decimal("100.00")}
    items = [
        OrderItem(channel_sku_code=sku, order_item_code=code, **prices) for sku, code in zip(SKUS, CODES, strict=True)
    ]
    packed = tuple(LineQuantity(order_item_code=code, quantity=1) for code in CODES)
    yield order().model_copy(update=ABOUT | {"items": tuple(items)})
    yield PackConfirmed(**SHIPMENT, items=packed, request_id="q")
    yield InvoiceNumberGiven(**SHIPMENT, invoice_attempt=1, numbers=numbers("IN"), order_number="№" * 200)
    yield InvoiceAcknowledged(**SHIPMENT)
    yield REGISTERED
    yield MarketplacePacked(**SHIPMENT, invoice_code="№" * 200, invoice_date=START, label=LONG_LABEL)
    yield HandoverRequested(**SHIPMENT, request_id="h")
    yield HandedOver(**SHIPMENT, handed_over_at=START)
    units = tuple(ReturnedUnit(unit_code=f"U-{c}", order_item_code=c, quality_check=QualityCheck.PASS) for c in CODES)
    about = SHIPMENT | {"return_order_code": "R1", "type": ReturnType.CUSTOMER_RETURN}
    yield ReturnReceived(**about, units=units)
    yield CreditNoteNumberGiven(**SHIPMENT, reversal="return-R1", numbers=numbers("CN"))


@pytest.fixture(scope="module")
def sizes() -> dict[str, dict[str, int]]:
    """Of the largest record of each kind, in bytes, by topic."""
    terms = replace(SERIES, documents=replace(INDIA, lines_at_most=1), eway_bill=EWAY_BILL)
    products = {sku: Product(sku, "61091000", f"{sku} ".ljust(200, "n")) for sku in SKUS}
    catalogue = Catalogue({ABOUT["account"]: Account(terms, replace(PRICES, products=products))})
    rows = TOPICS.name("changelog.orders")
    logic = saga_job("sizes", TOPICS, catalogue).logics[rows]
    largest: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def weigh(topic: str, kind: str, key: bytes, value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> None:
        size = len(key) + len(value) + sum(len(name) + len(said) for name, said in headers)
        short = TOPICS.short(topic)
        largest[short][kind] = max(largest[short][kind], size)

    row: bytes | None = None
    for minute, event in enumerate(happening()):
        said = Envelope(event, "id", "test", START)
        at = to_epoch_ms(START + timedelta(minutes=minute))
        record = Record(TOPICS.name(event.topic), 0, 0, said.key, said.value, said.headers, at)
        weigh(record.topic, type(event).__name__, said.key, said.value, said.headers)
        decided = logic.decide(said.key, row, record)
        row = decided.row
        weigh(rows, "row", said.key, row or b"")
        for sent in decided.sends:
            short = TOPICS.short(sent.topic)
            message: Message = decode(Record(sent.topic, 0, 0, sent.key, sent.value, sent.headers, at), short).message
            weigh(sent.topic, type(message).__name__, sent.key, sent.value or b"", sent.headers)
    return largest


def test_the_largest_order_went_all_the_way(sizes: dict[str, dict[str, int]]):
    kinds = {kind for of_topic in sizes.values() for kind in of_topic}
    played = {RegisterInvoice, PackAnswered, HandoverAnswered, B2CReturnRequired, IssueCreditNote}
    assert {kind.__name__ for kind in played} <= kinds


def test_each_record_fits_its_topic_with_a_tenth_to_spare(sizes: dict[str, dict[str, int]]):
    limits = {short: (TOPICS.declared[short].max_message or USUAL) * KIB for short in sizes}
    tight = {
        f"{short}: {kind}": size
        for short, kinds in sizes.items()
        for kind, size in kinds.items()
        if size * 1.1 > limits[short]
    }
    assert tight == {}


def test_what_travels_fits_where_it_is_parked_and_is_never_too_large_to_be_sent():
    limits = {short: (topic.max_message or USUAL) * KIB for short, topic in TOPICS.declared.items()}
    assert max(limits.values()) == limits["parked"] == limits["released"] == LARGEST_RECORD
