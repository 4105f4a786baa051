"""One outside system as a Starlette app: what is asked, what goes wrong, what is done once, what is answered."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from b2b2c_saga.sandbox.book import Book
from b2b2c_saga.sandbox.faults import Control, Faults, Kind, befalls, chance, within

HANG_UP_LOOKED_FOR_EVERY = 0.1


class Asked(BaseModel):
    """What a call carries, camelCase; fields that a system doesn't know are passed over."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)


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
    """A repeat with the same key gets it again; a "not yet" is no final answer."""


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


A = TypeVar("A", bound=Asked)
Handler = Callable[[Desk, A], Answer]
Declared = Callable[[Handler[A]], Handler[A]]


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    asked: type[Asked]
    handler: Handler[Any]
    is_effect: bool


@dataclass
class System:
    """A system's name, its tables, and its calls; declared once in its own file."""

    name: str
    schema: str
    before_reading: Callable[[Desk], None] = lambda _: None
    """What time alone has changed, put into the book before the book is read."""
    calls: list[_Call] = field(default_factory=list)

    def effect(self, name: str, asked: type[A]) -> Declared[A]:
        """`POST /name` does something, once for each `Idempotency-Key`."""
        return self._declare(name, asked, is_effect=True)

    def question(self, name: str, asked: type[A]) -> Declared[A]:
        """`GET /name?...` tells something."""
        return self._declare(name, asked, is_effect=False)

    def _declare(self, name: str, asked: type[A], *, is_effect: bool) -> Declared[A]:
        def declared(handler: Handler[A]) -> Handler[A]:
            self.calls.append(_Call(name, asked, handler, is_effect))
            return handler

        return declared

    def app(self, folder: Path, control: Control) -> Starlette:
        """The app, with its book in `folder`."""
        return _Counter(self, Book(folder / f"{self.name}.sqlite", self.schema), control).app()


class _Counter:
    """Serves one system: the only place where faults and idempotency are known."""

    def __init__(self, system: System, book: Book, control: Control) -> None:
        self._system = system
        self._book = book
        self._control = control
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
                return _json(400, {"code": "KEY_MISSING", "reason": "an effect needs the header Idempotency-Key"})
            try:
                asked = (
                    call.asked.model_validate_json(await request.body())
                    if call.is_effect
                    else call.asked.model_validate(dict(request.query_params))
                )
            except ValidationError as error:
                wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
                return _json(400, {"code": "BAD_REQUEST", "reason": "; ".join(wrong)})
            return await self._serve(request, call, asked, key or str(request.url.query))

        return endpoint

    async def _serve(self, request: Request, call: _Call, asked: Asked, key: str) -> Response:
        faults = self._control.of(self._system.name, _order(asked))
        if faults.down:
            return _json(503, {"code": "DOWN", "reason": f"{self._system.name} is down"})
        times = self._book.count_asked(call.name, key)
        draw = (self._control.seed, self._system.name, call.name, key, times)
        kind = befalls(faults, call.name, times, chance("fault", *draw))
        await asyncio.sleep(within(faults.latency_ms, chance("latency", *draw)) / 1000)
        if kind is Kind.ERROR:
            return _json(500, {"code": "ERROR", "reason": "internal error"})
        if kind is Kind.LATE and call.is_effect:
            self._do_later(call, asked, key, within(faults.late_s, chance("late", *draw)))
        answer = self._do(call, asked, key) if kind in (Kind.NONE, Kind.AFTER) else None
        if kind is not Kind.NONE:
            await _stall(request, faults.stall_s)
        return answer or _json(504, {"code": "TOO_LATE", "reason": "no answer in time"})

    def _do(self, call: _Call, asked: Asked, key: str) -> Response:
        """Without an await: nothing else of this system happens in between."""
        with self._book.change():
            if call.is_effect and (before := self._book.answered(call.name, key)):
                return Response(before[1], before[0], media_type="application/json")
            answer = call.handler(self._desk(), asked)
            body = json.dumps(answer.body).encode()
            if call.is_effect and answer.is_final:
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
        return Desk(self._book, self._control, self._system.name, time.time())

    async def _books(self, request: Request) -> Response:
        account, slash, code = request.query_params.get("order", "").partition("/")
        with self._book.change():
            self._system.before_reading(self._desk())

        async def lines() -> AsyncIterator[bytes]:
            for page in self._book.pages((account, code) if slash else None, request.query_params.get("table")):
                yield b"".join(json.dumps(row).encode() + b"\n" for row in page)
                await asyncio.sleep(0)  # calls go on while a long book is read

        return StreamingResponse(lines(), media_type="application/x-ndjson")


async def _stall(request: Request, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not await request.is_disconnected():  # noqa: ASYNC110
        await asyncio.sleep(HANG_UP_LOOKED_FOR_EVERY)


def _order(asked: Asked) -> str | None:
    return f"{asked.account}/{asked.order_code}" if isinstance(asked, OfOrder) else None


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")
