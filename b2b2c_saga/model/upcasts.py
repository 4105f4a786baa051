"""How rows of an older schema become rows of the next: one pure function a version, upon plain data, kept for ever.

The rows that each is tested with were written by the program of that version (`tests/kept/`).
"""

from collections.abc import Callable
from typing import Any

from b2b2c_saga.model.documents import derived_number

Row = dict[str, Any]
"""An order, or the stock of a SKU, as JSON has it; fields that have their default are left out."""

INDIA = "india-inv01"


def upcast_1(row: Row) -> Row:
    """From numbers that are derived, in parts that bear the first one's with a digit, and rates of the order's day.

    An order keeps what it was taken in with: its numbers go on being derived, it asks for no e-way bill.
    """
    terms = row["terms"]
    documents = terms["documents"]
    in_india = documents["provider"] == INDIA
    documents |= {
        "report_within": "P30D" if in_india else None,
        "credit_until": [11, 30] if in_india else None,
        "exempt_reported": True,
    }
    terms |= {"numbers": "derived", "eway_bill": None}
    rates = {line["code"]: line.pop("gst_rate") for line in row.get("lines", ())}
    for line in row.get("lines", ()):
        line |= {"discount": "0", "name": "", "unit": "PCS"}
    for shipment in row.get("shipments", ()):
        shipment["answered_before"] = shipment["invoice"].get("first_attempt", 1)  # no documents were kept
        number = shipment["invoice"].pop("number", None)
        if number is not None:
            _number(shipment, number, rates, documents["lines_at_most"], f"{row['account']}/{row['code']}")
    return row


def _number(shipment: Row, number: str, rates: dict[str, str], lines_at_most: int, key: str) -> None:
    """An invoice under that number, and the credit notes that were sent for it."""
    invoice = shipment["invoice"]
    codes = [code for code, _ in invoice["quantities"]["by_line"]]
    part_of = {code: place // lines_at_most for place, code in enumerate(codes)}
    invoice["numbers"] = _parts(number, len(set(part_of.values())))
    invoice["rates"] = [[code, rates[code]] for code in codes]
    invoice["split"] = "even_tax"
    for reversal in shipment.get("reversals", ()):
        if "issue_credit_note" in dict(reversal.get("opened", ())):
            undone = {part_of[code] for code, _ in reversal["quantities"]["by_line"] if code in part_of}
            reversal["numbers"] = _parts(derived_number("C", key, shipment["id"], reversal["id"]), len(undone))


def _parts(number: str, count: int) -> list[str]:
    return [number, *(f"{number}{n}" for n in range(2, count + 1))]


UPCASTS: tuple[Callable[[Row], Row], ...] = (upcast_1,)
"""The nth makes version n + 1 of version n."""
