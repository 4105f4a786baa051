"""INV-01 of an invoice and of a credit note, field by field; IRNs; what becomes of names and long addresses."""

from dataclasses import replace
from decimal import Decimal

import pytest
from fiscal_cases import BUYER, CONSUMER, HOME, NEIGHBOUR, SELLER, TWO_LINES, Priced, Sale, part

from b2b2c_saga.fiscal.india import CAPABILITIES
from b2b2c_saga.fiscal.payload import JSON
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.documents import irn
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.terms import Provider
from b2b2c_saga.model.words import Address

INDIA = provider(Provider.INDIA_INV01)
SALE = Sale(TWO_LINES, CAPABILITIES)


def only(payloads: tuple[JSON, ...]) -> JSON:
    (payload,) = payloads
    return payload


def ship_to(**changed: object) -> JSON:
    """ShipDtls for the consumer with another name or address."""
    recipient = replace(CONSUMER, **changed)  # type: ignore[arg-type]
    return part(only(INDIA.payloads(replace(SALE, recipient=recipient).invoice())), "ShipDtls")


def test_an_invoice_between_states():
    assert only(INDIA.payloads(SALE.invoice())) == {
        "Version": "1.1",
        "TranDtls": {"TaxSch": "GST", "SupTyp": "B2B", "RegRev": "N", "IgstOnIntra": "N"},
        "DocDtls": {"Typ": "INV", "No": "A1B2C3D4E5F6G7H", "Dt": "01/04/2026"},
        "SellerDtls": {
            "Gstin": "29AABCK1234M1ZG",
            "LglNm": "Kurta House Apparel Private Limited",
            "Addr1": "14 Mill Road",
            "Loc": "Bengaluru",
            "Pin": 560001,
            "Stcd": "29",
        },
        "BuyerDtls": {
            "Gstin": "27AACCY5678N1ZF",
            "LglNm": "Yellow Retail Private Limited",
            "Pos": "27",
            "Addr1": "7 Dock Street",
            "Loc": "Mumbai",
            "Pin": 400001,
            "Stcd": "27",
        },
        "DispDtls": {
            "Nm": "Kurta House Apparel Private Limited",
            "Addr1": "Warehouse 3 Hosur Road",
            "Loc": "Bengaluru",
            "Pin": 560100,
            "Stcd": "29",
        },
        "ShipDtls": {"LglNm": "Asha Rao", "Addr1": "221B Beach Road", "Loc": "Chennai", "Pin": 600001, "Stcd": "33"},
        "ItemList": [
            {
                "SlNo": "1",
                "PrdDesc": "SKU KURTA-M",
                "IsServc": "N",
                "HsnCd": "61091000",
                "Qty": 3,
                "Unit": "PCS",
                "UnitPrice": 608.763,
                "TotAmt": 1826.29,
                "Discount": 0,
                "AssAmt": 1826.29,
                "GstRt": 5,
                "IgstAmt": 91.31,
                "CgstAmt": 0,
                "SgstAmt": 0,
                "TotItemVal": 1917.6,
            },
            {
                "SlNo": "2",
                "PrdDesc": "SKU COAT-L",
                "IsServc": "N",
                "HsnCd": "620311",
                "Qty": 1,
                "Unit": "PCS",
                "UnitPrice": 1070.54,
                "TotAmt": 1070.54,
                "Discount": 0,
                "AssAmt": 1070.54,
                "GstRt": 12,
                "IgstAmt": 128.46,
                "CgstAmt": 0,
                "SgstAmt": 0,
                "TotItemVal": 1199,
            },
        ],
        "ValDtls": {
            "AssVal": 2896.83,
            "IgstVal": 219.77,
            "CgstVal": 0,
            "SgstVal": 0,
            "RndOffAmt": 0,
            "TotInvVal": 3116.6,
        },
    }


def test_a_credit_note_names_the_document_before_it():
    payload = only(INDIA.payloads(SALE.credit({"L1": range(2, 3)})))

    assert payload["DocDtls"] == {"Typ": "CRN", "No": "C1B2C3D4E5F6G7H", "Dt": "09/04/2026"}
    assert payload["RefDtls"] == {"PrecDocDtls": [{"InvNo": "A1B2C3D4E5F6G7H", "InvDt": "01/04/2026"}]}
    item = part(payload, "ItemList", 0)
    assert (item["SlNo"], item["Qty"], item["AssAmt"], item["IgstAmt"]) == ("1", 1, 608.77, 30.43)
    assert part(payload, "ValDtls")["TotInvVal"] == 639.2


def test_within_a_state_the_tax_is_cgst_and_sgst():
    sale = Sale(TWO_LINES, CAPABILITIES, buyer=NEIGHBOUR)

    assert only(INDIA.payloads(sale.invoice()))["ValDtls"] == {
        "AssVal": 2896.84,
        "IgstVal": 0,
        "CgstVal": 109.88,
        "SgstVal": 109.88,
        "RndOffAmt": 0,
        "TotInvVal": 3116.6,
    }


def test_a_total_in_whole_rupees_says_by_how_much_it_was_rounded():
    sale = Sale(TWO_LINES, replace(CAPABILITIES, round_total_to=Decimal(1)))

    values = part(only(INDIA.payloads(sale.invoice())), "ValDtls")
    assert (values["RndOffAmt"], values["TotInvVal"]) == (0.4, 3117)


