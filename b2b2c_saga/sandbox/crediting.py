"""What a credit note may undo: no more than its invoice has, at its prices and rates, and in time."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from b2b2c_saga.sandbox.documents import REGISTRIES, Whole
from b2b2c_saga.sandbox.india_time import day_in_india
from b2b2c_saga.sandbox.payloads import TOLERANCE, Wrong
from b2b2c_saga.sandbox.system import Desk
from b2b2c_saga.sandbox.tables import INVOICE

Row = dict[str, Any]


def credited(desk: Desk, invoice: Row) -> list[Row]:
    """The credit notes for an invoice."""
    order = {"account": invoice["account"], "order_code": invoice["order_code"]}
    return list(desk.book.find_all("credit_notes", **order, preceding_document=invoice["document_number"]))


def check_credit(desk: Desk, note: Whole, invoice: Row) -> None:
    """It names the parts of the invoice, keeps its rates, and with the notes before it undoes no more than there is.

    Raises:
        Wrong: it doesn't.
    """
    parts = {part["document_number"] for part in invoice["parts"]}
    undone = [part.preceding for part in note.parts if part.preceding]
    if any(number not in parts or dated.isoformat() != invoice["document_date"] for number, dated in undone):
        raise Wrong("documents.payload", "names the part of the invoice that it undoes, and its date")
    if (note.row["seller"], note.row["buyer"]) != (invoice["seller"], invoice["buyer"]):
        raise Wrong("documents.payload", "the invoice's own seller and buyer")
    _check_in_time(desk, invoice)
    rates = {line["order_item_code"]: Decimal(line["gst_rate"]) for line in invoice["lines"]}
    if any(Decimal(line["gst_rate"]) != rates.get(line["order_item_code"]) for line in note.row["lines"]):
        raise Wrong("documents.payload", "lines of the invoice, at the tax rates that they have there")
    _check_amounts([*credited(desk, invoice), note.row], invoice)


def _check_in_time(desk: Desk, invoice: Row) -> None:
    registry = REGISTRIES[invoice["provider"]]
    if not registry.HAS_REGISTRY or invoice["type"] != INVOICE:
        return
    last = registry.last_day_to_credit(invoice["financial_year"])
    if day_in_india(desk.now) > last:
        year = invoice["financial_year"]
        raise Wrong("documents.payload.DocDtls.Dt", f"for an invoice of {year} by {last} (CGST Act, s. 34(2))")


def _check_amounts(notes: list[Row], invoice: Row) -> None:
    units: dict[str, int] = defaultdict(int)
    money: dict[str, Decimal] = defaultdict(Decimal)
    for sign, row in ((1, invoice), *((-1, note) for note in notes)):
        for line in row["lines"]:
            units[line["order_item_code"]] += sign * line["quantity"]
            money[line["order_item_code"]] += sign * Decimal(line["taxable_value"])
    if min(units.values()) < 0:
        raise Wrong("documents.payload", "TOO_MUCH: no more units than were invoiced")
    credited = sum(Decimal(note["total"]) for note in notes)
    # the registry allows a rupee for each document's rounding, and lines have none
    if min(money.values()) < 0 or credited > Decimal(invoice["total"]) + TOLERANCE * len(notes):
        raise Wrong("documents.payload", "TOO_MUCH: no more money than was invoiced")
