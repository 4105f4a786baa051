"""Answers that nobody understands: after a few to one call they are told, for silence is something else.

Until then an answer that is not understood is taken for none, and the call is made again. From then on the event that
says so names what is not understood. A call that somebody can put right is also stopped by it, if the system itself
answered. All others go on being made, ever more seldom: whether it was done, nobody knows, and what a page of something
in between hid for an hour must not be put right by hand for each order.
"""

from b2b2c_saga.connectors.exchange import MeaninglessAnswer, names_of, short
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.answers import InvoiceStepRefused, MarketplacePackRefused, Refusal, ReversalRefused
from b2b2c_saga.model.messages.commands import (
    IssueCreditNote,
    PackOnMarketplace,
    PutGoodsAway,
    RequestCreditNoteNumber,
    RequestEwayBill,
    RequestInvoiceNumber,
    VoidInvoice,
)

TAKEN_FOR_NONE = 2
"""Answers to one call that may be misunderstood before it is told."""
CALLS_AT_MOST = 50_000
"""Calls that are kept in mind at a time; what is forgotten is told some attempts later."""


class NotUnderstood:
    """Counts, by the call's idempotency key, the attempts whose answer was not understood, one after the other.

    In memory: after a restart it takes as many attempts again.
    """

    def __init__(self) -> None:
        self._attempts: dict[str, frozenset[int]] = {}

    def events(self, command: Command, key: str, error: MeaninglessAnswer) -> tuple[Event, ...]:
        """What is told of an attempt whose answer was not understood. The same attempt again counts once."""
        attempts = self._attempts.pop(key, frozenset()) | {command.attempt}
        self._attempts[key] = attempts
        if len(self._attempts) > CALLS_AT_MOST:
            self._attempts.pop(next(iter(self._attempts)))
        if len(attempts) <= TAKEN_FOR_NONE:
            return (command.unanswered(),)
        why = short(str(error), getattr(command, "recipient", None))
        told = command.unanswered(not_understood=why)
        stopped = _stopped(command, short(f"the answer was not understood: {why}")) if error.of_the_system else None
        if stopped is None:
            return (told,)
        self.understood(key)  # put right, it has as many attempts as before
        return told, stopped

    def understood(self, key: str) -> None:
        """An answer to the call was understood: what came before it counts no more."""
        self._attempts.pop(key, None)


def _stopped(command: Command, reason: str) -> Event | None:
    """The refusal that stops a call until somebody puts it right; None for a call that nothing could put right.

    Nothing may be concluded from it but that: so not where a refusal means that the document, or the sale, is no more.
    """
    match command:
        case PackOnMarketplace():
            about = names_of(command, "shipment_id", "attempt")
            return MarketplacePackRefused(**about, refusal=Refusal.PERMANENT, reason=reason)
        case RequestInvoiceNumber() | RequestEwayBill():
            about = names_of(command, "shipment_id", "attempt")
            return InvoiceStepRefused(**about, call=command.call(), reason=reason)
        case RequestCreditNoteNumber() | IssueCreditNote() | VoidInvoice() | PutGoodsAway():
            about = names_of(command, "shipment_id", "reversal", "attempt")
            return ReversalRefused(**about, call=command.call(), reason=reason)
    return None
