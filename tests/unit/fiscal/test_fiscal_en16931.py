"""EN 16931: an invoice and a credit note field by field, and tax that is rounded once a rate."""

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

import pytest
from fiscal_cases import CONSUMER, HOME, NEIGHBOUR, TWO_LINES, UNTAXED, Priced, Sale, only, part

from b2b2c_saga.fiscal import en16931, india
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.terms import Capabilities, Provider, Rounding

EUROPE = provider(Provider.EN16931)
SALE = Sale(TWO_LINES, en16931.CAPABILITIES)


def test_what_the_two_providers_can_do():
    assert provider(Provider.INDIA_INV01).capabilities == Capabilities(
        provider=Provider.INDIA_INV01,
        void_window=timedelta(hours=24),
        lines_at_most=1000,
        rounding=Rounding.LINE,
        round_total_to=Decimal("0.01"),
        report_within=timedelta(days=30),
        credit_until=(11, 30),
        exempt_reported=False,
    )
    assert EUROPE.capabilities == Capabilities(
        provider=Provider.EN16931,
        void_window=None,
        lines_at_most=10_000,
        rounding=Rounding.GROUP,
        round_total_to=Decimal("0.01"),
        report_within=None,
        credit_until=None,
        exempt_reported=True,
    )
    assert {india.CAPABILITIES.provider, en16931.CAPABILITIES.provider} == set(Provider)


def test_an_invoice():
    assert only(EUROPE.payloads(SALE.invoice())) == {
        "specification": "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        "process": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        "number": "INV/26-27/000001",
        "issueDate": "2026-04-01",
        "typeCode": 380,
        "currency": "INR",
        "orderReference": "OD-1",
        "salesOrderReference": "SO-26-000017",
        "paymentTerms": "As agreed between seller and buyer",
        "seller": {
            "name": "Kurta House Apparel Private Limited",
            "vatIdentifier": "IN29AABCK1234M1ZG",
            "address": {
                "line": "14 Mill Road",
                "city": "Bengaluru",
                "postCode": "560001",
                "subdivision": "29",
                "country": "IN",
            },
        },
        "buyer": {
            "name": "Yellow Retail Private Limited",
            "vatIdentifier": "IN27AACCY5678N1ZF",
            "address": {
                "line": "7 Dock Street",
                "city": "Mumbai",
                "postCode": "400001",
                "subdivision": "27",
                "country": "IN",
            },
        },
        "delivery": {
            "name": "Asha Rao",
            "address": {
                "line": "221B Beach Road",
                "city": "Chennai",
                "postCode": "600001",
                "subdivision": "33",
                "country": "IN",
            },
        },
        "lines": [
            {
                "id": "1",
                "quantity": 3,
                "unitCode": "H87",
                "netAmount": 1826.29,
                "netPrice": 1826.29,
                "priceBaseQuantity": 3,
                "taxCategory": "S",
                "taxRate": 5,
                "itemName": "Kurta cotton, red, M",
                "sellersItemId": "KURTA-M",
                "classification": {"scheme": "HS", "code": "61091000"},
            },
            {
                "id": "2",
                "quantity": 1,
                "unitCode": "SET",
                "netAmount": 1070.54,
                "netPrice": 1070.54,
                "priceBaseQuantity": 1,
                "taxCategory": "S",
                "taxRate": 12,
                "itemName": "Coat wool, L",
                "sellersItemId": "COAT-L",
                "classification": {"scheme": "HS", "code": "620311"},
            },
        ],
        "taxBreakdown": [
            {"taxableAmount": 1826.29, "taxAmount": 91.31, "category": "S", "rate": 5},
            {"taxableAmount": 1070.54, "taxAmount": 128.46, "category": "S", "rate": 12},
        ],
        "totals": {
            "lineNetAmount": 2896.83,
            "withoutTax": 2896.83,
            "tax": 219.77,
            "withTax": 3116.6,
            "rounding": 0,
            "due": 3116.6,
        },
    }


