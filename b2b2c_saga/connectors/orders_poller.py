"""Polls the order list of one seller account: page after page, each committed before the next is asked for."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from b2b2c_saga.bus.clients import newest
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.transactions import AtomicPublisher, Fenced, atomic_publisher
from b2b2c_saga.connectors.caller import Caller, NoAnswer
from b2b2c_saga.connectors.counts import NOT_UNDERSTOOD, ORDERS_PARKED, ORDERS_PULLED
from b2b2c_saga.connectors.exchange import MeaninglessAnswer
from b2b2c_saga.connectors.orders_pull import Page, ask_orders, cursor_record, hear_orders, pulled
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

NAME = "b2b2c-pull"
AWAY_S = 1.0
STANDS_BACK_S = 5.0
"""After it was fenced: longer than the group needs to tell whose the account is."""

log = structlog.get_logger(__name__)


class Pace(BaseSettings):
    """What an operator may set of it: `B2B2C_PULL_*`."""

    model_config = SettingsConfigDict(
        env_prefix="B2B2C_PULL_", env_file=".env", extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    every: float = Field(default=5, gt=0, le=3_600)
    """Seconds between two looks at a list that was read to its end, or that could not be had."""
    page: int = Field(default=100, ge=1, le=500)
    """Orders at once: so many are one transaction."""


class Poller:
    """Polls the list of one account; `catalogue` gives the newest set."""

    def __init__(
        self, account: str, catalogue: Callable[[], Catalogue], caller: Caller, settings: Settings, pace: Pace
    ) -> None:
        self._account = account
        self._catalogue = catalogue
        self._caller = caller
        self._settings = settings
        self._topics = load_topics(settings.topic_prefix)
        self._pace = pace
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """After the page that is under way."""
        self._stopping.set()

    async def run(self) -> None:
        """Until told to stop, in sessions: each begins by fencing whoever was, and by reading the cursor.

        Raises:
            BadInput: Kafka lacks a topic.
        """
        while not self._stopping.is_set():
            try:
                async with atomic_publisher(self._settings, f"{NAME}-{self._account}") as publisher:
                    await self._poll(publisher)
            except Unavailable as error:  # published or not: the cursor tells
                log.warning("no Kafka for now", account=self._account, reason=str(error))
                await self._wait(AWAY_S)
            except Fenced:
                log.warning("another polls this account", account=self._account, looks_again_in=STANDS_BACK_S)
                await self._wait(STANDS_BACK_S)

    async def _poll(self, publisher: AtomicPublisher) -> None:
        cursor = await self._cursor()
        log.info("orders are pulled", account=self._account, after=cursor or "(the first ever)")
        while not self._stopping.is_set():
            page = await self._page(cursor)
            if page and page.cursor != cursor:
                await self._publish(publisher, page)
                cursor = page.cursor
                if page.more:
                    continue
            elif page and page.orders:
                log.error("orders without a new cursor: not taken in", account=self._account, cursor=cursor)
            await self._wait(self._pace.every)

    async def _cursor(self) -> str:
        record = await newest(self._settings, self._topics.name("cursors"), self._account.encode())
        try:
            return (record.value or b"").decode() if record else ""
        except UnicodeDecodeError:  # none of ours: from the first order on, of which those that are known are repeats
            log.error("cursor unreadable, orders are pulled from the first", account=self._account)  # noqa: TRY400
            return ""

    async def _page(self, cursor: str) -> Page | None:
        """What is behind the cursor; None if the marketplace does not tell."""
        asked = ask_orders(self._account, cursor, self._pace.page)
        try:
            return hear_orders(await self._caller.call(asked, self._account, key=f"{self._account}/{cursor}"))
        except NoAnswer as error:
            log.info("no answer", call="orders", account=self._account, reason=str(error))
        except MeaninglessAnswer as error:
            log.warning("answer not understood", call="orders", account=self._account, reason=str(error))
            NOT_UNDERSTOOD.labels("marketplace", "orders").inc()
        return None

    async def _publish(self, publisher: AtomicPublisher, page: Page) -> None:
        found = pulled(page, self._account, self._catalogue(), self._topics, datetime.now(UTC))
        await publisher.publish([*found.records, cursor_record(self._account, page.cursor, self._topics)])
        ORDERS_PULLED.labels(self._account).inc(found.published)
        ORDERS_PARKED.labels(self._account).inc(found.parked)
        told = {"published": found.published, "parked": found.parked, "cursor": page.cursor, "more": page.more}
        log.info("orders pulled", account=self._account, **told)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
