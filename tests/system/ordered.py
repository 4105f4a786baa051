"""One order in a test's hands: what the systems upstream do with it, and what the others say of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby

import httpx
from stack import Stack

from b2b2c_saga.demo import events
from b2b2c_saga.demo.day import B2B2C
from b2b2c_saga.demo.story import Fate, Item, Pace, Parcel, Return, Story, Unit
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.integration import B2CReturnRequired, OrderProgressed
from b2b2c_saga.model.messages.upstream import QualityCheck, ReturnType
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.quantities import NOTHING, Quantities
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.model.words import Address, Party, Recipient

LOCATION = "WH-BLR"
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
"""Client Y, as config/channels.yaml has it."""
PASSED, FAILED = QualityCheck.PASS, QualityCheck.FAIL


def story(code: str, account: tuple[str, str] = B2B2C, **lines: int) -> Story:
    """An order with so many units of each line, each of an SKU of its own, at 250.50 a unit."""
    items = tuple(Item(line, f"{code}-{line}", units, Decimal("250.50")) for line, units in lines.items())
    parcel = Parcel(f"{code}-S1", Quantities.of(lines.items()))
    pace = Pace(0, 0, 0, 0, 0, dispatch=3_600)
    return Story(*account, code, LOCATION, items, Fate.SOLD, (parcel,), NOTHING, frozenset(), pace, CONSUMER)


class Ordered:
    """An order, all of it in one parcel."""

    def __init__(self, stack: Stack, told: Story) -> None:
        self.stack = stack
        self.story = told
        self.parcel = told.parcels[0]
        self.key = told.key

    @classmethod
    async def placed(cls, stack: Stack, code: str, account: tuple[str, str] = B2B2C, **lines: int) -> "Ordered":
        """Step 2, to its end; the sandbox registers its invoice at once unless told otherwise."""
        ordered = cls(stack, story(code, account, **lines))
        stack.sandbox.faults_of(ordered.key, erp={"registration_delay_s": [0, 0]})
        await stack.tell(events.order_placed(ordered.story, datetime.now(UTC)))
        await ordered.until(lambda row: row.is_known, "taken in")
        return ordered

    @property
    def row(self) -> Order:
        """As it is now."""
        row = self.stack.order(self.key)
        assert row is not None
        return row

    async def pack(self) -> httpx.Response:
        """Step 3."""
        return await self.stack.call("/v1/pack-confirmations", events.pack_confirmed(self.story, self.parcel))

    async def hand_over(self) -> httpx.Response:
        """Step 4."""
        return await self.stack.call("/v1/handovers", events.handover_requested(self.story, self.parcel))

    async def deliver(self) -> None:
        """The consumer has it."""
        await self.stack.tell(events.delivered(self.story, self.parcel, datetime.now(UTC)))

    async def cancel(self) -> None:
        """Step 5: all of it."""
        await self.stack.tell(events.cancellation_posted(self.story, self.story.ordered, "changed my mind"))

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
