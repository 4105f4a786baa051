"""Which state an Indian PIN code lies in, as the registry knows it: by the first two digits, written state by state.

From India Post's list of PIN codes and the GST list of state codes. A two-digit area that serves several states is
named with each of them, so a PIN near a border is not refused. Army post offices (90 to 99) may be in any state.
"""

from collections import defaultdict

from b2b2c_saga.sandbox.payloads import Part

PLACE_ERRORS = "errors 2178, 3039"
"""What the registry says to a PIN and a state that don't fit."""
ANYWHERE = range(90, 100)
OTHER_TERRITORY = "97"

_AREAS = {
    "01": "18 19",  # Jammu and Kashmir; Ladakh's PINs too, which was a part of it
    "02": "17",  # Himachal Pradesh
    "03": "14 15 16",  # Punjab
    "04": "14 16",  # Chandigarh
    "05": "24 26",  # Uttarakhand
    "06": "12 13",  # Haryana
    "07": "11",  # Delhi
    "08": "30 31 32 33 34",  # Rajasthan
    "09": "20 21 22 23 24 25 26 27 28",  # Uttar Pradesh
    "10": "80 81 82 84 85",  # Bihar
    "11": "73",  # Sikkim
    "12": "79",  # Arunachal Pradesh
    "13": "79",  # Nagaland
    "14": "79",  # Manipur
    "15": "79",  # Mizoram
    "16": "79",  # Tripura
    "17": "79",  # Meghalaya
    "18": "78",  # Assam
    "19": "70 71 72 73 74",  # West Bengal
    "20": "81 82 83",  # Jharkhand
    "21": "75 76 77",  # Odisha
    "22": "49",  # Chhattisgarh
    "23": "45 46 47 48",  # Madhya Pradesh
    "24": "36 37 38 39",  # Gujarat
    "25": "36 39",  # Daman and Diu, before 2020
    "26": "36 39",  # Dadra and Nagar Haveli and Daman and Diu
    "27": "40 41 42 43 44",  # Maharashtra
    "28": "50 51 52 53",  # Andhra Pradesh, before its division
    "29": "56 57 58 59",  # Karnataka
    "30": "40",  # Goa
    "31": "68",  # Lakshadweep
    "32": "67 68 69",  # Kerala
    "33": "60 61 62 63 64 65 66",  # Tamil Nadu
    "34": "53 60 67",  # Puducherry: with Yanam and Mahe
    "35": "74",  # Andaman and Nicobar Islands
    "36": "50",  # Telangana
    "37": "50 51 52 53",  # Andhra Pradesh; a few villages have Telangana's PINs
    "38": "19",  # Ladakh
    OTHER_TERRITORY: "",
}
STATES = frozenset(_AREAS)

_STATES_OF: dict[str, set[str]] = defaultdict(set)
for _state, _areas in _AREAS.items():
    for _area in _areas.split():
        _STATES_OF[_area].add(_state)


def check_state(part: Part, name: str) -> str:
    """The state code in that field.

    Raises:
        Wrong: there is no such state.
    """
    state = part.text(name, r"[0-9]{2}")
    if state not in STATES:
        raise part.wrong(name, f"a state code of the GST list ({PLACE_ERRORS})")
    return state


def check_place(part: Part) -> tuple[str, str]:
    """PIN and state of an address, if they fit.

    Raises:
        Wrong: the one doesn't exist, or lies elsewhere; never with the value.
    """
    state, pin = check_state(part, "Stcd"), part.text("Pin", r"[1-9][0-9]{5}")
    if int(pin[:2]) in ANYWHERE:
        return pin, state
    if pin[:2] not in _STATES_OF:
        raise part.wrong("Pin", f"a PIN code that exists ({PLACE_ERRORS})")
    if state != OTHER_TERRITORY and state not in _STATES_OF[pin[:2]]:
        raise part.wrong("Pin", f"a PIN code of the state in Stcd ({PLACE_ERRORS})")
    return pin, state
