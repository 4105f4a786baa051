"""What INV-01 takes: labels are made to fit, references that don't fit are left out, anything else is refused."""

from dataclasses import replace
from decimal import Decimal

import pytest
from fiscal_cases import BUYER, CARRIER, CONSUMER, HOME, NEIGHBOUR, SELLER, TWO_LINES, Priced, Sale, only, part

from b2b2c_saga.fiscal.india import CAPABILITIES
from b2b2c_saga.fiscal.payload import JSON
from b2b2c_saga.fiscal.port import provider
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.terms import Provider
from b2b2c_saga.model.words import Address

INDIA = provider(Provider.INDIA_INV01)
SALE = Sale(TWO_LINES, CAPABILITIES)


def ship_to(**changed: object) -> JSON:
    """ShipDtls for the consumer with another name or address."""
    recipient = replace(CONSUMER, **changed)  # type: ignore[arg-type]
    return part(only(INDIA.payloads(replace(SALE, recipient=recipient).invoice())), "ShipDtls")


@pytest.mark.parametrize(
    ("order_code", "order_number", "named"),
    [
        ("1234567890123456", "12345678901234567890", {"PORefr": "1234567890123456", "ExtRefr": "12345678901234567890"}),
        ("OD-1", None, {"PORefr": "OD-1"}),
        ("OD-1", "SO 17 (Yellow)", {"PORefr": "OD-1", "ExtRefr": "SO 17 (Yellow)"}),
        ("12345678901234567", "SO-1", {"ExtRefr": "SO-1"}),
        ("OD_1", "SO-1", {"ExtRefr": "SO-1"}),
        ("OD-1", "1" * 21, {"PORefr": "OD-1"}),
        ("OD-1", 'SO "17"', {"PORefr": "OD-1"}),
        ("OD-1", "SO\\17", {"PORefr": "OD-1"}),
        ("OD-1", "SO-17\n", {"PORefr": "OD-1"}),
    ],
)
def test_both_orders_are_referred_to_where_their_numbers_fit(order_code: str, order_number: str, named: JSON):
    sale = replace(SALE, order_code=order_code, order_number=order_number)

    assert only(INDIA.payloads(sale.invoice()))["RefDtls"] == {"ContrDtls": [named]}


def test_without_a_number_that_fits_an_invoice_refers_to_nothing():
    payload = only(INDIA.payloads(replace(SALE, order_code="OD_1", order_number=None).invoice()))

    assert "RefDtls" not in payload


@pytest.mark.parametrize(
    ("name", "sku", "described"),
    [
        ("", "KURTA-M", "KURTA-M"),
        ("", "K", "K.."),
        ("Kurta", "KURTA-M", "Kurta"),
        ('Belt 40" \\ brown', "BELT", "Belt 40' / brown"),
        ("Two\nlines", "BELT", "Two lines"),
    ],
)
def test_goods_are_described_by_their_name_made_to_fit_or_else_by_their_sku(name: str, sku: str, described: str):
    sale = Sale([replace(TWO_LINES[0], name=name, sku=sku)], CAPABILITIES)

    assert part(only(INDIA.payloads(sale.invoice())), "ItemList", 0)["PrdDesc"] == described


def test_a_description_has_300_characters_at_most():
    command = Sale(TWO_LINES[:1], CAPABILITIES).invoice()
    (document,) = command.documents
    endless = document.lines[0].model_copy(update={"description": "N" * 301})
    sent = command.model_copy(update={"documents": (document.model_copy(update={"lines": (endless,)}),)})

    assert part(only(INDIA.payloads(sent)), "ItemList", 0)["PrdDesc"] == "N" * 300


@pytest.mark.parametrize(
    ("name", "label"),
    [("Li", "Li."), ("X", "X.."), ('A "B" \\ C', "A 'B' / C"), ("N" * 120, "N" * 100), ("Asha\r\nRao", "Asha  Rao")],
)
def test_a_consumers_name_is_made_to_fit(name: str, label: str):
    assert ship_to(name=name)["LglNm"] == label


