"""B2B documents as an issuer is sent them, written by hand: our own code is not to test the sandbox."""

from copy import deepcopy
from typing import Any

from sandbox_client import shipment

SELLER, BUYER = "29AABCK1234M1ZG", "27AACCY5678N1ZF"
DATE, TIME = "01/04/2026", "2026-03-31T20:00:00Z"
"""31 March 20:00 UTC is 1 April in India: the next financial year."""
CONSUMER = {"LglNm": "Asha Rao", "Addr1": "1 Lake View", "Loc": "Mumbai", "Pin": 400001, "Stcd": "27"}
PRICES = {"i1": (100.0, 5.0), "i2": (50.0, 12.0), "nil": (30.0, 0.0)}
"""Of a unit without tax, and the rate."""
GOODS = {"i1": "Kurta of blue cotton", "i2": "Scarf of raw silk", "nil": "Handloom khadi flag"}
"""What the goods of each line are called."""
TRANSPORT = {"transporterId": "29AABCT1234M1ZA", "transporterName": "Deccan Parcels"}
TRANSPORT_ASKED = {"TransId": "29AABCT1234M1ZA", "TransName": "Deccan Parcels", "Distance": 0}
"""What a payload says of it."""


def inv01(number: str = "BO1", type_: str = "INV", undoes: str | None = None, **units: int) -> dict[str, Any]:
    """An e-invoice between two states; two units of i1 and one of i2 unless it is told otherwise."""
    items = [_item(n, line, quantity) for n, (line, quantity) in enumerate((units or {"i1": 2, "i2": 1}).items(), 1)]
    taxable, tax = sum(item["AssAmt"] for item in items), sum(item["IgstAmt"] for item in items)
    payload = {
        "Version": "1.1",
        "TranDtls": {"TaxSch": "GST", "SupTyp": "B2B"},
        "DocDtls": {"Typ": type_, "No": number, "Dt": DATE},
        "SellerDtls": _party("Kurta House", SELLER) | {"Pin": 560001},
        "BuyerDtls": _party("Yellow Retail", BUYER) | {"Pos": BUYER[:2]},
        "ItemList": items,
        "ValDtls": {"AssVal": taxable, "IgstVal": tax, "TotInvVal": round(taxable + tax, 2)},
        "ShipDtls": dict(CONSUMER),
    }
    if undoes:
        payload["RefDtls"] = {"PrecDocDtls": [{"InvNo": undoes, "InvDt": DATE}]}
    return payload


def en16931(number: str = "BO1", type_code: int = 380, undoes: str | None = None, **units: int) -> dict[str, Any]:
    """The same sale under EN 16931."""
    lines = [_line(n, line, quantity) for n, (line, quantity) in enumerate((units or {"i1": 2, "i2": 1}).items(), 1)]
    groups = [
        {"taxableAmount": of["netAmount"], "taxAmount": round(of["netAmount"] * of["taxRate"] / 100, 2)}
        | {"category": "S", "rate": of["taxRate"]}
        for of in lines
    ]
    net, tax = sum(line["netAmount"] for line in lines), sum(group["taxAmount"] for group in groups)
    home = {"line": "1 Lake View", "city": "Mumbai", "postCode": "400001", "subdivision": "27", "country": "IN"}
    payload = {
        "number": number,
        "issueDate": "2026-04-01",
        "typeCode": type_code,
        "currency": "INR",
        "seller": {"name": "Kurta House", "vatIdentifier": f"IN{SELLER}", "address": home},
        "buyer": {"name": "Yellow Retail", "vatIdentifier": f"IN{BUYER}", "address": home},
        "delivery": {"name": "Asha Rao", "address": home},
        "lines": lines,
        "taxBreakdown": groups,
        "totals": {"withoutTax": net, "tax": tax, "withTax": net + tax, "rounding": 0, "due": net + tax},
    }
    if undoes:
        payload["precedingInvoices"] = [{"number": undoes, "issueDate": "2026-04-01"}]
    return payload


