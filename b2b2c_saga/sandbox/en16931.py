"""EN 16931 as the sandbox's ERP and RMS hold a payload against it: sums by rate, and no line without its tax rate.

Written from the standard and not from our own payload. There is no registry: a document goes by its own number.
"""

from datetime import date
from decimal import Decimal

from b2b2c_saga.sandbox.payloads import CONTROL_CHARACTERS, Document, Line, Part, check_texts, day, total_of

HAS_REGISTRY = False
LINES_AT_MOST = 10_000
TYPES = {"380": "INV", "381": "CRN"}
"""UNTDID 1001, and what the books call it."""
NUMBER = r"[A-Za-z0-9/-]{1,30}"
CENT = Decimal("0.01")


def read(payload: dict[str, object]) -> Document:
    """The document, if it is right.

    Raises:
        Wrong: the first field that isn't.
    """
    check_texts(payload, CONTROL_CHARACTERS, "no control character")
    whole = Part("", payload)
    type_ = TYPES[whole.text("typeCode", "380|381")]
    whole.text("currency", "[A-Z]{3}")
    parties = _party(whole.part("seller")), _party(whole.part("buyer"))
    rows = whole.rows("lines", at_most=LINES_AT_MOST)
    lines = tuple(_line(row) for row in rows)
    _taxes(whole, rows)
    return Document(
        type=type_,
        number=whole.text("number", NUMBER),
        dated=day(whole, "issueDate", "YYYY-MM-DD"),
        seller=parties[0],
        buyer=parties[1],
        lines=lines,
        total=_total(whole.part("totals"), rows, whole),
        ship_to=_region(whole.part("delivery")) if whole.has("delivery") else None,
        preceding=_preceding(whole) if type_ == "CRN" else None,
    )


def registration(document: Document) -> str:
    """Its own number."""
    return document.number


def _party(part: Part) -> dict[str, str]:
    identifier = part.text("vatIdentifier", r"[A-Z]{2}[A-Z0-9]{2,20}")
    part.part("address").text("country", "[A-Z]{2}")
    return {"gstin": identifier[2:], "legal_name": part.text("name")}


def _region(delivery: Part) -> dict[str, str]:
    """Whoever it is, and whatever street: the books have no use for it."""
    delivery.text("name")
    to = delivery.part("address")
    to.text("country", "[A-Z]{2}")
    return {"city": to.text("city"), "pin": to.text("postCode"), "state": to.text("subdivision")}


def _line(row: Part) -> Line:
    units, net, rate = row.units("quantity"), row.amount("netAmount"), row.amount("taxRate")
    base = row.amount("priceBaseQuantity", usually="1")
    if base <= 0 or net < 0 or rate < 0:
        raise row.wrong("netAmount", "never negative")
    row.about("netAmount", net, row.amount("netPrice") * units / base, "quantity by price", CENT)
    row.text("taxCategory", "S" if rate else "Z|E")
    unit = row.text("unitCode", "[A-Z0-9]{2,3}")
    return Line(row.text("itemName"), unit, units, net, rate, sku=row.text("sellersItemId"))


def _taxes(whole: Part, rows: list[Part]) -> None:
    groups = whole.rows("taxBreakdown", at_most=len(rows))
    rates = [group.amount("rate") for group in groups]
    if sorted(rates) != sorted({row.amount("taxRate") for row in rows}):
        raise whole.wrong("taxBreakdown", "each rate of the lines once")
    for group, rate in zip(groups, rates, strict=True):
        net = total_of((row for row in rows if row.amount("taxRate") == rate), "netAmount")
        group.about("taxableAmount", group.amount("taxableAmount"), net, "the sum over its lines", CENT)
        group.about("taxAmount", group.amount("taxAmount"), net * rate / 100, "taxable amount by rate", CENT)


def _total(totals: Part, rows: list[Part], whole: Part) -> Decimal:
    net = total_of(rows, "netAmount")
    tax = total_of(whole.rows("taxBreakdown", at_most=len(rows)), "taxAmount")
    due = net + tax + totals.amount("rounding", usually="0")
    for name, found in (("withoutTax", net), ("tax", tax), ("withTax", net + tax), ("due", due)):
        totals.about(name, totals.amount(name), found, "what the lines add up to", CENT)
    return totals.amount("due")


def _preceding(whole: Part) -> tuple[str, date]:
    [named] = whole.rows("precedingInvoices", at_most=1)
    return named.text("number", NUMBER), day(named, "issueDate", "YYYY-MM-DD")
