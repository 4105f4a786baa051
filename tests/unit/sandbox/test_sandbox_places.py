"""PIN codes and states that the sandbox's registry takes and refuses; its table is its own."""

import pytest
from papers import changed, inv01

from b2b2c_saga.sandbox import inv01 as india
from b2b2c_saga.sandbox.payloads import Wrong
from b2b2c_saga.sandbox.places import STATES

REAL = {
    "01": "190001",  # Srinagar
    "02": "171001",  # Shimla
    "03": "140603 160055",  # Zirakpur and Mohali, beside Chandigarh
    "04": "160017",
    "05": "248001 263139",  # Dehradun, Nainital
    "06": "122001 134109",  # Gurugram, Panchkula
    "07": "110001",
    "08": "302001 345001",
    "09": "201301 247001 262001",  # Noida; Saharanpur and Pilibhit, beside Uttarakhand
    "10": "800001 812001 823001",  # Patna; Bhagalpur and Gaya, beside Jharkhand
    "11": "737101",  # Gangtok
    "12": "791111",  # Itanagar
    "13": "797001",  # Kohima
    "14": "795001",  # Imphal
    "15": "796001",  # Aizawl
    "16": "799001",  # Agartala
    "17": "793001",  # Shillong
    "18": "781001",  # Guwahati
    "19": "700001 734001",  # Kolkata; Siliguri, beside Sikkim
    "20": "814112 827001 834001",  # Deoghar, Bokaro, Ranchi
    "21": "751001",
    "22": "492001",
    "23": "452001 482001",
    "24": "380001 395003",
    "25": "362520",  # Diu
    "26": "396210 396230",  # Daman, Silvassa
    "27": "400001 416001",
    "28": "500081",
    "29": "560001 590001",
    "30": "403001",  # Panaji
    "31": "682555",  # Kavaratti
    "32": "682001 695001",
    "33": "600001 641001",
    "34": "533464 605001 609602 673310",  # Yanam, Puducherry, Karaikal, Mahe
    "35": "744101",  # Port Blair
    "36": "500001 506002",
    "37": "507111 520001 533001",  # Bhadrachalam's villages, Vijayawada, Kakinada
    "38": "194101",  # Leh
}


def _goes_to(pin: object, state: str) -> dict[str, object]:
    return changed(changed(inv01(), "ShipDtls.Pin", pin), "ShipDtls.Stcd", state)


def test_each_state_takes_its_own_pins_those_at_its_border_too():
    assert set(REAL) | {"97"} == STATES
    for state, pins in REAL.items():
        for pin in pins.split():
            assert india.read(_goes_to(int(pin), state)).ship_to == {"city": "Mumbai", "pin": pin, "state": state}


@pytest.mark.parametrize(("pin", "state"), [("900056", "13"), ("999999", "29"), ("560001", "97")])
def test_an_army_post_office_may_be_anywhere_and_other_territory_has_any_pin(pin: str, state: str):
    assert india.read(_goes_to(pin, state)).ship_to == {"city": "Mumbai", "pin": pin, "state": state}


@pytest.mark.parametrize(
    ("pin", "state", "says"),
    [
        ("110001", "33", "ShipDtls.Pin: a PIN code of the state in Stcd (errors 2178, 3039)"),
        ("560001", "27", "ShipDtls.Pin: a PIN code of the state in Stcd (errors 2178, 3039)"),
        ("781001", "17", "ShipDtls.Pin: a PIN code of the state in Stcd (errors 2178, 3039)"),
        *((f"{area}0001", "27", "ShipDtls.Pin: a PIN code that exists") for area in (10, 29, 35, 54, 55, 86, 88)),
        *(("400001", state, "ShipDtls.Stcd: a state code of the GST list") for state in ("00", "39", "45", "96", "99")),
    ],
)
def test_a_consumers_pin_that_lies_elsewhere_is_refused_without_a_word_of_it(pin: str, state: str, says: str):
    with pytest.raises(Wrong) as raised:
        india.read(_goes_to(pin, state))
    assert str(raised.value).startswith(says)
    assert pin not in str(raised.value)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("SellerDtls.Pin", 400001, "SellerDtls.Pin: a PIN code of the state"),
        ("BuyerDtls.Pin", 560001, "BuyerDtls.Pin: a PIN code of the state"),
        ("BuyerDtls.Pos", "45", "BuyerDtls.Pos: a state code"),
        ("DispDtls.Pin", 560001, "DispDtls.Pin: a PIN code of the state"),
        ("DispDtls.Stcd", "45", "DispDtls.Stcd: a state code"),
        ("DispDtls.Nm", None, "DispDtls.Nm: required"),
    ],
)
def test_so_are_those_of_seller_buyer_and_warehouse(path: str, value: object, says: str):
    warehouse = {"Nm": "Kurta House", "Addr1": "1 Dock Road", "Loc": "Bhiwandi", "Pin": 421302, "Stcd": "27"}
    payload = inv01() | {"DispDtls": warehouse}
    assert india.read(payload).number == "BO1"
    with pytest.raises(Wrong) as raised:
        india.read(changed(payload, path, value))
    assert str(raised.value).startswith(says)
