"""No payload with a hole or a false sum passes: a missing field is told by its path, and so is a wrong paisa."""

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from importlib import resources

import pytest
from fiscal_cases import CARRIER, KNOWN_RATES, NEIGHBOUR, TWO_LINES, Sale, part

from b2b2c_saga import fiscal
from b2b2c_saga.config.texts import UNIT
from b2b2c_saga.fiscal import en16931, en16931_rules, india, india_rules
from b2b2c_saga.fiscal.payload import JSON, number, schema_check
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.fiscal.units import UNECE_OF_UQC
from b2b2c_saga.model.errors import BadInput, Bug
from b2b2c_saga.model.terms import Provider

REQUIRED = [
    f"{part}.{name}" if part else name
    for part, names in {
        "": "Version TranDtls DocDtls SellerDtls BuyerDtls ItemList ValDtls",
        "TranDtls": "TaxSch SupTyp",
        "DocDtls": "Typ No Dt",
        "SellerDtls": "Gstin LglNm Addr1 Loc Pin Stcd",
        "BuyerDtls": "Gstin LglNm Pos Addr1 Loc Pin Stcd",
        "ItemList.1": "SlNo IsServc HsnCd UnitPrice TotAmt AssAmt GstRt TotItemVal",
        "ValDtls": "AssVal TotInvVal",
        "ShipDtls": "Gstin LglNm Addr1 Loc Pin Stcd",
        "EwbDtls": "TransId TransName Distance",
    }.items()
    for name in names.split()
]
"""DOMAIN.md: the e-invoice."""

SALE = Sale(TWO_LINES, india.CAPABILITIES, transport=CARRIER)
WITHIN = Sale(TWO_LINES, india.CAPABILITIES, buyer=NEIGHBOUR)
inv01 = schema_check("inv01.schema.json", personal="ShipDtls")
en = schema_check("en16931.schema.json", personal="delivery")


def india_payload(sale: Sale = SALE) -> JSON:
    return copy.deepcopy(provider(Provider.INDIA_INV01).payloads(sale.invoice())[0])


def credit_payload() -> JSON:
    return copy.deepcopy(provider(Provider.INDIA_INV01).payloads(SALE.credit({"L1": range(1)}))[0])


def en_payload() -> JSON:
    sale = Sale(TWO_LINES, en16931.CAPABILITIES)
    return copy.deepcopy(provider(Provider.EN16931).payloads(sale.invoice())[0])


def steps(path: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in path.split(".")]


def broken(payload: JSON, path: str, by: Callable[[JSON, str], object]) -> JSON:
    *above, last = steps(path)
    by(part(payload, *above), str(last))
    return payload


def set_to(value: object) -> Callable[[JSON, str], object]:
    return lambda at, name: at.update({name: value})


def refusal(check: Callable[[JSON], None], payload: JSON) -> str | None:
    with pytest.raises(BadInput) as refused:
        check(payload)
    return refused.value.field


@pytest.mark.parametrize("path", REQUIRED)
def test_each_field_that_inv_01_requires_is_missed(path: str):
    assert refusal(inv01, broken(india_payload(), path, lambda at, name: at.pop(name))) == path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Version", "1.0"),
        ("TranDtls.SupTyp", "B2C"),
        ("DocDtls.Typ", "BOS"),
        ("DocDtls.No", "0A"),
        ("DocDtls.No", "A" * 17),
        ("DocDtls.No", "a1"),
        ("DocDtls.Dt", "2026-04-01"),
        ("DocDtls.Dt", "32/01/2026"),
        ("SellerDtls.Gstin", "29AABCK1234M1Z"),
        ("SellerDtls.Pin", 99999),
        ("SellerDtls.Pin", "560001"),
        ("BuyerDtls.Pos", "00"),
        ("BuyerDtls.LglNm", "Y"),
        ("ShipDtls.Loc", 'Che"nnai'),
        ("ItemList", []),
        ("ItemList.0.SlNo", "0"),
        ("ShipDtls.Gstin", "29AABCK1234M1ZG"),
        ("ItemList.0.HsnCd", "000000"),
        ("ItemList.0.HsnCd", "61091"),
        ("ItemList.0.HsnCd", "6109100"),
        ("ItemList.0.Unit", "XYZ"),
        ("ItemList.0.Unit", "pcs"),
        ("ItemList.0.GstRt", 17),
        ("ItemList.0.GstRt", 14),
        ("ItemList.0.GstRt", -5),
        ("RefDtls.ContrDtls.0.PORefr", "OD_1"),
        ("RefDtls.ContrDtls.0.PORefr", "1" * 17),
        ("RefDtls.ContrDtls.0.ExtRefr", 'SO"1'),
        ("RefDtls.ContrDtls.0.ExtRefr", "1" * 21),
        ("EwbDtls.TransId", "29AABCT1234M1Z"),
        ("EwbDtls.Distance", 4001),
        ("EwbDtls.Distance", -1),
        ("ItemList.0.AssAmt", -0.01),
        ("ItemList.0.Qty", 0),
        ("ValDtls.RndOffAmt", 100),
        ("ValDtls.RndOffAmt", -100),
        ("ValDtls.TotInvVal", -1),
    ],
)
def test_what_has_not_the_form_of_inv_01_is_refused(path: str, value: object):
    assert refusal(inv01, broken(india_payload(), path, set_to(value))) == path


