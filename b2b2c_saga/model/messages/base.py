"""What all messages share: how they look on the wire, and which topic and key they belong to."""

import re
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from b2b2c_saga.model.words import Code


def order_key(account: str, order_code: str) -> str:
    """The key of everything about one order: it decides the partition, and so the one writer of its row."""
    return f"{account}/{order_code}"


def camel(name: str) -> str:
    """`b2b_order_code` as `b2bOrderCode`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def snake(name: str) -> str:
    """`CreateB2BOrder` as `create_b2b_order`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.replace("B2B", "B2b").replace("B2C", "B2c")).lower()


class Part(BaseModel):
    """A part of a message. Unknown fields are passed over, so that an older reader survives a newer writer."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        alias_generator=camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class Message(Part):
    """One record's data. `topic` is the short name of the topic that carries it (see topics.yaml)."""

    topic: ClassVar[str]

    @classmethod
    def ce_type(cls) -> str:
        """The CloudEvents type; a new meaning gets a new version."""
        return f"b2b2c.{cls.__name__}.v1"

    @classmethod
    def travels_on(cls) -> frozenset[str]:
        """Short names of the topics that may carry it."""
        return frozenset({cls.topic})

    @property
    def destination(self) -> str:
        """Short name of the topic that this one is sent to."""
        return self.topic

    @property
    def key(self) -> str:
        """The record's key."""
        raise NotImplementedError

    @property
    def effect(self) -> str:
        """What tells one effect of the same gate and subject from the next, for derived ids."""
        return ""

    @property
    def subject(self) -> str:
        """What the message is about, within its key: a shipment, a reversal, or the whole order."""
        return ""


class _OfOrder(Message):
    account: Code
    order_code: Code

    @property
    def key(self) -> str:
        """Account and order code."""
        return order_key(self.account, self.order_code)

    @property
    def subject(self) -> str:
        """Shipment and reversal, where there is one."""
        return " ".join(
            str(part) for name in ("shipment_id", "reversal", "release") if (part := getattr(self, name, None))
        )


class _OfStock(Message):
    account: Code
    location: Code
    sku: Code

    @property
    def key(self) -> str:
        """Account, location and SKU."""
        return f"{self.account}/{self.location}/{self.sku}"


class Event(Message):
    """Something that happened; `topic` is the step that learns it."""


class OrderEvent(_OfOrder, Event):
    """An event about an order. `account` is Client Y's seller account, `order_code` the marketplace's order id."""


class StockEvent(_OfStock, Event):
    """An event about the stock of one SKU at one location, offered through one account."""

    topic = "inventory"


class Command(Message):
    """What an outside system must do. Its id and idempotency key are derived, and travel as headers."""

    unanswered_as: ClassVar[type[Event]]
    attempt: int = 1

    @classmethod
    def call(cls) -> str:
        """The name of the gate that sends it: `RegisterInvoice` comes from `register_invoice`."""
        return snake(cls.__name__)

    def unanswered(self, not_understood: str | None = None) -> Event:
        """The event that says: asked, and no answer came; or one came, again and again, that nobody understood."""
        wanted = type(self).unanswered_as.model_fields
        known = {name: getattr(self, name) for name in type(self).model_fields if name in wanted}
        said = {"call": self.call(), "not_understood": not_understood}
        return type(self).unanswered_as.model_validate({**known, **said})


class OrderCommand(_OfOrder, Command):
    """A command about an order. `attempt` counts from 1; the answer names it."""


class StockCommand(_OfStock, Command):
    """A command about stock; `version` orders it among its like."""

    quantity: int
    version: int

    @property
    def effect(self) -> str:
        """Each version is an effect of its own."""
        return str(self.version)


class IntegrationEvent(_OfOrder):
    """Told to whoever consumes downstream."""


class Reply(_OfOrder):
    """The answer to the request `request_id`."""

    topic = "replies"
    request_id: str
