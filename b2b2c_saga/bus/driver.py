"""What our clients share around aiokafka: how they start, its errors in our words, its records typed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from b2b2c_saga.bus.access import refusal
from b2b2c_saga.bus.heeded import heed_offset_errors
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.security import connection
from b2b2c_saga.bus.undecodable import Undecoded, set_undecodable_aside
from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.settings import Settings

heed_offset_errors()
set_undecodable_aside()

POLL_MS = 100
"""How long a read waits for something to come before it looks around."""


async def start_client(client: Any, settings: Settings) -> None:  # noqa: ANN401 - aiokafka has no types
    """Start a producer, consumer or admin client; one that can't start leaves nothing open.

    Raises:
        BadInput: the cluster refuses credentials, certificate or protocol.
        Unavailable: it does not answer.
    """
    try:
        with plainly(settings):
            await client.start()
    except Unavailable:
        await _close(client)
        if (refused := await refusal(settings)) is not None:
            raise refused from None
        raise
    except BaseException:
        await _close(client)
        raise


async def _close(client: Any) -> None:  # noqa: ANN401
    """Else its sockets outlive the failure."""
    await (client.close if hasattr(client, "close") else client.stop)()


@asynccontextmanager
async def admin_client(settings: Settings, patience: float = 40.0) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client for the length of a block, waiting `patience` seconds for each answer.

    Raises:
        Unavailable: the cluster does not answer.
    """
    client = AIOKafkaAdminClient(**connection(settings), request_timeout_ms=int(patience * 1_000))
    await start_client(client, settings)
    try:
        with plainly(settings):
            yield client
    finally:
        await client.close()


@contextmanager
def plainly(settings: Settings) -> Iterator[None]:
    """Kafka's errors in our words: what can be retried is `Unavailable`, what is the sender's fault is `BadInput`."""
    try:
        yield
    except MessageSizeTooLargeError as error:
        raise BadInput("record too large for the topic", rule=str(error)) from error
    except UnknownTopicOrPartitionError as error:
        raise no_such_topic(_topic_in(error)) from error
    except KafkaConnectionError as error:
        raise Unavailable(
            f"no Kafka answers at {settings.bootstrap}; see `b2b2c-saga broker status`, "
            "or name another cluster with --bootstrap-servers"
        ) from error
    except KafkaError as error:
        raise Unavailable(f"Kafka at {settings.bootstrap} refused: {type(error).__name__}: {error}") from error


def no_such_topic(topic: str | None) -> BadInput:
    """A topic that the cluster doesn't have."""
    return BadInput("no such topic", field="topic", value=topic, rule="create it with `b2b2c-saga topics apply`")


def _topic_in(error: Exception) -> str | None:
    first = error.args[0] if error.args else None
    return first.topic if isinstance(first, TopicPartition) else first if isinstance(first, str) else None


def to_record(raw: ConsumerRecord) -> Record:
    """One of aiokafka's records as ours."""
    headers = tuple(raw.headers)
    why = raw.undecoded if isinstance(raw, Undecoded) else None
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers, raw.timestamp, why)
