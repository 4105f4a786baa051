"""The reconciliation: silent where all agree, and exact in what it says."""

import io

import pytest
from bookkeeping import Day, bookkeeping
from played_day import entry, line, lost, play, twice
from rich.console import Console
from said_upstream import ERP, PLAIN, WMS

from b2b2c_saga.reconcile.differences import Difference, Kind
from b2b2c_saga.reconcile.page import show_proof

SOLD = f"{ERP}/SOLD"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Day:
    with bookkeeping(tmp_path_factory.mktemp("books")) as it:
        return play(it)


@pytest.fixture
def day(played: Day) -> Day:
    return played.copy()


def test_where_all_agree_there_is_nothing_to_say(day: Day) -> None:
    said = day.proof.as_json()
    assert (said["orders"], said["lines"], said["differences"]) == (21, 42, [])
    told = {name: (a["variant"], a["orders"], a["lines"], a["differences"]) for name, a in said["accounts"].items()}
    assert told == {
        "YELLOW-EU": ("ERP", 1, 3, 0),
        "YELLOW-HOME": ("ERP", 1, 2, 0),
        "YELLOW-MKT": ("ERP", 11, 21, 0),
        "YELLOW-OWN": ("pass-through", 1, 2, 0),
        "YELLOW-WMS": ("WMS", 7, 14, 0),
    }


def test_each_account_is_added_up_on_both_sides(day: Day) -> None:
    measures = day.proof.as_json()["accounts"][WMS]["measures"]
    assert {name: (m["rows"], m["books"], m["differences"]) for name, m in measures.items()} == {
        "units ordered": (21, 21, 0),
        "open": (0, None, 0),
        "cancelled before the pack": (1, 1, 0),
        "on B2B orders": (21, 21, 0),
        "packed": (13, 13, 0),
        "handed over": (13, 13, 0),
        "invoiced X to Y": (17, 17, 0),
        "invoiced, rupees": ("3808.00", "3808.00", 0),
        "voided or credited": (8, 8, 0),
        "voided or credited, rupees": ("1792.00", "1792.00", 0),
        "stay sold": (9, 9, 0),
        "B2C returns": (4, 4, 0),
        "put away": (7, 7, 0),
        "returned": (4, 4, 0),
        "SKUs on shelves": (2, 2, 0),
    }
    passed_through = day.proof.as_json()["accounts"][PLAIN]["measures"]
    assert not passed_through.keys() & {"on B2B orders", "invoiced X to Y", "B2C returns"}


def test_a_difference_says_what_each_side_says(day: Day) -> None:
    number = day.orders[SOLD].shipments[0].invoice.number
    entry("erp", "invoices", SOLD, lines=line(1, total="401.00"))(day)
    assert day.proof.differences == (
        Difference(Kind.MONEY, SOLD, f"S1 {number} L2", {"due": 400, "erp": 401}, "total"),
    )
    entry("erp", "invoices", SOLD, lines=line(1, quantity=2, total="800.00"))(day)
    told = day.proof.differences
    assert told[0] == Difference(Kind.INVOICED, SOLD, "S1 L2", {"row": 1, "erp": 2}, "units")
    assert told[-1] == Difference(Kind.STAYED_SOLD, SOLD, "S1 L2", {"row": 1, "erp": 2}, "invoiced - credited - voided")
    assert {one.note for one in told if one.kind is Kind.MONEY} == {"taxable", "tax", f"total of {number}"}


def test_each_difference_is_counted_at_its_account_and_measure(day: Day) -> None:
    lost("rms", "credit_notes", f"{WMS}/W-RETURNED")(day)
    twice("erp", "invoices", SOLD, order_code="NOBODYS")(day)
    proof = day.proof
    counted = {
        a.name: (a.differences, {m.name: m.differences for m in a.measures if m.differences}) for a in proof.accounts
    }
    assert counted == {
        "YELLOW-EU": (0, {}),
        "YELLOW-HOME": (0, {}),
        "YELLOW-MKT": (1, {"units ordered": 1}),
        "YELLOW-OWN": (0, {}),
        "YELLOW-WMS": (2, {"voided or credited": 1, "stay sold": 1}),
    }
    out = io.StringIO()
    show_proof(Console(file=out, width=200), proof)
    said = out.getvalue()
    assert "YELLOW-WMS (WMS): 7 orders, 14 lines" in said
    assert "YELLOW-MKT/NOBODYS" in said
    assert "All books agree." not in said


def test_the_page_says_that_all_books_agree(day: Day) -> None:
    out = io.StringIO()
    show_proof(Console(file=out, width=200), day.proof)
    assert out.getvalue().count("orders, ") == 5
    assert out.getvalue().endswith("All books agree.\n")


def test_nothing_personal_is_told(day: Day) -> None:
    for system, table in (("erp", "invoices"), ("wms", "b2b_orders")):
        for one in day.entries(system, table):
            one["ship_to"]["pin"] = "999999"
    assert len(day.proof.differences) > 10
    said = str(day.proof.as_json())
    assert not [personal for personal in ("411014", "999999", "Asha", "Lake View") if personal in said]


def test_a_marketplace_that_tells_no_orders_of_an_account_is_not_asked(day: Day) -> None:
    for account in (ERP, WMS, PLAIN):
        for one in day.entries("marketplace", "orders"):
            if one["account"] == account:
                day.rows = [(name, entry) for name, entry in day.rows if entry is not one]
    assert day.proof.differences == ()
    assert day.proof.as_json()["accounts"][ERP]["measures"]["units ordered"]["books"] is None
