"""What earlier versions wrote is read by this one, means what it meant, and can be decided on."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.model.messages import BY_TYPE
from b2b2c_saga.model.messages.commands import IssueCreditNote, RegisterInvoice
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import VERSION, decode_order, decode_stock, encode_order, encode_stock
from b2b2c_saga.model.taxes import Split
from b2b2c_saga.model.terms import Numbers
from b2b2c_saga.model.upcasts import UPCASTS
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.saga.decide import Alarm
from b2b2c_saga.steps import ORDERS

KEPT = Path(__file__).parents[2] / "kept"
LATER = datetime(2026, 6, 1, tzinfo=UTC)
SAID_OTHERWISE = {("revoked-and-cancelled", 5), ("revoked-and-cancelled", 6)}
"""A document that the registry took back, and of which nothing stays sold, was FAILED: it is VOIDED."""


def kept(name: str) -> list[dict[str, Any]]:
    text = gzip.decompress((KEPT / name).read_bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]


def rows(version: int) -> list[dict[str, Any]]:
    return kept(f"rows-{version}.jsonl.gz")


def orders(version: int) -> list[tuple[dict[str, Any], Order]]:
    return [(one, decode_order(one["row"].encode())) for one in rows(version) if one["table"] == "order"]


VERSIONS = pytest.mark.parametrize("version", range(1, VERSION))


def test_rows_of_each_earlier_version_are_kept():
    assert len(UPCASTS) == VERSION - 1
    assert [path.name for path in sorted(KEPT.glob("rows-*"))] == [f"rows-{n}.jsonl.gz" for n in range(1, VERSION)]
    assert all(len(rows(version)) > 100 for version in range(1, VERSION))


@VERSIONS
def test_an_order_of_an_earlier_version_has_the_states_it_had(version: int):
    for one, order in orders(version):
        if (one["history"], one["event"]) not in SAID_OTHERWISE:
            assert f"{order.fulfilment} / {order.invoice_state}" == one["state"], one["history"]


@VERSIONS
def test_a_row_of_an_earlier_version_is_written_as_one_of_today(version: int):
    for one in rows(version):
        decode, encode = (decode_order, encode_order) if one["table"] == "order" else (decode_stock, encode_stock)
        row: Any = decode(one["row"].encode())
        written = encode(row)
        assert json.loads(written)["schema"] == VERSION
        assert decode(written) == row


@VERSIONS
def test_every_order_of_an_earlier_version_can_be_decided_on(version: int):
    for _, order in orders(version):
        decided = ORDERS.decide(order, Alarm(), LATER, PRICES)
        assert decided.row.lines == order.lines
        for document in decided.of(RegisterInvoice) + decided.of(IssueCreditNote):
            assert document.total > 0  # type: ignore[attr-defined]


def test_documents_of_the_first_version_keep_their_numbers_rates_and_the_way_their_tax_was_parted():
    split = [(one, order) for one, order in orders(1) if one["history"] == "split-shipments-with-returns-to-the-paisa"]
    _, last = split[-1]
    assert (last.terms.numbers, last.terms.eway_bill) == (Numbers.DERIVED, None)
    assert [
        (s.invoice.numbers, dict(s.invoice.rates), s.invoice.split, s.reversals[0].numbers) for s in last.shipments
    ] == [
        (("BUU16ALE1TTUUVW",), {"K": Decimal(5)}, Split.EVEN_TAX, ("C1MWGE0VFVAEFWK",)),
        (("BOKOHADC56P4OG0",), {"J": Decimal(5), "L": Decimal(5)}, Split.EVEN_TAX, ("C6266QCC6IHEVH6",)),
    ]


def test_parts_of_the_first_version_bore_the_number_of_the_first_with_a_digit():
    row = json.loads(next(one["row"] for one in rows(1) if one["history"].startswith("split-shipments-with-returns")))
    last = json.loads([one["row"] for one in rows(1) if one["history"].startswith("split-shipments-with")][-1])
    last["terms"]["documents"]["lines_at_most"] = 1
    order = decode_order(json.dumps(last).encode())
    assert order.shipments[1].invoice.numbers == ("BOKOHADC56P4OG0", "BOKOHADC56P4OG02")
    assert order.shipments[1].reversals[0].numbers == ("C6266QCC6IHEVH6", "C6266QCC6IHEVH62")
    assert decode_order(json.dumps(row).encode()).shipments == ()


def test_the_limits_of_the_registry_of_india_are_not_those_of_others():
    row = json.loads(next(one["row"] for one in rows(1) if one["table"] == "order"))
    row["terms"]["documents"]["provider"] = "en16931"
    abroad = decode_order(json.dumps(row).encode()).terms.documents
    assert (abroad.report_within, abroad.credit_until) == (None, None)
    assert {order.terms.documents.credit_until for _, order in orders(1)} == {(11, 30)}


def test_a_row_of_a_newer_version_is_told_as_such():
    newer = json.dumps({"schema": VERSION + 1}).encode()
    with pytest.raises(Bug, match=f"a row of schema {VERSION + 1}, and this program knows {VERSION} at most"):
        decode_order(newer)
    with pytest.raises(Bug, match="run the newer program"):
        decode_stock(newer)


@VERSIONS
def test_messages_of_an_earlier_version_can_be_read(version: int):
    read = [BY_TYPE[one["type"]].model_validate_json(one["data"]) for one in kept(f"messages-{version}.jsonl.gz")]
    assert len({type(message) for message in read}) > 40


def test_a_credit_note_for_an_invoice_of_the_first_version_takes_from_it_what_it_said():
    """100.00 at 18 percent within one state was 84.76 + 7.62 + 7.62 then."""
    found = [order for one, order in orders(1) if one["history"] == "happy-path" and order.shipments]
    old = json.loads(encode_order(found[-1]))
    old["terms"]["client_y"]["gstin"] = old["terms"]["client_x"]["gstin"][:2] + old["terms"]["client_y"]["gstin"][2:]
    old["lines"][0]["unit_price"] = "100.00"
    old["shipments"][0]["invoice"]["rates"] = [["L", "18"]]
    order = decode_order(json.dumps(old).encode())
    returned = BY_TYPE["b2b2c.ReturnReceived.v1"].model_validate(
        {
            "account": "ACC", "orderCode": "O", "shipmentId": "A", "returnOrderCode": "R", "type": "CUSTOMER_RETURN",
            "units": ({"unitCode": "u1", "orderItemCode": "L", "qualityCheck": "PASS"},),
        },
        strict=False,
    )  # fmt: skip
    (note,) = ORDERS.decide(order, returned, LATER + timedelta(days=1), PRICES).of(IssueCreditNote)  # type: ignore[arg-type]
    (line,) = note.documents[0].lines  # type: ignore[attr-defined]
    assert (line.taxable_value, line.cgst, line.sgst) == (Decimal("84.76"), Decimal("7.62"), Decimal("7.62"))
