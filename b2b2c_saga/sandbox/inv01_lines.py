"""The lines of an e-invoice and what they add up to, by the Indian registry's rules (INV-01 v1.1)."""

from decimal import Decimal

from b2b2c_saga.sandbox.payloads import Line, Part, total_of

GSTIN = r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]"
NAME, DESCRIPTION = r".{3,100}", r".{3,300}"
HSN = r"(0[1-9]|[1-8][0-9]|9[0-8])([0-9]{4}|[0-9]{6})"
"""Six or eight digits: a chapter of goods, 01 to 98 (99 are services)."""
RATES = tuple(map(Decimal, ("0", "0.1", "0.25", "1", "1.5", "3", "5", "6", "7.5", "12", "18", "28", "40")))
"""Percent: all that exist, or existed."""
_UNITS = """
BAG BAL BDL BKL BOU BOX BTL BUN CAN CBM CCM CMS CTN DOZ DRM GGK GGR GMS GRS GYD KGS KLR KME LTR MLT MTR MTS NOS OTH PAC
PCS PRS QTL ROL SET SQF SQM SQY TBS TGM THD TON TUB UGS UNT YDS
"""
UNITS = frozenset(_UNITS.split())
"""Unit quantity codes (UQC)."""
ROUND_OFF_AT_MOST = Decimal("99.99")
TAXES = {"IgstAmt": "IgstVal", "CgstAmt": "CgstVal", "SgstAmt": "SgstVal"}
"""Of a line, and summed up in the header."""


def read_line(item: Part, *, within_state: bool) -> Line:
    """A line, if it is right by itself.

    Raises:
        Wrong: the first field that isn't.
    """
    item.text("IsServc", "N")
    hsn, description = item.text("HsnCd", HSN), item.text("PrdDesc", DESCRIPTION)
    unit = item.one_of("Unit", UNITS, "a unit quantity code (UQC), such as PCS")
    units, price, gross = item.units("Qty"), item.amount("UnitPrice"), item.amount("TotAmt")
    taxable, rate, total = item.amount("AssAmt"), item.amount("GstRt"), item.amount("TotItemVal")
    taxes = {name: item.amount(name, usually="0") for name in TAXES}
    for name, found in {"UnitPrice": price, "TotAmt": gross, "AssAmt": taxable, "GstRt": rate, **taxes}.items():
        if found < 0:
            raise item.wrong(name, "never negative")
    if rate not in RATES:
        raise item.wrong("GstRt", f"a rate that exists: {', '.join(map(str, RATES))}")

    # a price of three places is off by half of its last place for each unit
    item.about("TotAmt", gross, price * units, "UnitPrice by Qty", 1 + units * Decimal("0.0005"))
    item.about("AssAmt", taxable, gross - item.amount("Discount", usually="0"), "TotAmt less Discount")
    _check_taxes(item, taxes, taxable * rate / 100, within_state=within_state)
    item.about("TotItemVal", total, taxable + sum(taxes.values()), "AssAmt and taxes")
    tax = sum(taxes.values(), Decimal(0))
    return Line(description, unit, units, taxable, rate, hsn_code=hsn, tax=tax, total=total)


def read_total(values: Part, items: list[Part]) -> Decimal:
    """The document's total, if the header is the sum of the lines.

    Raises:
        Wrong: the first field that isn't.
    """
    values.about("AssVal", values.amount("AssVal"), total_of(items, "AssAmt"), "the sum of AssAmt")
    due = values.amount("AssVal")
    for name, header in TAXES.items():
        found = values.amount(header, usually="0")
        values.about(
            header, found, sum((item.amount(name, usually="0") for item in items), Decimal(0)), f"the sum of {name}"
        )
        due += found
    round_off = values.amount("RndOffAmt", usually="0")
    if abs(round_off) > ROUND_OFF_AT_MOST:
        raise values.wrong("RndOffAmt", f"{ROUND_OFF_AT_MOST} at most")
    total = values.amount("TotInvVal")
    values.about("TotInvVal", total, due + round_off, "AssVal, taxes and RndOffAmt")
    return total


def _check_taxes(item: Part, taxes: dict[str, Decimal], due: Decimal, *, within_state: bool) -> None:
    """IGST between states; CGST and SGST, half of it each, within one."""
    if within_state and taxes["IgstAmt"]:
        raise item.wrong("IgstAmt", "no IGST within a state")
    if not within_state and (taxes["CgstAmt"] or taxes["SgstAmt"]):
        raise item.wrong("CgstAmt", "IGST alone between states")
    if not within_state:
        item.about("IgstAmt", taxes["IgstAmt"], due, "AssAmt by GstRt")
        return
    for name in ("CgstAmt", "SgstAmt"):
        item.about(name, taxes[name], due / 2, "AssAmt by half of GstRt")
    if taxes["CgstAmt"] != taxes["SgstAmt"]:
        raise item.wrong("SgstAmt", "the same as CgstAmt")
