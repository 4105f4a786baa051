"""Bills of supply, and what undoes them: issued and never registered, each known by its own number."""

from decimal import Decimal
from typing import Any

import pytest
from talk import CREDIT, LOOK_UP, REGISTER, REVERSAL, SHIPMENT, TOLD, Answer, document, means, of_registry, talk

from b2b2c_saga.connectors.exchange import MeaninglessAnswer
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import FiscalReversed, InvoiceAcknowledged, InvoiceRegistered, InvoiceRevoked
from b2b2c_saga.model.messages.commands import IssueCreditNote, LookUpInvoice, RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentType, FiscalDocument, Preceding, RegisteredDocument

BILL = DocumentType.BILL_OF_SUPPLY


def untaxed(one: FiscalDocument) -> FiscalDocument:
    """The same of goods that bear no tax."""
    nil = {"gst_rate": Decimal(0), "taxable_value": Decimal("160.00"), "igst": Decimal(0)}
    return one.model_copy(update={"lines": tuple(line.model_copy(update=nil) for line in one.lines)})


PARTS = (untaxed(document("B1", "i", type_=BILL)), untaxed(document("B12", "j", type_=BILL)))
NOTE = CREDIT.documents[0].model_copy(update={"preceding": Preceding(number="B1", dated=PARTS[0].dated, type=BILL)})
REGISTER_BILL: RegisterInvoice = REGISTER.model_copy(update={"documents": PARTS})
LOOK_UP_BILL: LookUpInvoice = LOOK_UP.model_copy(update={"document_type": BILL})
CREDIT_BILL: IssueCreditNote = CREDIT.model_copy(update={"documents": (untaxed(NOTE),)})
ISSUED = [{"documentNumber": number, "registration": None} for number in ("B1", "B12")]
DUPLICATE: Answer = (409, {"code": "DUPLICATE", "reason": "the number is taken"})


def told(status: str = "ISSUED", **more: Any) -> Answer:  # noqa: ANN401
    return 200, TOLD | {"status": status, "documents": ISSUED, **more}


def issued(attempt: int = 1) -> Event:
    documents = tuple(RegisteredDocument(number=number, registration=number) for number in ("B1", "B12"))
    about = SHIPMENT | {"attempt": attempt, "document_number": "B1", "registration": "B1"}
    return InvoiceRegistered(**about, documents=documents)


@pytest.mark.parametrize("system", ["erp", "rms"])
def test_a_bill_of_supply_that_is_issued_lets_the_parcel_leave(system: str):
    [send], events = talk(REGISTER_BILL, told(), system=system)
    assert send.body is not None
    assert [part["payload"]["DocDtls"]["Typ"] for part in send.body["documents"]] == ["BIL", "BIL"]
    assert events == (InvoiceAcknowledged(**SHIPMENT, attempt=1), issued())


def test_it_is_looked_up_and_adopted_under_its_own_type():
    [asked], events = talk(LOOK_UP_BILL, told())
    assert (asked.query["type"], events) == ("BIL", (issued(2),))
    requests, events = talk(REGISTER_BILL, DUPLICATE, told())
    assert (requests[1].query["type"], events[1:]) == ("BIL", (issued(),))


def test_one_that_a_reversal_voided_was_issued_and_one_that_a_person_cancelled_is_dead():
    assert means(LOOK_UP_BILL, told("VOIDED", voidedFor="R1")) == (issued(2),)
    by_hand = told("VOIDED", reason="cancelled in the books")
    dead = InvoiceRevoked(**SHIPMENT, attempt=2, reason="cancelled in the books")
    assert means(LOOK_UP_BILL, by_hand) == (dead,)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (told("REGISTERED"), "such a document that is REGISTERED"),
        (told(documents=[of_registry("B1"), of_registry("B12")]), "registered, without the registry's own number"),
        (told(documents=ISSUED[:1]), "registered in other parts than were sent"),
    ],
)
def test_a_registry_has_no_bill_of_supply(answer: Answer, says: str):
    with pytest.raises(MeaninglessAnswer, match=says):
        means(REGISTER_BILL, answer)


def test_an_invoice_that_was_never_registered_lets_nothing_leave():
    for command in (REGISTER, LOOK_UP):
        with pytest.raises(MeaninglessAnswer, match="such a document that is ISSUED"):
            means(command, told())
        with pytest.raises(MeaninglessAnswer, match="without the registry's own number"):
            means(command, told("REGISTERED"))


OF_NOTE = {"documentNumber": "C1", "total": "160.00", "reversal": "R1", "precedingDocument": "B1"}


def test_what_undoes_a_bill_of_supply_is_done_when_it_is_issued():
    note = [{"documentNumber": "C1", "registration": None}]
    done = FiscalReversed(**REVERSAL, attempt=1, document_number="C1")
    requests, events = talk(CREDIT_BILL, DUPLICATE, told(**OF_NOTE, documents=note))
    assert (requests[1].query["type"], events) == ("CRN", (done,))
    with pytest.raises(MeaninglessAnswer, match="a credit note that is REGISTERED"):
        means(CREDIT_BILL, told("REGISTERED", **OF_NOTE, documents=note))
    with pytest.raises(MeaninglessAnswer, match="a credit note that is ISSUED"):
        means(CREDIT, told(**OF_NOTE, documents=note))
