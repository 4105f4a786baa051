"""INV-01 of an invoice, a bill of supply and a credit note, field by field, and their IRNs."""

from dataclasses import replace
from decimal import Decimal

import pytest
from fiscal_cases import (
    CARRIER,
    CONSUMER,
    CREDIT,
    HOME,
    INVOICE,
    KNOWN_RATES,
    NEIGHBOUR,
    SELLER,
    TWO_LINES,
    UNTAXED,
    Priced,
    Sale,
    only,
    part,
)

from b2b2c_saga.fiscal.india import CAPABILITIES
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.documents import irn
from b2b2c_saga.model.terms import Provider

INDIA = provider(Provider.INDIA_INV01)
SALE = Sale(TWO_LINES, CAPABILITIES)


def test_an_invoice_between_states():
    assert only(INDIA.payloads(SALE.invoice())) == {
        "Version": "1.1",
        "TranDtls": {"TaxSch": "GST", "SupTyp": "B2B", "RegRev": "N", "IgstOnIntra": "N"},
        "DocDtls": {"Typ": "INV", "No": "INV/26-27/000001", "Dt": "01/04/2026"},
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
        "ShipDtls": {
            "Gstin": "URP",
            "LglNm": "Asha Rao",
            "Addr1": "221B Beach Road",
            "Loc": "Chennai",
            "Pin": 600001,
            "Stcd": "33",
        },
        "ItemList": [
            {
                "SlNo": "1",
                "PrdDesc": "Kurta cotton, red, M",
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
                "PrdDesc": "Coat wool, L",
                "IsServc": "N",
                "HsnCd": "620311",
                "Qty": 1,
                "Unit": "SET",
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
        "RefDtls": {"ContrDtls": [{"PORefr": "OD-1", "ExtRefr": "SO-26-000017"}]},
    }


def test_a_credit_note_names_the_document_before_it():
    payload = only(INDIA.payloads(SALE.credit({"L1": range(2, 3)})))

    assert payload["DocDtls"] == {"Typ": "CRN", "No": "CRN/26-27/000001", "Dt": "09/04/2026"}
    assert payload["RefDtls"] == {
        "PrecDocDtls": [{"InvNo": "INV/26-27/000001", "InvDt": "01/04/2026"}],
        "ContrDtls": [{"PORefr": "OD-1"}],
    }
    item = part(payload, "ItemList", 0)
    assert (item["SlNo"], item["Qty"], item["AssAmt"], item["IgstAmt"]) == ("1", 1, 608.77, 30.43)
    assert part(payload, "ValDtls")["TotInvVal"] == 639.2


def test_within_a_state_the_tax_is_cgst_and_sgst():
    sale = Sale(TWO_LINES, CAPABILITIES, buyer=NEIGHBOUR)

    assert only(INDIA.payloads(sale.invoice()))["ValDtls"] == {
        "AssVal": 2896.82,
        "IgstVal": 0,
        "CgstVal": 109.89,
        "SgstVal": 109.89,
        "RndOffAmt": 0,
        "TotInvVal": 3116.6,
    }


def test_a_price_within_a_state_that_no_taxable_value_comes_to_is_made_up_for_by_the_round_off():
    sale = Sale([Priced("L1", Decimal("0.19"), Decimal(18), 1)], CAPABILITIES, buyer=NEIGHBOUR)
    payload = only(INDIA.payloads(sale.invoice()))

    item = part(payload, "ItemList", 0)
    assert [item[name] for name in ("AssAmt", "CgstAmt", "SgstAmt", "TotItemVal")] == [0.16, 0.01, 0.01, 0.18]
    values = part(payload, "ValDtls")
    assert (values["RndOffAmt"], values["TotInvVal"]) == (0.01, 0.19)


@pytest.mark.parametrize("rate", KNOWN_RATES, ids=str)
def test_many_units_of_next_to_no_price_in_one_state_are_taken(rate: Decimal):
    sale = Sale([Priced("L1", Decimal("0.01"), rate, 556)], CAPABILITIES, buyer=NEIGHBOUR)

    assert part(only(INDIA.payloads(sale.invoice())), "ValDtls")["TotInvVal"] == 5.56
    assert INDIA.payloads(sale.credit({"L1": range(100, 101)}))


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

    assert [part(one, "DocDtls")["No"] for one in INDIA.payloads(invoice)] == ["INV/26-27/000001", "INV/26-27/000002"]
    assert INDIA.references(invoice) == tuple(
        irn(SELLER.gstin, "2026-27", "INV", number) for number in ("INV/26-27/000001", "INV/26-27/000002")
    )
    assert INDIA.references(credit) == (irn(SELLER.gstin, "2026-27", "CRN", "CRN/26-27/000001"),)
    (credited,) = INDIA.payloads(credit)
    assert part(credited, "RefDtls", "PrecDocDtls", 0) == {"InvNo": "INV/26-27/000002", "InvDt": "01/04/2026"}


def test_untaxed_goods_alone_go_with_a_bill_of_supply_which_no_registry_names():
    sale = Sale(UNTAXED, CAPABILITIES)
    bill, credit = sale.invoice(), sale.credit({"L1": range(1)})

    assert part(only(INDIA.payloads(bill)), "DocDtls")["Typ"] == "BIL"
    undone = only(INDIA.payloads(credit))
    assert part(undone, "DocDtls")["Typ"] == "CRN"
    assert part(undone, "RefDtls", "PrecDocDtls", 0)["InvNo"] == INVOICE
    assert (INDIA.references(bill), INDIA.references(credit)) == ((INVOICE,), (CREDIT,))


def test_untaxed_goods_with_others_are_on_an_invoice_that_has_an_irn():
    sale = Sale([*UNTAXED, replace(TWO_LINES[0], code="L2")], CAPABILITIES)

    assert part(only(INDIA.payloads(sale.invoice())), "DocDtls")["Typ"] == "INV"
    assert INDIA.references(sale.invoice()) == (irn(SELLER.gstin, "2026-27", "INV", INVOICE),)


def test_an_e_way_bill_is_asked_for_along_with_the_registration_of_an_invoice_alone():
    sale = replace(SALE, transport=CARRIER)

    assert only(INDIA.payloads(sale.invoice()))["EwbDtls"] == {
        "TransId": "29AABCT1234M1Z5",
        "TransName": "Red Lorry Transport",
        "Distance": 0,
    }
    for command in (SALE.invoice(), sale.credit({"L1": range(1)})):
        assert "EwbDtls" not in only(INDIA.payloads(command))
