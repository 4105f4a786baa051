"""Numbers, e-way bills and bills of supply at ERP and RMS, over real HTTP and real Kafka; and a dead document."""

from typing import Any

import pytest
from commanded import CARRIER, Of
from outside import Sandbox
from played_saga import Saga, outside, saga, sandbox

from b2b2c_saga.fiscal.india import NUMBER
from b2b2c_saga.model.messages import answers
from b2b2c_saga.model.messages.fiscal import RegisteredDocument
from b2b2c_saga.model.terms import Issuer

__all__ = ["outside", "saga", "sandbox"]

SETTINGS = {"B2B2C_CALL_TIMEOUT": "120"}
AT_ONCE = {"registration_delay_s": [0, 0]}
MANY = 2_500
"""Documents: as many as an order may have lines."""


@pytest.fixture(params=list(Issuer))
def order(request: pytest.FixtureRequest) -> Of:
    return Of.named_like(request.node.name, issuer=request.param)


def at_once(sandbox: Sandbox, order: Of, **more: Any) -> None:  # noqa: ANN401
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE | more})


def refused(order: Of, call: str, attempt: int = 1) -> dict[str, Any]:
    return order.shipment | {"call": call, "attempt": attempt}


async def numbered(saga: Saga, order: Of) -> answers.InvoiceNumberGiven:
    """The order goes on under the number that its issuer gave."""
    [given] = await saga.ask(order.request_number())
    assert isinstance(given, answers.InvoiceNumberGiven)
    order.number, order.order_number = given.numbers[0], given.order_number
    return given


