"""Publishing all or nothing, by one publisher of a name at a time: Kafka transactions (KIP-98) for those outside Faust.

Opening a publisher fences whoever had its name before, and ends the transaction that they left open. After any
failure it is spent: what it tried last may have been committed or not, and only reading tells. Open another, and read.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from b2b2c_saga.bus.clients import LARGEST_RECORD, PRODUCER_BACKOFF_MS
from b2b2c_saga.bus.driver import plainly, start_client
from b2b2c_saga.bus.epochs import Answers, epoch_of, follows
from b2b2c_saga.bus.records import Outgoing
from b2b2c_saga.bus.security import connection
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

TRANSACTION_MS = 20_000
"""After which the cluster ends a transaction that nobody ends: so long it may hold up those who read behind it."""
START_SECONDS = 30.0
PUBLISH_SECONDS = 18.0
"""Shorter than the transaction's own life, which ends in being fenced."""
STOP_SECONDS = 3.0

log = structlog.get_logger(__name__)


class Fenced(Exception):  # noqa: N818 - what happened, in Kafka's word
    """Another publisher of the same name was opened: it is theirs now."""


class AtomicPublisher:
    """Sends records that readers of committed ones see together, or never."""

    def __init__(self, settings: Settings, transactional_id: str) -> None:
        self._settings = settings
        self._id = transactional_id
        self._client: AIOKafkaProducer
        self._answers: Answers

    async def open(self) -> None:
        """Become the only one of the name.

        Raises:
            Unavailable: the cluster does not answer.
        """
        self._client = AIOKafkaProducer(
            **connection(self._settings),
            transactional_id=self._id,
            transaction_timeout_ms=TRANSACTION_MS,
            retry_backoff_ms=PRODUCER_BACKOFF_MS,
            max_request_size=LARGEST_RECORD,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await start_client(self._client, self._settings)
        except TimeoutError:
            raise Unavailable(f"Kafka gave no producer id within {START_SECONDS:g} s") from None
        self._answers = Answers(self._client)

    async def close(self) -> None:
        """End what is open, or leave it to the next of the name."""
        await _stop(self._client)

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """All of them.

        Raises:
            Fenced: another has this name; nothing was published.
            BadInput: a record is too large, or its topic does not exist; nothing was published.
            Unavailable: published or not, nobody knows.
        """
        if self._answers.missing:
            await self._reopen()
        try:
            with plainly(self._settings):
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await self._publish(records)
        except TimeoutError:
            raise Unavailable(f"Kafka did not commit within {PUBLISH_SECONDS:g} s") from None

    async def _reopen(self) -> None:
        """For the next epoch: this one carries no further transaction."""
        before = epoch_of(self._client)
        await self.close()
        await self.open()
        if not follows(epoch_of(self._client), before):
            raise Fenced("another came between")

    async def _publish(self, records: Sequence[Outgoing]) -> None:
        try:
            await self._client.begin_transaction()
            sent = []
            for record in records:
                arrival = await self._client.send(record.topic, record.value, record.key, headers=list(record.headers))
                arrival.add_done_callback(_seen)
                sent.append(arrival)
            await asyncio.gather(*sent)
            await self._client.commit_transaction()
        except (ProducerFenced, InvalidProducerEpoch) as error:
            raise Fenced(type(error).__name__) from None


@asynccontextmanager
async def atomic_publisher(settings: Settings, name: str) -> AsyncIterator[AtomicPublisher]:
    """The only publisher of that name (with the topic prefix before it), for the length of a block.

    What earlier ones of the name have committed can be read from now on, and they commit nothing more.

    Raises:
        Unavailable: the cluster does not answer.
    """
    publisher = AtomicPublisher(settings, f"{settings.topic_prefix}{name}")
    await publisher.open()
    try:
        yield publisher
    finally:
        await publisher.close()


async def _stop(client: AIOKafkaProducer) -> None:
    """End an open transaction for readers' sake; where that fails, the next publisher of the name does."""
    if client._txn_manager.is_in_transaction():  # noqa: SLF001 - aiokafka does not say it elsewhere
        await _within_time(client.abort_transaction())
    if not await _within_time(client.stop()):
        sender = client._sender.sender_task  # noqa: SLF001 - no other way to end a producer that can't deliver
        while sender is not None and not sender.done():
            sender.cancel()
            await asyncio.sleep(0.05)
        await client.client.close()


async def _within_time(ending: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await ending
    except Exception as error:  # noqa: BLE001 - whatever it is, the publisher goes
        log.info("publisher left to its successor", error=type(error).__name__)
        return False
    return True


def _seen(arrival: "asyncio.Future[object]") -> None:
    """Its failure is known, even where another failed first and nobody asks for this one."""
    if not arrival.cancelled():
        arrival.exception()
