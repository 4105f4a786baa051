"""Faust, and all that we reach into of it: its group membership and agents, without its offsets and commits.

`tests/unit/engine` pins each private name used here, so that another Faust fails there and not in production.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

import faust
from aiokafka import TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, SyncGroupRequest
from faust.transport.drivers import aiokafka as driver
from faust.types import ConsumerMessage

from b2b2c_saga.bus.driver import to_record
from b2b2c_saga.runtime.engine.labels import Fetched, Labels, Place
from b2b2c_saga.runtime.engine.owners import Owners
from b2b2c_saga.runtime.engine.standing import Standing
from b2b2c_saga.settings import Settings

logging.getLogger(__name__).setLevel(logging.ERROR)
"""Services log each start and stop under the name of the module that defines them: this one."""

HELD_POLL_SECONDS = 0.05
"""While a place is held, a fetch waits no longer: what is let go must not wait for others' records."""
FETCH_WAIT_MS = 500
MEMBERS_REQUESTS = (HeartbeatRequest, JoinGroupRequest, SyncGroupRequest)


class FetchThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's consumer thread, reading committed records only and labelling what it fetched."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        self.labels = Labels()
        self.held: frozenset[Place] = frozenset()
        super().__init__(*args, **kwargs)
        self.standing = Standing(self.app.conf.broker_session_timeout)

    async def on_start(self) -> None:
        """Connect, and watch what the group's coordinator says of a static member."""
        await super().on_start()
        if self.app.conf.consumer_group_instance_id is not None:
            self._watch(self._ensure_consumer()._coordinator)  # noqa: SLF001

    def _watch(self, coordinator: Any) -> None:  # noqa: ANN401
        send = coordinator._send_req  # noqa: SLF001

        async def watched(request: object) -> object:
            if self.standing.is_lost and isinstance(request, JoinGroupRequest):
                raise GroupCoordinatorNotAvailableError  # the name is another's: don't take it back
            response = await send(request)
            if isinstance(request, MEMBERS_REQUESTS):
                self.standing.heard(response.error_code)
                if self.standing.is_lost:
                    self.app.loop.call_soon_threadsafe(self.app.replaced.set)
            return response

        coordinator._send_req = watched  # noqa: SLF001

    def _create_worker_consumer(self, transport: Any) -> Any:  # noqa: ANN401
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer

    async def _fetch_records(
        self,
        consumer: Any,  # noqa: ANN401
        active_partitions: Iterable[TopicPartition],
        timeout: float | None = None,  # noqa: ASYNC109
        max_records: int | None = None,
    ) -> dict[TopicPartition, Fetched]:
        held = self.held
        wanted = {tp for tp in active_partitions if self.labels.is_asked(tp) and tp not in held}
        if len(wanted) < len(list(active_partitions)):
            timeout = min(timeout or 0, HELD_POLL_SECONDS)
        if not wanted:
            await asyncio.sleep(HELD_POLL_SECONDS)
            return {}
        fetched = await super()._fetch_records(consumer, wanted, timeout, max_records)
        # No await from here on: a seek can't come between taking and labelling.
        return {tp: self.labels.label(Place(*tp), [to_record(raw) for raw in raws]) for tp, raws in fetched.items()}

    async def ask_from(self, place: Place, offset: int) -> int:
        """As `Source.ask_from`, from the main thread."""
        return int(await self.call_thread(self._ask_from, place, offset))

    async def _ask_from(self, place: Place, offset: int) -> int:
        self._ensure_consumer().seek(TopicPartition(*place), offset)
        return self.labels.asked(place)


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's consumer without its offsets: writers seek, and transactions commit."""

    _thread: FetchThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        self._numbers = itertools.count(1)
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> FetchThread:
        return FetchThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TopicPartition, ConsumerMessage]]:  # noqa: ASYNC109
        """One Faust message for each fetched partition: Faust's cost per message is paid once for hundreds."""
        fetched, _ = await self._wait_next_records(timeout)
        if fetched is None or self.should_stop:
            return
        generation = self.app.consumer_generation_id
        for tp, batch in fetched.items():
            # Faust drops what lies before the last offset it saw; a writer may ask again from before that.
            number = next(self._numbers)
            yield tp, ConsumerMessage(
                tp.topic, tp.partition, number, time.time(), 0,
                (), None, batch, None, 0, 0, tp, generation_id=generation,
            )  # fmt: skip

    async def perform_seek(self) -> None:
        """The writers do."""

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ANN401, ARG002, FBT001, FBT002
        """Transactions do."""
        return True

    async def _add_gap(self, *_: object) -> None:
        """Gaps are transaction markers here."""

    def track_message(self, message: Any) -> None:  # noqa: ANN401
        """Nothing is acknowledged to Faust."""

    def verify_event_path(self, now: float, tp: Any) -> None:  # noqa: ANN401
        """It knows nothing of our commits and would complain."""


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's transport with our consumer."""

    Consumer = Consumer


