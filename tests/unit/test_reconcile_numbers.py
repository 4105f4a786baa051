"""The issuer's series: what became of each number, and planted gaps, strangers and doubles."""

from collections import Counter
from dataclasses import replace

import pytest
from bookkeeping import Bookkeeping, Day, here
from planted import Plant, accuse, both, day, entry, invoice, line, lost, reversal, row, twice
from said_upstream import DERIVED, ERP, HOME_STATE, WMS, cancelled, left, packed, placed, returned

from b2b2c_saga.model.messages.answers import InvoiceRevoked
from b2b2c_saga.model.messages.upstream import QualityCheck
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import Quantities
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.reconcile.books import Books
from b2b2c_saga.reconcile.differences import Difference, Kind
from b2b2c_saga.reconcile.fates import Fate, by_book, by_row
from b2b2c_saga.reconcile.papers import Papers

__all__ = ["day", "here"]
SOLD, RETURNED, UNHEARD, SPARE = (f"{ERP}/{code}" for code in ("SOLD", "RETURNED", "UNHEARD", "SPARE"))
LAST, OLD = f"{ERP}/MOVED-3", f"{DERIVED}/DERIVED"
USED, VOIDED, GIVEN_UP, OPEN = Fate.USED, Fate.VOIDED, Fate.GIVEN_UP, Fate.OPEN


def _fates(day: Day, key: str) -> tuple[Counter[Fate], Counter[Fate | None]]:
    papers = Papers.of(day.orders[key], Books.of(day.rows))
    return Counter(by_row(papers).values()), Counter(fate for _, fate in by_book(papers))


@pytest.mark.parametrize(
    ("key", "fates"),
    [
        (SOLD, {USED: 1}),
        (f"{ERP}/VOIDED", {VOIDED: 1}),
        (RETURNED, {USED: 2}),
        (f"{ERP}/SPLIT", {USED: 5}),
        (f"{ERP}/TWO", {VOIDED: 2}),
        (f"{ERP}/REFUSED", {USED: 1}),
        (f"{ERP}/DIFFERS", {GIVEN_UP: 1, USED: 1}),
        (f"{ERP}/REVOKED", {VOIDED: 1, USED: 3}),
        (f"{WMS}/W-REFUSED", {GIVEN_UP: 1}),
        (f"{ERP}/BY-HAND", {VOIDED: 1}),
        (f"{ERP}/BY-HAND-2", {VOIDED: 1, GIVEN_UP: 1, USED: 2}),
        (f"{ERP}/NIL-VOIDED", {VOIDED: 1}),
    ],
)
def test_what_became_of_each_number_by_row_and_by_book(day: Day, key: str, fates: dict[Fate, int]) -> None:
    assert _fates(day, key) == (Counter(fates), Counter(fates))


def test_a_number_that_the_row_had_no_time_to_hear_of_is_given_up(day: Day) -> None:
    assert _fates(day, UNHEARD) == (Counter(), Counter({GIVEN_UP: 1}))


def test_a_spare_number_of_a_dead_document_is_none_of_its_parts(day: Day) -> None:
    assert _fates(day, SPARE) == (Counter({VOIDED: 2, USED: 1}), Counter({VOIDED: 1, GIVEN_UP: 1, USED: 1}))


def test_a_number_is_open_before_its_document_is_sent(day: Day) -> None:
    def not_sent(order: Order) -> Order:
        s = order.shipments[0]
        opened = tuple(pair for pair in s.opened if pair[0] != "register_invoice")
        return order.with_shipment(
            replace(s, opened=opened, invoice=replace(s.invoice, numbers=(), registered_at=None))
        )

    row(SOLD, not_sent)(day)
    assert _fates(day, SOLD)[0] == Counter({OPEN: 1})


