"""One outside system as a Starlette app: what is asked, what goes wrong, what is done once, what is answered."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from b2b2c_saga.sandbox.book import Book
from b2b2c_saga.sandbox.faults import Control, Faults, Kind, befalls, chance, within

HANG_UP_LOOKED_FOR_EVERY = 0.1
DONE = 200
NONSENSE = b'{"result": "OK", "details": {"code": 4711}}'
"""Done, as it seems; of what everybody agreed upon there is nothing in it."""


def camel(name: str) -> str:
    """`b2b_order_code` as `b2bOrderCode`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


class Asked(BaseModel):
    """What a call carries, camelCase; fields that a system doesn't know are passed over."""

    model_config = ConfigDict(frozen=True, alias_generator=camel, validate_by_name=True, validate_by_alias=True)


class OfOrder(Asked):
    """Everything about an order names it so."""

    account: str
    order_code: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answers."""

    body: dict[str, Any]
    status: int = 200
    is_final: bool = True
    """A repeat with the same key gets it again, if it is a success: what was refused is judged anew."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a system has at hand when it is asked."""

    book: Book
    control: Control
    system: str
    now: float
    """Seconds since the epoch."""

    def faults(self, account: str, order_code: str) -> Faults:
        """What holds for this order."""
        return self.control.of(self.system, f"{account}/{order_code}")

    def chance(self, *parts: object) -> float:
        """A number in [0, 1) that the seed and these parts decide."""
        return chance(self.control.seed, self.system, *parts)

    def later(self, span: tuple[float, float], *parts: object) -> float:
        """The time, from now on, that seed and parts decide within a span of seconds."""
        return self.now + within(span, self.chance(*parts))


A = TypeVar("A", bound=Asked)
Handler = Callable[[Desk, A], Answer]
Declared = Callable[[Handler[A]], Handler[A]]


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    asked: type[Asked]
    handler: Handler[Any]
    is_effect: bool
    is_keyed: bool


@dataclass
class System:
    """A system's name, its tables, and its calls; declared once in its own file."""

    name: str
    schema: str
    catch_up: Callable[[Desk], None] = lambda _: None
    """What time alone has changed, put into the book before the book is read or anything is asked."""
    calls: list[_Call] = field(default_factory=list)

    def effect(self, name: str, asked: type[A], *, is_keyed: bool = True) -> Declared[A]:
        """`POST /name` does something, once for each `Idempotency-Key`.

        Not `is_keyed`: what it is about tells a repeat, such as a document's number, and the key is passed over.
        """
        return self._declare(name, asked, is_effect=True, is_keyed=is_keyed)

    def question(self, name: str, asked: type[A]) -> Declared[A]:
        """`GET /name?...` tells something."""
        return self._declare(name, asked, is_effect=False, is_keyed=False)

    def _declare(self, name: str, asked: type[A], *, is_effect: bool, is_keyed: bool) -> Declared[A]:
        def declared(handler: Handler[A]) -> Handler[A]:
            self.calls.append(_Call(name, asked, handler, is_effect, is_keyed))
            return handler

        return declared

    def app(self, folder: Path, control: Control, clock: Callable[[], float] = time.time) -> Starlette:
        """The app, with its book in `folder`; the clock gives seconds since the epoch."""
        return _Counter(self, Book(folder / f"{self.name}.sqlite", self.schema), control, clock).app()


