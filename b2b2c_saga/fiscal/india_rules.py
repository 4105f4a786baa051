"""What the Indian portal checks beyond the form: sums, the split of tax, and who is where.

Numbers are the portal's error codes. It allows a rupee of difference in the total; here sums are exact: what lines are
off their prices is in the header's `RndOffAmt`. Only a tax of a line may differ from its rate, by what falls to a line
when paise are shared out.
"""

from decimal import Decimal

from b2b2c_saga.fiscal.payload import JSON, amount, must_equal, part, rows
from b2b2c_saga.model.documents import gstin_is_valid
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.places import wrong_place
from b2b2c_saga.model.words import Address

TOLERANCE = Decimal(1)
"""Rupees between a tax of a line (IGST, or CGST, or SGST) and what its rate makes of the taxable value."""


def check(payload: JSON, *, check_gstins: bool) -> None:
    """Of a payload that has the form of INV-01.

    Raises:
        BadInput: the first rule that is broken.
    """
    _parties(payload, check_gstins=check_gstins)
    _places(payload)
    items = rows(payload, "ItemList")
    within_state = _gstin(payload, "SellerDtls")[:2] == part(payload, "BuyerDtls")["Pos"]
    for place, item in enumerate(items):
        _item(f"ItemList.{place}", item, within_state=within_state)
    values = part(payload, "ValDtls")
    for total, summand in _SUMS.items():  # 2182
        must_equal(f"ValDtls.{total}", amount(values, total), _sum(items, summand), f"the sum of {summand}")
    expected = sum((amount(values, total) for total in (*_SUMS, "RndOffAmt")), Decimal(0))
    must_equal("ValDtls.TotInvVal", amount(values, "TotInvVal"), expected, "the sum of the other totals")  # 2189


_SUMS = {"AssVal": "AssAmt", "IgstVal": "IgstAmt", "CgstVal": "CgstAmt", "SgstVal": "SgstAmt"}


def _parties(payload: JSON, *, check_gstins: bool) -> None:
    for name in ("SellerDtls", "BuyerDtls"):
        gstin = _gstin(payload, name)
        if check_gstins and not gstin_is_valid(gstin):
            raise BadInput("not a GSTIN", f"{name}.Gstin", gstin, "state, PAN, entity, Z and a right check character")
        must_equal(f"{name}.Stcd", part(payload, name)["Stcd"], gstin[:2], "the state of the GSTIN")
    if _gstin(payload, "SellerDtls") == _gstin(payload, "BuyerDtls"):
        raise BadInput("sold to oneself", "BuyerDtls.Gstin", _gstin(payload, "BuyerDtls"), "another than the seller's")


def _places(payload: JSON) -> None:
    """PIN and state of each address agree (2178, 3039). Of the consumer's the value is not told."""
    for name in ("SellerDtls", "BuyerDtls", "DispDtls", "ShipDtls"):
        if name not in payload:
            continue
        at = part(payload, name)
        wrong = wrong_place(Address(str(at["Addr1"]), str(at["Loc"]), str(at["Pin"]), str(at["Stcd"])))
        if wrong:
            field = _FIELDS[wrong.field]
            value = None if name == "ShipDtls" else at[field]
            raise BadInput("no such address in India", f"{name}.{field}", value, wrong.rule)


_FIELDS = {"pin": "Pin", "state": "Stcd"}


def _item(path: str, item: JSON, *, within_state: bool) -> None:
    taxable, igst, cgst, sgst = (amount(item, name) for name in ("AssAmt", "IgstAmt", "CgstAmt", "SgstAmt"))
    gross = amount(item, "TotAmt") - amount(item, "Discount")
    must_equal(f"{path}.AssAmt", taxable, gross, "TotAmt less Discount")  # 2193
    must_equal(f"{path}.TotItemVal", amount(item, "TotItemVal"), taxable + igst + cgst + sgst, "AssAmt and taxes")
    must_equal(f"{path}.SgstAmt", sgst, cgst, "CgstAmt")
    none, rule = (igst, "no IGST within a state") if within_state else (cgst, "only IGST between states")  # 2172
    must_equal(f"{path}.{'IgstAmt' if within_state else 'CgstAmt'}", none, Decimal(0), rule)
    rate = amount(item, "GstRt")
    name, tax, due = (
        ("CgstAmt", cgst, taxable * rate / 200) if within_state else ("IgstAmt", igst, taxable * rate / 100)
    )
    if abs(tax - due) > TOLERANCE:
        rule = f"{name} within {TOLERANCE} of {due:.2f}"
        raise BadInput("not the tax of its rate", f"{path}.GstRt", item["GstRt"], rule)


def _sum(items: list[JSON], name: str) -> Decimal:
    return sum((amount(item, name) for item in items), Decimal(0))


def _gstin(payload: JSON, name: str) -> str:
    return str(part(payload, name)["Gstin"])
