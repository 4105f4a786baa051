"""One system's connector: commands in, calls out, answers back; nothing is lost, nothing is done twice."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from b2b2c_saga.bus.clients import Publisher, Subscription, consume
from b2b2c_saga.bus.records import Outgoing, Record, header_values
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.connectors.caller import Caller, NoAnswer
from b2b2c_saga.connectors.counts import ANSWERED, NOT_UNDERSTOOD, PARKED, UNANSWERED
from b2b2c_saga.connectors.exchange import Exchanges, MeaninglessAnswer
from b2b2c_saga.connectors.lanes import Lanes, Offsets
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.not_understood import NotUnderstood
from b2b2c_saga.connectors.parking import parked
from b2b2c_saga.connectors.stock_batches import Asked, StockBatches
from b2b2c_saga.connectors.stock_messages import StockMessages
from b2b2c_saga.model.errors import BadInput, Unavailable, Unreadable
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages.base import StockCommand
from b2b2c_saga.settings import Settings

log = structlog.get_logger(__name__)
FETCH_WAIT_S = 0.1
DRAIN_S = 5
AWAY_S = 1


class Connector:
    """Carries the commands of one system."""

    def __init__(self, system: str, exchanges: Exchanges, caller: Caller, publisher: Publisher, topics: Topics) -> None:
        self._system = system
        self._exchanges = exchanges
        self._caller = caller
        self._publisher = publisher
        self._topics = topics
        self._stock = StockBatches(StockMessages(system, caller).tell, caller.limits)
        self._not_understood = NotUnderstood()
        self._of_stock = {kind.ce_type().encode() for kind in exchanges if issubclass(kind, StockCommand)}

    async def run(self, settings: Settings, limits: Limits, stop: asyncio.Event) -> None:
        """Until told to stop; then what was begun is ended, or left to the next one.

        Raises:
            Unavailable: Kafka is away at the start.
            BadInput: Kafka lacks a topic.
        """
        lanes = Lanes(self.carry, limits.waiting, self._is_of_stock)
        commands = self._topics.name(f"commands.{self._system}")
        async with consume(settings, [commands], f"b2b2c-connector-{self._system}") as subscription:
            while not stop.is_set():
                if room := lanes.room:
                    for record in await self._fetch(subscription, room):
                        lanes.put(record)
                await lanes.wait(0 if room else FETCH_WAIT_S)
                await self._commit(subscription, lanes.offsets)
            await lanes.drain(DRAIN_S)
            await self._commit(subscription, lanes.offsets)

    async def _fetch(self, subscription: Subscription, room: int) -> list[Record]:
        try:
            return await subscription.batch(FETCH_WAIT_S, room)
        except Unavailable as error:
            log.warning("no commands for now", system=self._system, reason=str(error))
            await asyncio.sleep(AWAY_S)
            return []

    async def _commit(self, subscription: Subscription, offsets: Offsets) -> None:
        if not (moved := offsets.to_commit()):
            return
        try:
            await subscription.commit(moved)
        except Unavailable as error:  # what was done comes again, and is recognised by its ids
            offsets.not_committed(moved)
            log.warning("offsets not committed for now", system=self._system, reason=str(error))

    async def carry(self, record: Record) -> None:
        """One command, to the acknowledgement of its answers. Its offset may be committed after that.

        Raises:
            BadInput: Kafka won't take an answer: a topic is missing.
        """
        try:
            command, envelope, key = self._read(record)
        except BadInput as error:
            await self._park(record, error)
            return
        await self._tell(await self._ask(command, envelope, key), command, envelope, key)

    async def _tell(self, events: Sequence[Event], command: Command, envelope: Envelope, key: str) -> None:
        try:
            await self._publish([self._answer(event, envelope) for event in events])
            if not any(isinstance(event, type(command).unanswered_as) for event in events):
                self._not_understood.understood(key)
        except BadInput as error:
            if error.field == "topic":  # it is missing: nothing can be told at all
                raise
            # An answer that no record can hold must not stop the others' orders.
            log.error("answer too large", system=self._system, command=envelope.id)  # noqa: TRY400
            events = self._puzzled(command, key, MeaninglessAnswer("larger than a record may be"))
            await self._publish([self._answer(event, envelope) for event in events])

    def _is_of_stock(self, record: Record) -> bool:
        return header_values(record.headers).get("ce_type") in self._of_stock

    def _read(self, record: Record) -> tuple[Command, Envelope, str]:
        envelope = decode(record, f"commands.{self._system}")
        if not isinstance(envelope.message, Command) or type(envelope.message) not in self._exchanges:
            kind = type(envelope.message).__name__
            raise Unreadable("no such command for this system", field="ce_type", value=kind, rule=self._system)
        if envelope.idempotency_key is None:
            # Without it a repeat could not be told from a second effect.
            raise Unreadable("CloudEvents attribute missing", field="ce_idempotencykey", rule="each command carries it")
        return envelope.message, envelope, envelope.idempotency_key

    async def _ask(self, command: Command, envelope: Envelope, key: str) -> Sequence[Event]:
        call, said = command.call(), {"system": self._system, "call": command.call(), "command": envelope.id}
        events: Sequence[Event]
        try:
            if isinstance(command, StockCommand):
                answer = await self._stock.send(Asked(command, envelope.id))
                events = (answer,) if answer else (command.unanswered(),)
            else:
                events = await self._caller.converse(self._exchanges[type(command)], command, key, envelope.carried)
        except NoAnswer as error:
            log.info("no answer", **said, reason=str(error))
        except MeaninglessAnswer as error:
            log.warning("answer not understood", **said, reason=str(error))
            return self._puzzled(command, key, error)
        except Exception as error:  # noqa: BLE001 - a bug in one mapping must not stop the others' orders
            log.error("bug in a connector", **said, reason=_place(error))  # noqa: TRY400
            return self._puzzled(command, key, MeaninglessAnswer(f"a bug in the connector, {_place(error)}"))
        else:
            unanswered = any(isinstance(event, type(command).unanswered_as) for event in events)
            (UNANSWERED if unanswered else ANSWERED).labels(self._system, call).inc()
            return events
        UNANSWERED.labels(self._system, call).inc()
        return (command.unanswered(),)

    def _puzzled(self, command: Command, key: str, error: MeaninglessAnswer) -> Sequence[Event]:
        for count in (UNANSWERED, NOT_UNDERSTOOD):
            count.labels(self._system, command.call()).inc()
        return self._not_understood.events(command, key, error)

    def _answer(self, event: Event, envelope: Envelope) -> Outgoing:
        answer = Envelope(
            event,
            id=derived_id("answer", envelope.id, event.ce_type()),
            source=f"b2b2c-saga/connectors/{self._system}",
            time=datetime.now(UTC),
            carried=envelope.carried,
        )
        return Outgoing(self._topics.name(event.topic), answer.key, answer.value, answer.headers)

    async def _park(self, record: Record, error: BadInput) -> None:
        place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.warning("command parked", system=self._system, **place, reason=error.reason, field=error.field)
        try:
            await self._publish([parked(record, error, self._topics.name("parked"))])
        except BadInput:  # with its reason it is larger than the topic takes
            await self._publish([parked(record, error, self._topics.name("parked"), whole=False)])
        PARKED.labels(self._system).inc()

    async def _publish(self, records: Sequence[Outgoing]) -> None:
        # Kafka away: nothing is committed, so trying on is all there is to do; the ids make a repeat harmless.
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Unavailable), wait=wait_random_exponential(multiplier=0.1, max=5)
        ):
            with attempt:
                await self._publisher.publish_all(records)


def _place(error: Exception) -> str:
    """Type and line; never the message, which may quote a consumer's name."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + where
