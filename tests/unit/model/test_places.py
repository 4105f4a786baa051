"""Which addresses there are in India: PIN codes, states, and what a consumer's address must be."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from b2b2c_saga.model.places import STATES, STATES_OF, Wrong, wrong_place, wrong_recipient
from b2b2c_saga.model.words import Address, Recipient

CONFIG = Path(__file__).parents[3] / "config/parties.yaml"
CHENNAI = Address("221B Beach Road", "Chennai", "600001", "33")
ASHA = Recipient("Asha Rao", "+91 98450 00000", "asha@example.org", CHENNAI, CHENNAI)
OF_ITS_STATE = "a PIN code of the address's state: the first two digits tell"
OF_INDIA = "a PIN code of India: none begins with these two digits"
NO_STATE = "a GST state code: 01 to 38, or 97"


def at(pin: str, state: str) -> Address:
    return Address("1 Road", "Town", pin, state)


CAPITALS = {
    "190001": "01",  # Srinagar
    "171001": "02",  # Shimla
    "141001": "03",  # Ludhiana
    "160017": "04",  # Chandigarh
    "248001": "05",  # Dehradun
    "122001": "06",  # Gurugram
    "110001": "07",  # New Delhi
    "302001": "08",  # Jaipur
    "226001": "09",  # Lucknow
    "800001": "10",  # Patna
    "737101": "11",  # Gangtok
    "791111": "12",  # Itanagar
    "797001": "13",  # Kohima
    "795001": "14",  # Imphal
    "796001": "15",  # Aizawl
    "799001": "16",  # Agartala
    "793001": "17",  # Shillong
    "781001": "18",  # Guwahati
    "700001": "19",  # Kolkata
    "834001": "20",  # Ranchi
    "751001": "21",  # Bhubaneswar
    "492001": "22",  # Raipur
    "462001": "23",  # Bhopal
    "380001": "24",  # Ahmedabad
    "396210": "26",  # Daman
    "400001": "27",  # Mumbai
    "560001": "29",  # Bengaluru
    "403001": "30",  # Panaji
    "682555": "31",  # Kavaratti
    "695001": "32",  # Thiruvananthapuram
    "600001": "33",  # Chennai
    "605001": "34",  # Puducherry
    "744101": "35",  # Port Blair
    "500001": "36",  # Hyderabad
    "520001": "37",  # Vijayawada
    "194101": "38",  # Leh
}
ELSEWHERE = {
    "533464": "34",  # Yanam, in Andhra Pradesh
    "673310": "34",  # Mahe, in Kerala
    "609602": "34",  # Karaikal, in Tamil Nadu
    "362520": "25",  # Diu, by its code before 2020
    "530001": "28",  # Visakhapatnam, by its code before the division
    "814112": "20",  # Deoghar, under a PIN of Bihar
    "900056": "01",  # an army post office
    "999999": "38",
    "560100": "97",  # other territory
}


@pytest.mark.parametrize(("pin", "state"), [*CAPITALS.items(), *ELSEWHERE.items()])
def test_a_place_that_there_is_is_taken(pin: str, state: str):
    assert wrong_place(at(pin, state)) is None


@pytest.mark.parametrize(
    ("pin", "state", "wrong"),
    [
        ("110001", "33", Wrong("pin", OF_ITS_STATE)),
        ("600001", "29", Wrong("pin", OF_ITS_STATE)),
        ("400001", "24", Wrong("pin", OF_ITS_STATE)),
        ("500001", "29", Wrong("pin", OF_ITS_STATE)),
        ("290001", "29", Wrong("pin", OF_INDIA)),
        ("350001", "08", Wrong("pin", OF_INDIA)),
        ("540001", "37", Wrong("pin", OF_INDIA)),
        ("550001", "29", Wrong("pin", OF_INDIA)),
        ("860001", "10", Wrong("pin", OF_INDIA)),
        ("100001", "97", Wrong("pin", OF_INDIA)),
        ("600001", "45", Wrong("state", NO_STATE)),
        ("600001", "39", Wrong("state", NO_STATE)),
        ("600001", "00", Wrong("state", NO_STATE)),
        ("600001", "96", Wrong("state", NO_STATE)),
        ("600001", "99", Wrong("state", NO_STATE)),
    ],
)
def test_a_place_that_there_is_not_is_told_by_field_and_rule(pin: str, state: str, wrong: Wrong):
    assert wrong_place(at(pin, state)) == wrong


def test_every_state_has_its_pins_and_the_portal_has_38_and_other_territory():
    assert len(STATES) == 39
    assert frozenset[str]().union(*STATES_OF.values()) == STATES
    assert frozenset[str]().union(*(states for pin, states in STATES_OF.items() if pin < "90")) == STATES - {"97"}


@given(st.from_regex(r"[1-9][0-9]{5}", fullmatch=True), st.sampled_from(sorted(STATES - {"97"})))
def test_a_pin_is_right_in_the_states_of_its_first_two_digits_alone(pin: str, state: str):
    assert (wrong_place(at(pin, state)) is None) == (state in STATES_OF.get(pin[:2], ()))


def test_the_companies_of_the_example_configuration_are_where_they_say():
    parties = yaml.load(CONFIG.read_text(), yaml.BaseLoader)["parties"]

    for party in parties.values():
        for place in (party["billing_address"], party["shipping_address"]):
            assert wrong_place(Address(**place)) is None


def test_goods_can_be_sent_to_a_consumer_whose_addresses_there_are():
    assert wrong_recipient(ASHA) is None
    assert wrong_recipient(replace(ASHA, name="Zoë O'Brien-राव")) is None


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"shipping_address": at("110001", "33")}, "shippingAddress.pin", OF_ITS_STATE),
        ({"billing_address": at("110001", "33")}, "billingAddress.pin", OF_ITS_STATE),
        ({"shipping_address": at("600001", "45")}, "shippingAddress.state", NO_STATE),
        ({"billing_address": at("290001", "29")}, "billingAddress.pin", OF_INDIA),
    ],
)
def test_each_address_of_a_consumer_is_looked_at(changed: dict[str, Address], field: str, rule: str):
    assert wrong_recipient(replace(ASHA, **changed)) == Wrong(field, rule)  # type: ignore[arg-type]


@pytest.mark.parametrize("control", ["\n", "\r\n", "\t", "\x00", "\x1f", "\x7f", "\x85", "\u2028"])
def test_control_characters_in_a_text_of_a_consumer_become_a_space(control: str):
    dirty, clean = f"{control}a{control}b{control}", "a b"
    place = {"line": dirty, "city": dirty, "pin": "600001", "state": "33"}
    consumer = {"name": dirty, "phone": dirty, "email": dirty, "shipping_address": place, "billing_address": place}

    read = TypeAdapter(Recipient).validate_json(json.dumps(consumer))

    home = Address(clean, clean, "600001", "33")
    assert read == Recipient(clean, clean, clean, home, home)
    assert wrong_recipient(read) is None
