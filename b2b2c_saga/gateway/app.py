"""The application: its routes, and the path of one call from its body to its answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from uuid import uuid4

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.gateway import trace
from b2b2c_saga.gateway.bodies import read_body
from b2b2c_saga.gateway.doors import DOORS, Door, pending, unavailable
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.gateway.problems import Problem
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import OrderEvent

SOURCE = "b2b2c-saga/gateway"
log = structlog.get_logger(__name__)


def application(exchange: Exchange, wait: float) -> Starlette:
    """The ASGI application; a call waits `wait` seconds at most for the saga's answer."""
    return Starlette(
        routes=[
            *(Route(door.path, _at(door, exchange, wait), methods=["POST"]) for door in DOORS),
            Route("/health", partial(_health, exchange=exchange), methods=["GET"]),
        ],
        exception_handlers={Problem: _say_problem, HTTPException: _say_http, Exception: _say_bug},
        lifespan=partial(_connected, exchange),
    )


def _at(door: Door, exchange: Exchange, wait: float) -> Callable[[Request], Awaitable[Response]]:
    process = uuid4()

    async def call(request: Request) -> Response:
        said = await read_body(request, door.event)
        # The same call through the same process is the same request: repeats wait together, and the row does not grow.
        request_id = derived_id(process, said.ce_type(), said.model_dump_json(exclude={"request_id"}))
        event = said.model_copy(update={"request_id": request_id})
        envelope = Envelope(
            event,
            id=_event_id(request, event),
            source=SOURCE,
            time=datetime.now(UTC),
            carried=((trace.HEADER, trace.traceparent(request.headers.get(trace.HEADER)).encode()),),
        )
        try:
            answer = await exchange.ask(envelope, request_id, door.answers, wait)
        except Unavailable as error:
            raise unavailable(f"{error}; repeat the same call, it is taken in once") from None
        return pending() if answer is None else door.response(answer)

    return call


def _event_id(request: Request, event: OrderEvent) -> str:
    """A repeat under the caller's `Idempotency-Key` is the same CloudEvent; without one, each call is its own."""
    key = request.headers.get("idempotency-key")
    return derived_id(SOURCE, event.ce_type(), event.key, key) if key else str(uuid4())


async def _health(request: Request, exchange: Exchange) -> Response:  # noqa: ARG001 - starlette's signature
    ready = exchange.is_ready
    return JSONResponse({"live": True, "ready": ready}, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


@asynccontextmanager
async def _connected(exchange: Exchange, _: Starlette) -> AsyncIterator[None]:
    running = asyncio.create_task(exchange.run())
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def _say_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _say_http(_: Request, error: Exception) -> Response:
    """Starlette's own: no such path, wrong method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    doors = ", ".join(f"POST {door.path}" for door in DOORS)
    kind = status.phrase.lower().replace(" ", "-")
    return Problem(status, kind, f"this API has {doors}, GET /health", headers=error.headers).response()


async def _say_bug(_: Request, error: Exception) -> Response:
    log.error("gateway bug", kind=type(error).__name__)
    kind = "internal-error"
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, kind, "our fault; the gateway's log has it").response()
