"""The issuer of B2B documents in a small world, with the registry behind it: every answer that it may give."""

from typing import Any

from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import (
    CreditNoteNumberGiven,
    EwayBillIssued,
    FiscalReversed,
    InvoiceAcknowledged,
    InvoiceDiffers,
    InvoiceNotFound,
    InvoiceNumberGiven,
    InvoicePending,
    InvoiceRefused,
    InvoiceRegistered,
    InvoiceRevoked,
    InvoiceStepRefused,
    ReversalRefused,
    VoidRefused,
)
from b2b2c_saga.model.messages.commands import (
    IssueCreditNote,
    LookUpInvoice,
    RegisterInvoice,
    RequestCreditNoteNumber,
    RequestEwayBill,
    RequestInvoiceNumber,
    VoidInvoice,
)
from b2b2c_saga.model.messages.fiscal import EwayBillNumber
from b2b2c_saga.model.messages.upstream import InvoiceFixed
from b2b2c_saga.saga.check.outside import Answers, Document, World, about, act_of, perhaps_silent, units_of


def number(w: World, c: RequestInvoiceNumber | RequestCreditNoteNumber) -> Answers:
    """The next of its series, and the same to whoever asks again; or, for no good reason, none."""
    what, mark = f"{c.subject} {c.effect}".strip(), f"{c.call()} {c.subject}"
    numbers = tuple(f"N-{what.replace(' ', '-')}-{n}" for n in range(1, c.count + 1))
    names = about(c) | {"attempt": c.attempt}
    if isinstance(c, RequestInvoiceNumber):
        given: Event = InvoiceNumberGiven(**names, invoice_attempt=c.invoice_attempt, numbers=numbers)
        refused: Event = InvoiceStepRefused(**names, call=c.call(), reason="no")
    else:
        given = CreditNoteNumberGiven(**names, numbers=numbers)
        refused = ReversalRefused(**names, call=c.call(), reason="no")
    if mark in w.refused:
        yield w, (refused,)
        return
    pairs = {(what, n) for n in numbers}
    yield from perhaps_silent(w, w._replace(given=w.given | pairs), c, given)
    if w.quirks and not pairs <= w.given:
        no = w._replace(refused=w.refused | {mark}, quirks=w.quirks - 1)
        yield from perhaps_silent(no, no, c, refused)


def eway_bill(w: World, c: RequestEwayBill) -> Answers:
    """There is one, or will be; or, for no good reason, won't; or the document is dead."""
    names = about(c) | {"attempt": c.attempt}
    if any(d.number == c.document_number for d in w.revoked):
        yield w, (_revoked(w, c.shipment_id),)
        return
    refused = InvoiceStepRefused(**names, call=c.call(), reason="no")
    mark = f"{c.call()} {c.document_number}"
    if mark in w.refused:
        yield w, (refused,)
        return
    issued = EwayBillIssued(**names, eway_bills=_bills(c.document_number))
    yield from perhaps_silent(w, w._replace(bills=w.bills | {c.document_number}), c, issued)
    if w.quirks and c.document_number not in w.bills:
        no = w._replace(refused=w.refused | {mark}, quirks=w.quirks - 1)
        yield from perhaps_silent(no, no, c, refused)


def register(w: World, c: RegisterInvoice) -> Answers:
    """Registered, refused, or no answer, whatever was done."""
    d, names, number = Document(c.shipment_id, c.document_number, units_of(c)), about(c), c.document_number
    acknowledged = InvoiceAcknowledged(**names, attempt=c.attempt)
    refused = InvoiceRefused(**names, attempt=c.attempt, reason="no")
    differs = InvoiceDiffers(**names, attempt=c.attempt, reason="total")
    if any(r.number == number for r in w.revoked):
        yield w, (InvoiceRevoked(**names, attempt=c.attempt, reason="revoked"),)
        return
    if number in w.refused or number in w.taken:
        yield w, (refused if number in w.refused else differs,)
        return
    booked = w._replace(booked=w.booked | {d}, late=w.late - {d})
    yield booked, (acknowledged, _registered(w, d, c.attempt))
    if c.transport:
        with_bill = _registered(w, d, c.attempt).model_copy(update={"eway_bills": _bills(number)})
        yield booked._replace(bills=w.bills | {number}), (acknowledged, with_bill)
    if d in w.booked:
        return
    no = w._replace(refused=w.refused | {number}, late=w.late - {d})
    yield no, (refused,)
    yield no, (acknowledged, refused)
    if w.quirks and d not in w.late | w.pending:
        yield w._replace(taken=w.taken | {number}, quirks=w.quirks - 1), (differs,)
    if w.faults:
        faulty = w._replace(faults=w.faults - 1)
        silent = c.unanswered()
        yield faulty._replace(booked=booked.booked, late=booked.late), (silent,)
        yield faulty._replace(booked=booked.booked, late=booked.late), (silent, acknowledged)
        yield faulty._replace(pending=w.pending | {d}, late=w.late - {d}), (acknowledged,)
        yield faulty._replace(refused=no.refused, late=no.late), (silent,)
        yield faulty, (silent,)
        yield faulty._replace(late=w.late | {d}), (silent,)