class _Counter:
    """Serves one system: the only place where faults and idempotency are known."""

    def __init__(self, system: System, book: Book, control: Control, clock: Callable[[], float]) -> None:
        self._system = system
        self._book = book
        self._control = control
        self._clock = clock
        self._late: set[asyncio.Task[None]] = set()

    def app(self) -> Starlette:
        calls = [
            Route(f"/{call.name}", self._endpoint(call), methods=["POST" if call.is_effect else "GET"])
            for call in self._system.calls
        ]
        return Starlette(routes=[Route("/books", self._books), *calls])

    def _endpoint(self, call: _Call) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            if call.is_effect and not key:
                return _problem(400, "KEY_MISSING", "an effect needs the header Idempotency-Key")
            try:
                asked = (
                    call.asked.model_validate_json(await request.body())
                    if call.is_effect
                    else call.asked.model_validate(dict(request.query_params))
                )
            except ValidationError as error:
                wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
                return _problem(400, "BAD_REQUEST", "; ".join(wrong))
            return await self._serve(request, call, asked, key or str(request.url.query))

        return endpoint

    async def _serve(self, request: Request, call: _Call, asked: Asked, key: str) -> Response:
        faults = self._control.of(self._system.name, _order(asked))
        if faults.down:
            return _problem(503, "DOWN", f"{self._system.name} is down")
        times = self._book.count_asked(call.name, key)
        draw = (self._control.seed, self._system.name, call.name, key, times)
        kind = befalls(faults, call.name, times, chance("fault", *draw))
        await asyncio.sleep(within(faults.latency_ms, chance("latency", *draw)) / 1000)
        if kind is Kind.ERROR:
            return _problem(500, "ERROR", "internal error")
        if kind is Kind.BUSY:
            return _problem(409, "BUSY", "somebody else is at it: not now")
        if kind is Kind.LATE and call.is_effect:
            self._do_later(call, asked, key, within(faults.late_s, chance("late", *draw)))
        answer = self._do(call, asked, key) if kind in (Kind.NONE, Kind.AFTER, Kind.NONSENSE) else None
        if kind is Kind.NONSENSE:
            return Response(NONSENSE, DONE, media_type="application/json")
        if kind is not Kind.NONE:
            await _stall(request, faults.stall_s)
        return answer or _problem(504, "TOO_LATE", "no answer in time")

    def _do(self, call: _Call, asked: Asked, key: str) -> Response:
        """Without an await: nothing else of this system happens in between."""
        with self._book.change():
            if call.is_keyed and (before := self._book.answered(call.name, key)):
                return Response(before[1], before[0], media_type="application/json")
            desk = self._desk()
            self._system.catch_up(desk)
            answer = call.handler(desk, asked)
            body = json.dumps(answer.body).encode()
            if call.is_keyed and answer.is_final and answer.status == DONE:
                self._book.remember(call.name, key, answer.status, body)
        return Response(body, answer.status, media_type="application/json")

    def _do_later(self, call: _Call, asked: Asked, key: str, delay: float) -> None:
        async def later() -> None:
            await asyncio.sleep(delay)
            self._do(call, asked, key)

        task = asyncio.create_task(later())
        self._late.add(task)  # the loop keeps no strong reference to a task
        task.add_done_callback(self._late.discard)

    def _desk(self) -> Desk:
        return Desk(self._book, self._control, self._system.name, self._clock())

    async def _books(self, request: Request) -> Response:
        named = [order.partition("/") for order in request.query_params.getlist("order")]
        orders = [(account, code) for account, slash, code in named if slash]
        with self._book.change():
            self._system.catch_up(self._desk())

        async def lines() -> AsyncIterator[bytes]:
            for page in self._book.pages(orders, request.query_params.get("table")):
                yield b"".join(json.dumps(row).encode() + b"\n" for row in page)
                await asyncio.sleep(0)  # calls go on while a long book is read

        return StreamingResponse(lines(), media_type="application/x-ndjson")


async def _stall(request: Request, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not await request.is_disconnected():  # noqa: ASYNC110
        await asyncio.sleep(HANG_UP_LOOKED_FOR_EVERY)


def _order(asked: Asked) -> str | None:
    return f"{asked.account}/{asked.order_code}" if isinstance(asked, OfOrder) else None


def _problem(status: int, code: str, reason: str) -> Response:
    return Response(json.dumps({"code": code, "reason": reason}), status, media_type="application/json")