def test_goods_that_leave_from_the_sellers_own_address_and_an_erased_consumer_have_no_part_of_their_own():
    at_home = replace(SELLER, shipping_address=SELLER.billing_address)
    payload = only(INDIA.payloads(Sale(TWO_LINES, CAPABILITIES, seller=at_home, recipient=None).invoice()))

    assert {"DispDtls", "ShipDtls"} & payload.keys() == set()


def test_the_consumer_is_in_ship_dtls_and_nowhere_else():
    payload = only(INDIA.payloads(SALE.invoice()))
    del payload["ShipDtls"]

    personal = (CONSUMER.name, CONSUMER.phone, CONSUMER.email, HOME.line, HOME.city, HOME.pin)
    assert [word for word in personal if word in repr(payload)] == []


def test_a_split_document_has_a_payload_and_an_irn_for_each_part():
    sale = Sale(TWO_LINES, replace(CAPABILITIES, lines_at_most=1))
    invoice, credit = sale.invoice(), sale.credit({"L2": range(1)})

    assert [part(one, "DocDtls")["No"] for one in INDIA.payloads(invoice)] == ["A1B2C3D4E5F6G7H", "A1B2C3D4E5F6G7H2"]
    assert INDIA.references(invoice) == tuple(
        irn(SELLER.gstin, "2026-27", "INV", number) for number in ("A1B2C3D4E5F6G7H", "A1B2C3D4E5F6G7H2")
    )
    assert INDIA.references(credit) == (irn(SELLER.gstin, "2026-27", "CRN", "C1B2C3D4E5F6G7H"),)
    (credited,) = INDIA.payloads(credit)
    assert credited["RefDtls"] == {"PrecDocDtls": [{"InvNo": "A1B2C3D4E5F6G7H2", "InvDt": "01/04/2026"}]}


@pytest.mark.parametrize(
    ("name", "label"), [("Li", "Li."), ("X", "X.."), ('A "B" \\ C', "A 'B' / C"), ("N" * 120, "N" * 100)]
)
def test_a_consumers_name_is_made_to_fit(name: str, label: str):
    assert ship_to(name=name)["LglNm"] == label


def test_so_is_the_address():
    place = ship_to(shipping_address=Address('Flat 2\\3, "Rose Villa"', 'U"', "403001", "30"))

    assert place == {
        "LglNm": "Asha Rao",
        "Addr1": "Flat 2/3, 'Rose Villa'",
        "Loc": "U'.",
        "Pin": 403001,
        "Stcd": "30",
    }


@pytest.mark.parametrize(("length", "first"), [(100, 100), (101, 98), (103, 100), (200, 100)])
def test_a_long_address_goes_on_in_a_second_line_and_loses_nothing(length: int, first: int):
    line = "".join(chr(ord("a") + n % 26) for n in range(length))
    place = ship_to(shipping_address=Address(line, "Goa", "403001", "30"))

    assert place["Addr1"] == line[:first]
    assert place.get("Addr2", "") == line[first:]


@pytest.mark.parametrize(
    ("sale", "field", "value"),
    [
        (Sale(TWO_LINES, CAPABILITIES, buyer=replace(BUYER, legal_name="Y" * 101)), "BuyerDtls.LglNm", "Y" * 101),
        (Sale(TWO_LINES, CAPABILITIES, buyer=replace(BUYER, legal_name='The "Y"')), "BuyerDtls.LglNm", 'The "Y"'),
        (Sale(TWO_LINES, CAPABILITIES, buyer=SELLER), "BuyerDtls.Gstin", SELLER.gstin),
        (Sale(TWO_LINES, CAPABILITIES, buyer=replace(BUYER, billing_address=HOME)), "BuyerDtls.Stcd", "33"),
        (Sale([Priced("L1", Decimal(1), Decimal(5), 1, hsn="61091")], CAPABILITIES), "ItemList.0.HsnCd", "61091"),
    ],
    ids=["long name", "quoted name", "to oneself", "another state", "hsn"],
)
def test_what_the_portal_would_not_take_is_refused_with_path_and_value(sale: Sale, field: str, value: str):
    with pytest.raises(BadInput) as refused:
        INDIA.payloads(sale.invoice())

    assert (refused.value.field, refused.value.value) == (field, value)
    assert refused.value.rule


def test_more_lines_than_the_portal_takes_are_refused():
    lines = [Priced(f"L{n}", Decimal(100), Decimal(5), 1) for n in range(1001)]

    with pytest.raises(BadInput) as refused:
        INDIA.payloads(Sale(lines, replace(CAPABILITIES, lines_at_most=1001)).invoice())
    assert (refused.value.field, refused.value.rule) == ("ItemList", "maxItems 1000")


def test_of_a_wrong_personal_part_the_value_is_not_told():
    with pytest.raises(BadInput) as refused:
        ship_to(shipping_address=Address("221B Beach Road", "Chennai", "600001", "00"))

    assert (refused.value.field, refused.value.value, refused.value.rule) == (
        "ShipDtls.Stcd",
        None,
        'pattern "^(?!00)[0-9]{2}$"',
    )


def test_how_strictly_gstins_are_checked_is_the_callers_choice():
    sandboxed = Sale(TWO_LINES, CAPABILITIES, seller=replace(SELLER, gstin="29AABCT1332L000"))

    assert provider(Provider.INDIA_INV01, check_gstins=False).payloads(sandboxed.invoice())
    with pytest.raises(BadInput) as refused:
        INDIA.payloads(sandboxed.invoice())
    assert (refused.value.reason, refused.value.field) == ("not a GSTIN", "SellerDtls.Gstin")
