"""The calculation rules of EN 16931, under their names in the standard.

A rounding amount would hide a document that contradicts itself: so that is looked at before anything is made of it.
"""

from decimal import Decimal

from b2b2c_saga.fiscal.payload import JSON, amount, must_equal, part, rows
from b2b2c_saga.model.messages.fiscal import FiscalDocument
from b2b2c_saga.model.words import PAISA, to_paisa

SHARED_OUT = 2 * PAISA
"""What a line may be off, at the most, when the paise of a line are shared out over invoice and credit notes."""
HALF_A_RUPEE = Decimal("0.50")


def check_document(path: str, document: FiscalDocument, *, within_state: bool) -> None:
    """What is due is what its lines come to, and these are price and tax, the tax that of their rate.

    Within a state a line may be up to two paise off its price, where no taxable value comes to that with two equal
    taxes (`model/taxes`): the document is rounded off by what its lines are off, and to whole rupees at the most.

    Raises:
        BadInput: it is not.
    """
    off = SHARED_OUT if within_state else Decimal(0)
    prices = Decimal(0)
    for place, line in enumerate(document.lines):
        at, price = f"{path}.lines.{place}", line.quantity * line.unit_price
        prices += price
        _must_be_near(f"{at}.total", line.total, price, off, "quantity x unit price")
        tax = line.igst + line.cgst + line.sgst
        must_equal(f"{at}.taxableValue", line.taxable_value, line.total - tax, "total less tax")
        rate = line.gst_rate / (200 if within_state else 100)
        name, tax = ("cgst", line.cgst) if within_state else ("igst", line.igst)
        _must_be_near(f"{at}.{name}", tax, line.taxable_value * rate, SHARED_OUT, "taxable value x rate")
    lines = sum((line.total for line in document.lines), Decimal(0))
    must_equal(f"{path}.total", document.total, lines + document.round_off, "the sum over lines, rounded off")
    _must_be_near(
        f"{path}.roundOff", document.round_off, prices - lines, HALF_A_RUPEE, "what lines are off their prices"
    )


def _must_be_near(path: str, found: Decimal, expected: Decimal, within: Decimal, rule: str) -> None:
    if abs(found - expected) > within:
        must_equal(path, found, expected, f"{rule}, within {within}" if within else rule)


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
