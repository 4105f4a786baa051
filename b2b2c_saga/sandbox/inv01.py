"""The Indian registry's rules (INV-01 v1.1), as the sandbox's ERP and RMS hold a payload against them.

Written from the portal's rules and not from our own payload: what both get wrong in the same way, no test would find.
"""

from datetime import date
from decimal import Decimal
from hashlib import sha256

from b2b2c_saga.sandbox.payloads import Document, Line, Part, day, total_of

LINES_AT_MOST = 1000
APRIL = 4
NUMBER = r"[A-Z1-9][A-Z0-9/-]{0,15}"
GSTIN = r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]"
STATE, PIN, NAME = r"[0-9]{2}", r"[1-9][0-9]{5}", r".{3,100}"
ROUND_OFF_AT_MOST = Decimal("99.99")
TAXES = {"IgstAmt": "IgstVal", "CgstAmt": "CgstVal", "SgstAmt": "SgstVal"}
"""Of a line, and summed up in the header."""


def read(payload: dict[str, object]) -> Document:
    """The document, if it is right.

    Raises:
        Wrong: the first field that isn't.
    """
    whole = Part("", payload)
    whole.text("Version", r"1\.1")
    whole.part("TranDtls").text("TaxSch", "GST")
    whole.part("TranDtls").text("SupTyp", "B2B")
    about = whole.part("DocDtls")
    seller, buyer = whole.part("SellerDtls"), whole.part("BuyerDtls")
    place_of_supply = buyer.text("Pos", STATE)
    parties = _party(seller), _party(buyer)
    items = whole.rows("ItemList", at_most=LINES_AT_MOST)
    lines = tuple(_line(item, within_state=parties[0]["gstin"][:2] == place_of_supply) for item in items)
    if len({item.text("SlNo") for item in items}) < len(items):
        raise whole.wrong("ItemList", "each SlNo once")
    return Document(
        type=about.text("Typ", "INV|CRN|DBN"),
        number=about.text("No", NUMBER),
        dated=day(about, "Dt", "DD/MM/YYYY"),
        seller=parties[0],
        buyer=parties[1],
        lines=lines,
        total=_total(whole.part("ValDtls"), items),
        ship_to=_region(whole.part("ShipDtls")) if whole.has("ShipDtls") else None,
        preceding=_preceding(whole) if about.text("Typ") == "CRN" else None,
    )


def registration(document: Document) -> str:
    """The IRN: SHA-256 of seller, financial year (April to March), type and number."""
    named = f"{document.seller['gstin']}{year_of(document.dated)}{document.type}{document.number.upper()}"
    return sha256(named.encode()).hexdigest()


def year_of(day: date) -> str:
    """The financial year in which a number is used once."""
    first = day.year if day.month >= APRIL else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"


def _party(part: Part) -> dict[str, str]:
    gstin = part.text("Gstin", GSTIN)
    if part.text("Stcd", STATE) != gstin[:2]:
        raise part.wrong("Stcd", "the state of the GSTIN")
    part.text("Addr1")
    part.text("Loc", NAME)
    if part.has("Pin") or part.path == "SellerDtls":
        part.text("Pin", PIN)
    return {"gstin": gstin, "legal_name": part.text("LglNm", NAME)}


def _region(part: Part) -> dict[str, str]:
    """Whoever it is, and whatever street: the books have no use for it."""
    part.text("LglNm", NAME)
    part.text("Addr1")
    return {"city": part.text("Loc", NAME), "pin": part.text("Pin", PIN), "state": part.text("Stcd", STATE)}


def _line(item: Part, *, within_state: bool) -> Line:
    item.text("IsServc", "N")
    item.text("HsnCd", r"[0-9]{4}|[0-9]{6}|[0-9]{8}")
    units, price, gross = item.units("Qty"), item.amount("UnitPrice"), item.amount("TotAmt")
    taxable, rate, total = item.amount("AssAmt"), item.amount("GstRt"), item.amount("TotItemVal")
    taxes = {name: item.amount(name, usually="0") for name in TAXES}
    for name, found in {"UnitPrice": price, "TotAmt": gross, "AssAmt": taxable, "GstRt": rate, **taxes}.items():
        if found < 0:
            raise item.wrong(name, "never negative")
    # a price of three places is off by half of its last place for each unit
    item.about("TotAmt", gross, price * units, "UnitPrice by Qty", 1 + units * Decimal("0.0005"))
    item.about("AssAmt", taxable, gross - item.amount("Discount", usually="0"), "TotAmt less Discount")
    if within_state and taxes["IgstAmt"]:
        raise item.wrong("IgstAmt", "no IGST within a state")
    if not within_state and (taxes["CgstAmt"] or taxes["SgstAmt"]):
        raise item.wrong("CgstAmt", "IGST alone between states")
    for name in TAXES:
        share = (2 if within_state else 1) if taxes[name] else 0
        if share:
            item.about(name, taxes[name], taxable * rate / 100 / share, "AssAmt by GstRt")
    if rate and not any(taxes.values()):
        item.about("GstRt", Decimal(0), taxable * rate / 100, "a tax at this rate")
    item.about("TotItemVal", total, taxable + sum(taxes.values()), "AssAmt and taxes")
    return Line(item.text("PrdDesc"), units, taxable, rate, sum(taxes.values(), Decimal(0)), total)


def _total(values: Part, items: list[Part]) -> Decimal:
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


def _preceding(whole: Part) -> tuple[str, date]:
    [named] = whole.part("RefDtls").rows("PrecDocDtls", at_most=1)
    return named.text("InvNo", NUMBER), day(named, "InvDt", "DD/MM/YYYY")
