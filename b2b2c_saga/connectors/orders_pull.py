"""Orders pulled (WMS variant, steps 3 and 4): a page of the marketplace's order list, and the records it becomes.

A page's orders and the cursor behind it are committed in one Kafka transaction, so that after any crash the list is
read on exactly where it was published. The cursor lies in a compacted topic, one record an account: a group's offsets
could hold it too, but the cluster forgets those of a group that was away for a week, and no tool shows their metadata.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import structlog
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from b2b2c_saga.bus.records import Headers, Outgoing
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, parse
from b2b2c_saga.connectors.exchange import Body, Heard, Request
from b2b2c_saga.connectors.parking import PREFIX
from b2b2c_saga.model.admission import admit, order_event_id
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages.upstream import OrderPlaced
from b2b2c_saga.model.words import Code

SOURCE = "b2b2c-saga/pull"
PARKED_AT_MOST = 900_000
"""Bytes; what is larger than a producer sends is parked without its value."""
_CODE: TypeAdapter[str] = TypeAdapter(Code)

log = structlog.get_logger(__name__)


class Page(Body):
    """Orders as the marketplace tells them, oldest first, and the cursor behind the last."""

    orders: tuple[Any, ...]
    cursor: Annotated[str, Field(coerce_numbers_to_str=True)]
    more: bool = False


def ask_orders(account: str, cursor: str, at_most: int) -> Request:
    """The orders of an account behind a cursor; the first ever, where there is none."""
    after = {"after": cursor} if cursor else {}
    return Request("/orders", query={"account": account, "limit": str(at_most), **after})


def hear_orders(heard: Heard) -> Page:
    """A page.

    Raises:
        MeaninglessAnswer: it is none.
    """
    if heard.status != 200:  # noqa: PLR2004 - HTTP's word for yes
        raise heard.unexpected()
    return heard.read(Page)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a page becomes."""

    records: tuple[Outgoing, ...]
    parked: int

    @property
    def published(self) -> int:
        """Orders on the intake topic."""
        return len(self.records) - self.parked


def pulled(page: Page, account: str, catalogue: Catalogue, topics: Topics, now: datetime) -> Pulled:
    """An event for each order, under an id that a repeat has too; a bad one is parked, and stops no other."""
    parked = 0
    records = []
    for told in page.orders:
        try:
            order = _order(told, account, catalogue, now)
        except BadInput as error:
            parked += 1
            records.append(_parked(told, account, error, topics, now))
        else:
            envelope = Envelope(order, id=order_event_id(order), source=SOURCE, time=now)
            records.append(Outgoing(topics.name(order.topic), envelope.key, envelope.value, envelope.headers))
    return Pulled(tuple(records), parked)


def cursor_record(account: str, cursor: str, topics: Topics) -> Outgoing:
    """The cursor of an account, as it lies in its topic."""
    return Outgoing(topics.name("cursors"), account.encode(), cursor.encode())


def _order(told: object, account: str, catalogue: Catalogue, now: datetime) -> OrderPlaced:
    """The order as an event.

    Raises:
        BadInput: it breaks a rule of the message, or is of another account, or not admitted.
    """
    order = parse(OrderPlaced, to_json(told))
    if order.account != account:
        raise BadInput("order of another account", field="account", value=order.account, rule=account)
    admit(account, order, catalogue, now)
    return order


def _parked(told: object, account: str, error: BadInput, topics: Topics, now: datetime) -> Outgoing:
    code = _code_of(told)
    log.warning("pulled order parked", account=account, order=code, reason=error.reason, field=error.field)
    value = to_json(told)
    about = {
        "ce_specversion": "1.0",
        "ce_id": derived_id("parked", account, value),
        "ce_type": OrderPlaced.ce_type(),
        "ce_source": SOURCE,
        "ce_time": now.isoformat(),
        "content-type": "application/json",
        f"{PREFIX}topic": topics.name(OrderPlaced.topic),
        f"{PREFIX}class": type(error).__name__,
        f"{PREFIX}message": str(error),
    }
    if len(value) > PARKED_AT_MOST:
        about[f"{PREFIX}omitted"], value = str(len(value)), b""
    headers: Headers = tuple((name, text.encode()) for name, text in about.items())
    key = f"{account}/{code}" if code else account
    return Outgoing(topics.name("parked"), key.encode(), value or None, headers)


def _code_of(told: object) -> str | None:
    """Of an order that is bad, its code all the same, if it can be one."""
    try:
        return _CODE.validate_python(told.get("orderCode") if isinstance(told, dict) else None, strict=True)
    except ValidationError:
        return None
