"""Every mistake is named by file, line, field, value and rule: tables of lines and what is said of them."""

import re
from pathlib import Path

import pytest
from small_set import SET, altered, examined, told

TABLES = sorted(Path(__file__).with_name("mistakes").glob("*.txt"))
Row = tuple[str, str, tuple[str, ...]]


def rows() -> list[Row]:
    """What a line is, what it would be, and what would be said; without the second, the line would not be there."""
    found: list[Row] = []
    for block in (block for table in TABLES for block in re.split(r"\n{2,}", table.read_text())):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        before, after, said = (tuple(line[1:] for line in lines if line[0] == sign) for sign in "-+!")
        if lines:
            end = "" if after else "\n"
            found.append(("\n".join(before) + end, "\n".join(after), said))
    return found


def test_the_tables_are_read_and_the_set_itself_is_right():
    assert len(rows()) > 60
    assert told(SET) == []


@pytest.mark.parametrize(("before", "after", "said"), rows(), ids=lambda part: str(part)[:40])
def test_a_mistake_is_named(before: str, after: str, said: tuple[str, ...]):
    assert told(altered((before, after))) == list(said)


def test_all_mistakes_are_named_at_once_from_the_first_line_to_the_last():
    text = altered(
        ("gstin: 29AABCK1234M1ZG", "gstin: 29AABCK1234M1ZH"),
        ("pin: 400001", "pin: 1"),
        ("price_list: list", "price_list: none"),
        ("sku: KURTA,", "sku: NONE,"),
        ("{up_to: 2500, rate: 5}, {rate: 18}", ""),
    )
    assert [(m.place.line, m.field, m.value) for m in examined(text).mistakes] == [
        (5, "parties.x.gstin", "29AABCK1234M1ZH"),
        (13, "parties.y.billing_address.pin", "1"),
        (22, "accounts.SHOP.price_list", "none"),
        (38, "price_lists.list.prices.1.sku", "NONE"),
        (44, "taxes.61.1.slabs", None),
    ]


def test_what_a_bad_entry_is_named_after_is_still_known():
    """A party with a wrong pin code is a party: accounts that name it are right."""
    assert told(altered(("pin: 560001", "pin: 1"), ("hsn: 621142", "hsn: 6"), ("value: 80", "value: x"))) == [
        "set.yaml:7: parties.x.billing_address.pin = '1': must be a postal code of six digits, the first of them not 0",
        "set.yaml:29: products.KURTA.hsn = '6': must be an HSN code of goods, of 6 or 8 digits",
        "set.yaml:37: price_lists.list.prices.0.value = 'x': must be a number, such as 449.50",
    ]


@pytest.mark.parametrize(("length", "mistakes"), [(2, 1), (3, 0), (200, 0), (201, 1)])
def test_a_product_has_a_name_that_an_invoice_and_a_message_can_bear(length: int, mistakes: int):
    assert len(told(altered(("name: Shirt", f"name: {'S' * length}")))) == mistakes


def test_a_mistake_says_it_to_machines_too():
    (mistake,) = examined(altered(("gstin: 29AABCK1234M1ZG", "gstin: 29"))).mistakes
    assert mistake.as_json() == {
        "file": "set.yaml",
        "line": 5,
        "field": "parties.x.gstin",
        "value": "29",
        "rule": "must be a GSTIN: two digits of the state, then 13 capital letters and digits",
    }
    (missing,) = examined(altered(("version: 3\n", ""))).mistakes
    assert (missing.as_json()["file"], missing.as_json()["line"], missing.as_json()["value"]) == ("set", None, None)


def test_a_sandbox_may_have_gstins_that_fail_the_check_and_no_others():
    wrong = ("gstin: 29AABCK1234M1ZG", "gstin: 29AABCK1234M1ZH")
    lax = ("version: 3", "version: 3\ngstin_check: form")
    assert told(altered(wrong, lax)) == []
    assert told(altered(("gstin: 29AABCK1234M1ZG", "gstin: 27AABCK1234M1ZH"), lax)) == [
        "set.yaml:6: parties.x.gstin = '27AABCK1234M1ZH': begins with another state than the billing address, 29"
    ]
