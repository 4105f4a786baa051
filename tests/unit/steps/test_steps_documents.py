"""Documents: numbers in the registry's form, lines at the prices of intake, totals to the paisa."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    InvoiceNotFound,
    InvoiceRegistered,
    InvoiceUnanswered,
    MarketplacePacked,
)
from b2b2c_saga.model.messages.commands import DocumentLine, IssueCreditNote, RegisterInvoice, VoidInvoice
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.messages.upstream import OrderItem
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.worlds import ABOUT, CONSUMER, TERMS, X, Y, cancel, order, pack
from b2b2c_saga.saga.decide import Decision
from b2b2c_saga.steps import ORDERS
from b2b2c_saga.steps.documents import document_lines, document_number, line_quantities, total

NUMBER = re.compile(r"^[A-Z1-9][A-Z0-9/-]{0,15}$")
NEW = Order("ACC", "O", TERMS)
REGISTERED = InvoiceRegistered(**ABOUT, shipment_id="A", document_number="B", registration="I")
PACKED = MarketplacePacked(**ABOUT, shipment_id="A", invoice_code="M", invoice_date=START, label=LABEL)


def after(*events: Event) -> Decision[Order]:
    decision = Decision(NEW)
    for event in events:
        decision = ORDERS.decide(decision.row, event, START)
    return decision


@given(st.sampled_from("BC"), st.lists(st.text(max_size=70), max_size=4))
def test_a_number_has_the_registrys_form_and_stays_the_same(kind: str, identity: list[str]):
    number = document_number(kind, *identity)
    assert NUMBER.match(number)
    assert len(number) == 15
    assert number == document_number(kind, *identity)
    assert number != document_number("B" if kind == "C" else "C", *identity)


def test_numbers_of_different_documents_differ():
    identities = [("O", "A"), ("OA",), ("O", "A", ""), ("A", "O")]
    assert len({document_number("B", *identity) for identity in identities}) == len(identities)
    assert len({document_number("B", "ACC/O", str(n)) for n in range(20_000)}) == 20_000


def test_a_number_is_what_it_always_was():
    assert document_number("B", "ACC/O", "A") == "BUU16ALE1TTUUVW"


@given(st.lists(st.tuples(st.integers(1, 10**6), st.decimals(0, 10**5, places=2)), min_size=1, max_size=20))
def test_a_total_is_the_sum_of_its_lines_to_the_paisa(units: list[tuple[int, Decimal]]):
    lines = tuple(DocumentLine(order_item_code="L", sku="S", quantity=n, unit_price=price) for n, price in units)
    assert total(lines) == sum(n * price for n, price in units)
    assert total(lines).as_tuple().exponent == -2
    assert total(()) == 0


@given(st.decimals("0.01", 10**7, places=2), st.decimals("0.01", 150, places=2))
def test_the_b2b_price_is_fixed_at_intake_per_unit_rounded_half_up(price: Decimal, percent: Decimal):
    item = OrderItem(channel_sku_code="S", order_item_code="L", quantity=3, selling_price_per_unit=price)
    terms = NEW.terms.__class__(**{**NEW.terms.__dict__, "b2b_price_percent": percent})
    placed = ORDERS.decide(Order("ACC", "O", terms), order().model_copy(update={"items": (item,)}), START).row
    (line,) = placed.lines
    assert line.selling_price == price
    assert abs(line.unit_price - price * percent / 100) <= Decimal("0.005")
    (told,) = document_lines(placed, Quantities.of({"L": 2}))
    assert told == DocumentLine(order_item_code="L", sku="S", quantity=2, unit_price=line.unit_price)


def test_line_quantities_are_those_of_the_units():
    assert [(q.order_item_code, q.quantity) for q in line_quantities(Quantities.of({"L": 2, "K": 1}))] == [
        ("K", 1),
        ("L", 2),
    ]


def test_the_invoice_says_who_sells_what_to_whom_and_where_it_goes():
    (asked,) = after(order(2), pack("A", 2)).of(RegisterInvoice)
    assert asked == RegisterInvoice(
        **ABOUT,
        shipment_id="A",
        document_number=document_number("B", "ACC/O", "A"),
        document_time=START,
        seller=X,
        buyer=Y,
        lines=(DocumentLine(order_item_code="L", sku="SKU-L", quantity=2, unit_price=Decimal("80.00")),),
        total=Decimal("160.00"),
        recipient=CONSUMER,
    )


def test_the_b2c_return_carries_client_ys_codes_and_addresses():
    decided = after(order(2), pack("A", 2), REGISTERED, PACKED, cancel(2))
    (required,) = decided.of(B2CReturnRequired)
    assert isinstance(required, B2CReturnRequired)
    assert required.client_y == Y
    assert (required.client_y.account_code, required.client_y.billing_address) == ("Y", Y.billing_address)
    assert (required.invoice_number, required.total) == (document_number("B", "ACC/O", "A"), Decimal("160.00"))
    (void,) = decided.of(VoidInvoice)
    assert void.document_number == required.invoice_number  # type: ignore[attr-defined]


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
    decided = ORDERS.decide(row, cancel(2), START + waited)
    assert [type(c) for c in decided.commands if type(c) in (VoidInvoice, IssueCreditNote)] == [kind]


def test_every_resend_carries_the_number_and_time_of_the_first():
    decided = after(order(), pack("A"))
    (first,) = decided.of(RegisterInvoice)
    for attempt in (1, 2):
        later = START + attempt * timedelta(days=1)
        silent = InvoiceUnanswered(**ABOUT, shipment_id="A", call="register_invoice", attempt=attempt)
        row = ORDERS.decide(decided.row, silent, later).row
        gone = InvoiceNotFound(**ABOUT, shipment_id="A", attempt=attempt, look_up=attempt)
        decided = ORDERS.decide(row, gone, later + timedelta(minutes=5))
        assert decided.of(RegisterInvoice) == (first.model_copy(update={"attempt": attempt + 1}),)
