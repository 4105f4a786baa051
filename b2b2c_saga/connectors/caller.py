"""One counterparty over HTTP: every call is answered, or known to be unanswered."""

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote_from_bytes

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from b2b2c_saga.bus.records import Headers
from b2b2c_saga.connectors.exchange import Exchange, Heard, Request
from b2b2c_saga.connectors.limits import Breaker, Bucket, Clock, Limits
from b2b2c_saga.model.messages import Command, Event

KEPT_ALIVE_S = 2
"""Shorter than servers keep an idle connection, so that none is used while it is being closed."""


class NoAnswer(Exception):  # noqa: N818 - a state, not our error
    """Done or not done, nobody knows. Says why there was no answer."""


class Caller:
    """Asks one system, so much at a time; its paths begin at `url`. `a_minute`: calls per tax id, or per account."""

    def __init__(
        self, url: str, patience: float, limits: Limits, a_minute: int | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._url = url
        self.limits = limits
        self._a_minute = a_minute
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._slots = asyncio.Semaphore(limits.parallel)
        self.breaker = Breaker(limits.breaker_failures, limits.breaker_cool_down, clock)
        self._http = httpx.AsyncClient(
            timeout=patience,
            limits=httpx.Limits(
                max_connections=limits.parallel,
                max_keepalive_connections=limits.parallel,
                keepalive_expiry=KEPT_ALIVE_S,
            ),
            trust_env=False,
        )

    async def converse(self, exchange: Exchange, command: Command, key: str, carried: Headers) -> Sequence[Event]:
        """The events that the answer to a command means. `key` is its idempotency key, the same for each attempt.

        Raises:
            NoAnswer: refused, too late, 5xx, or away for long: nobody knows what was done.
            MeaninglessAnswer: an answer that means nothing we know.
        """
        talk, account = exchange(command), command.key.partition("/")[0]
        try:
            request = next(talk)
            while True:
                request = talk.send(await self.call(request, account, key, carried))
        except StopIteration as end:
            events: Sequence[Event] = end.value
            return events

    async def call(self, request: Request, account: str, key: str, carried: Headers = ()) -> Heard:
        """The answer to one request for a seller account; `key` as above.

        Raises:
            NoAnswer: as above.
        """
        if self.breaker.is_cooling:
            raise NoAnswer("away: not asked")
        await self._take_turn(request.tax_id or account)  # outside a slot: who waits leaves it to others
        async with self._slots:
            if not self.breaker.admits():
                raise NoAnswer("away: not asked")
            try:
                response = await self._send(request, key, carried)
            except httpx.HTTPError as error:
                self.breaker.failed()
                raise NoAnswer(type(error).__name__) from None
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.breaker.failed()
            raise NoAnswer(f"status {response.status_code}")
        self.breaker.heard()
        heard = Heard(response.status_code, response.content)
        if heard.is_not_now:
            raise NoAnswer(f"status {heard.status}: not now")
        return heard

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _take_turn(self, whose: str) -> None:
        if self._a_minute is None:
            return
        bucket = self._buckets.setdefault(whose, Bucket(self._a_minute, self._clock))
        if wait := bucket.take():
            await asyncio.sleep(wait)

    async def _send(self, request: Request, key: str, carried: Headers) -> httpx.Response:
        headers = {"Idempotency-Key": _printable(key.encode())} | {
            name: _printable(value) for name, value in carried if value is not None
        }
        method = "GET" if request.body is None else "POST"
        # Only a connection that never was is tried again: whatever else goes wrong, something may have been sent.
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(httpx.ConnectError),
            wait=wait_random_exponential(multiplier=0.05, max=0.3),
            stop=stop_after_delay(self.limits.refused_retried_for),
            reraise=True,
        ):
            with attempt:
                return await self._http.request(
                    method,
                    self._url + request.path,
                    json=request.body,
                    params=request.query or None,
                    headers=headers,
                )
        raise AssertionError("the last attempt returns or raises")


def _printable(value: bytes) -> str:
    """A header's value that came from a record: escaped, where HTTP forbids the characters."""
    return quote_from_bytes(value, safe="/:._-+=,;#@ ")