def test_of_two_documents_of_a_number_the_one_that_was_not_refused_is_meant(day: Day) -> None:
    twice("erp", "invoices", SOLD, status="REFUSED", financial_year="2020-21")(day)
    papers = Papers.of(day.orders[SOLD], Books.of(day.rows))
    found = papers.invoice(day.orders[SOLD].shipments[0].invoice.number)
    assert found is not None
    assert found["status"] == "REGISTERED"


def test_a_number_for_another_document_is_given_up_when_the_one_that_is_there_is_registered(day: Day) -> None:
    known = day.orders[SOLD].shipments[0].invoice
    invoice(SOLD, given=(*known.given, (2, ("E/00-00/00000009",))))(day)
    assert _fates(day, SOLD)[0] == Counter({USED: 1, GIVEN_UP: 1})


def test_the_number_of_a_credit_note_is_given_up_when_the_invoice_was_voided_after_all(day: Day) -> None:
    key = f"{ERP}/VOIDED"
    reversal(key, numbers=("C/00-00/00000009",))(day)
    assert _fates(day, key)[0] == Counter({VOIDED: 1, GIVEN_UP: 1})


@pytest.mark.parametrize(("opened", "fate"), [((("request_credit_note_number", 1),), OPEN), ((), None)])
def test_a_number_that_the_row_does_not_know_is_open_if_it_asked_for_one(
    day: Day, opened: tuple[tuple[str, int], ...], fate: Fate | None
) -> None:
    lost("erp", "credit_notes", RETURNED)(day)
    reversal(RETURNED, numbers=(), undone_by=None, opened=opened)(day)
    assert _fates(day, RETURNED)[1] == Counter({USED: 1, fate: 1})


def test_a_derived_number_is_given_by_nobody(day: Day) -> None:
    assert day.orders[OLD].shipments[0].reversals[0].numbers
    assert _fates(day, OLD) == (Counter(), Counter())


def test_numbers_that_wait_are_open(here: Bookkeeping) -> None:
    here.never_made = frozenset({"register_invoice"})
    here.tell(placed("A", {"L1": 1}), packed("A", {"L1": 1}))
    here.never_heard = frozenset({"request_invoice_number"})
    here.tell(placed("B", {"L1": 1}), packed("B", {"L1": 1}))
    here.never_heard = frozenset()
    here.fault(f"{ERP}/C", erp={"refuse": 1})
    here.never_made = frozenset()
    here.tell(placed("C", {"L1": 1}), packed("C", {"L1": 1}))
    here.tell(placed("D", {"L1": 2}), packed("D", {"L1": 2}), *left("D"))
    here.never_heard = frozenset({"request_credit_note_number"})
    here.tell(returned("D", ("L1", QualityCheck.PASS)))
    end = here.end()
    assert [_fates(end, f"{ERP}/{code}") for code in "ABCD"] == [
        (Counter({OPEN: 1}), Counter({OPEN: 1})),
        (Counter(), Counter({OPEN: 1})),
        (Counter({OPEN: 1}), Counter({OPEN: 1})),
        (Counter({USED: 1}), Counter({USED: 1, OPEN: 1})),
    ]
    assert end.proof.differences == ()
    measures = end.proof.as_json()["accounts"][ERP]["measures"]
    assert measures["numbers given"] == {"rows": 3, "books": 5, "differences": 0}
    assert measures["numbers open"] == {"rows": 2, "books": 4, "differences": 0}
    attempt = here.revoke(f"{ERP}/D")
    here.hear(InvoiceRevoked(account=ERP, order_code="D", shipment_id="S1", attempt=attempt, reason="3028"))
    assert _fates(here.end(), f"{ERP}/D") == (Counter({VOIDED: 1}), Counter({VOIDED: 1, GIVEN_UP: 1}))


def test_a_number_that_comes_when_nothing_is_left_is_given_up(here: Bookkeeping) -> None:
    here.never_made = frozenset({"request_invoice_number"})
    here.tell(placed("A", {"L1": 1}), packed("A", {"L1": 1}), cancelled("A", {"L1": 1}))
    here.made_late()
    assert _fates(here.end(), f"{ERP}/A") == (Counter({GIVEN_UP: 1}),) * 2


