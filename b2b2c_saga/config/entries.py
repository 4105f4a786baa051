"""The format: what may be written under each name of each section. What entries say of each other: `*_rules.py`."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from b2b2c_saga.config.texts import (
    Amount,
    City,
    CodeText,
    Day,
    Duration,
    DurationOrNone,
    Flag,
    GstinText,
    Hsn,
    LegalName,
    Line,
    Much,
    Name,
    PinText,
    Rate,
    RoundTo,
    Sku,
    StateText,
    TransporterText,
    Unit,
    Whole,
)
from b2b2c_saga.model.prices import PriceMode
from b2b2c_saga.model.terms import Numbers, Provider


class Entry(BaseModel):
    """Fields by name; one that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AddressEntry(Entry):
    """A place."""

    line: Line
    city: City
    pin: PinText
    state: StateText


class PartyEntry(Entry):
    """A company: Client X or Client Y."""

    legal_name: LegalName
    gstin: GstinText
    account_code: CodeText
    billing_address: AddressEntry
    shipping_address: AddressEntry


class CapabilitiesEntry(Entry):
    """What is asked of a provider less than it can do."""

    void_window: DurationOrNone = None
    lines_at_most: Whole | None = None
    round_total_to: RoundTo | None = None


class EwayBillEntry(Entry):
    """What an e-way bill is asked for with, for consignments above so many rupees."""

    transporter_id: TransporterText
    transporter_name: LegalName
    above: Amount = Decimal(50_000)


class AccountEntry(Entry):
    """A seller account of Client Y. The fields that are None by default belong to the B2B sale."""

    channel: CodeText
    model: Literal["b2b2c", "pass-through"]
    client_x: CodeText
    client_y: CodeText
    cancel_after_pack: Flag = True
    orders: Literal["pulled", "pushed"] = "pushed"
    variant: Literal["erp", "wms"] | None = None
    price_list: CodeText | None = None
    provider: Provider | None = None
    numbers: Numbers | None = None
    eway_bill: EwayBillEntry | None = None
    capabilities: CapabilitiesEntry | None = None


class ProductEntry(Entry):
    """What is sold under a SKU; MRP and cost are per unit."""

    hsn: Hsn
    name: Name
    unit: Unit = "PCS"
    mrp: Amount | None = None
    cost: Amount | None = None


class PriceEntry(Entry):
    """The B2B price of a SKU, or of any, from a day on."""

    sku: Sku
    since: Day
    mode: PriceMode
    value: Much


class PriceListEntry(Entry):
    """What X charges Y on a channel."""

    seller: CodeText
    buyer: CodeText
    channel: CodeText
    prices: tuple[PriceEntry, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """Seller, buyer and channel."""
        return self.seller, self.buyer, self.channel


class SlabEntry(Entry):
    """The rate of units worth up to so much each, without tax."""

    up_to: Amount | None = None
    rate: Rate


class TaxEntry(Entry):
    """The slabs from a day on, from the cheapest unit up."""

    since: Day
    slabs: tuple[SlabEntry, ...]


class PatienceEntry(Entry):
    """How long the saga waits for what; see `model/terms.py`."""

    answer: Duration | None = None
    retry: Duration | None = None
    retry_at_most: Duration | None = None
    attempts_at_most: Whole | None = None
    late_effect: Duration | None = None
    early_event: Duration | None = None
    return_window: Duration | None = None
