"""What goes back of a shipment, and how far that has got."""

from datetime import datetime
from enum import StrEnum

from b2b2c_saga.model.facts import Subject, fact
from b2b2c_saga.model.messages.answers import StockLevel
from b2b2c_saga.model.messages.integration import Cause
from b2b2c_saga.model.messages.upstream import QualityCheck
from b2b2c_saga.model.quantities import NOTHING, Quantities


@fact
class ReturnedUnit:
    """One unit that came back."""

    code: str
    line: str
    quality_check: QualityCheck


class Undoing(StrEnum):
    """How a document is undone."""

    VOID = "VOID"
    CREDIT_NOTE = "CREDIT_NOTE"


@fact
class Reversal(Subject):
    """Units that won't stay sold: cancelled before they left, pulled at the marketplace's word, or returned.

    Its four steps show in it: the B2C return (`has("require_b2c_return")`), the document (`undone_by`), the goods
    (`put_away`) and the inventory (`has("update_inventory")`).
    """

    id: str
    cause: Cause
    quantities: Quantities
    units: tuple[ReturnedUnit, ...] = ()
    not_invoiced: bool = False
    """The invoice that counts was made after these units had gone back."""
    undoing: Undoing | None = None
    credited_before: Quantities = NOTHING
    """Units of the invoice that earlier reversals take: a credit note is for those that follow."""
    numbers: tuple[str, ...] = ()
    """Of the credit note's parts; the first stands for the whole."""
    dated: datetime | None = None
    """The credit note's own time, that of the first asking, unless it became too old."""
    redated: int = 0
    """How often it became too old, and got another date."""
    void_refused: bool = False
    undone_by: str | None = None
    """The document that undid the invoice for these units: its own number when voided, else the credit note's."""
    put_away: bool = False
    counted: tuple[StockLevel, ...] = ()
    """What the warehouse has since."""
    problem: str | None = None
    """Why a step was refused last."""

    @property
    def name(self) -> str:
        """Its id, unique within the shipment."""
        return self.id
