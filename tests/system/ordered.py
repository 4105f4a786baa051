"""One order in a test's hands: what the systems upstream do with it, and what the others say of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby

import httpx
from example_set import sku_of
from stack import Stack

from b2b2c_saga.demo import events
from b2b2c_saga.demo.day import ERP, WMS
from b2b2c_saga.demo.story import Fate, Item, Pace, Parcel, Return, Shop, Story, Unit
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.integration import B2CReturnRequired, OrderProgressed
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnType
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.model.words import Address, Party, Recipient

LOCATION = ERP.locations[0]
PROMPT = {"registration_delay_s": [0, 0]}
CONSUMER = Recipient(
    "Zubeida Quraishi",
    "+91 9876501234",
    "zubeida.q@mail.example",
    Address("77 Hidden Lane", "Pune", "411033", "27"),
    Address("78 Secret Street", "Pune", "411034", "27"),
)
PERSONAL = ("Zubeida", "Quraishi", "9876501234", "zubeida.q", "Hidden Lane", "Secret Street", "411033", "411034")
"""Parts of the consumer that must turn up nowhere but in `recipient`."""
YELLOW = Party(
    legal_name="Yellow Retail Private Limited",
    gstin="27AACCY5678N1ZF",
    account_code="Y-2000",
    billing_address=Address("7 Dock Street", "Mumbai", "400001", "27"),
    shipping_address=Address("9 Returns Yard", "Bhiwandi", "421302", "27"),
)
"""Client Y, as config/parties.yaml has it."""
PASSED, FAILED = QualityCheck.PASS, QualityCheck.FAIL


def story(code: str, shop: Shop = ERP, **lines: int) -> Story:
    """An order with so many units of each line, at 250.50 a unit."""
    items = tuple(Item(line, sku_of(code, line), units, Decimal("250.50")) for line, units in lines.items())
    parcel = Parcel(f"{code}-S1", Quantities.of(lines.items()))
    pace = Pace(0, 0, 0, 0, 0, 0, dispatch=3_600)
    return Story(shop, code, shop.locations[0], items, Fate.SOLD, (parcel,), NOTHING, frozenset(), pace, CONSUMER)


class Ordered:
    """An order, all of it in one parcel."""

    def __init__(self, stack: Stack, told: Story) -> None:
        self.stack = stack
        self.story = told
        self.parcel = told.parcels[0]
        self.key = told.key

    @classmethod
    async def placed(cls, stack: Stack, code: str, shop: Shop = ERP, **lines: int) -> "Ordered":
        """Step 2, to its end; the sandbox registers its invoice at once unless told otherwise."""
        ordered = cls(stack, story(code, shop, **lines))
        stack.sandbox.faults_of(ordered.key, erp=PROMPT, rms=PROMPT)
        event = events.order_placed(ordered.story, datetime.now(UTC))
        answer = stack.sandbox.post("/marketplace/orders", ordered.key, json.loads(event.model_dump_json()))
        assert answer.status_code == 200, answer.text
        if shop is not WMS:  # its orders are pulled
            await stack.tell(event)
        await ordered.until(lambda row: row.is_known, "taken in")
        return ordered

    @property
    def row(self) -> Order:
        """As it is now."""
        row = self.stack.order(self.key)
        assert row is not None
        return row

    async def pack_in_warehouse(self) -> None:
        """Steps 8 to 10 of the WMS variant, once the warehouse has the B2B order."""
        await self.until(lambda row: row.b2b_order_code, "a B2B order")
        await self.stack.tell(events.b2b_packed(self.story, self.parcel))

    async def until_registered(self) -> None:
        """Wait for the e-invoice."""
        await self.until(lambda row: row.invoice_state is InvoiceState.REGISTERED, "registered")

    async def pack(self) -> httpx.Response:
        """Step 3."""
        return await self.stack.call("/v1/pack-confirmations", events.pack_confirmed(self.story, self.parcel))

    async def hand_over(self) -> httpx.Response:
        """Step 4."""
        return await self.stack.call("/v1/handovers", events.handover_requested(self.story, self.parcel))

    async def deliver(self) -> None:
        """The consumer has it."""
        await self.stack.tell(events.delivered(self.story, self.parcel, datetime.now(UTC)))

    async def cancel(self, **lines: int) -> None:
        """Step 5: all of it, or so many units of some lines."""
        units = Quantities.of(lines) if lines else self.story.ordered
        await self.stack.tell(events.cancellation_posted(self.story, units, "changed my mind"))

    async def give_back(self, **units: list[QualityCheck]) -> None:
        """Step 6: units of lines, each with its quality check."""
        back = tuple(
            Unit(f"{line}-{n}", line, verdict)
            for line, verdicts in units.items()
            for n, verdict in enumerate(verdicts, 1)
        )
        received = Return("R-1", ReturnType.CUSTOMER_RETURN, back)
        await self.stack.tell(events.return_received(self.story, self.parcel, received))

    async def until(self, holds: Callable[[Order], object], what: str) -> None:
        """Wait for something to hold of the row."""
        await self.stack.until(lambda: (row := self.stack.order(self.key)) and holds(row), f"{self.key}: {what}")

    async def until_closed(self) -> None:
        """Wait for the end."""
        await self.until(lambda row: row.fulfilment is Fulfilment.CLOSED, "closed")

    async def regions(self) -> tuple[list[str], list[str]]:
        """How each of the two regions of state went, as downstream was told; they run in parallel."""
        said = await self.stack.said("order-events", self.key)
        told = [event for event in said if isinstance(event, OrderProgressed) and event.shipment_id is None]
        return [state for state, _ in groupby(e.fulfilment for e in told)], [
            s for s, _ in groupby(e.invoice for e in told)
        ]

    async def returns(self) -> list[B2CReturnRequired]:
        """What a consumer of `b2c-returns` reads of it."""
        said: list[Message] = await self.stack.said("b2c-returns", self.key)
        return [event for event in said if isinstance(event, B2CReturnRequired)]

    def book(self, system: str, table: str) -> list[dict[str, object]]:
        """What an outside system has of it."""
        return self.stack.sandbox.book(system, self.key, table)