def test_a_credit_note_is_of_type_381_and_names_the_document_before_it():
    payload = only(EUROPE.payloads(SALE.credit({"L1": range(2, 3)})))

    assert (payload["typeCode"], payload["number"], payload["issueDate"]) == (381, "CRN/26-27/000001", "2026-04-09")
    assert payload["precedingInvoices"] == [{"number": "INV/26-27/000001", "issueDate": "2026-04-01"}]
    assert payload["totals"] == {
        "lineNetAmount": 608.77,
        "withoutTax": 608.77,
        "tax": 30.44,  # 5 % of 608.77; on the invoice this unit bears 30.43
        "withTax": 639.21,
        "rounding": -0.01,
        "due": 639.2,
    }


def test_tax_is_rounded_once_for_all_lines_of_a_rate_and_the_rounding_amount_makes_up_for_it():
    lines = [Priced(f"L{n}", Decimal("0.04"), Decimal(18), 1) for n in range(50)]
    payload = only(EUROPE.payloads(Sale(lines, en16931.CAPABILITIES).invoice()))

    assert payload["taxBreakdown"] == [{"taxableAmount": 1.5, "taxAmount": 0.27, "category": "S", "rate": 18}]
    totals = part(payload, "totals")
    assert (totals["withTax"], totals["rounding"], totals["due"]) == (1.77, 0.23, 2)


def test_what_bears_no_tax_is_zero_rated_and_comes_first_in_the_breakdown():
    lines = [*TWO_LINES, Priced("L3", Decimal("10.00"), Decimal(0), 2)]
    payload = only(EUROPE.payloads(Sale(lines, en16931.CAPABILITIES).invoice()))

    assert part(payload, "taxBreakdown", 0) == {"taxableAmount": 20, "taxAmount": 0, "category": "Z", "rate": 0}
    assert part(payload, "lines", 2)["taxCategory"] == "Z"


def test_untaxed_goods_alone_are_invoiced_as_all_others_are():
    assert only(EUROPE.payloads(Sale(UNTAXED, en16931.CAPABILITIES).invoice()))["typeCode"] == 380


def test_the_order_in_the_brands_system_is_named_where_it_has_a_number():
    assert "salesOrderReference" not in only(EUROPE.payloads(replace(SALE, order_number=None).invoice()))


@pytest.mark.parametrize(
    ("uqc", "code"),
    [("PCS", "H87"), ("NOS", "C62"), ("PAC", "XPK"), ("KGS", "KGM"), ("PRS", "PR"), ("QTL", "DTN"), ("OTH", "C62")],
)
def test_units_are_those_of_un_ece(uqc: str, code: str):
    sale = Sale([replace(TWO_LINES[0], unit=uqc)], en16931.CAPABILITIES)

    assert part(only(EUROPE.payloads(sale.invoice())), "lines", 0)["unitCode"] == code


def test_goods_whose_name_was_not_kept_are_named_by_their_sku():
    sale = Sale([replace(TWO_LINES[0], name="")], en16931.CAPABILITIES)

    assert part(only(EUROPE.payloads(sale.invoice())), "lines", 0)["itemName"] == "KURTA-M"


def test_documents_are_referred_to_by_their_numbers():
    sale = replace(SALE, can=replace(en16931.CAPABILITIES, lines_at_most=1))

    assert EUROPE.references(sale.invoice()) == ("INV/26-27/000001", "INV/26-27/000002")


def test_the_consumer_is_in_delivery_and_nowhere_else():
    payload = only(EUROPE.payloads(SALE.invoice()))
    del payload["delivery"]

    personal = (CONSUMER.name, CONSUMER.phone, CONSUMER.email, HOME.line, HOME.city, HOME.pin)
    assert [word for word in personal if word in repr(payload)] == []
    assert "delivery" not in only(EUROPE.payloads(replace(SALE, recipient=None).invoice()))