def _number(key: str, nth: int = 0, **changes: object) -> Plant:
    issuer = "rms" if key.startswith(WMS) else "erp"
    return entry(issuer, "numbers", key, nth, **changes)


def _given_again(key: str, **changes: object) -> Plant:
    """The next serial of its series, of nobody's asking."""

    def tamper(day: Day) -> None:
        known = day.entries("erp", "numbers", key)[0]
        series = [one for one in day.entries("erp", "numbers") if one["type"] == known["type"]]
        serial = max(one["serial"] for one in series if one["seller_gstin"] == known["seller_gstin"]) + 1
        twice("erp", "numbers", key, serial=serial, number=f"E/00-00/{serial:08}", **changes)(day)

    return tamper


NOT_LEFT = both(
    lost("erp", "invoices", SOLD),
    lost("marketplace", "handovers", SOLD),
    invoice(SOLD, registered_at=None),
    row(SOLD, lambda o: o.with_shipment(_never_left(o.shipments[0]))),
)


def _never_left(s: Shipment) -> Shipment:
    opened = tuple(pair for pair in s.opened if pair[0] != "hand_over_on_marketplace")
    return replace(s, opened=opened, handed_over_at=None, delivered_at=None)


@pytest.mark.parametrize(
    ("plant", "order"),
    [
        (_given_again(SOLD), SOLD),
        (_given_again(UNHEARD), UNHEARD),
        (_given_again(SOLD, shipment_id="S9"), SOLD),
        (_given_again(RETURNED, reversal="return-R1-RETURNED"), RETURNED),
        (_given_again(RETURNED, reversal="return-9"), RETURNED),
        (_given_again(SOLD, account=DERIVED, order_code="DERIVED"), OLD),
        (_number(SOLD, shipment_id="S9"), SOLD),
        (_number(RETURNED, 1, reversal="return-9"), RETURNED),
        (_number(LAST, seller_gstin="27AACCY5678N1ZF"), LAST),
        (_number(LAST, type="BIL"), LAST),
        (_number(SOLD, order_number="SO-9"), SOLD),
        (invoice(SOLD, order_number="SO-9"), SOLD),
        (entry("erp", "invoices", SOLD, order_number="SO-9"), SOLD),
        (entry("erp", "credit_notes", RETURNED, order_number=None), RETURNED),
        (entry("erp", "invoices", SOLD, parts=line(document_number="E/00-00/00000009")), SOLD),
        (entry("erp", "credit_notes", RETURNED, parts=line(document_number="C/00-00/00000009")), RETURNED),
        (invoice(SOLD, given=()), SOLD),
        (invoice(SOLD, given=((1, ("E/00-00/00000009",)),)), SOLD),
        (invoice(SOLD, given=((1, ("E/00-00/00000009",)),), numbers=("E/00-00/00000009",)), SOLD),
        (reversal(RETURNED, numbers=()), RETURNED),
        (lost("erp", "invoices", SOLD), SOLD),
        (lost("erp", "credit_notes", RETURNED), RETURNED),
        (entry("erp", "invoices", SOLD, status="REFUSED"), SOLD),
        (NOT_LEFT, SOLD),
        (lost("erp", "invoices", SPARE), SPARE),
    ],
)
def test_what_nothing_explains(day: Day, plant: Plant, order: str) -> None:
    accuse(day, plant, Kind.NUMBER, order)


def test_a_number_of_another_type(day: Day) -> None:
    _number(LAST, type="BIL")(day)
    note = "a document bears a number that was not given for it"
    seller = day.orders[LAST].terms.client_x.gstin
    says = [one.says for one in day.proof.differences if one.note == note]
    assert says == [{"erp": ("INV", seller), "given_for": ("BIL", seller)}]


