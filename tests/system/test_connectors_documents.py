"""B2B documents at ERP and RMS, over real HTTP and real Kafka: registered, refused, told apart, undone."""

import pytest
from commanded import ASKED_AT, CLIENT_X, Of
from outside import Sandbox
from played_saga import Saga, outside, saga, sandbox

from b2b2c_saga.model.documents import day_in_india, financial_year, irn
from b2b2c_saga.model.messages import Message, answers
from b2b2c_saga.model.messages.fiscal import RegisteredDocument
from b2b2c_saga.model.terms import Issuer, Provider

__all__ = ["outside", "saga", "sandbox"]

AT_ONCE = {"registration_delay_s": [0, 0]}


@pytest.fixture(params=list(Issuer))
def order(request: pytest.FixtureRequest) -> Of:
    return Of.named_like(request.node.name, issuer=request.param)


def registered(order: Of, told: Message, attempt: int = 1) -> answers.InvoiceRegistered:
    """What must be told of a registration: of what the registry gives, all that is printed on the invoice."""
    assert isinstance(told, answers.InvoiceRegistered)
    [given] = told.documents
    assert None not in (given.ack_number, given.ack_date, given.signed_qr_code)
    number = irn(CLIENT_X.gstin, financial_year(day_in_india(ASKED_AT)), "INV", order.number)
    about = order.shipment | {"attempt": attempt, "document_number": order.number, "registration": number}
    ours = given.model_copy(update={"number": order.number, "registration": number})
    return answers.InvoiceRegistered(**about, documents=(ours,))


async def test_an_invoice_is_acknowledged_looked_up_and_registered(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    about = order.shipment | {"attempt": 1}
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE | {"hold_registration": True}})
    assert await saga.ask(order.register()) == [answers.InvoiceAcknowledged(**about)]
    assert await saga.ask(order.look_up(attempt=3)) == [answers.InvoicePending(**about, look_up=3)]
    sandbox.faults_of(order.key, **{order.issuer: {"hold_registration": False}})
    [found] = await saga.ask(order.look_up(attempt=4))
    assert found == registered(order, found)
    invoice = sandbox.invoice_once(order.key, "REGISTERED", order.issuer)
    assert (invoice["seller"]["account_code"], invoice["buyer"]["account_code"]) == ("X-1000", "Y-2000")
    assert invoice["ship_to"] == {"city": "Mumbai", "pin": "400001", "state": "27"}
    assert (invoice["document_date"], invoice["total"]) == (day_in_india(ASKED_AT).isoformat(), "160.00")
    assert "Asha" not in str(sandbox.book(order.issuer, order.key))  # the consumer's name is not for its books
    assert "Asha" not in saga.connectors_log.read_text()


async def test_a_resend_of_what_is_registered_is_adopted(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE})
    for attempt in (1, 2):
        acknowledged = answers.InvoiceAcknowledged(**order.shipment, attempt=attempt)
        found = await saga.ask(order.register(attempt), answers=2)
        assert found == [acknowledged, registered(order, found[-1], attempt)]
    assert len(sandbox.book(order.issuer, order.key)) == 1


async def test_a_number_of_another_document_is_told_apart(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: {"differs": 1}})
    differs = answers.InvoiceDiffers(
        **order.shipment, attempt=1, reason="2150: the number belongs to another document: total differ"
    )
    assert await saga.ask(order.register()) == [differs]
    assert await saga.ask(order.look_up()) == [differs]


async def test_a_refused_invoice_stays_refused_until_it_is_put_right(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE | {"refuse": 1}})
    found = await saga.ask(order.register())
    found += await saga.ask(order.register(attempt=2))
    found += await saga.ask(order.look_up(invoice_attempt=2))
    reason = "2189: the total does not fit the lines' tax"
    assert found == [answers.InvoiceRefused(**order.shipment, attempt=n, reason=reason) for n in (1, 2, 2)]
    missing = answers.InvoiceNotFound(**order.shipment, attempt=3, look_up=1)
    assert await saga.ask(order.look_up(invoice_attempt=3)) == [missing]  # that one never came there
    sandbox.fix(order.key)
    acknowledged = answers.InvoiceAcknowledged(**order.shipment, attempt=3)
    found = await saga.ask(order.register(attempt=3), answers=2)
    assert found == [acknowledged, registered(order, found[-1], 3)]


