"""The row of one SKU at one location, offered through one account."""

from b2b2c_saga.model.early import Early
from b2b2c_saga.model.facts import Subject, fact
from b2b2c_saga.model.terms import Terms


@fact
class Stock(Subject):
    """What the warehouse counted last, and which version Omni and the marketplace have taken."""

    account: str
    location: str
    sku: str
    terms: Terms
    quantity: int = 0
    version: int = -1
    """Of the count; the newest wins."""
    told_omni: int = -1
    offered: int = -1
    """The versions that were last sent to Omni and to the marketplace."""
    omni_has: int = -1
    marketplace_has: int = -1
    """The versions that they took."""
    omni_refused: int = -1
    marketplace_refused: int = -1
    """The newest versions that they would not take."""
    early: tuple[Early, ...] = ()

    @property
    def key(self) -> str:
        """Account, location and SKU."""
        return f"{self.account}/{self.location}/{self.sku}"

    @property
    def is_known(self) -> bool:
        """It was counted at least once."""
        return self.version >= 0
