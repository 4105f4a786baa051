"""What ERP and RMS take for an e-invoice, and what not: each rule, broken alone, is the one that is named."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from papers import BUYER, GOODS, SELLER, changed, en16931, inv01, moved, within_state

from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.messages.commands import RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, FiscalDocument
from b2b2c_saga.model.terms import Issuer, Provider
from b2b2c_saga.model.words import Address, Party, Recipient
from b2b2c_saga.sandbox import en16931 as standard
from b2b2c_saga.sandbox import inv01 as india
from b2b2c_saga.sandbox.payloads import Document, Line, Wrong

SOLD = (
    Line(GOODS["i1"], "PCS", 2, Decimal(200), Decimal(5), "61091000", None, Decimal(10), Decimal(210)),
    Line(GOODS["i2"], "PCS", 1, Decimal(50), Decimal(12), "61091000", None, Decimal(6), Decimal(56)),
)
SOLD_BY_RATE = (
    Line(GOODS["i1"], "C62", 2, Decimal(200), Decimal(5), sku="SKU-i1"),
    Line(GOODS["i2"], "C62", 1, Decimal(50), Decimal(12), sku="SKU-i2"),
)
READ = Document(
    type="INV",
    number="BO1",
    dated=date(2026, 4, 1),
    seller={"gstin": SELLER, "legal_name": "Kurta House"},
    buyer={"gstin": BUYER, "legal_name": "Yellow Retail"},
    lines=SOLD,
    total=Decimal("266.0"),
    ship_to={"city": "Mumbai", "pin": "400001", "state": "27"},
    preceding=None,
)


def test_an_e_invoice_is_read_without_the_consumers_name_and_street():
    assert india.read(inv01()) == READ
    assert standard.read(en16931()) == replace(READ, lines=SOLD_BY_RATE)


def test_the_registration_is_the_hash_of_seller_year_type_and_number():
    document = india.read(inv01("bo1".upper()))
    assert india.registration(document) == hashlib.sha256(f"{SELLER}2026-27INVBO1".encode()).hexdigest()
    note = india.read(inv01("C1", "CRN", undoes="BO1"))
    assert india.registration(note) == hashlib.sha256(f"{SELLER}2026-27CRNC1".encode()).hexdigest()
    assert note.preceding == ("BO1", date(2026, 4, 1))
    assert standard.registration(standard.read(en16931())) == "BO1"


def test_a_financial_year_begins_in_april():
    assert [india.year_of(date(2026, 3, 31)), india.year_of(date(2026, 4, 1))] == ["2025-26", "2026-27"]
    assert india.year_of(date(1999, 12, 31)) == "1999-00"


REQUIRED = [
    *("Version", "TranDtls", "TranDtls.TaxSch", "TranDtls.SupTyp", "DocDtls.Typ", "DocDtls.No", "DocDtls.Dt"),
    *(f"SellerDtls.{name}" for name in ("Gstin", "LglNm", "Addr1", "Loc", "Pin", "Stcd")),
    *(f"BuyerDtls.{name}" for name in ("Gstin", "LglNm", "Pos", "Addr1", "Loc", "Stcd")),
    *(f"ItemList.1.{name}" for name in ("SlNo", "PrdDesc", "IsServc", "HsnCd", "Qty", "Unit", "UnitPrice", "TotAmt")),
    *(f"ItemList.1.{name}" for name in ("AssAmt", "GstRt", "TotItemVal")),
    *("ItemList", "ValDtls.AssVal", "ValDtls.TotInvVal"),
    *(f"ShipDtls.{name}" for name in ("LglNm", "Addr1", "Loc", "Pin", "Stcd")),
    *(f"EwbDtls.{name}" for name in ("TransId", "TransName", "Distance")),
]


@pytest.mark.parametrize("path", REQUIRED)
def test_every_required_field_is_missed(path: str):
    with pytest.raises(Wrong, match=rf"^{path}: required$"):
        india.read(changed(moved(inv01()), path))


def test_goods_that_go_to_the_buyer_need_no_ship_to():
    assert india.read(changed(inv01(), "ShipDtls")).ship_to is None


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("Version", "1.0", "Version: a text like"),
        ("TranDtls.SupTyp", "B2C", "TranDtls.SupTyp: a text like B2B"),
        ("DocDtls.Typ", "PRO", "DocDtls.Typ: a text like"),
        ("DocDtls.No", "0123", "DocDtls.No: a text like"),
        ("DocDtls.No", "B" * 17, "DocDtls.No: a text like"),
        ("DocDtls.Dt", "2026-04-01", "DocDtls.Dt: a date"),
        ("DocDtls.Dt", "31/02/2026", "DocDtls.Dt: a date"),
        ("SellerDtls.Gstin", "29AABCK1234M1AG", "SellerDtls.Gstin: a text like"),
        ("SellerDtls.Stcd", "27", "SellerDtls.Stcd: the state of the GSTIN"),
        ("SellerDtls.Pin", 99999, "SellerDtls.Pin: a text like"),
        ("ShipDtls.Pin", "Asha", "ShipDtls.Pin: a text like"),
        ("TranDtls", "GST", "TranDtls: an object"),
        ("ItemList", [], "ItemList: a list of objects"),
        ("ItemList.1.SlNo", "1", "ItemList: each SlNo once"),
        *(("ItemList.1.HsnCd", hsn, "ItemList.1.HsnCd: a text like") for hsn in ("6109", "61091", "0", "998431")),
        ("ItemList.1.Unit", "PIECE", "ItemList.1.Unit: a unit quantity code (UQC)"),
        ("ItemList.1.PrdDesc", "Ki", "ItemList.1.PrdDesc: a text like .{3,300}"),
        ("ItemList.1.PrdDesc", "K" * 301, "ItemList.1.PrdDesc: a text like .{3,300}"),
        ("ItemList.1.PrdDesc", "Kurta\x07", "ItemList.1.PrdDesc: no control character"),
        ("ItemList.1.PrdDesc", 'Kurta 44"', "ItemList.1.PrdDesc: no control character and no quotation mark"),
        ("ShipDtls.Addr1", "Asha\nRao", "ShipDtls.Addr1: no control character"),
        ("ShipDtls.LglNm", "Asha\x85", "ShipDtls.LglNm: no control character"),
        ("ShipDtls.Gstin", "ASHA", "ShipDtls.Gstin: a text like URP"),
        ("EwbDtls", {"TransId": "29AABCT", "TransName": "Deccan", "Distance": 0}, "EwbDtls.TransId: a text like"),
        ("EwbDtls", {"TransId": SELLER, "TransName": "Deccan", "Distance": 4001}, "EwbDtls.Distance: 4000 km at most"),
        ("ItemList.1.Qty", 0.5, "ItemList.1.Qty: a whole number of units"),
        ("ItemList.1.Qty", 2, "ItemList.1.TotAmt: UnitPrice by Qty"),
        ("ItemList.1.AssAmt", "fifty", "ItemList.1.AssAmt: an amount"),
        ("ItemList.1.AssAmt", -50.0, "ItemList.1.AssAmt: never negative"),
        ("ItemList.1.AssAmt", 51.01, "ItemList.1.AssAmt: TotAmt less Discount"),
        ("ItemList.0.GstRt", 12, "ItemList.0.IgstAmt: AssAmt by GstRt"),
        ("ItemList.0.GstRt", 5.5, "ItemList.0.GstRt: a rate that exists: 0, 0.1, 0.25, 1, 1.5, 3, 5"),
        ("ItemList.0.IgstAmt", 0, "ItemList.0.IgstAmt: AssAmt by GstRt"),
        ("ItemList.1.CgstAmt", 3, "ItemList.1.CgstAmt: IGST alone between states"),
        ("ItemList.1.TotItemVal", 57.01, "ItemList.1.TotItemVal: AssAmt and taxes"),
        ("BuyerDtls.Pos", "29", "ItemList.0.IgstAmt: no IGST within a state"),
        ("ValDtls.AssVal", 251.01, "ValDtls.AssVal: the sum of AssAmt"),
        ("ValDtls.IgstVal", 14.5, "ValDtls.IgstVal: the sum of IgstAmt"),
        ("ValDtls.TotInvVal", 264.9, "ValDtls.TotInvVal: AssVal, taxes and RndOffAmt"),
        ("ValDtls.RndOffAmt", 100, "ValDtls.RndOffAmt: 99.99 at most"),
    ],
)
def test_every_broken_rule_is_named_and_no_value(path: str, value: object, says: str):
    with pytest.raises(Wrong) as raised:
        india.read(changed(inv01(), path, value))
    assert str(raised.value).startswith(says)
    assert "Asha" not in str(raised.value)


def test_sums_may_be_a_rupee_off_and_are_rounded_by_their_round_off():
    assert india.read(changed(inv01(), "ValDtls.TotInvVal", 267.0)).total == Decimal("267.0")
    rounded = changed(changed(inv01(), "ValDtls.RndOffAmt", -66), "ValDtls.TotInvVal", 200)
    assert india.read(rounded).total == Decimal(200)


def test_a_thousand_lines_are_one_document_and_one_more_is_too_many():
    item = inv01()["ItemList"][1]
    for lines, taken in ((1_000, True), (1_001, False)):
        items = [item | {"SlNo": str(n)} for n in range(lines)]
        values = {"AssVal": 50.0 * lines, "IgstVal": 6.0 * lines, "TotInvVal": 56.0 * lines}
        payload = changed(changed(inv01(), "ItemList", items), "ValDtls", values)
        if taken:
            assert len(india.read(payload).lines) == lines
        else:
            with pytest.raises(Wrong, match=r"^ItemList: 1000 at most$"):
                india.read(payload)


def test_within_a_state_the_tax_is_halved():
    assert india.read(within_state(i1=2)).total == Decimal(210)
    for name, tax, says in (
        ("CgstAmt", 6.01, "CgstAmt: AssAmt by half of GstRt"),
        ("SgstAmt", 0, "SgstAmt: AssAmt by half of GstRt"),
        ("SgstAmt", 4.99, "SgstAmt: the same as CgstAmt"),
        ("IgstAmt", 10, "IgstAmt: no IGST within a state"),
    ):
        with pytest.raises(Wrong, match=rf"^ItemList\.0\.{says}$"):
            india.read(changed(within_state(i1=2), f"ItemList.0.{name}", tax))


def test_a_consumer_has_no_gstin_and_another_company_has_one():
    for gstin in ("URP", BUYER):
        assert india.read(changed(inv01(), "ShipDtls.Gstin", gstin)).ship_to == READ.ship_to


def test_whoever_moves_the_goods_is_read():
    transport = {"transporter_id": "29AABCT1234M1ZA", "transporter_name": "Deccan Parcels"}
    assert india.read(moved(inv01())) == replace(READ, transport=transport)


def test_a_credit_note_names_what_it_undoes():
    with pytest.raises(Wrong, match=r"^RefDtls: required$"):
        india.read(inv01("C1", "CRN"))
    with pytest.raises(Wrong, match=r"^precedingInvoices: required$"):
        standard.read(en16931("C1", 381))


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("typeCode", 325, "typeCode: a text like"),
        ("buyer", None, "buyer: required"),
        ("seller.vatIdentifier", "X", "seller.vatIdentifier: a text like"),
        ("lines.0.netAmount", 200.02, "lines.0.netAmount: quantity by price"),
        ("lines.0.unitCode", None, "lines.0.unitCode: required"),
        ("lines.0.itemName", "Kurta\x00", "lines.0.itemName: no control character"),
        ("lines.0.taxCategory", "Z", "lines.0.taxCategory: a text like S"),
        ("lines.0.taxRate", 18.0, "taxBreakdown: each rate of the lines once"),
        ("taxBreakdown.0.taxableAmount", 200.02, "taxBreakdown.0.taxableAmount: the sum over its lines"),
        ("taxBreakdown.0.taxAmount", 10.02, "taxBreakdown.0.taxAmount: taxable amount by rate"),
        ("totals.withTax", 266.02, "totals.withTax: what the lines add up to"),
        ("totals.due", 267.0, "totals.due: what the lines add up to"),
        ("delivery.address.city", None, "delivery.address.city: required"),
        ("issueDate", "01/04/2026", "issueDate: a date"),
    ],
)
def test_the_other_standard_has_rules_of_its_own(path: str, value: object, says: str):
    with pytest.raises(Wrong) as raised:
        standard.read(changed(en16931(), path, value))
    assert str(raised.value).startswith(says)


HOME = Address("1 Lake View", "Mumbai", "400001", "27")
MILL = Address("14 Mill Road", "Bengaluru", "560001", "29")


def _line(code: str, units: int, taxable: str, tax: str, *, within_state: bool) -> DocumentLine:
    half = Decimal(tax) / 2
    taxes = {"cgst": half, "sgst": half} if within_state else {"igst": Decimal(tax)}
    total = Decimal(taxable) + Decimal(tax)
    return DocumentLine(
        order_item_code=code,
        sku=f"SKU-{code}",
        hsn_code="61091000",
        quantity=units,
        unit_price=total / units,
        gst_rate=Decimal(5),
        taxable_value=Decimal(taxable),
        **taxes,
        total=total,
    )


@pytest.mark.parametrize("name", list(Provider))
@pytest.mark.parametrize("buyer", [BUYER, "29AACCY5678N1ZB"])
def test_what_our_providers_make_is_read_as_it_was_meant(name: Provider, buyer: str):
    """The one place where both sides meet: neither was written from the other."""
    inside = buyer[:2] == "29"
    lines = (
        _line("i1", 3, "228.58", "11.42", within_state=inside),
        _line("i2", 1, "100.00", "5.00", within_state=inside),
    )
    at = datetime(2026, 3, 31, 20, tzinfo=UTC)
    total = Decimal("345.00")
    document = FiscalDocument(type=DocumentType.INVOICE, number="B1", dated=at, lines=lines, total=total)
    party: dict[str, Any] = {"billing_address": MILL if inside else HOME, "shipping_address": HOME}
    command = RegisterInvoice(
        account="A",
        order_code="O",
        shipment_id="S",
        issuer=Issuer.ERP,
        provider=name,
        document_number="B1",
        document_time=at,
        seller=Party("Kurta House", SELLER, "X-1000", MILL, MILL),
        buyer=Party("Yellow Retail", buyer, "Y-2000", **party),
        documents=(document,),
        total=total,
        recipient=Recipient("Asha Rao", "+919900000000", "asha@example.org", HOME, HOME),
    )
    ours = provider(name, check_gstins=False)
    [payload] = ours.payloads(command)
    theirs = {Provider.INDIA_INV01: india, Provider.EN16931: standard}[name]
    read = theirs.read(payload)  # type: ignore[attr-defined]
    assert (read.type, read.number, read.dated, read.total) == ("INV", "B1", date(2026, 4, 1), total)
    assert (read.seller["gstin"], read.buyer["gstin"]) == (SELLER, buyer)
    assert [(line.quantity, line.taxable_value) for line in read.lines] == [
        (3, Decimal("228.58")),
        (1, Decimal("100.0")),
    ]
    assert read.ship_to == READ.ship_to
    assert ours.references(command) == (theirs.registration(read),)  # type: ignore[attr-defined]
