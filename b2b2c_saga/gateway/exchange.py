"""Asking over Kafka: an event goes out with a request id, the reply that carries the same id comes back.

One follower a process reads all of topic `replies` from its end. It is in position before anything is asked, so no
reply can be missed while the process lives; a caller that lost its process repeats the call.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

import structlog

from b2b2c_saga.bus.clients import Publisher, follow, producer
from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.model.messages import Reply
from b2b2c_saga.settings import Settings

R = TypeVar("R", bound=Reply)
ACKNOWLEDGED_WITHIN = 5.0
"""Seconds that Kafka has to acknowledge an event."""
RECONNECT_AFTER = 1.0
"""Seconds between attempts to reach Kafka."""
PROBE_EVERY = 2.0
PROBE_WITHIN = 3.0
"""Seconds. A cluster that is away tells nobody so: it is asked whether it is there."""

log = structlog.get_logger(__name__)


class Exchange:
    """Asks, and hands each reply to the one who waits for it. `run` keeps it connected until cancelled."""

    def __init__(self, settings: Settings, topics: Topics) -> None:
        self._settings = settings
        self._topics = topics
        self._publisher: Publisher | None = None
        self._in_position = asyncio.Event()
        self._reached = True
        self._stopping = asyncio.Event()
        self._waiting: defaultdict[str, set[asyncio.Future[Reply]]] = defaultdict(set)

    @property
    def is_ready(self) -> bool:
        """The reply follower is in position, Kafka answers, and nobody has said stop."""
        connected = self._publisher is not None and self._in_position.is_set() and self._reached
        return connected and not self._stopping.is_set()

    async def run(self) -> None:
        """Connect, follow the replies, and connect again after each loss."""
        while True:
            try:
                await self._follow_replies()
            except (Unavailable, BadInput) as error:
                log.warning("gateway has no Kafka", reason=str(error), again_in=RECONNECT_AFTER)
            except Exception:  # a bug: told, seen in /health, and no reason to leave callers without a gateway
                log.exception("gateway lost Kafka by a bug", again_in=RECONNECT_AFTER)
            finally:
                self._publisher = None
                self._in_position.clear()
            await asyncio.sleep(RECONNECT_AFTER)

    def stop(self) -> None:
        """Take no more requests, and let the open ones go without an answer."""
        self._stopping.set()

    async def ask(self, envelope: Envelope, request_id: str, kind: type[R], wait: float) -> R | None:
        """Publish the event; the reply to `request_id`, or None if none came within `wait` seconds or before `stop`.

        Several may wait for the same request id: the first reply answers all of them.

        Raises:
            Unavailable: the event was not acknowledged; it may have arrived all the same.
        """
        publisher = self._ready_publisher()
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[request_id].add(reply)
        try:
            await self._publish(publisher, [envelope])
            await self._until(reply, wait)
        finally:
            self._waiting[request_id].discard(reply)
            if not self._waiting[request_id]:
                del self._waiting[request_id]
        if not reply.done():
            reply.cancel()
            return None
        answer = reply.result()
        return answer if isinstance(answer, kind) else None

    async def tell(self, envelopes: Sequence[Envelope]) -> None:
        """Publish events; Kafka has them all.

        Raises:
            Unavailable: not all were acknowledged; some may have arrived all the same.
        """
        await self._publish(self._ready_publisher(), envelopes)

    def _ready_publisher(self) -> Publisher:
        if not self.is_ready or self._publisher is None:
            raise Unavailable("the gateway is stopping" if self._stopping.is_set() else "the gateway has no Kafka")
        return self._publisher

    async def _publish(self, publisher: Publisher, envelopes: Sequence[Envelope]) -> None:
        records = [Outgoing(self._topics.name(e.message.destination), e.key, e.value, e.headers) for e in envelopes]
        sending = asyncio.ensure_future(publisher.publish_all(records))
        await self._until(sending, ACKNOWLEDGED_WITHIN)
        if not sending.done():
            sending.cancel()
            raise Unavailable("Kafka gave no acknowledgement")
        try:
            sending.result()
        except BadInput as error:  # no such topic: not the caller's fault
            raise Unavailable(str(error)) from None

    async def _until(self, done: "asyncio.Future[R] | asyncio.Future[int]", seconds: float) -> None:
        """Wait for it, for so long at most, and not beyond `stop`."""
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({done, stopped}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()

    async def _follow_replies(self) -> None:
        async with producer(self._settings) as publisher:
            self._publisher = publisher
            probing = asyncio.create_task(self._probe(publisher))
            try:
                topic = self._topics.name(Reply.topic)
                async for record in follow(self._settings, [topic], from_end=True, ready=self._in_position):
                    self._hear(record)
            finally:
                probing.cancel()

    async def _probe(self, publisher: Publisher) -> None:
        while True:
            try:
                async with asyncio.timeout(PROBE_WITHIN):
                    reached = await publisher.reaches_cluster()
            except TimeoutError:
                reached = False
            if reached is not self._reached:
                log.warning("Kafka answers again" if reached else "Kafka does not answer")
            self._reached = reached
            await asyncio.sleep(PROBE_EVERY)

    def _hear(self, record: Record) -> None:
        try:
            reply = decode(record, Reply.topic).message
        except BadInput as error:
            log.warning(
                "unreadable reply passed over", partition=record.partition, offset=record.offset, why=str(error)
            )
            return
        if isinstance(reply, Reply):
            for waiting in self._waiting.get(reply.request_id, ()):
                if not waiting.done():
                    waiting.set_result(reply)