def test_a_number_that_the_row_alone_has(day: Day) -> None:
    number, stranger = day.orders[SOLD].shipments[0].invoice.number, "E/00-00/00000009"
    invoice(SOLD, given=((1, (number, stranger)),))(day)
    note = "the row has a number that was never given for it"
    assert day.proof.differences == (
        Difference(Kind.NUMBER, SOLD, f"S1 {stranger}", {"row": "given up", "erp": None}, note),
    )


def test_a_number_that_another_order_was_given(day: Day) -> None:
    ours, theirs = (day.entries("erp", "numbers", key)[0]["number"] for key in (SOLD, RETURNED))
    (document,) = day.entries("erp", "invoices", SOLD)
    document["parts"][0]["document_number"] = theirs
    found = {(one.place, one.note): one.says for one in day.proof.differences if one.kind is Kind.NUMBER}
    note = "a document bears a number that was not given for it"
    assert found.keys() == {(f"S1 {theirs}", note), (f"S1 {ours}", "given, and nothing explains what became of it")}


def test_a_gap_in_the_series_is_named_by_the_numbers_around_it(day: Day) -> None:
    """Nobody misses the number: its order had been cancelled before it was heard of."""
    (gone,) = day.entries("erp", "numbers", UNHEARD)
    of_series = [
        one
        for one in day.entries("erp", "numbers")
        if (one["type"], one["seller_gstin"]) == ("INV", gone["seller_gstin"])
    ]
    before, after = (next(one for one in of_series if one["serial"] == gone["serial"] + n) for n in (-1, 1))
    day.rows = [(name, one) for name, one in day.rows if one is not gone]
    serial, series = gone["serial"], f"erp {gone['seller_gstin']} INV {gone['financial_year']}"
    assert day.proof.differences == (
        Difference(
            Kind.NUMBER,
            f"{after['account']}/{after['order_code']}",
            f"{after['shipment_id']} {after['number']}",
            {"before": before["number"], "then": after["number"]},
            f"{series}: a gap, serials {serial} to {serial}",
        ),
    )
    assert day.proof.accounts[4].differences == 1


@pytest.mark.parametrize("same", ["serial", "number"])
def test_a_number_or_a_serial_is_given_once(day: Day, same: str) -> None:
    known, other = day.entries("erp", "numbers", f"{HOME_STATE}/NEAR")[:2], day.entries("erp", "numbers", UNHEARD)[0]
    other[same] = known[0][same]
    notes = {one.note.partition(": ")[2] for one in day.proof.differences if one.kind is Kind.NUMBER}
    assert "given more than once" in notes


def test_a_number_at_a_system_that_does_not_issue_for_the_account(day: Day) -> None:
    found, last = day.entries("erp", "numbers", SOLD)[0], day.entries("rms", "numbers", f"{WMS}/W-MOVED")[0]
    day.rows.append(("rms", found | {"serial": last["serial"] + 1}))
    assert [(one.kind, one.order, one.says) for one in day.proof.differences] == [
        (Kind.INVOICED, SOLD, {"found": found["number"]})
    ]


def test_a_number_of_an_order_that_nobody_knows(day: Day) -> None:
    _given_again(SOLD, order_code="NOBODYS")(day)
    assert [(one.kind, one.order) for one in day.proof.differences] == [(Kind.UNKNOWN_ORDER, f"{ERP}/NOBODYS")]


def test_fewer_lines_than_numbers_were_asked_for(here: Bookkeeping) -> None:
    """Three lines need two numbers, one line is left when the document begins."""
    here.never_made = frozenset({"request_invoice_number"})
    lines = {"L1": 1, "L2": 1, "L3": 1}
    here.tell(placed("A", lines), packed("A", lines), cancelled("A", {"L2": 1, "L3": 1}))
    here.never_made = frozenset()
    here.made_late()
    end = here.end()
    assert _fates(end, f"{ERP}/A") == (Counter({USED: 1, GIVEN_UP: 1}),) * 2
    assert end.orders[f"{ERP}/A"].shipments[0].invoice.quantities == Quantities.of({"L1": 1})
    assert end.proof.differences == ()
