"""Voids: a whole document is undone, and its e-way bill with it."""

from collections.abc import Generator
from http import HTTPStatus

from b2b2c_saga.connectors.exchange import Body, Compared, Conversation, Heard, Request, names_of, of_order, short
from b2b2c_saga.connectors.told import same_number
from b2b2c_saga.connectors.undone import NotDone, revoked
from b2b2c_saga.model.messages.answers import FiscalReversed, VoidRefused
from b2b2c_saga.model.messages.commands import VoidInvoice

EWAY_BILL = "EWAY_BILL"
TOO_LATE = "TOO_LATE"


class Voided(Body):
    """The document that was undone."""

    document_number: Compared


class Cancelled(Body):
    """The e-way bills that were cancelled; none: there was no active one."""

    cancelled: tuple[str, ...]


def void(command: VoidInvoice) -> Conversation:
    """Done; or no for good: too late, credited, its kind knows no void. An active e-way bill is cancelled first."""
    about = names_of(command, "shipment_id", "reversal", "attempt")
    heard = yield from _asked(command)
    if _no(heard, EWAY_BILL):
        cancelled = yield _request("/eway-bill-cancellations", command, "document_number")
        if _no(cancelled, TOO_LATE):
            return (VoidRefused(**about, reason=short(cancelled.problem.reason, command.recipient)),)
        cancelled.done(Cancelled)
        heard = yield from _asked(command)
    voided = (FiscalReversed(**about, document_number=command.document_number),)
    if heard.status != HTTPStatus.CONFLICT and not heard.is_refused:
        same_number(command.document_number, heard.done(Voided).document_number)
        return voided
    no = heard.read(NotDone)
    if no.voided_for == command.reversal:
        return voided
    if no.code == EWAY_BILL:
        raise heard.unexpected()  # cancelled, and not known there yet: the next attempt may find it so
    return (revoked(command, no) if no.is_undone else VoidRefused(**about, reason=short(no.reason, command.recipient)),)


def _asked(command: VoidInvoice) -> Generator[Request, Heard, Heard]:
    return (yield _request("/voids", command, "document_number", "reversal"))


def _request(path: str, command: VoidInvoice, *names: str) -> Request:
    return Request(path, of_order(command, *names), tax_id=command.seller_gstin)


def _no(heard: Heard, code: str) -> bool:
    return heard.status == HTTPStatus.CONFLICT and heard.problem.code == code
