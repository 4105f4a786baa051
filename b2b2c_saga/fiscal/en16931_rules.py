"""The calculation rules of EN 16931, under their names in the standard.

A rounding amount would hide a document that contradicts itself: so that is looked at before anything is made of it.
"""

from decimal import Decimal

from b2b2c_saga.fiscal.payload import JSON, amount, must_equal, part, rows
from b2b2c_saga.model.messages.fiscal import FiscalDocument
from b2b2c_saga.model.words import to_paisa


def check_document(path: str, document: FiscalDocument) -> None:
    """What is due is what its lines come to, and these are price and tax.

    Raises:
        BadInput: it is not.
    """
    for place, line in enumerate(document.lines):
        at = f"{path}.lines.{place}"
        with_tax = line.taxable_value + line.igst + line.cgst + line.sgst
        must_equal(f"{at}.total", line.total, line.quantity * line.unit_price, "quantity x unit price")
        must_equal(
            f"{at}.taxableValue", line.taxable_value, line.taxable_value + line.total - with_tax, "total less tax"
        )
    due = sum((line.total for line in document.lines), document.round_off)
    must_equal(f"{path}.total", document.total, due, "the sum over lines, rounded off")


def check(payload: JSON) -> None:
    """Of a payload that has the form of en16931.schema.json.

    Raises:
        BadInput: the first rule that is broken.
    """
    lines, breakdown, totals = rows(payload, "lines"), rows(payload, "taxBreakdown"), part(payload, "totals")
    for place, line in enumerate(lines):
        net = to_paisa(amount(line, "quantity") * amount(line, "netPrice") / amount(line, "priceBaseQuantity"))
        must_equal(f"lines.{place}.netAmount", amount(line, "netAmount"), net, "quantity x price (PEPPOL-EN16931-R120)")
    for place, group in enumerate(breakdown):
        _group(f"taxBreakdown.{place}", group, lines)
    rates = sorted({amount(line, "taxRate") for line in lines})
    must_equal(
        "taxBreakdown", [amount(group, "rate") for group in breakdown], rates, "each rate once (BR-S-01, BR-Z-01)"
    )
    net, tax = _sum(lines, "netAmount"), _sum(breakdown, "taxAmount")
    due = amount(totals, "withTax") + amount(totals, "rounding")
    for name, expected, rule in (
        ("lineNetAmount", net, "the sum over lines (BR-CO-10)"),
        ("withoutTax", net, "the sum over lines (BR-CO-13)"),
        ("tax", tax, "the sum over rates (BR-CO-14)"),
        ("withTax", net + tax, "net and tax (BR-CO-15)"),
        ("due", due, "with tax, rounded (BR-CO-16)"),
    ):
        must_equal(f"totals.{name}", amount(totals, name), expected, rule)


def _group(path: str, group: JSON, lines: list[JSON]) -> None:
    rate = amount(group, "rate")
    taxable = _sum([line for line in lines if amount(line, "taxRate") == rate], "netAmount")
    must_equal(f"{path}.taxableAmount", amount(group, "taxableAmount"), taxable, "the sum over its lines (BR-S-08)")
    tax = to_paisa(taxable * rate / 100)
    must_equal(f"{path}.taxAmount", amount(group, "taxAmount"), tax, "taxable amount x rate (BR-CO-17)")


def _sum(rows: list[JSON], name: str) -> Decimal:
    return sum((amount(row, name) for row in rows), Decimal(0))