async def test_an_invoice_may_be_refused_after_it_was_acknowledged(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: {"refuse_later": 1}})
    found = await saga.ask(order.register())
    sandbox.invoice_once(order.key, "REFUSED", order.issuer)
    found += await saga.ask(order.look_up())
    assert [type(event) for event in found] == [answers.InvoiceAcknowledged, answers.InvoiceRefused]


async def test_the_registry_may_take_an_invoice_back(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE | {"revoke": 1, "revoke_after_s": [0.5, 0.5]}})
    await saga.ask(order.register(), answers=2)
    reason = sandbox.invoice_once(order.key, "REVOKED", order.issuer)["reason"]
    assert await saga.ask(order.look_up()) == [answers.InvoiceRevoked(**order.shipment, attempt=1, reason=reason)]
    for command, what_for in ((order.void(), "void"), (order.credit(), "credit")):
        dead = answers.InvoiceRevoked(**order.shipment, attempt=1, reason=f"there is no live document to {what_for}")
        assert await saga.ask(command) == [dead]


async def test_what_was_never_asked_for_is_not_found(saga: Saga, order: Of) -> None:
    found = await saga.ask(order.look_up(attempt=5, invoice_attempt=2))
    assert found == [answers.InvoiceNotFound(**order.shipment, attempt=2, look_up=5)]


async def test_a_payload_that_breaks_a_rule_never_leaves(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    command = order.register()
    line = command.documents[0].lines[0].model_copy(update={"hsn_code": "610"})
    wrong = command.documents[0].model_copy(update={"lines": (line,)})
    [refused] = await saga.ask(command.model_copy(update={"documents": (wrong,)}))
    assert isinstance(refused, answers.InvoiceRefused)
    assert refused.reason.startswith("not what inv01.schema.json asks for: ItemList.0.HsnCd")
    assert sandbox.book(order.issuer, order.key) == []


async def test_a_document_is_voided_inside_its_window_once(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE})
    await saga.ask(order.register(), answers=2)
    for attempt in (1, 2):
        about = order.shipment | {"reversal": "R1", "attempt": attempt}
        voided = answers.FiscalReversed(**about, document_number=order.number)
        assert await saga.ask(order.void(attempt=attempt)) == [voided]
    assert sandbox.invoice_once(order.key, "VOIDED", order.issuer)["voided_for"] == "R1"


async def test_after_its_window_a_document_is_voided_no_more(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE | {"void_window_s": 0}})
    await saga.ask(order.register(), answers=2)
    about = order.shipment | {"reversal": "R1", "attempt": 1}
    assert await saga.ask(order.void()) == [answers.VoidRefused(**about, reason="the document can be voided no more")]
    assert sandbox.invoice_once(order.key, "REGISTERED", order.issuer)


async def test_more_than_was_invoiced_is_never_credited(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE})
    await saga.ask(order.register(), answers=2)
    for attempt in (1, 2):
        about = order.shipment | {"reversal": "R1", "attempt": attempt}
        credited = answers.FiscalReversed(**about, document_number=f"C{order.number}R1")
        assert await saga.ask(order.credit(units=2, attempt=attempt)) == [credited]
    reason = "documents.payload: TOO_MUCH: no more units than were invoiced"
    refused = answers.ReversalRefused(
        **order.shipment, reversal="R2", attempt=1, call="issue_credit_note", reason=reason
    )
    assert await saga.ask(order.credit(units=1, reversal="R2")) == [refused]
    notes = sandbox.book(order.issuer, order.key, "credit_notes")
    assert [note["lines"][0]["quantity"] for note in notes] == [2]


async def test_where_nothing_can_be_voided_a_credit_note_undoes_all(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    order.provider = Provider.EN16931
    sandbox.faults_of(order.key, **{order.issuer: AT_ONCE})
    acknowledged = answers.InvoiceAcknowledged(**order.shipment, attempt=1)
    by_its_number = {"document_number": order.number, "registration": order.number}
    ours = RegisteredDocument(number=order.number, registration=order.number)
    registered = answers.InvoiceRegistered(**order.shipment, **by_its_number, documents=(ours,))
    assert await saga.ask(order.register(), answers=2) == [acknowledged, registered]
    about = order.shipment | {"reversal": "R1", "attempt": 1}
    reason = "a document of this kind can't be voided"
    assert await saga.ask(order.void()) == [answers.VoidRefused(**about, reason=reason)]
    credited = answers.FiscalReversed(**about, document_number=f"C{order.number}R1")
    assert await saga.ask(order.credit()) == [credited]
