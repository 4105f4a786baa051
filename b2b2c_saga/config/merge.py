"""Several files are one set: what each says is put together, and what two of them say is a mistake."""

import difflib
from collections.abc import Iterable

from b2b2c_saga.config.mistakes import Mistake, Place, Where
from b2b2c_saga.config.written import Value, Written

BY_NAME = ("parties", "accounts", "products", "price_lists", "taxes")
"""Sections of things with names; they may be spread over files."""
WHOLE = ("version", "gstin_check", "patience")
"""Sections that stand in one file."""


def merge(root: str, files: Iterable[Written]) -> Written:
    """All files as one, each value with its own place; `root` names the set as a whole."""
    whole = Written(places={(): Place(root)})
    whole.values |= {section: {} for section in BY_NAME}
    for file in files:
        whole.readable &= file.readable
        twice: set[Where] = set()
        for section, value in file.values.items():
            twice |= _add(whole, file, section, value)
        whole.mistakes += file.mistakes
        whole.mistakes += [
            Mistake(file.place(where), where, f"is written twice: in {whole.places[where]} too") for where in twice
        ]
        mine = {at: it for at, it in file.places.items() if at[:1] not in twice and at[:2] not in twice}
        whole.places = mine | whole.places
    return whole


def _add(whole: Written, file: Written, section: str, value: Value) -> set[Where]:
    """What the set says already, and stays."""
    known = whole.values.get(section)
    if section in BY_NAME and isinstance(value, dict) and isinstance(known, dict):
        whole.values[section] = known | {name: one for name, one in value.items() if name not in known}
        return {(section, name) for name in value.keys() & known.keys()}
    if section in WHOLE:
        if section in whole.values:
            return {(section,)}
        whole.values[section] = value
    elif section not in BY_NAME:
        near = difflib.get_close_matches(section, (*WHOLE, *BY_NAME), 1)
        rule = f"did you mean {near[0]}?" if near else f"sections are {', '.join((*WHOLE, *BY_NAME))}"
        file.mistakes.append(file.wrong((section,), f"is no section; {rule}"))
    elif value is not None:
        file.mistakes.append(file.wrong((section,), "must hold entries by name, such as `NAME: {...}`"))
    return set()
