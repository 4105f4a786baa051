"""The reconciliation: silent where all agree, and exact in what it says."""

import io

from bookkeeping import Day
from planted import day, entry, line, lost, twice
from rich.console import Console
from said_upstream import DERIVED, ERP, HEAVY, PLAIN, WMS

from b2b2c_saga.reconcile.compare import Proof
from b2b2c_saga.reconcile.differences import Difference, Kind
from b2b2c_saga.reconcile.page import show_proof

__all__ = ["day"]
SOLD = f"{ERP}/SOLD"


def test_where_all_agree_there_is_nothing_to_say(day: Day) -> None:
    said = day.proof.as_json()
    assert (said["orders"], said["lines"], said["differences"]) == (43, 86, [])
    told = {name: (a["variant"], a["orders"], a["lines"], a["differences"]) for name, a in said["accounts"].items()}
    assert told == {
        "YELLOW-DERIVED": ("ERP", 2, 6, 0),
        "YELLOW-EU": ("ERP", 2, 4, 0),
        "YELLOW-HEAVY": ("ERP", 7, 15, 0),
        "YELLOW-HOME": ("ERP", 2, 3, 0),
        "YELLOW-MKT": ("ERP", 21, 40, 0),
        "YELLOW-OWN": ("pass-through", 1, 2, 0),
        "YELLOW-WMS": ("WMS", 8, 16, 0),
    }


def test_each_account_is_added_up_on_both_sides(day: Day) -> None:
    measures = day.proof.as_json()["accounts"][WMS]["measures"]
    assert {name: (m["rows"], m["books"], m["differences"]) for name, m in measures.items()} == {
        "units ordered": (24, 24, 0),
        "open": (0, None, 0),
        "cancelled before the pack": (1, 1, 0),
        "on B2B orders": (24, 24, 0),
        "packed": (16, 16, 0),
        "handed over": (16, 16, 0),
        "invoiced X to Y": (20, 20, 0),
        "invoiced, rupees": ("4480.00", "4480.00", 0),
        "voided or credited": (8, 8, 0),
        "voided or credited, rupees": ("1792.00", "1792.00", 0),
        "stay sold": (12, 12, 0),
        "numbers given": (11, 11, 0),
        "numbers used": (9, 9, 0),
        "numbers voided": (1, 1, 0),
        "numbers given up": (1, 1, 0),
        "numbers open": (0, 0, 0),
        "e-way bills": (0, 0, 0),
        "B2C returns": (4, 4, 0),
        "put away": (7, 7, 0),
        "returned": (4, 4, 0),
        "SKUs on shelves": (2, 2, 0),
    }
    passed_through = day.proof.as_json()["accounts"][PLAIN]["measures"]
    assert not passed_through.keys() & {"on B2B orders", "invoiced X to Y", "B2C returns", "numbers given"}
    heavy = day.proof.as_json()["accounts"][HEAVY]["measures"]
    assert heavy["e-way bills"] == {"rows": 7, "books": 7, "differences": 0}
    assert "numbers given" not in day.proof.as_json()["accounts"][DERIVED]["measures"]


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
        "YELLOW-DERIVED": (0, {}),
        "YELLOW-EU": (0, {}),
        "YELLOW-HEAVY": (0, {}),
        "YELLOW-HOME": (0, {}),
        "YELLOW-MKT": (1, {"units ordered": 1}),
        "YELLOW-OWN": (0, {}),
        "YELLOW-WMS": (3, {"voided or credited": 1, "stay sold": 1, "numbers given": 1}),
    }
    out = io.StringIO()
    show_proof(Console(file=out, width=200), proof)
    said = out.getvalue()
    assert "YELLOW-WMS (WMS): 8 orders, 16 lines" in said
    assert "numbers given up" in said
    assert "YELLOW-MKT/NOBODYS" in said
    assert "All books agree." not in said


def test_what_other_systems_call_their_things_is_no_markup() -> None:
    odd = Difference(Kind.PACKED, "A/O", "WH/[/] 1", {"row": "[red]"}, "label [x]")
    out = io.StringIO()
    show_proof(Console(file=out, width=200), Proof((), (odd,)))
    assert all(part in out.getvalue() for part in ("WH/[/] 1", "row: [red]", "label [x]"))


def test_the_page_says_that_all_books_agree(day: Day) -> None:
    out = io.StringIO()
    show_proof(Console(file=out, width=200), day.proof)
    assert out.getvalue().count("orders, ") == 7
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