def look_up(w: World, c: LookUpInvoice) -> Answers:
    """What its book says of a number."""
    names, number = about(c), c.document_number
    shipment = w.row.shipment(c.shipment_id)
    late = next((d for d in w.late if d.number == number), None)
    if late and shipment is not None and shipment.invoice.last_chance == c.attempt:
        w = w._replace(booked=w.booked | {late}, late=w.late - {late})  # by then it has come: patience `late_effect`
    booked = next((d for d in w.booked if d.number == number), None)
    pending = next((d for d in w.pending if d.number == number), None)
    if booked:
        yield w, (_registered(w, booked, c.invoice_attempt),)
    elif number in w.refused:
        yield w, (InvoiceRefused(**names, attempt=c.invoice_attempt, reason="no"),)
    elif number in w.taken:
        yield w, (InvoiceDiffers(**names, attempt=c.invoice_attempt, reason="total"),)
    elif any(d.number == number for d in w.revoked):
        yield w, (InvoiceRevoked(**names, attempt=c.invoice_attempt, reason="revoked"),)
    elif pending:
        if w.faults:
            still = InvoicePending(**names, attempt=c.invoice_attempt, look_up=c.attempt)
            yield w._replace(faults=w.faults - 1), (still,)
        settled = w._replace(pending=w.pending - {pending}, booked=w.booked | {pending})
        yield settled, (_registered(w, pending, c.invoice_attempt),)
    else:
        yield w, (InvoiceNotFound(**names, attempt=c.invoice_attempt, look_up=c.attempt),)
    if w.faults:
        yield w._replace(faults=w.faults - 1), (c.unanswered(),)


def undo(w: World, c: VoidInvoice | IssueCreditNote) -> Answers:
    """Voided or credited; a void may be refused, and so, for no good reason, may a credit note."""
    act, mark = act_of(c)._replace(attempt=1), f"{c.call()} {c.subject}"
    undone = FiscalReversed(**about(c), attempt=c.attempt, document_number=c.document_number)
    if isinstance(c, VoidInvoice):
        refused: Event = VoidRefused(**about(c), attempt=c.attempt, reason="too late")
        may_refuse = True
    else:
        refused = ReversalRefused(**about(c), attempt=c.attempt, call=c.call(), reason="no")
        may_refuse = w.quirks > 0
    if any(d.number == act.document for d in w.revoked):
        yield w, (_revoked(w, c.shipment_id),)
        return
    if mark in w.refused:
        yield w, (refused,)
        return
    bills = w.bills - {act.document} if isinstance(c, VoidInvoice) else w.bills
    yield from perhaps_silent(w, w._replace(undone=w.undone | {act}, bills=bills), c, undone)
    if act in w.undone or not may_refuse:
        return
    no = w._replace(refused=w.refused | {mark}, quirks=w.quirks - (not isinstance(c, VoidInvoice)))
    yield no, (refused,)
    if w.faults:
        yield no._replace(faults=w.faults - 1), (c.unanswered(), refused)
        yield no._replace(faults=w.faults - 1), (c.unanswered(),)


def by_itself(w: World) -> Answers:
    """It settles what it had acknowledged, acts late, or revokes; and somebody puts right what it refused."""
    for d in w.pending:
        settled = w._replace(pending=w.pending - {d})
        yield settled._replace(booked=w.booked | {d}), (_registered(w, d),)
        if w.faults:
            silent = settled._replace(faults=w.faults - 1)
            yield silent._replace(booked=w.booked | {d}), ()
            yield silent._replace(refused=w.refused | {d.number}), ()
    for d in w.late:
        acted = w._replace(late=w.late - {d}, booked=w.booked | {d})
        yield acted, (_registered(w, d),)
        yield acted, ()
    if w.quirks:
        for d in w.booked:
            back = w._replace(booked=w.booked - {d}, revoked=w.revoked | {d}, quirks=w.quirks - 1)
            yield back, (_revoked(w, d.shipment),)
            yield back, ()  # cancelled by hand at the portal: whoever asks next is told
    if w.fixes:
        yield from _fixes(w)


def _fixes(w: World) -> Answers:
    for s in w.row.shipments:
        order = {"account": w.row.account, "order_code": w.row.code, "shipment_id": s.id}
        for call, mark in (
            ("request_invoice_number", f"request_invoice_number {s.id}"),
            ("request_eway_bill", f"request_eway_bill {s.invoice.number}"),
        ):
            if s.is_refused(call):
                put_right = InvoiceFixed(**order, call=call, attempt=s.refused_at(call))
                if put_right not in w.flying:
                    yield w._replace(fixes=w.fixes - 1, refused=w.refused - {mark}), (put_right,)
        for attempt in s.invoice.failures(s.attempt) - s.invoice.fixed:
            fixed = InvoiceFixed(account=w.row.account, order_code=w.row.code, shipment_id=s.id, attempt=attempt)
            if fixed not in w.flying:
                refused = w.refused - {s.invoice.number or ""}
                yield w._replace(fixes=w.fixes - 1, refused=refused), (fixed,)


def _bills(number: str) -> tuple[EwayBillNumber, ...]:
    return (EwayBillNumber(document_number=number, number=f"E-{number}"),)


def _revoked(w: World, shipment_id: str) -> InvoiceRevoked:
    return InvoiceRevoked(**_shipment(w, shipment_id), reason="revoked")


def _registered(w: World, d: Document, attempt: int | None = None) -> InvoiceRegistered:
    known = _shipment(w, d.shipment)
    told = known | ({"attempt": attempt} if attempt else {})
    return InvoiceRegistered(**told, document_number="B", registration="I")


def _shipment(w: World, shipment_id: str) -> dict[str, Any]:
    """What a notice says that nobody asked for: it knows the number, and so the attempt that bore it first."""
    s = w.row.shipment(shipment_id)
    known = {"account": w.row.account, "order_code": w.row.code, "shipment_id": shipment_id}
    return known | {"attempt": s.invoice.first_attempt if s else 1}