def changed(payload: dict[str, Any], path: str, value: object = None) -> dict[str, Any]:
    """A copy with one field put otherwise, or left out; `ItemList.0.AssAmt` is a path."""
    copy: dict[str, Any] = deepcopy(payload)
    *way, last = path.split(".")
    place: Any = copy
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def sent(*payloads: dict[str, Any], order: object = "O1", **more: object) -> dict[str, Any]:
    """What ERP or RMS is asked to register: each payload a part."""
    parts = [{"documentNumber": _number(of), "orderItemCodes": _codes(of), "payload": of} for of in payloads]
    about = {
        "documentNumber": parts[0]["documentNumber"],
        "provider": "india-inv01" if "DocDtls" in payloads[0] else "en16931",
        "sellerAccountCode": "X-1000",
        "buyerAccountCode": "Y-2000",
        "total": f"{sum(_total(of) for of in payloads):.2f}",
        "documents": parts,
    }
    return shipment(str(order)) | about | more


def within_state(**units: int) -> dict[str, Any]:
    """The same sale, within one state: CGST and SGST."""
    payload = changed(inv01(**units), "BuyerDtls", _party("Yellow Retail", "29AACCY5678N1ZB") | {"Pos": "29"})
    for place, item in enumerate(payload["ItemList"]):
        half = round(item["IgstAmt"] / 2, 2)
        payload["ItemList"][place] = changed(item, "IgstAmt") | {"CgstAmt": half, "SgstAmt": half}
    half = sum(item["CgstAmt"] for item in payload["ItemList"])
    values = changed(payload["ValDtls"], "IgstVal") | {"CgstVal": half, "SgstVal": half}
    return changed(payload, "ValDtls", values)


def moved(payload: dict[str, Any]) -> dict[str, Any]:
    """With an e-way bill asked for."""
    return payload | {"EwbDtls": dict(TRANSPORT_ASKED)}


def moving(*payloads: dict[str, Any], **more: object) -> dict[str, Any]:
    """What an issuer is asked to register with an e-way bill."""
    return sent(*(moved(payload) for payload in payloads or (inv01(),)), transport=TRANSPORT, **more)


def bill_of_supply(number: str = "BO1") -> dict[str, Any]:
    """Two units of nil-rated goods."""
    return inv01(number, "BIL", nil=2)


def credit_note(number: str, reversal: str = "R1", undoes: str = "BO1", **units: int) -> dict[str, Any]:
    """What is asked for a reversal of so many units."""
    payload = inv01(number, "CRN", undoes, **units)
    return sent(payload, reversal=reversal, precedingDocument=undoes)


def which(number: str = "BO1", type_: str = "INV") -> dict[str, str]:
    """The query of a look-up."""
    return {"type": type_, "documentNumber": number, "sellerGstin": SELLER, "documentTime": TIME}


def _item(n: int, line: str, units: int) -> dict[str, Any]:
    price, rate = PRICES[line]
    taxable, tax = price * units, round(price * units * rate / 100, 2)
    named = {"SlNo": str(n), "PrdDesc": GOODS[line], "IsServc": "N", "HsnCd": "61091000", "Qty": units, "Unit": "PCS"}
    amounts = {"UnitPrice": price, "TotAmt": taxable, "AssAmt": taxable, "GstRt": rate, "IgstAmt": tax}
    return named | amounts | {"TotItemVal": taxable + tax}


def _line(n: int, line: str, units: int) -> dict[str, Any]:
    price, rate = PRICES[line]
    amounts = {"quantity": units, "netAmount": price * units, "netPrice": price, "taxRate": rate}
    named = {"id": str(n), "sellersItemId": f"SKU-{line}", "itemName": GOODS[line], "unitCode": "C62"}
    return named | {"taxCategory": "S"} | amounts


def _party(name: str, gstin: str) -> dict[str, Any]:
    return {"Gstin": gstin, "LglNm": name, "Addr1": "14 Mill Road", "Loc": "Bengaluru", "Stcd": gstin[:2]}


def _number(payload: dict[str, Any]) -> str:
    return str(payload["DocDtls"]["No"] if "DocDtls" in payload else payload["number"])


def _total(payload: dict[str, Any]) -> float:
    return float(payload["ValDtls"]["TotInvVal"] if "ValDtls" in payload else payload["totals"]["due"])


def _codes(payload: dict[str, Any]) -> list[str]:
    named = [item.get("PrdDesc") or item["itemName"] for item in payload.get("ItemList") or payload["lines"]]
    code_of = {name: code for code, name in GOODS.items()}
    return [code_of.get(name, "i1") for name in named]