@pytest.mark.parametrize("rate", KNOWN_RATES, ids=str)
def test_each_rate_of_gst_is_taken(rate: Decimal):
    inv01(broken(india_payload(), "ItemList.0.GstRt", set_to(number(rate))))


def test_the_units_are_those_of_the_configuration():
    items = json.loads(resources.files(fiscal).joinpath("inv01.schema.json").read_text())["$defs"]["item"]

    assert items["properties"]["Unit"]["enum"] == UNIT.split("|")
    assert UNECE_OF_UQC.keys() <= set(UNIT.split("|"))


def test_a_bill_of_supply_has_the_form_of_inv_01():
    inv01(broken(india_payload(), "DocDtls.Typ", set_to("BIL")))


def test_a_field_that_inv_01_has_not_is_refused():
    assert refusal(inv01, broken(india_payload(), "ShipDtls.Phone", lambda at, name: at.update({name: "1"})))


def test_a_credit_note_names_what_it_undoes():
    payload = credit_payload()
    del payload["RefDtls"]

    assert refusal(inv01, payload) == "RefDtls"
    assert refusal(inv01, broken(credit_payload(), "RefDtls.PrecDocDtls", lambda at, name: at.pop(name))) == (
        "RefDtls.PrecDocDtls"
    )
    for name in ("InvNo", "InvDt"):
        path = f"RefDtls.PrecDocDtls.0.{name}"
        assert refusal(inv01, broken(credit_payload(), path, lambda at, name: at.pop(name))) == path


def wrong(by: str) -> Callable[[JSON, str], object]:
    return lambda at, name: at.update({name: number(Decimal(repr(at[name])) + Decimal(by))})


LINE_AMOUNTS = ("AssAmt", "TotAmt", "Discount", "IgstAmt", "CgstAmt", "SgstAmt", "TotItemVal")
TOTALS = ("AssVal", "IgstVal", "CgstVal", "SgstVal", "RndOffAmt", "TotInvVal")


@pytest.mark.parametrize("sale", [SALE, WITHIN], ids=["igst", "cgst"])
@pytest.mark.parametrize(
    "path", [f"ItemList.1.{name}" for name in LINE_AMOUNTS] + [f"ValDtls.{name}" for name in TOTALS]
)
def test_a_paisa_too_much_anywhere_is_told(sale: Sale, path: str):
    payload = broken(india_payload(sale), path, wrong("0.01"))

    refused_at = refusal(lambda one: india_rules.check(one, check_gstins=True), payload)
    assert str(refused_at).partition(".")[0] == path.partition(".")[0]


@pytest.mark.parametrize(
    ("sale", "changes", "field"),
    [
        (SALE, {"BuyerDtls.Pos": set_to("29")}, "ItemList.0.IgstAmt"),
        (WITHIN, {"BuyerDtls.Pos": set_to("27")}, "ItemList.0.CgstAmt"),
        (WITHIN, {"ItemList.1.CgstAmt": wrong("0.01"), "ItemList.1.SgstAmt": wrong("-0.01")}, "ItemList.1.SgstAmt"),
        (SALE, {"ItemList.1.GstRt": set_to(18)}, "ItemList.1.GstRt"),
        (WITHIN, {"ItemList.1.GstRt": set_to(18)}, "ItemList.1.GstRt"),
    ],
    ids=["igst within a state", "cgst between states", "unequal halves", "another rate", "another rate's halves"],
)
def test_tax_of_the_wrong_kind_or_rate_is_told_though_all_sums_hold(
    sale: Sale, changes: dict[str, Callable[[JSON, str], object]], field: str
):
    payload = india_payload(sale)
    for path, by in changes.items():
        broken(payload, path, by)

    assert refusal(lambda one: india_rules.check(one, check_gstins=True), payload) == field


