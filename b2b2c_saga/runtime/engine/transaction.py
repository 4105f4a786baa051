"""Kafka transactions of one writer: commit all of it or nothing, and say which, or that it is not known.

After any failure the producer is thrown away, and `InitProducerId` of the next one ends what was open. Requests of
the old one still on their way carry an older epoch and are refused, so they never meet a later transaction (Jepsen's
analysis of Bufstream 0.1.0 shows what happens otherwise).

The same after success where the epoch has an unanswered request: `bus/epochs.py` says why.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidProducerEpoch,
    MessageSizeTooLargeError,
    ProducerFenced,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
)

from b2b2c_saga.bus.epochs import Answers, Epoch, epoch_of, follows
from b2b2c_saga.model.errors import Bug, Unavailable
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.parking import Line

log = structlog.get_logger(__name__)

FENCED = (ProducerFenced, InvalidProducerEpoch)
REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError)
LARGEST_BATCH = 1 << 20
"""Bytes of one record batch: Kafka's default limit for a message is a little more."""
TRANSACTION_MS = 20_000
SEND_SECONDS = 18.0
"""For sends and offsets; shorter than the transaction's own life, which ends in being fenced."""
COMMIT_SECONDS = 20.0
START_SECONDS = 30.0
STOP_SECONDS = 3.0


class Fenced(Exception):  # noqa: N818 - what happened, in Kafka's word
    """A newer producer has this transactional id: another owner, or the cluster gave ours up."""


class Refused(Exception):  # noqa: N818
    """Not committed, and never will be: the cluster does not take these records."""


class Aborted(Exception):  # noqa: N818
    """Not committed."""


class Unknown(Exception):  # noqa: N818
    """Committed or not: only the log can tell."""


class Transactions:
    """The producer of one writer."""

    def __init__(self, connection: Mapping[str, Any], transactional_id: str, group: str) -> None:
        self._connection = connection
        self._id = transactional_id
        self._group = group
        self._producer: AIOKafkaProducer | None = None
        self._answers: Answers | None = None
        self._epoch: Epoch | None = None
        self._discarding: set[asyncio.Task[None]] = set()

    async def open(self) -> bool:
        """Become the writer: fence whoever was, end their open transaction.

        Returns whether no one else has been the writer since ours before: then what we know still holds.
        """
        self.discard()
        producer = AIOKafkaProducer(
            **self._connection,
            transactional_id=self._id,
            transaction_timeout_ms=TRANSACTION_MS,
            retry_backoff_ms=5,  # Kafka 4 answers "retry" after each commit; the default waits 100 ms
            max_batch_size=LARGEST_BATCH,
            request_timeout_ms=15_000,
        )
        self._producer = producer
        async with asyncio.timeout(START_SECONDS):
            await producer.start()
        self._answers = Answers(producer)
        before, self._epoch = self._epoch, epoch_of(producer)
        return before is not None and follows(self._epoch, before)

    async def partitions(self, topics: Iterable[str]) -> int:
        """How many partitions each of these topics has.

        Raises:
            Unavailable: a topic does not exist (yet), or the cluster does not tell.
            Bug: they have not all the same number.
        """
        if self._producer is None:
            raise Unavailable("no producer")
        counts: dict[str, int] = {}
        for topic in topics:
            try:
                counts[topic] = len(await self._producer.partitions_for(topic))
            except UnknownTopicOrPartitionError as error:
                raise Unavailable(f"no topic {topic}: create it with `b2b2c-saga topics apply`") from error
        if len(set(counts.values())) != 1:
            raise Bug(f"topics of one job need the same number of partitions: {counts}")
        return counts.popitem()[1]

    async def commit(self, outputs: Mapping[Place, Sequence[Line]], offsets: Mapping[Place, int]) -> None:
        """Write the outputs and the consumed offsets, atomically.

        Raises:
            Refused, Aborted: nothing was written; the producer is gone, `open` again.
            Unknown: it may have been written; the producer is gone, `open` and read everything again.
            Fenced: this writer is no longer the owner, or was not all the while; the producer is gone.
        """
        if self._answers is not None and self._answers.missing and not await self.open():
            self.discard()
            raise Fenced("another owner came between")
        producer = self._producer
        if producer is None:
            raise Aborted("no producer")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await producer.begin_transaction()
                deliveries: list[asyncio.Future[object]] = []
                for place, lines in outputs.items():
                    deliveries += await _send(producer, place, lines)
                for delivery in deliveries:
                    delivery.add_done_callback(_seen)
                if offsets:
                    await producer.send_offsets_to_transaction(
                        {TopicPartition(*place): offset for place, offset in offsets.items()}, self._group
                    )
                results = await asyncio.gather(*deliveries, return_exceptions=True)
            _check(results)
        except FENCED as error:
            self.discard()
            raise Fenced(type(error).__name__) from error
        except Exception as error:
            await self._abort(producer)
            kind = Refused if isinstance(error, REFUSED) else Aborted
            raise kind(type(error).__name__) from error
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await producer.commit_transaction()
        except FENCED as error:
            self.discard()
            raise Fenced(type(error).__name__) from error
        except Exception as error:
            self.discard()
            raise Unknown(type(error).__name__) from error

    async def _abort(self, producer: AIOKafkaProducer) -> None:
        """End the transaction for readers' sake; the next producer would end it anyway.

        A producer whose batch was refused can't go on: it has counted sequence numbers that the log has not.
        """
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await producer.abort_transaction()
        except Exception as error:  # noqa: BLE001 - whatever it is, the producer goes
            log.info("abort left to the next producer", error=type(error).__name__)
        self.discard()

    def discard(self) -> None:
        """Throw the producer away, without waiting."""
        producer, self._producer, self._answers = self._producer, None, None
        if producer is not None:
            task = asyncio.create_task(_stop(producer))
            self._discarding.add(task)
            task.add_done_callback(self._discarding.discard)

    async def close(self) -> None:
        """Throw the producer away, and wait until it is gone."""
        self.discard()
        if self._discarding:
            await asyncio.wait(self._discarding, timeout=2 * STOP_SECONDS)


async def _send(producer: AIOKafkaProducer, place: Place, lines: Sequence[Line]) -> list[asyncio.Future[object]]:
    """Whole record batches: one future a batch instead of one a record."""
    deliveries: list[asyncio.Future[object]] = []
    builder = producer.create_batch()
    for key, value, headers, timestamp in lines:
        if builder.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
            builder.close()
            deliveries.append(await producer.send_batch(builder, place.topic, partition=place.partition))
            builder = producer.create_batch()
            if builder.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                raise MessageSizeTooLargeError("an empty batch does not take the record")
    builder.close()
    deliveries.append(await producer.send_batch(builder, place.topic, partition=place.partition))
    return deliveries


def _seen(delivery: asyncio.Future[object]) -> None:
    """Its failure is known, even where another failure came first and nobody asks for this one."""
    if not delivery.cancelled():
        delivery.exception()


def _check(results: Iterable[object]) -> None:
    """Raise what a delivery failed of; what says most about the whole batch goes first."""
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures:
        raise next((f for f in failures if isinstance(f, (*FENCED, *REFUSED))), failures[0])


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
    except Exception:  # noqa: BLE001 - it waits for a cluster that may be gone
        sender = producer._sender.sender_task  # noqa: SLF001 - no other way to end a producer that can't deliver
        while sender is not None and not sender.done():
            sender.cancel()
            await asyncio.sleep(0.05)
        await producer.client.close()