@pytest.mark.parametrize(
    ("field", "by"),
    [
        ("documents.0.total", {"total": Decimal("3116.61")}),
        ("documents.0.lines.0.total", {"lines": {"total": Decimal("1917.61")}}),
        ("documents.0.lines.0.taxableValue", {"lines": {"igst": Decimal("91.32")}}),
        ("documents.0.lines.0.igst", {"lines": {"igst": Decimal("91.35"), "taxable_value": Decimal("1826.25")}}),
        ("documents.0.lines.0.igst", {"lines": {"gst_rate": Decimal(12)}}),
        ("documents.0.roundOff", {"round_off": Decimal("0.51"), "total": Decimal("3117.11")}),
    ],
)
def test_a_document_that_contradicts_itself_is_not_hidden_by_a_rounding_amount(field: str, by: dict[str, Any]):
    command = SALE.invoice()
    (document,) = command.documents
    if wrong := by.get("lines"):
        by = {"lines": (document.lines[0].model_copy(update=wrong), *document.lines[1:])}
    contradicting = command.model_copy(update={"documents": (document.model_copy(update=by),)})

    with pytest.raises(BadInput) as refused:
        EUROPE.payloads(contradicting)
    assert refused.value.field == field


WITHIN = Sale([Priced("L1", Decimal("0.19"), Decimal(18), 1)], en16931.CAPABILITIES, buyer=NEIGHBOUR)
"""Its line comes to 0.18: 0.16 and two halves of 0.01."""


def test_within_a_state_a_line_may_be_paise_off_its_price():
    assert WITHIN.document_lines()[0].total == Decimal("0.18")
    assert part(only(EUROPE.payloads(WITHIN.invoice())), "totals")["due"] == 0.19


@pytest.mark.parametrize(
    ("field", "by"),
    [
        ("documents.0.lines.0.total", {"unit_price": Decimal("0.21")}),
        ("documents.0.lines.0.taxableValue", {"taxable_value": Decimal("0.17")}),
        (
            "documents.0.lines.0.cgst",
            {"taxable_value": Decimal("0.08"), "cgst": Decimal("0.05"), "sgst": Decimal("0.05")},
        ),
    ],
)
def test_but_no_further_and_not_its_tax(field: str, by: dict[str, Decimal]):
    command = WITHIN.invoice()
    (document,) = command.documents
    line = document.lines[0].model_copy(update=by)
    contradicting = command.model_copy(update={"documents": (document.model_copy(update={"lines": (line,)}),)})

    with pytest.raises(BadInput) as refused:
        EUROPE.payloads(contradicting)
    assert refused.value.field == field


def test_a_total_in_whole_rupees_is_half_a_rupee_off_at_the_most():
    in_rupees = replace(en16931.CAPABILITIES, round_total_to=Decimal(1))
    sale = Sale([Priced("L1", Decimal("33.50"), Decimal(5), 1)], in_rupees)

    assert part(only(EUROPE.payloads(sale.invoice())), "totals")["due"] == 34


def test_between_states_it_may_not():
    command = Sale(WITHIN.lines, en16931.CAPABILITIES).invoice()
    (document,) = command.documents
    off = document.lines[0].model_copy(update={"total": Decimal("0.18"), "taxable_value": Decimal("0.15")})
    documents = (document.model_copy(update={"lines": (off,), "round_off": Decimal("0.01")}),)

    with pytest.raises(BadInput) as refused:
        EUROPE.payloads(command.model_copy(update={"documents": documents}))
    assert refused.value.field == "documents.0.lines.0.total"


def test_our_own_slip_in_the_arithmetic_goes_to_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(en16931, "to_paisa", lambda exact: exact.quantize(Decimal("0.01"), ROUND_UP))

    with pytest.raises(BadInput) as refused:
        EUROPE.payloads(SALE.invoice())
    assert (refused.value.field, refused.value.rule) == (
        "taxBreakdown.0.taxAmount",
        "taxable amount x rate (BR-CO-17): 91.31",
    )


def test_what_breaks_a_rule_of_the_form_is_refused_with_path_and_value():
    sale = Sale([Priced("L1", Decimal(1), Decimal(5), 1, hsn="61091")], en16931.CAPABILITIES)

    with pytest.raises(BadInput) as refused:
        EUROPE.payloads(sale.invoice())
    assert (refused.value.field, refused.value.value) == ("lines.0.classification.code", "61091")
