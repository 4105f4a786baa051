"""A shipment with its two documents, and what goes back of it."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import PlainSerializer

from b2b2c_saga.model.facts import fact
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.invoiced import Invoiced
from b2b2c_saga.model.messages.answers import Label
from b2b2c_saga.model.messages.integration import Trouble
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.reversal import Reversal, Undoing

Requests = Annotated[frozenset[str], PlainSerializer(sorted)]
Told = Annotated[frozenset[str], PlainSerializer(sorted)]
"""What somebody was alerted of, each in words of its own."""


class Fulfilment(StrEnum):
    """Where the goods are; read off the facts, never stored. The order is that of progress."""

    OPEN = "OPEN"
    PACKING = "PACKING"
    PACKED = "PACKED"
    HANDING_OVER = "HANDING_OVER"
    HANDED_OVER = "HANDED_OVER"
    DELIVERED = "DELIVERED"
    REVERSING = "REVERSING"
    CLOSED = "CLOSED"
    PARKED = "PARKED"


@fact
class Documents:
    """What the marketplace gives for a packed shipment: its B2C invoice and, at once or later, the shipping label."""

    invoice_code: str
    invoice_date: datetime
    label: Label | None


@fact
class Shipment(Invoiced):
    """Units packed together. `quantities` is what was packed; `left` is what still is to stay sold."""

    b2b_packed: bool = True
    """Packed for the B2B sale: in the warehouse where that has an order of its own, else with the B2C order."""
    confirmed: bool = True
    """Packed for the consumer, at the packing station."""
    pack_requests: Requests = frozenset()
    answered_before: int = 0
    """The registration that the pack was answered before: a repeat gets the same answer, without its documents."""
    sent: Quantities = NOTHING
    """What the marketplace was asked to pack."""
    documents: Documents | None = None
    packed_at: datetime | None = None
    label_asked_at: datetime | None = None
    labels_answered: int = 0
    """The highest attempt to fetch the label that got an answer."""
    pack_cancelled: bool = False
    """The marketplace refused the pack: it had cancelled the order itself."""
    pack_problem: str | None = None
    handover_asked: bool = False
    handover_requests: Requests = frozenset()
    gate_pass: str | None = None
    handed_over_at: datetime | None = None
    handover_refused: bool = False
    delivered_at: datetime | None = None
    alerted: Told = frozenset()
    reversals: tuple[Reversal, ...] = ()

    @property
    def name(self) -> str:
        """The shipment id, unique within the order."""
        return self.id

    @cached_property
    def left(self) -> Quantities:
        """Units that are still to stay sold."""
        gone = self.reversals
        return (
            self.quantities - Quantities.of(pair for reversal in gone for pair in reversal.quantities)
            if gone
            else self.quantities
        )

    @property
    def pack_sent(self) -> bool:
        """The marketplace was asked to pack."""
        return self.has("pack_on_marketplace")

    @property
    def pack_refused(self) -> bool:
        """The last pack was refused for good, put right since or not."""
        return (
            self.documents is None and self.refused_at("pack_on_marketplace") >= self.times("pack_on_marketplace") > 0
        )

    @property
    def pack_stopped(self) -> bool:
        """The last pack was refused for good, and nobody put that right."""
        return self.documents is None and self.is_refused("pack_on_marketplace")

    @property
    def pack_answered(self) -> bool:
        """The marketplace has said yes or no to the last pack."""
        return self.documents is not None or self.pack_cancelled or self.pack_refused

    @property
    def label(self) -> Label | None:
        """The shipping label: without it the parcel can't leave."""
        return self.documents.label if self.documents else None

    @property
    def handover_answered(self) -> bool:
        """The marketplace has said yes or no."""
        return self.handed_over_at is not None or self.handover_refused

    @property
    def leaving(self) -> bool:
        """The handover was asked for: a cancellation can't stop it any more."""
        return self.has("hand_over_on_marketplace")

    def is_settled(self, reversal: Reversal) -> bool:
        """Nothing to do for it any more. Late news of the invoice makes it unsettled again."""
        return reversal.put_away and self.nothing_fiscal_left(reversal)

    def nothing_fiscal_left(self, reversal: Reversal) -> bool:
        """Its document is undone, or there is none to undo."""
        return reversal.undone_by is not None or reversal.not_invoiced or self.no_invoice_comes

    @property
    def is_cancelling(self) -> bool:
        """Units are to go back, and none do yet: what was asked outside may still turn out either way."""
        if self.pack_answered or self.settled or any(r.opened for r in self.reversals if not self.is_settled(r)):
            return False
        return self.pack_sent or not (self.invoice_acknowledged or self.no_invoice_comes)

    @cached_property
    def stuck(self) -> tuple[tuple[Reversal, str, int], ...]:
        """Steps of reversals that go no further by themselves: reversal, call, and the attempt that was the last."""
        return tuple(
            (r, call, n)
            for r in self.reversals
            for call, n in r.refusals
            if n > r.put_right_at(call)
            and not (r.put_away if call == "put_goods_away" else self.nothing_fiscal_left(r))
        )

    @cached_property
    def settled(self) -> bool:
        """All that goes back has gone back."""
        return all(self.is_settled(reversal) for reversal in self.reversals)

    @cached_property
    def not_understood(self) -> tuple[tuple[str, str], ...]:
        """Calls that go on without an answer because none is understood: each by its name, with what is wrong."""
        unmet = {
            "request_invoice_number": self.left
            and self.invoice_begins
            and not self.invoice.given_for(self.attempt + 1),
            "register_invoice": self.invoice_pending,
            "look_up_invoice": self.invoice_pending,
            "request_eway_bill": self.left and not self.may_move,
            "pack_on_marketplace": not self.pack_answered,
            "fetch_label": self.left and not self.label,
            "hand_over_on_marketplace": self.left and not self.handover_answered,
        }
        own = ((call, why) for call, why in self.puzzles if unmet.get(call))
        back = (
            (f"{r.id} {call}", why)
            for r in self.reversals
            for call, why in r.puzzles
            if not (r.put_away if call == "put_goods_away" else self.nothing_fiscal_left(r))
        )
        return (*own, *back)

    @cached_property
    def troubles(self) -> tuple[tuple[Trouble, str], ...]:
        """Why somebody should look at it, each in words that are its own."""
        if not (self.invoice_failed or self.refusals or self.reversals or self.silences):
            return ()
        found = [(Trouble.ANSWER_NOT_UNDERSTOOD, about) for about, _ in self.not_understood]
        if self.number_refused and self.left:
            found.append((Trouble.NUMBER_REFUSED, f"attempt {self.refused_at('request_invoice_number')}"))
        elif self.invoice_failed and self.left:
            kind = Trouble.INVOICE_REVOKED if self.invoice.is_revoked else Trouble.INVOICE_REFUSED
            kind = Trouble.INVOICE_DIFFERS if self.invoice_differs else kind
            found.append((kind, f"attempt {self.attempt}"))
        if self.eway_bill_refused and self.left:
            found.append((Trouble.EWAY_BILL_REFUSED, f"attempt {self.refused_at('request_eway_bill')}"))
        if self.pack_stopped and self.left:
            found.append((Trouble.PACK_REFUSED, f"attempt {self.refused_at('pack_on_marketplace')}"))
        return (*found, *((Trouble.REVERSAL_STUCK, f"{r.id} {call} attempt {n}") for r, call, n in self.stuck))

    @property
    def is_parked(self) -> bool:
        """It goes no further until somebody puts it right."""
        if self.stuck:
            return True
        if not self.left:
            return False
        gone_without_invoice = self.leaving and not self.invoice.is_registered
        return gone_without_invoice or (self.invoice_failed and self.invoice_differs) or self.pack_stopped

    def reversal(self, reversal_id: str) -> Reversal | None:
        """The reversal of that id."""
        return next((reversal for reversal in self.reversals if reversal.id == reversal_id), None)

    def with_reversal(self, reversal: Reversal) -> "Shipment":
        """With this reversal added, or put in place of the one of its id."""
        others = (known for known in self.reversals if known.id != reversal.id)
        return replace(self, reversals=tuple(sorted((*others, reversal), key=lambda r: r.id)))

    @cached_property
    def fulfilment(self) -> Fulfilment:
        """Where its goods are."""
        if self.is_parked:
            return Fulfilment.PARKED
        if not self.settled:
            return Fulfilment.PACKING if self.is_cancelling else Fulfilment.REVERSING
        if not self.left:
            return Fulfilment.CLOSED
        if self.handed_over_at is not None:
            return Fulfilment.HANDED_OVER if self.delivered_at is None else Fulfilment.DELIVERED
        if self.leaving:
            return Fulfilment.HANDING_OVER
        return Fulfilment.PACKED if self.documents else Fulfilment.PACKING

    @property
    def invoice_state(self) -> InvoiceState:
        """Where its B2B document is."""
        if self.invoice.exists:
            return self._state_of_what_exists
        if self.invoice.is_revoked and not self.left:
            return InvoiceState.VOIDED
        if self.invoice_came_to_nothing or self.number_refused:
            return InvoiceState.FAILED
        if not self.attempt:
            return InvoiceState.REQUESTED if self.invoice.number_asked_at and self.left else InvoiceState.NONE
        if self.invoice_acknowledged:
            return InvoiceState.ACKNOWLEDGED
        waited = 0 if self.invoice.looked_up_for_handover else self.invoice.looked_up_attempt
        silent = max(self.unanswered("register_invoice"), waited) >= self.attempt
        unknown = silent or self.attempt in self.invoice.not_found
        return InvoiceState.UNKNOWN if unknown else InvoiceState.REQUESTED

    @property
    def _state_of_what_exists(self) -> InvoiceState:
        undone = [r for r in self.reversals if r.undone_by is not None and not r.not_invoiced]
        if any(r.undoing is Undoing.VOID and not r.void_refused for r in undone):
            return InvoiceState.VOIDED
        return InvoiceState.CREDITED if undone else InvoiceState.REGISTERED
