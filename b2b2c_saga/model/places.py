"""Indian addresses: which state a PIN code lies in, by the GST portal's state codes.

Sources: the GST portal's list of state codes (01 to 38, and 97 for other territory); India Post's PIN codes, of which
the first two digits name a postal circle or a part of it. A circle may serve several states: a PIN near a border is
not refused for that. Army post offices (PINs from 90 on) may be anywhere.
"""

from typing import NamedTuple

from b2b2c_saga.model.words import Address, Recipient

STATES = frozenset({f"{code:02}" for code in range(1, 39)} | {"97"})
"""All state codes."""

_AP = "28 37"  # Andhra Pradesh: before its division, and since
_DIU = "25 26"  # Daman, Diu, Dadra and Nagar Haveli: before they became one, and since
_BY_PIN = {
    **dict.fromkeys(("11",), "07"),
    **dict.fromkeys(("12", "13"), "06 04"),
    **dict.fromkeys(("14", "15", "16"), "03 04"),
    "17": "02",
    "18": "01",
    "19": "01 38",
    **dict.fromkeys(("20", "21", "22", "23", "25", "27", "28"), "09"),
    **dict.fromkeys(("24", "26"), "09 05"),
    **dict.fromkeys(("30", "31", "32", "33", "34"), "08"),
    **dict.fromkeys(("36", "39"), f"24 {_DIU}"),
    **dict.fromkeys(("37", "38"), "24"),
    "40": "27 30",
    **dict.fromkeys(("41", "42", "43", "44"), "27"),
    **dict.fromkeys(("45", "46", "47", "48"), "23"),
    "49": "22",
    "50": f"36 {_AP}",
    **dict.fromkeys(("51", "52"), _AP),
    "53": f"{_AP} 34",
    **dict.fromkeys(("56", "57", "58", "59"), "29"),
    "60": "33 34",
    **dict.fromkeys(("61", "62", "63", "64", "65", "66"), "33"),
    "67": "32 34",
    "68": "32 31",
    "69": "32",
    **dict.fromkeys(("70", "71", "72"), "19"),
    "73": "19 11",
    "74": "19 35",
    **dict.fromkeys(("75", "76", "77"), "21"),
    "78": "18",
    "79": "12 13 14 15 16 17 18",
    "80": "10",
    **dict.fromkeys(("81", "82"), "10 20"),
    "83": "20",
    **dict.fromkeys(("84", "85"), "10"),
    **dict.fromkeys((str(first) for first in range(90, 100)), " ".join(sorted(STATES))),
}
STATES_OF = {pin: frozenset(states.split()) for pin, states in _BY_PIN.items()}
"""By the first two digits of a PIN code."""


class Wrong(NamedTuple):
    """What is wrong with an address: the field, by its name on the wire, and the rule."""

    field: str
    rule: str


def wrong_place(address: Address) -> Wrong | None:
    """Why the registry would not take an address (its errors 2178 and 3039); None if it would."""
    if address.state not in STATES:
        return Wrong("state", "a GST state code: 01 to 38, or 97")
    if address.pin[:2] not in STATES_OF:
        return Wrong("pin", "a PIN code of India: none begins with these two digits")
    if address.state not in STATES_OF[address.pin[:2]] and address.state != "97":
        return Wrong("pin", "a PIN code of the address's state: the first two digits tell")
    return None


def wrong_recipient(recipient: Recipient) -> Wrong | None:
    """Why goods can't be sent to a consumer, by the path of the field; None if they can."""
    places = {"shippingAddress": recipient.shipping_address, "billingAddress": recipient.billing_address}
    for name, place in places.items():
        if wrong := wrong_place(place):
            return Wrong(f"{name}.{wrong.field}", wrong.rule)
    return None