class Membership(faust.App):  # type: ignore[misc]
    """A Faust app with one agent for each step topic, that hands what is fetched to the owners.

    It is the `Source` of the writers.
    """

    def __init__(  # noqa: PLR0913
        self, group: str, settings: Settings, connection: Mapping[str, Any], owners: Callable[["Membership"], Owners],
        *, steps: Iterable[str], session_seconds: float, heartbeat_seconds: float,
    ) -> None:  # fmt: skip
        self._owners = owners(self)
        self.replaced = asyncio.Event()
        """Set when another process has joined under our instance id."""
        super().__init__(
            group,
            broker=[f"kafka://{server}" for server in settings.bootstrap.split(",")],
            broker_credentials=_credentials(connection),
            broker_client_id=settings.application,
            broker_session_timeout=session_seconds,
            broker_heartbeat_interval=heartbeat_seconds,
            broker_request_timeout=max(30.0, session_seconds),
            broker_max_poll_records=2000,
            consumer_auto_offset_reset="earliest",
            consumer_group_instance_id=settings.instance_id,
            canonical_url=f"http://{settings.application}",  # an instance may come back on another machine
            consumer_max_fetch_size=1 << 20,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            stream_wait_empty=False,
            stream_buffer_maxsize=64,
            table_standby_replicas=1,  # no tables: but only with this does Faust use its co-partitioning assignor
        )
        self.on_partitions_revoked.connect(self._revoked, weak=False)
        self.on_partitions_assigned.connect(self._assigned, weak=False)
        for step in steps:
            self.agent(self.topic(step, key_serializer="raw", value_serializer="raw"), name=step)(self._hand_over)

    async def ask_from(self, place: Place, offset: int) -> int:
        """See `Source`."""
        return await self._fetching.ask_from(place, offset)

    def taken(self, place: Place) -> tuple[int, int | None]:
        """See `Source`."""
        return self._fetching.labels.taken(place)

    def hold(self, places: frozenset[Place], held: bool) -> None:  # noqa: FBT001
        """See `Source`."""
        thread = self._fetching
        thread.held = thread.held | places if held else thread.held - places

    async def serve(self) -> None:
        """Be a member of the group until it crashes.

        Raises:
            Exception: the reason of the crash.
        """
        await self.start()
        await self.wait_until_stopped()
        if self.crash_reason is not None:
            raise self.crash_reason

    async def leave(self) -> None:
        """Leave the group; writers are settled already."""
        await self.stop()

    @property
    def _fetching(self) -> FetchThread:
        thread: FetchThread = self.consumer._thread  # noqa: SLF001
        return thread

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self, loop=self.loop)

    def _create_directories(self) -> None:
        """We keep no files."""

    async def _hand_over(self, stream: Any) -> None:  # noqa: ANN401
        async for fetched in stream.noack():
            self._owners.submit(fetched)

    async def _revoked(self, *_: object, **__: object) -> None:
        await self._owners.revoked()

    async def _assigned(self, _: object, assigned: Iterable[Any], **__: object) -> None:
        # aiokafka speaks the eager protocol alone: an assignment forgets all positions, so every writer asks again.
        await self._owners.revoked()
        await self._owners.assigned([Place(tp.topic, tp.partition) for tp in assigned])


def _credentials(connection: Mapping[str, Any]) -> faust.auth.Credentials | None:
    context = connection.get("ssl_context")
    if connection["security_protocol"].startswith("SASL"):
        return faust.SASLCredentials(
            username=connection["sasl_plain_username"],
            password=connection["sasl_plain_password"],
            mechanism=connection["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None