async def test_documents_are_numbered_by_the_series_of_their_issuer(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    [given] = await saga.ask(order.request_number(count=3))
    assert isinstance(given, answers.InvoiceNumberGiven)
    assert await saga.ask(order.request_number(attempt=2, count=3)) == [given.model_copy(update={"attempt": 2})]
    [note] = await saga.ask(order.request_credit_number())
    assert isinstance(note, answers.CreditNoteNumberGiven)
    rows = sorted(sandbox.book(order.issuer, order.key, "numbers"), key=lambda row: row["given_at"])
    invoices = sorted((row for row in rows if row["type"] == "INV"), key=lambda row: row["serial"])
    assert given.numbers == tuple(row["number"] for row in invoices)
    assert [row["serial"] - invoices[0]["serial"] for row in invoices] == [0, 1, 2]
    assert [(row["number"], row["reversal"]) for row in rows if row["type"] == "CRN"] == [(note.numbers[0], "R1")]
    assert {row["order_number"] for row in rows} == {given.order_number}
    assert all(NUMBER.fullmatch(number) for number in (*given.numbers, *note.numbers))


async def test_a_document_bears_the_number_that_was_given_for_it(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    at_once(sandbox, order)
    await numbered(saga, order)
    _, registered = await saga.ask(order.register(), answers=2)
    assert isinstance(registered, answers.InvoiceRegistered)
    invoice = sandbox.invoice_once(order.key, "REGISTERED", order.issuer)
    assert (invoice["document_number"], invoice["order_number"]) == (order.number, order.order_number)
    [note] = await saga.ask(order.request_credit_number())
    assert isinstance(note, answers.CreditNoteNumberGiven)
    [undone] = await saga.ask(order.credit(number=note.numbers[0]))
    about = order.shipment | {"reversal": "R1", "attempt": 1}
    assert undone == answers.FiscalReversed(**about, document_number=note.numbers[0])


async def test_no_number_is_given_until_the_series_is_open(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: {"refuse_number": 1}})
    [invoice] = await saga.ask(order.request_number())
    [note] = await saga.ask(order.request_credit_number())
    assert isinstance(invoice, answers.InvoiceStepRefused)
    assert isinstance(note, answers.ReversalRefused)
    assert invoice == answers.InvoiceStepRefused(**refused(order, "request_invoice_number"), reason=invoice.reason)
    about = refused(order, "request_credit_note_number") | {"reversal": "R1"}
    assert note == answers.ReversalRefused(**about, reason=note.reason)
    sandbox.fix(order.key)
    [given] = await saga.ask(order.request_number(attempt=2))
    assert isinstance(given, answers.InvoiceNumberGiven)


async def test_an_e_way_bill_comes_with_the_registration_and_is_cancelled_before_a_void(
    sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    at_once(sandbox, order)
    _, registered = await saga.ask(order.register(transport=CARRIER), answers=2)
    assert isinstance(registered, answers.InvoiceRegistered)
    [bill] = registered.eway_bills
    [row] = sandbox.book(order.issuer, order.key, "eway_bills")
    assert (bill.document_number, bill.number) == (order.number, row["number"])
    issued = answers.EwayBillIssued(**order.shipment, attempt=1, eway_bills=registered.eway_bills)
    assert await saga.ask(order.request_eway_bill()) == [issued]  # asked again: the same
    about = order.shipment | {"reversal": "R1", "attempt": 1}
    assert await saga.ask(order.void()) == [answers.FiscalReversed(**about, document_number=order.number)]
    [row] = sandbox.book(order.issuer, order.key, "eway_bills")
    assert row["cancelled_at"] is not None
    assert sandbox.invoice_once(order.key, "VOIDED", order.issuer)["voided_for"] == "R1"


async def test_an_e_way_bill_that_is_too_old_to_be_cancelled_leaves_the_credit_note(
    sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    at_once(sandbox, order, eway_bill_window_s=0)
    await saga.ask(order.register(transport=CARRIER), answers=2)
    [kept] = await saga.ask(order.void())
    assert isinstance(kept, answers.VoidRefused)
    assert sandbox.invoice_once(order.key, "REGISTERED", order.issuer)
    about = order.shipment | {"reversal": "R1", "attempt": 1}
    undone = answers.FiscalReversed(**about, document_number=f"C{order.number}R1")
    assert await saga.ask(order.credit()) == [undone]


async def test_an_e_way_bill_may_come_apart_be_late_or_refused(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    faults = {"eway_bill_apart": 1, "refuse_eway_bill": 1, "hold_registration": True}
    at_once(sandbox, order, **faults)
    await saga.ask(order.register(transport=CARRIER))
    unheard = answers.InvoiceUnanswered(**refused(order, "request_eway_bill"))
    assert await saga.ask(order.request_eway_bill()) == [unheard]  # nothing is registered yet
    at_once(sandbox, order, **faults | {"hold_registration": False})
    [registered] = await saga.ask(order.look_up())
    assert isinstance(registered, answers.InvoiceRegistered)
    assert registered.eway_bills == ()
    [no] = await saga.ask(order.request_eway_bill(attempt=2))
    assert isinstance(no, answers.InvoiceStepRefused)
    assert no == answers.InvoiceStepRefused(**refused(order, "request_eway_bill", 2), reason=no.reason)
    sandbox.fix(order.key)
    [issued] = await saga.ask(order.request_eway_bill(attempt=3))
    assert isinstance(issued, answers.EwayBillIssued)
    [row] = sandbox.book(order.issuer, order.key, "eway_bills")
    assert [bill.number for bill in issued.eway_bills] == [row["number"]]


async def test_a_document_that_a_person_cancelled_at_the_portal_is_dead(
    sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    at_once(sandbox, order)
    await saga.ask(order.register(), answers=2)
    by_hand = order.of_portal | {"reason": "the buyer was wrong"}
    assert sandbox.post(f"/{order.issuer}/portal-cancellations", order.key, by_hand).status_code == 200
    found = [
        (await saga.ask(command))[0]
        for command in (order.look_up(), order.void(), order.credit(), order.request_eway_bill())
    ]
    assert {type(event) for event in found} == {answers.InvoiceRevoked}
    assert {event.attempt for event in found if isinstance(event, answers.InvoiceRevoked)} == {1}
    looked_up, voided = found[:2]
    assert looked_up == answers.InvoiceRevoked(**order.shipment, attempt=1, reason="the buyer was wrong")
    assert isinstance(voided, answers.InvoiceRevoked)
    assert voided.reason.startswith("9999")
    assert sandbox.book(order.issuer, order.key, "credit_notes") == []


async def test_a_bill_of_supply_is_issued_credited_and_never_registered(
    sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    order.taxed = False
    await numbered(saga, order)
    about = {"document_number": order.number, "registration": order.number}
    ours = RegisteredDocument(number=order.number, registration=order.number)
    issued = answers.InvoiceRegistered(**order.shipment, **about, documents=(ours,))
    assert await saga.ask(order.register(), answers=2) == [answers.InvoiceAcknowledged(**order.shipment), issued]
    assert await saga.ask(order.look_up()) == [issued]
    row = sandbox.invoice_once(order.key, "ISSUED", order.issuer)
    assert (row["type"], row["registration"]) == ("BIL", None)
    undone = answers.FiscalReversed(**order.shipment, reversal="R1", document_number=f"C{order.number[-8:]}R1")
    assert await saga.ask(order.credit(number=f"C{order.number[-8:]}R1")) == [undone]
    [note] = sandbox.book(order.issuer, order.key, "credit_notes")
    assert (note["type"], note["status"], note["registration"]) == ("CRN", "ISSUED", None)


async def test_the_largest_invoice_goes_out_and_comes_back_registered(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    at_once(sandbox, order)
    command = order.register_in_parts(MANY)
    await saga.send(command)
    found = await saga.answers(order.key, 2, within=90)
    assert found[0] == answers.InvoiceAcknowledged(**order.shipment)
    assert isinstance(found[1], answers.InvoiceRegistered)
    assert [part.number for part in found[1].documents] == [part.number for part in command.documents]
    assert all(part.signed_qr_code for part in found[1].documents)