def taxed(sale: Sale, **by: str) -> JSON:
    """With the first line's amounts moved by so much, and all sums that depend on them."""
    payload = india_payload(sale)
    item = part(payload, "ItemList", 0)
    for name, much in by.items():
        wrong(much)(item, name)
    moved = sum(Decimal(much) for much in by.values())
    wrong(str(moved))(item, "TotItemVal")
    for name, much in by.items():
        wrong(much)(part(payload, "ValDtls"), name.replace("Amt", "Val"))
    wrong(str(moved))(part(payload, "ValDtls"), "TotInvVal")
    return payload


@pytest.mark.parametrize(
    ("sale", "within", "beyond"),
    [  # 5 % of 1826.29 is 91.3145, and 91.31 was taken; 2.5 % of 1826.28 is 45.657, and 45.66
        (SALE, {"IgstAmt": "1.00"}, {"IgstAmt": "1.01"}),
        (SALE, {"IgstAmt": "-0.99"}, {"IgstAmt": "-1.00"}),
        (WITHIN, {"CgstAmt": "0.99", "SgstAmt": "0.99"}, {"CgstAmt": "1.00", "SgstAmt": "1.00"}),
        (WITHIN, {"CgstAmt": "-1.00", "SgstAmt": "-1.00"}, {"CgstAmt": "-1.01", "SgstAmt": "-1.01"}),
    ],
)
def test_each_tax_of_a_line_is_within_a_rupee_of_its_rate(sale: Sale, within: dict[str, str], beyond: dict[str, str]):
    india_rules.check(taxed(sale, **within), check_gstins=True)

    assert refusal(lambda one: india_rules.check(one, check_gstins=True), taxed(sale, **beyond)) == "ItemList.0.GstRt"


EN_REQUIRED = [
    *(f"totals.{name}" for name in ("lineNetAmount", "withoutTax", "tax", "withTax", "rounding", "due")),
    *(f"lines.0.{name}" for name in ("id", "quantity", "netAmount", "netPrice", "taxCategory", "taxRate", "itemName")),
    *(f"taxBreakdown.0.{name}" for name in ("taxableAmount", "taxAmount", "category", "rate")),
    *("number", "issueDate", "typeCode", "currency", "seller", "buyer", "lines", "taxBreakdown", "totals"),
    *("seller.name", "seller.vatIdentifier", "buyer.name", "delivery.name", "delivery.address"),
]


@pytest.mark.parametrize("path", EN_REQUIRED)
def test_each_field_that_en_16931_requires_is_missed(path: str):
    assert refusal(en, broken(en_payload(), path, lambda at, name: at.pop(name))) == path


def test_a_credit_note_of_type_381_names_what_it_undoes():
    assert refusal(en, {**en_payload(), "typeCode": 381}) == "precedingInvoices"


@pytest.mark.parametrize(
    "path",
    [
        *(f"totals.{name}" for name in ("lineNetAmount", "withoutTax", "tax", "withTax", "rounding", "due")),
        *(f"lines.1.{name}" for name in ("netAmount", "netPrice", "taxRate")),
        *(f"taxBreakdown.1.{name}" for name in ("taxableAmount", "taxAmount", "rate")),
    ],
)
def test_en_16931_tells_of_a_paisa_too_much(path: str):
    assert refusal(en16931_rules.check, broken(en_payload(), path, wrong("0.01")))


@pytest.mark.parametrize("amount", ["0.01", "0.1", "999999999999.99", "123456789012.34", "-99.99", "608.763"])
def test_an_amount_is_written_as_the_number_that_it_is(amount: str):
    written = json.dumps(number(Decimal(amount)))

    assert json.loads(written, parse_float=Decimal) == Decimal(amount)


def test_an_amount_that_a_json_number_would_lose_paise_of_is_our_mistake():
    with pytest.raises(Bug):
        number(Decimal("12345678901234567.89"))
