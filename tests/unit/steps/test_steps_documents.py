"""The documents that the saga asks for: numbers, lines at the prices of intake, tax by place of supply, parties."""

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.documents import derived_number
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    HandedOver,
    InvoiceNotFound,
    InvoiceRegistered,
    InvoiceRevoked,
    InvoiceUnanswered,
    MarketplacePacked,
)
from b2b2c_saga.model.messages.base import OrderCommand
from b2b2c_saga.model.messages.commands import IssueCreditNote, LookUpInvoice, RegisterInvoice, VoidInvoice
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument, Preceding
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.messages.upstream import ITEMS_AT_MOST, InvoiceFixed, OrderItem
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.terms import Issuer, Provider, Terms
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.samples import (
    ABOUT,
    CONSUMER,
    INDIA,
    PRICES,
    TERMS,
    WMS,
    X,
    Y,
    b2b_pack,
    cancel,
    come_back,
    handover,
    order,
    pack,
)
from b2b2c_saga.saga.decide import Decision
from b2b2c_saga.steps import ORDERS
from b2b2c_saga.steps.documents import derived_numbers, invoice_of, line_quantities, total

NEW = Order("ACC", "O", TERMS)
REGISTERED = InvoiceRegistered(**ABOUT, shipment_id="A", document_number="B", registration="I")
PACKED = MarketplacePacked(**ABOUT, shipment_id="A", invoice_code="M", invoice_date=START, label=LABEL)
INVOICE = derived_number("B", "ACC/O", "A")
LINE = DocumentLine(
    order_item_code="L",
    sku="SKU-L",
    description="Shirt",
    hsn_code="610910",
    quantity=2,
    unit_price=Decimal("80.00"),
    gst_rate=Decimal(5),
    taxable_value=Decimal("152.38"),
    igst=Decimal("7.62"),
    total=Decimal("160.00"),
)
"""Two units at 80 percent of 100.00, 5 percent in it; X and Y are in different states."""


def after(*events: Event, terms: Terms = TERMS) -> Decision[Order]:
    decision = Decision(Order("ACC", "O", terms))
    for event in events:
        decision = ORDERS.decide(decision.row, event, START, PRICES)
    return decision


