"""Each row of the state table of the business, on each kind of channel where there is such a thing: none is skipped.

An order is brought into the row's state by events; then the row's event comes. Everything that is sent, and the state
that is reached, is told in the lines of histories: `state_table/*.txt`, where each row bears the table's own words.
"""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from state_rows import Case, Row, begin, decided, read, told

from b2b2c_saga.model.messages import Event, Reply
from b2b2c_saga.model.messages.base import OrderCommand
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.messages.replies import PackAnswered
from b2b2c_saga.model.order import Line, Order
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.saga.check.samples import CONSUMER, PRICES, TERMS, WMS, X, Y
from b2b2c_saga.saga.decide import Decision
from b2b2c_saga.steps import ORDERS
from b2b2c_saga.steps.progress import progress

FILES = sorted((Path(__file__).parent / "state_table").glob("*.txt"))
ROWS = [row for file in FILES for row in read(file)]
ANY = "any | the same event again | same | same effects, same ids"
"""The one row that is about all others."""

EACH = pytest.mark.parametrize(
    ("case", "channel"),
    [
        pytest.param(case, channel, id=f"{row.words} | {channel} | {case.what}")
        for row in ROWS
        for case in row.cases
        for channel in case.channels
    ],
)


def _refused(decision: Decision[Order]) -> list[tuple[Event, str]]:
    return [(refused.event, refused.reason) for refused in decision.refused]


def row_of(words: str) -> Row:
    """The row that begins so."""
    return next(row for row in ROWS if row.words.startswith(words))


@EACH
def test_what_is_sent_and_where_it_leads(case: Case, channel: str):
    order, now = begin(case, channel)
    assert told(order, now, case.events(now)) == case.told(channel)


@EACH
def test_the_same_event_again_sends_nothing_new_and_changes_nothing(case: Case, channel: str):
    """The row `any`: before it was written down (a crash), and after."""
    order, now = begin(case, channel)
    for happened in case.events(now):
        first = decided(order, happened)
        crashed = decided(order, happened)
        assert (crashed.row, crashed.outputs, _refused(crashed)) == (first.row, first.outputs, _refused(first))
        again = decided(first.row, happened)
        assert again.row == first.row
        assert all(isinstance(output.message, Reply) and output in first.outputs for output in again.outputs)
        assert len({output.id for output in first.outputs}) == len(first.outputs)
        order = first.row


@EACH
def test_everything_before_it_twice_is_everything_once(case: Case, channel: str):
    """The row `any`, for the events that lead there."""
    given, *happened = case.before(channel)
    while happened and happened[0].startswith("given "):
        given += "\n" + happened.pop(0)
    doubled = replace(case, rung="-", there=(*given.split("\n"), *(line for line in happened for _ in (1, 2))))
    assert begin(doubled, "ERP")[0] == begin(case, channel)[0]


@EACH
def test_documents_go_to_the_system_that_issues_them_and_returns_bear_client_ys_codes(case: Case, channel: str):
    order, now = begin(case, channel)
    issuer = {"ERP": "erp", "WMS": "rms"}.get(channel)
    for happened in case.events(now):
        decision = decided(order, happened)
        order = decision.row
        asked: list[Any] = [message for message in decision.of(OrderCommand) if hasattr(message, "issuer")]
        assert [(c.issuer, c.destination) for c in asked] == [(issuer, f"commands.{issuer}")] * len(asked)
        posted: list[Any] = [*decision.of(B2CReturnRequired)]
        assert [(r.client_y, r.seller) for r in posted] == [(Y, X)] * len(posted)
        assert issuer or not posted


@EACH
def test_downstream_is_told_where_it_led(case: Case, channel: str):
    """The row `HANDING_OVER | ok`: posted; and so is every other change."""
    order, now = begin(case, channel)
    for happened in case.events(now):
        reached = decided(order, happened).row
        said = [(event.fulfilment, event.invoice) for event in progress(order, reached, now) if not event.shipment_id]
        was, now_is = ((row.fulfilment, row.invoice_state) if row.is_known else None for row in (order, reached))
        assert said == ([now_is] if now_is not in (None, was) else [])
        order = reached


def test_every_row_is_there_once_with_every_alternative_on_every_channel():
    assert len({row.words for row in ROWS}) == len(ROWS) == 27
    missing = [
        (row.words, alternative, channel)
        for row in ROWS
        for alternative, channels in row.needs.items()
        for channel in channels
        if not any(alternative in case.what and channel in case.channels for case in row.cases)
    ]
    assert missing == []
    assert [row.words for row in ROWS if not row.cases] == [ANY]


@pytest.mark.parametrize("channel", ["ERP", "WMS", "plain"])
def test_intake_takes_the_snapshot_of_parties_prices_and_taxes(channel: str):
    """The row `- | order`: later prices don't reach an order that is taken in; a rate is that of the invoice."""
    case = row_of("- | order").cases[0]
    order, now = begin(case, channel)
    event = case.events(now)[0]
    placed = decided(order, event).row
    line = Line("L", "SKU-L", 2, Decimal(100), Decimal(0), Decimal(80), hsn="610910", name="Shirt", unit="PCS")
    assert (placed.lines, placed.recipient, placed.terms) == ((line,), CONSUMER, order.terms)
    assert (placed.terms.client_x, placed.terms.client_y) == (X, Y)
    dearer = replace(PRICES, prices=(replace(PRICES.prices[0], value=Decimal(90)),))
    said: Any = event.event
    assert ORDERS.decide(order, said, now, dearer).row.lines == (replace(line, unit_price=Decimal(90)),)
    assert ORDERS.decide(placed, said, now, dearer).row == placed


@pytest.mark.parametrize(("channel", "terms"), [("ERP", TERMS), ("WMS", WMS)])
def test_the_number_and_the_quantities_are_in_the_row_that_is_written_with_the_command(channel: str, terms: Terms):
    """The row `OPEN | pack [B2B2C]`: the document number is persisted before anything is called."""
    case = next(case for case in row_of("OPEN | pack [B2B2C]").cases if channel in case.channels)
    order, now = begin(case, channel)
    decision = decided(order, case.events(now)[0])
    asked: Any = decision.commands[0]
    invoice = decision.row.shipments[0].invoice
    assert (invoice.number, invoice.dated, invoice.quantities["L"]) == (asked.document_number, asked.document_time, 2)
    assert (len(decision.commands), decision.row.terms) == (1, terms)


def test_the_answer_to_a_repeat_has_the_documents_of_the_first():
    """The row `PACKING | pack ok`: the B2C invoice and the label are kept."""
    first, repeat = row_of("PACKING | pack ok").cases
    order, now = begin(first, "ERP")
    packed = decided(order, first.events(now)[0])
    (answer,) = packed.of(PackAnswered)
    again = decided(packed.row, repeat.events(now)[0])
    assert again.replies == (answer.model_copy(update={"request_id": "q2"}),)