def test_so_is_the_address():
    place = ship_to(shipping_address=Address('Flat 2\\3, "Rose Villa"', 'U"', "403001", "30"))

    assert place == {
        "Gstin": "URP",
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
        (Sale([Priced("L1", Decimal(1), Decimal(5), 1, unit="PIECE")], CAPABILITIES), "ItemList.0.Unit", "PIECE"),
        (Sale([Priced("L1", Decimal(1), Decimal(17), 1)], CAPABILITIES), "ItemList.0.GstRt", 17),
        (
            Sale(TWO_LINES, CAPABILITIES, transport=CARRIER.model_copy(update={"transporter_id": "29AABCT1234M1Z"})),
            "EwbDtls.TransId",
            "29AABCT1234M1Z",
        ),
        (
            Sale(TWO_LINES, CAPABILITIES, transport=CARRIER.model_copy(update={"transporter_name": "RL"})),
            "EwbDtls.TransName",
            "RL",
        ),
    ],
    ids=["long name", "quoted name", "to oneself", "another state", "hsn", "unit", "rate", "carrier", "its name"],
)
def test_what_the_portal_would_not_take_is_refused_with_path_and_value(sale: Sale, field: str, value: object):
    with pytest.raises(BadInput) as refused:
        INDIA.payloads(sale.invoice())

    assert (refused.value.field, refused.value.value) == (field, value)
    assert refused.value.rule


def test_more_lines_than_the_portal_takes_are_refused():
    lines = [Priced(f"L{n}", Decimal(100), Decimal(5), 1) for n in range(1001)]

    with pytest.raises(BadInput) as refused:
        INDIA.payloads(Sale(lines, replace(CAPABILITIES, lines_at_most=1001)).invoice())
    assert (refused.value.field, refused.value.rule) == ("ItemList", "maxItems 1000")


def sold_from(**changed: Address) -> Sale:
    """With another address of the seller."""
    return replace(SALE, seller=replace(SELLER, **changed))


MYSURU_IN_CHENNAI = Address("14 Mill Road", "Mysuru", "600001", "29")
NOWHERE = Address("14 Mill Road", "Mysuru", "290001", "29")
OF_ITS_STATE, OF_INDIA = (
    "a PIN code of the address's state: the first two digits tell",
    "a PIN code of India: none begins with these two digits",
)


@pytest.mark.parametrize(
    ("sale", "field", "value", "rule"),
    [
        (sold_from(billing_address=MYSURU_IN_CHENNAI), "SellerDtls.Pin", 600001, OF_ITS_STATE),
        (sold_from(billing_address=NOWHERE), "SellerDtls.Pin", 290001, OF_INDIA),
        (sold_from(shipping_address=MYSURU_IN_CHENNAI), "DispDtls.Pin", 600001, OF_ITS_STATE),
        (
            sold_from(shipping_address=replace(MYSURU_IN_CHENNAI, state="45")),
            "DispDtls.Stcd",
            "45",
            "a GST state code: 01 to 38, or 97",
        ),
        (
            replace(SALE, buyer=replace(NEIGHBOUR, billing_address=MYSURU_IN_CHENNAI)),
            "BuyerDtls.Pin",
            600001,
            OF_ITS_STATE,
        ),
    ],
)
def test_pin_and_state_of_a_company_agree(sale: Sale, field: str, value: object, rule: str):
    with pytest.raises(BadInput) as refused:
        INDIA.payloads(sale.invoice())

    assert (refused.value.field, refused.value.value, refused.value.rule) == (field, value, rule)


@pytest.mark.parametrize(
    ("pin", "state", "field", "rule"),
    [
        ("600001", "00", "ShipDtls.Stcd", 'pattern "^(?!00)[0-9]{2}$"'),
        ("600001", "45", "ShipDtls.Stcd", "a GST state code: 01 to 38, or 97"),
        ("110001", "33", "ShipDtls.Pin", OF_ITS_STATE),
    ],
)
def test_of_a_wrong_personal_part_the_value_is_not_told(pin: str, state: str, field: str, rule: str):
    with pytest.raises(BadInput) as refused:
        ship_to(shipping_address=Address("221B Beach Road", "Chennai", pin, state))

    assert (refused.value.field, refused.value.value, refused.value.rule) == (field, None, rule)


def test_how_strictly_gstins_are_checked_is_the_callers_choice():
    sandboxed = Sale(TWO_LINES, CAPABILITIES, seller=replace(SELLER, gstin="29AABCT1332L000"))

    assert provider(Provider.INDIA_INV01, check_gstins=False).payloads(sandboxed.invoice())
    with pytest.raises(BadInput) as refused:
        INDIA.payloads(sandboxed.invoice())
    assert (refused.value.reason, refused.value.field) == ("not a GSTIN", "SellerDtls.Gstin")
