"""The e-way bill: a consignment above a value may not move before it has one.

It is asked for along with the e-invoice; where it does not come with the registration, by itself. The handover waits
for its number. Voiding the invoice cancels it (the issuer's connector does).
"""

from dataclasses import replace
from datetime import datetime

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import EwayBillIssued
from b2b2c_saga.model.messages.commands import RequestEwayBill
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.shipment import Shipment
from b2b2c_saga.saga.steps import Step
from b2b2c_saga.steps.documents import transport
from b2b2c_saga.steps.scopes import SHIPMENT, SHIPMENT_KNOWN, of_shipment

eway_bill = Step("eway_bill")


@eway_bill.learns(EwayBillIssued, SHIPMENT_KNOWN)
@of_shipment
def eway_bill_issued(s: Shipment, event: EwayBillIssued, now: datetime) -> Shipment:
    """The goods may move, once each part of the document has one. Of a document that is dead by now it is no news."""
    if s.invoice.eway_bills or {bill.document_number for bill in event.eway_bills} != set(s.invoice.numbers):
        return s
    return replace(s, invoice=replace(s.invoice, eway_bills=event.eway_bills))


@eway_bill.gate(
    SHIPMENT,
    calls=True,
    goods_may_not_move_without=lambda o, s: not s.may_move,
    invoice_registered=lambda o, s: s.invoice.exists,
    something_left_to_sell=lambda o, s: s.left,
    eway_bill_not_refused=lambda o, s: not s.eway_bill_refused,
)
def request_eway_bill(order: Order, s: Shipment, now: datetime) -> tuple[Shipment, list[Message]]:
    """It did not come with the registration: without its number the parcel may not leave."""
    asked = transport(order)
    assert asked is not None  # the account asks for e-way bills, else none were needed
    return s, [
        RequestEwayBill(
            account=order.account,
            order_code=order.code,
            issuer=order.terms.issuer,
            provider=order.terms.documents.provider,
            shipment_id=s.id,
            attempt=s.times("request_eway_bill") + 1,
            invoice_attempt=s.invoice.first_attempt,
            document_number=s.invoice.number or "",
            seller_gstin=order.terms.client_x.gstin,
            transport=asked,
            recipient=order.recipient,
        )
    ]
