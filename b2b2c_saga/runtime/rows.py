"""What the engine runs: records in, `decide`, records out. The one place where bytes meet the saga.

The engine knows nothing of orders and the saga nothing of Kafka; a `SagaLogic` stands between them, one for each table.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from b2b2c_saga.bus.records import Headers, Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import Event, Message
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.prices import PriceBook
from b2b2c_saga.model.rows import decode_order, decode_stock, encode_order, encode_stock
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.model.words import from_epoch_ms, to_epoch_ms
from b2b2c_saga.runtime.engine import Decided, Job, Logic, Send
from b2b2c_saga.saga.decide import Alarm, Decision, Output, Refused, Saga
from b2b2c_saga.steps import ORDERS, STOCK
from b2b2c_saga.steps.progress import progress

SOURCE = "b2b2c-saga/worker"
ROWS_KEPT_DECODED = 8_192
LONG_AGO = datetime.min.replace(tzinfo=UTC)
Row = TypeVar("Row", Order, Stock)


@dataclass(frozen=True)
class Table(Generic[Row]):
    """One kind of row: its saga, its codec, its first form, and what its changes tell downstream."""

    saga: Saga[Row]
    encode: Callable[[Row], bytes]
    decode: Callable[[bytes], Row]
    fresh: Callable[[Any, Catalogue], Row]
    book: Callable[[Row, Catalogue], PriceBook | None]
    """What rules look up today."""
    tells: Callable[[Row | None, Row, datetime], Iterable[Message]] = lambda *_: ()


@dataclass(frozen=True)
class _Cause:
    """What was decided on: where it comes from, as a text that is unique and the same again, and when."""

    origin: str
    at: datetime
    carried: Headers = ()

    def envelope(self, output: Output) -> Envelope:
        """An output with what travels around it."""
        return Envelope(output.message, output.id, SOURCE, self.at, output.idempotency_key, self.carried)


class SagaLogic(Logic, Generic[Row]):
    """Decodes a record, decides, and encodes what follows."""

    def __init__(self, table: Table[Row], topics: Topics, catalogue: Catalogue) -> None:
        self.table: Table[Row] = table
        self.topics, self.catalogue = topics, catalogue
        self._decoded: Callable[[bytes], Row] = lru_cache(ROWS_KEPT_DECODED)(table.decode)

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:  # noqa: ARG002 - the engine's signature
        """The new row and the records to send.

        Raises:
            Unreadable: the record can't be read.
            BadInput: the saga refuses it, and nobody waits for an answer.
        """
        envelope = decode(record, self.topics.short(record.topic))
        now = from_epoch_ms(record.timestamp)
        before = None if row is None else self._decoded(row)
        cause = _Cause(f"{record.topic}:{record.partition}:{record.offset}", now, envelope.carried)
        try:
            start = self._start(before, envelope.message)
        except BadInput as error:
            if reply := self.table.saga.refusal(cast("Event", envelope.message), str(error)):
                return Decided(row, (self._send(reply.message.destination, cause.envelope(reply)),))
            raise
        decision = self.table.saga.decide(start, cast("Event", envelope.message), now, self._book(start))
        refused = next((r for r in decision.refused if r.event is envelope.message), None)
        if refused and not decision.replies:
            raise refused.why
        return self._decided(before, decision, (r for r in decision.refused if r is not refused), cause)

    def ring(self, key: bytes, row: bytes, now: int) -> Decided:
        """Time has come for something in this row."""
        before, at = self._decoded(row), from_epoch_ms(now)
        decision = self.table.saga.decide(before, Alarm(), at, self._book(before))
        return self._decided(before, decision, decision.refused, _Cause(f"alarm:{key.decode()}:{now}", at))

    def alarm(self, key: bytes, row: bytes) -> int | None:  # noqa: ARG002 - as above
        """When time alone will change something, in epoch milliseconds."""
        return _ms(self.table.saga.alarm(self._decoded(row), LONG_AGO))

    def _start(self, row: Row | None, message: Message) -> Row:
        """The row to decide on. Until an order is taken in, the terms of today hold for it."""
        if row is not None and row.is_known:
            return row
        fresh = self.table.fresh(message, self.catalogue)
        return fresh if row is None else replace(row, terms=fresh.terms)

    def _book(self, row: Row) -> PriceBook | None:
        return self.table.book(row, self.catalogue)

    def _decided(
        self,
        before: Row | None,
        decision: Decision[Row],
        refused: Iterable[Refused],
        cause: "_Cause",
    ) -> Decided:
        after = decision.row
        told: Iterable[Message] = self.table.tells(before, after, cause.at)
        outputs = (*decision.outputs, *(Output(message, derived_id(cause.origin, n)) for n, message in enumerate(told)))
        sends = [self._send(output.message.destination, cause.envelope(output)) for output in outputs]
        sends += [self._parked(one, cause) for one in refused]
        return Decided(self.table.encode(after), tuple(sends), _ms(decision.alarm))

    def _send(self, topic: str, envelope: Envelope, more: Headers = ()) -> Send:
        return Send(self.topics.name(topic), envelope.key, envelope.value, (*envelope.headers, *more))

    def _parked(self, refused: Refused, cause: "_Cause") -> Send:
        """An event that had waited in the row, and that can't be learned any more."""
        event = refused.event
        envelope = cause.envelope(Output(event, derived_id(cause.origin, event.ce_type(), event.subject)))
        why = {
            "__dlq.errors.topic": self.topics.name(event.topic),
            "__dlq.errors.class": "BadInput",
            "__dlq.errors.message": refused.reason,
        }
        return self._send("parked", envelope, tuple((name, text.encode()) for name, text in why.items()))


def _ms(due: datetime | None) -> int | None:
    return None if due is None else to_epoch_ms(max(due, from_epoch_ms(0)))


def _fresh_order(message: Any, catalogue: Catalogue) -> Order:  # noqa: ANN401 - any event of an order
    account = catalogue.account(message.account)
    return Order(message.account, message.order_code, account.terms)


def _fresh_stock(message: Any, catalogue: Catalogue) -> Stock:  # noqa: ANN401 - any event of stock
    return Stock(message.account, message.location, message.sku, catalogue.account(message.account).terms)


ORDER_STEPS = ("intake", "invoice", "pack", "handover", "cancel", "return")


def tables_of_steps(topics: Topics) -> dict[str, str]:
    """Step topic -> changelog of the table that it changes."""
    orders, stock = topics.name("changelog.orders"), topics.name("changelog.stock")
    return {topics.name(step): orders for step in ORDER_STEPS} | {topics.name("inventory"): stock}


def saga_job(application: str, topics: Topics, catalogue: Catalogue) -> Job:
    """What the worker runs: the order steps upon the order table, inventory upon the stock table."""
    orders, stock = topics.name("changelog.orders"), topics.name("changelog.stock")
    order_table = Table(
        ORDERS, encode_order, decode_order, _fresh_order, lambda row, catalogue: catalogue.book(row.account), progress
    )
    stock_table = Table(STOCK, encode_stock, decode_stock, _fresh_stock, lambda *_: None)
    return Job(
        application=application,
        steps=tables_of_steps(topics),
        logics={orders: SagaLogic(order_table, topics, catalogue), stock: SagaLogic(stock_table, topics, catalogue)},
        parked=topics.name("parked"),
        released=topics.name("released"),
    )
