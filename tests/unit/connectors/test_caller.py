"""What a caller makes of what it gets over HTTP, down to the socket."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from b2b2c_saga.connectors.caller import Caller, NoAnswer
from b2b2c_saga.connectors.exchange import Conversation, MeaninglessAnswer, Request
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import StockTaken
from b2b2c_saga.model.messages.commands import OfferStock

COMMAND = OfferStock(account="A", location="L", sku="S", quantity=1, version=1)
TAKEN = StockTaken(account="A", location="L", sku="S", system="x", version=1)
LIMITS = Limits(_env_file=None, breaker_failures=2, refused_retried_for=0.3)
Answering = Callable[[bytes], Awaitable[bytes]]


def http(status: int, body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (status, len(body), body)


def tell_stock(command: OfferStock) -> Conversation:
    heard = yield Request("/stock", {"sku": command.sku})
    if heard.status != 200:
        raise heard.unexpected()
    return (TAKEN,)


@asynccontextmanager
async def answering(with_what: Answering, port: int = 0) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(await with_what(head))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def say(caller: Caller) -> Sequence[Event] | str:
    """The events, or why there are none."""
    try:
        return await caller.converse(tell_stock, COMMAND, "key-1", (("traceparent", b"00-ab-cd-01"),))
    except (NoAnswer, MeaninglessAnswer) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        await caller.close()


async def test_the_key_and_the_trace_travel_as_headers():
    heads: list[bytes] = []

    async def with_what(head: bytes) -> bytes:
        heads.append(head)
        return http(200)

    async with answering(with_what) as url:
        assert await say(Caller(url + "/erp", 1, LIMITS)) == (TAKEN,)
    assert heads[0].startswith(b"POST /erp/stock HTTP/1.1\r\n")
    assert b"\r\nIdempotency-Key: key-1\r\n" in heads[0]
    assert b"\r\ntraceparent: 00-ab-cd-01\r\n" in heads[0]


@pytest.mark.parametrize(
    ("answer", "means"),
    [
        (http(500), "NoAnswer: status 500"),
        (http(503), "NoAnswer: status 503"),
        (http(425), "NoAnswer: status 425: not now"),
        (http(423), "NoAnswer: status 423: not now"),
        (http(429), "NoAnswer: status 429: not now"),
        (http(409, b'{"code": "BUSY", "reason": "later"}'), "NoAnswer: status 409: not now"),
        (http(409, b'{"code": "OTHER", "reason": "Asha"}'), "MeaninglessAnswer: status 409 unexpected, code OTHER"),
        (b"", "NoAnswer: RemoteProtocolError"),
        (b"nonsense\r\n\r\n", "NoAnswer: RemoteProtocolError"),
        (
            http(418, b'{"code": "TEAPOT", "reason": "Asha Rao"}'),
            "MeaninglessAnswer: status 418 unexpected, code TEAPOT",
        ),
        (http(400, b"<html>"), "MeaninglessAnswer: status 400 unexpected, code none"),
    ],
)
async def test_an_answer_that_says_nothing_is_none(answer: bytes, means: str):
    asked = 0

    async def with_what(_: bytes) -> bytes:
        nonlocal asked
        asked += 1
        return answer

    async with answering(with_what) as url:
        assert await say(Caller(url, 1, LIMITS)) == means
    assert asked == 1  # something may have been done: the caller never asks twice by itself


async def test_an_answer_that_comes_too_late_is_none():
    async def with_what(_: bytes) -> bytes:
        await asyncio.sleep(0.5)
        return http(200)

    async with answering(with_what) as url:
        assert await say(Caller(url, 0.1, LIMITS)) == "NoAnswer: ReadTimeout"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def test_a_refused_connection_is_tried_for_a_while():
    port = free_port()
    caller = Caller(f"http://127.0.0.1:{port}", 1, Limits(_env_file=None, refused_retried_for=5))
    saying = asyncio.create_task(say(caller))
    await asyncio.sleep(0.3)

    async def with_what(_: bytes) -> bytes:
        return http(200)

    async with answering(with_what, port):
        assert await saying == (TAKEN,)


async def test_a_refused_connection_is_given_up_soon():
    began = asyncio.get_running_loop().time()
    assert await say(Caller(f"http://127.0.0.1:{free_port()}", 1, LIMITS)) == "NoAnswer: ConnectError"
    assert asyncio.get_running_loop().time() - began < 1


async def test_a_system_without_answers_is_asked_no_more_until_one_call_is_heard():
    now, status, asked = 0.0, 500, 0

    async def with_what(_: bytes) -> bytes:
        nonlocal asked
        asked += 1
        return http(status)

    async with answering(with_what) as url:
        caller = Caller(url, 1, LIMITS, clock=lambda: now)
        said = []
        for at, then in ((0, 500), (0, 500), (0, 200), (5, 500), (5, 200), (10, 200), (10, 200)):
            now, status = at, then
            try:
                said.append(await caller.converse(tell_stock, COMMAND, "k", ()))
            except NoAnswer as error:
                said.append(str(error))
        await caller.close()
    away = "away: not asked"
    assert said == ["status 500", "status 500", away, "status 500", away, (TAKEN,), (TAKEN,)]
    assert asked == 5


@pytest.mark.parametrize(
    ("whose", "wait"), [((None, None), 0.2), (("29X", "29X"), 0.2), (("29X", "27Y"), 0), ((None, "29X"), 0)]
)
async def test_calls_for_an_account_or_a_tax_id_wait_their_turn(whose: tuple[str | None, str | None], wait: float):
    async def with_what(_: bytes) -> bytes:
        return http(200)

    async with answering(with_what) as url:
        caller = Caller(url, 5, LIMITS, a_minute=600, clock=lambda: 0)
        began = asyncio.get_running_loop().time()
        requests = (Request("/invoices", {}, tax_id=tax_id) for tax_id in whose)
        # a hundred at once for each, then ten a second; by a clock that stands still
        await asyncio.gather(*(caller.call(request, "A", "k") for request in requests for _ in range(52)))
        left = [bucket.take() > 0 for bucket in caller._buckets.values()]
        assert left == [wait > 0] * len(set(whose))
        assert asyncio.get_running_loop().time() - began > wait
        await caller.close()


async def test_a_conversation_goes_on_with_what_was_heard():
    heads: list[bytes] = []

    async def with_what(head: bytes) -> bytes:
        heads.append(head.partition(b" HTTP")[0])
        return http(409 if len(heads) == 1 else 200, b'{"code": "DUPLICATE", "reason": "r"}')

    def conversation(_: OfferStock) -> Conversation:
        first = yield Request("/invoices", {})
        second = yield Request("/look-ups", query={"code": first.problem.code})
        return (TAKEN,) * (second.status == 200)

    async with answering(with_what) as url:
        caller = Caller(url, 1, LIMITS)
        assert await caller.converse(conversation, COMMAND, "k", ()) == (TAKEN,)
        assert await caller.converse(lambda _: nothing_to_ask(), COMMAND, "k", ()) == (TAKEN,)
        await caller.close()
    assert heads == [b"POST /invoices", b"GET /look-ups?code=DUPLICATE"]


def nothing_to_ask() -> Conversation:
    yield from ()
    return (TAKEN,)


async def test_a_key_with_strange_characters_is_escaped():
    heads: list[bytes] = []

    async def with_what(head: bytes) -> bytes:
        heads.append(head)
        return http(200)

    async with answering(with_what) as url:
        caller = Caller(url, 1, LIMITS)
        await caller.converse(tell_stock, COMMAND, "a\r\nb\u20b9", (("traceparent", b"\xff\n"),))
        await caller.close()
    assert b"\r\nIdempotency-Key: a%0D%0Ab%E2%82%B9\r\n" in heads[0]
    assert b"\r\ntraceparent: %FF%0A\r\n" in heads[0]