@given(st.decimals("0.01", 10**7, places=2), st.decimals("1", 150, places=2))
def test_the_b2b_price_is_fixed_at_intake_per_unit_rounded_half_up(price: Decimal, percent: Decimal):
    item = OrderItem(channel_sku_code="SKU-L", order_item_code="L", quantity=3, selling_price_per_unit=price)
    prices = replace(PRICES, prices=(replace(PRICES.prices[0], value=percent),))
    placed = ORDERS.decide(NEW, order().model_copy(update={"items": (item,)}), START, prices).row
    (line,) = placed.lines
    assert line.selling_price == price
    assert line.unit_price == (price * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_a_percentage_of_the_selling_price_is_of_what_the_consumer_pays():
    placed = order(3)
    item = placed.items[0].model_copy(update={"selling_price_per_unit": Decimal(1000), "discount": Decimal(1500)})
    (line,) = ORDERS.decide(NEW, placed.model_copy(update={"items": (item,)}), START, PRICES).row.lines
    assert (line.selling_price, line.discount, line.unit_price) == (1000, 1500, Decimal("400.00"))
    other = placed.model_copy(update={"items": (item.model_copy(update={"discount": Decimal(1499)}),)})
    refused = ORDERS.decide(after(placed.model_copy(update={"items": (item,)})).row, other, START, PRICES).refused
    assert [(r.why.field, r.why.value, r.why.rule) for r in refused] == [
        ("items.discount", Decimal(1499), "1500, as it was placed first")
    ]


def test_line_quantities_are_those_of_the_units():
    units = line_quantities(Quantities.of({"L": 2, "K": 1}))
    assert [(of.order_item_code, of.quantity) for of in units] == [("K", 1), ("L", 2)]


@pytest.mark.parametrize(("terms", "packed"), [(TERMS, pack("A", 2)), (WMS, b2b_pack("A", 2))], ids=["ERP", "WMS"])
def test_the_invoice_says_who_sells_what_to_whom_and_where_it_goes(terms: Terms, packed: Event):
    begun = after(order(2), terms=terms).row
    ready = replace(begun, b2b_order_code="W") if terms.b2b_order else begun
    (asked,) = ORDERS.decide(ready, packed, START, PRICES).of(RegisterInvoice)
    assert asked == RegisterInvoice(
        **ABOUT,
        issuer=Issuer.RMS if terms.b2b_order else Issuer.ERP,
        provider=Provider.INDIA_INV01,
        shipment_id="A",
        document_number=INVOICE,
        document_time=START,
        seller=X,
        buyer=Y,
        documents=(
            FiscalDocument(
                type=DocumentType.INVOICE, number=INVOICE, dated=START, lines=(LINE,), total=Decimal("160.00")
            ),
        ),
        total=Decimal("160.00"),
        recipient=CONSUMER,
    )


def test_within_one_state_the_tax_is_halved_between_centre_and_state():
    neighbour = replace(Y, gstin="29" + Y.gstin[2:], billing_address=X.billing_address)
    (asked,) = after(order(2), pack("A", 2), terms=replace(TERMS, client_y=neighbour)).of(RegisterInvoice)
    (line,) = asked.documents[0].lines
    halves = {"igst": Decimal(0), "cgst": Decimal("3.81"), "sgst": Decimal("3.81")}
    assert line == LINE.model_copy(update=halves)


def test_a_credit_note_names_the_part_of_the_invoice_that_it_undoes_at_its_prices():
    row = after(order(2), pack("A", 2), REGISTERED, PACKED).row
    (note,) = ORDERS.decide(row, cancel(2), START + timedelta(days=2), PRICES).of(IssueCreditNote)
    number = derived_number("C", "ACC/O", "A", "cancel-2")
    assert (note.document_number, note.preceding_document, note.total) == (number, INVOICE, Decimal("160.00"))
    assert note.documents == (
        FiscalDocument(
            type=DocumentType.CREDIT_NOTE,
            number=number,
            dated=START + timedelta(days=2),
            lines=(LINE,),
            total=Decimal("160.00"),
            preceding=Preceding(number=INVOICE, dated=START),
        ),
    )


@given(st.decimals("0.01", 3_000, places=2), st.lists(st.integers(1, 3), min_size=1, max_size=4), st.booleans())
def test_the_credit_notes_of_an_invoice_add_up_to_it_in_each_amount(price: Decimal, parts: list[int], near: bool):  # noqa: FBT001
    units, code = sum(parts), count()
    placed = order(units)
    priced = placed.items[0].model_copy(update={"selling_price_per_unit": price})
    buyer = replace(Y, gstin=X.gstin[:2] + Y.gstin[2:]) if near else Y
    gone = HandedOver(**ABOUT, shipment_id="A", handed_over_at=START)
    decided = after(
        placed.model_copy(update={"items": (priced,)}),
        *(pack("A", units), REGISTERED, PACKED, handover("A"), gone),
        terms=replace(TERMS, client_y=buyer),
    )
    (invoiced,) = decided.row.shipments[0].invoice.quantities
    notes: list[IssueCreditNote] = []
    for n, part in enumerate(parts):
        returned = come_back("A", f"R{n}", *(f"u{next(code)}" for _ in range(part)))
        decided = ORDERS.decide(decided.row, returned, START + timedelta(days=n), PRICES)
        notes += decided.of(IssueCreditNote)  # type: ignore[arg-type]
    (whole,) = invoice_of(decided.row, decided.row.shipments[0])
    assert invoiced == ("L", units)
    assert [line.quantity for note in notes for line in note.documents[0].lines] == parts
    for amount in ("quantity", "taxable_value", "igst", "cgst", "sgst", "total"):
        credited = sum(getattr(line, amount) for note in notes for line in note.documents[0].lines)
        assert credited == getattr(whole.lines[0], amount)
    assert sum(note.total for note in notes) == whole.total


def test_a_total_in_whole_rupees_says_what_the_rounding_took():
    terms = replace(TERMS, documents=replace(INDIA, round_total_to=Decimal(1)))
    item = order(2).items[0].model_copy(update={"selling_price_per_unit": Decimal("100.30")})
    (asked,) = after(order(2).model_copy(update={"items": (item,)}), pack("A", 2), terms=terms).of(RegisterInvoice)
    assert asked.documents[0].lines[0].total == Decimal("160.48")
    assert (asked.documents[0].round_off, asked.documents[0].total, asked.total) == (Decimal("-0.48"), 160, 160)


def test_an_order_of_any_size_fits_where_each_line_is_a_document():
    codes = [f"L{n}" for n in range(ITEMS_AT_MOST)]
    item, line = order().items[0], pack("A").items[0]
    prices = replace(PRICES, products={code: replace(PRICES.products["SKU-L"], sku=code) for code in codes})
    placed = order().model_copy(
        update={
            "items": tuple(
                item.model_copy(update={"order_item_code": code, "channel_sku_code": code}) for code in codes
            )
        }
    )
    packed = pack("A").model_copy(
        update={"items": tuple(line.model_copy(update={"order_item_code": code}) for code in codes)}
    )
    terms = replace(TERMS, documents=replace(INDIA, lines_at_most=1))
    known = ORDERS.decide(Order("ACC", "O", terms), placed, START, prices).row
    (asked,) = ORDERS.decide(known, packed, START, prices).of(RegisterInvoice)
    numbers = [part.number for part in asked.documents]
    assert numbers == list(derived_numbers("B", ITEMS_AT_MOST, "ACC/O", "A"))
    assert len(set(numbers)) == ITEMS_AT_MOST
    assert all(len(number) <= 16 and number.isalnum() for number in numbers)
    assert {len(part.lines) for part in asked.documents} == {1}
    assert (asked.document_number, asked.total) == (INVOICE, ITEMS_AT_MOST * Decimal("80.00"))


def test_a_credit_note_of_a_document_in_parts_names_those_that_it_undoes_and_has_numbers_of_its_own():
    terms = replace(TERMS, documents=replace(INDIA, lines_at_most=1))
    two = pack("A", 1, line="K").model_copy(update={"items": pack("A", line="K").items + pack("A", 2).items})
    row = after(order(K=1, L=2), two, REGISTERED, PACKED, terms=terms).row
    later = START + timedelta(days=2)
    cancelled = cancel(1, "K").model_copy(update={"items": cancel(1, "K").items + cancel(2, "L").items})
    (note,) = ORDERS.decide(row, cancelled, later, PRICES).of(IssueCreditNote)
    first, second = derived_numbers("C", 2, "ACC/O", "A", "cancel-3")
    assert [(part.number, part.preceding and part.preceding.number) for part in note.documents] == [
        (first, INVOICE),
        (second, derived_numbers("B", 2, "ACC/O", "A")[1]),
    ]


def test_the_b2c_return_carries_client_ys_codes_and_addresses():
    decided = after(order(2), pack("A", 2), REGISTERED, PACKED, cancel(2))
    (required,) = decided.of(B2CReturnRequired)
    assert isinstance(required, B2CReturnRequired)
    assert required.client_y == Y
    assert (required.client_y.account_code, required.client_y.billing_address) == ("Y", Y.billing_address)
    assert (required.invoice_number, required.lines, required.total) == (INVOICE, (LINE,), Decimal("160.00"))
    (void,) = decided.of(VoidInvoice)
    assert void.document_number == INVOICE


@pytest.mark.parametrize(
    ("waited", "kind"),
    [
        (timedelta(0), VoidInvoice),
        (timedelta(hours=24), VoidInvoice),
        (timedelta(hours=24, microseconds=1), IssueCreditNote),
    ],
)
def test_a_whole_document_is_voided_up_to_the_end_of_its_window(waited: timedelta, kind: type):
    row = after(order(2), pack("A", 2), REGISTERED, PACKED).row
    decided = ORDERS.decide(row, cancel(2), START + waited, PRICES)
    assert [type(c) for c in decided.commands if type(c) in (VoidInvoice, IssueCreditNote)] == [kind]


def test_every_resend_and_look_up_is_of_the_first_document():
    decided = after(order(), pack("A"))
    (first,) = decided.of(RegisterInvoice)
    for attempt in (1, 2):
        later = START + attempt * timedelta(days=1)
        silent = InvoiceUnanswered(**ABOUT, shipment_id="A", call="register_invoice", attempt=attempt)
        asked = ORDERS.decide(decided.row, silent, later, PRICES)
        (look_up,) = asked.of(LookUpInvoice)
        assert (look_up.document_number, look_up.document_time) == (first.document_number, START)
        assert (look_up.total, look_up.invoice_attempt) == (first.total, attempt)
        gone = InvoiceNotFound(**ABOUT, shipment_id="A", attempt=attempt, look_up=attempt)
        decided = ORDERS.decide(asked.row, gone, later + timedelta(minutes=5), PRICES)
        assert decided.of(RegisterInvoice) == (first.model_copy(update={"attempt": attempt + 1}),)


def test_an_empty_document_is_worth_nothing_to_the_paisa():
    assert total([]).as_tuple().exponent == -2


def test_a_dead_number_is_replaced_by_one_that_is_derived_too():
    decided = after(order(2), pack("A", 2), REGISTERED, InvoiceRevoked(**ABOUT, shipment_id="A", reason="-"))
    again = ORDERS.decide(
        decided.row, InvoiceFixed(**ABOUT, shipment_id="A", attempt=1), START + timedelta(hours=1), PRICES
    )
    (anew,) = again.of(RegisterInvoice)
    assert anew.document_number == derived_number("B", "ACC/O", "A", "1") != INVOICE
    assert (anew.document_time, anew.attempt) == (START + timedelta(hours=1), 2)
    assert anew.documents[0].lines == (LINE,)


def test_every_command_about_a_document_says_whose_rules_it_follows():
    terms = replace(TERMS, documents=replace(INDIA, provider=Provider.EN16931, void_window=None))
    decided = after(order(2), pack("A", 2), REGISTERED, PACKED, cancel(2), terms=terms)
    asked = [c for c in decided.of(OrderCommand) if hasattr(c, "provider")]
    assert [(type(c), c.provider) for c in asked] == [(IssueCreditNote, Provider.EN16931)]
