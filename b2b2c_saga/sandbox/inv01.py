"""The Indian registry's rules (INV-01 v1.1), as the sandbox's ERP and RMS hold a payload against them.

Written from the portal's rules and not from our own payload: what both get wrong in the same way, no test would find.
A bill of supply is written in the same form, though the registry takes none.
"""

from datetime import date, timedelta
from hashlib import sha256

from b2b2c_saga.sandbox.inv01_lines import GSTIN, NAME, read_line, read_total
from b2b2c_saga.sandbox.payloads import CONTROL_CHARACTERS, Document, Part, Wrong, check_texts, day
from b2b2c_saga.sandbox.places import check_place, check_state

HAS_REGISTRY = True
LINES_AT_MOST = 1000
APRIL = 4
NOVEMBER_30 = (11, 30)
REPORTED_WITHIN = timedelta(days=30)
NUMBER = r"[A-Z1-9][A-Z0-9/-]{0,15}"
TRANSPORTER = r"[0-9]{2}[0-9A-Z]{13}"
FARTHEST_KM = 4000


def read(payload: dict[str, object]) -> Document:
    """The document, if it is right.

    Raises:
        Wrong: the first field that isn't.
    """
    check_texts(payload, f'"{CONTROL_CHARACTERS}', "no control character and no quotation mark")
    whole = Part("", payload)
    whole.text("Version", r"1\.1")
    whole.part("TranDtls").text("TaxSch", "GST")
    whole.part("TranDtls").text("SupTyp", "B2B")
    about = whole.part("DocDtls")
    seller, buyer = whole.part("SellerDtls"), whole.part("BuyerDtls")
    place_of_supply = check_state(buyer, "Pos")
    parties = _party(seller), _party(buyer)
    items = whole.rows("ItemList", at_most=LINES_AT_MOST)
    lines = tuple(read_line(item, within_state=parties[0]["gstin"][:2] == place_of_supply) for item in items)
    if len({item.text("SlNo") for item in items}) < len(items):
        raise whole.wrong("ItemList", "each SlNo once")
    if whole.has("DispDtls"):
        _dispatch(whole.part("DispDtls"))
    return Document(
        type=about.text("Typ", "INV|CRN|DBN|BIL"),
        number=about.text("No", NUMBER),
        dated=day(about, "Dt", "DD/MM/YYYY"),
        seller=parties[0],
        buyer=parties[1],
        lines=lines,
        total=read_total(whole.part("ValDtls"), items),
        ship_to=_region(whole.part("ShipDtls")) if whole.has("ShipDtls") else None,
        preceding=_preceding(whole) if about.text("Typ") == "CRN" else None,
        transport=_transport(whole.part("EwbDtls")) if whole.has("EwbDtls") else None,
    )


def check_date(dated: date, today: date, *, is_reported: bool) -> None:
    """Not of the future; and the registry takes no document that is older than 30 days. Days are India's.

    Raises:
        Wrong: it is one of both.
    """
    if dated > today:
        raise Wrong("documents.payload.DocDtls.Dt", "no day that is still to come")
    if is_reported and today - dated > REPORTED_WITHIN:
        raise Wrong("documents.payload.DocDtls.Dt", "within 30 days before it is reported (error 2305)")


def last_day_to_credit(financial_year: str) -> date:
    """Until when a credit note for an invoice of that year goes out: 30 November after it (CGST Act, s. 34(2))."""
    return date(int(financial_year[:4]) + 1, *NOVEMBER_30)


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
    if check_state(part, "Stcd") != gstin[:2]:
        raise part.wrong("Stcd", "the state of the GSTIN")
    part.text("Addr1")
    part.text("Loc", NAME)
    if part.has("Pin") or part.path == "SellerDtls":
        check_place(part)
    return {"gstin": gstin, "legal_name": part.text("LglNm", NAME)}


def _dispatch(part: Part) -> None:
    part.text("Nm", NAME)
    part.text("Addr1")
    part.text("Loc", NAME)
    check_place(part)


def _region(part: Part) -> dict[str, str]:
    """Whoever it is, and whatever street: the books have no use for it. A consumer has no GSTIN: `URP`."""
    if part.has("Gstin"):
        part.text("Gstin", f"URP|{GSTIN}")
    part.text("LglNm", NAME)
    part.text("Addr1")
    city = part.text("Loc", NAME)
    pin, state = check_place(part)
    return {"city": city, "pin": pin, "state": state}


def _transport(part: Part) -> dict[str, str]:
    """Part A of an e-way bill; a distance of 0 lets the portal work it out from the PIN codes."""
    distance = part.text("Distance", r"[0-9]{1,4}")
    if int(distance) > FARTHEST_KM:
        raise part.wrong("Distance", f"{FARTHEST_KM} km at most")
    return {"transporter_id": part.text("TransId", TRANSPORTER), "transporter_name": part.text("TransName", NAME)}


def _preceding(whole: Part) -> tuple[str, date]:
    [named] = whole.part("RefDtls").rows("PrecDocDtls", at_most=1)
    return named.text("InvNo", NUMBER), day(named, "InvDt", "DD/MM/YYYY")
