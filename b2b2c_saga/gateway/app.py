"""The application: its routes, and what is said when a call finds none, or breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from b2b2c_saga.config.reload import Watch
from b2b2c_saga.config.watching import keep_current
from b2b2c_saga.gateway import counts
from b2b2c_saga.gateway.calls import Call, Desk, ask, tell
from b2b2c_saga.gateway.doors import ASKED, INVENTORY, PATHS, TOLD
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.gateway.inventory import inventory
from b2b2c_saga.gateway.openapi import text
from b2b2c_saga.gateway.problems import Problem

log = structlog.get_logger(__name__)


def application(exchange: Exchange, wait: float, watch: Watch) -> Starlette:
    """The ASGI application; a call waits `wait` seconds at most for the saga's answer. `watch` has the newest set."""
    desk = Desk(exchange, lambda: watch.held, wait)
    calls: dict[str, Call] = {
        **{door.path: ask(door, desk) for door in ASKED},
        **{path: tell(kind, desk) for path, kind in TOLD.items()},
        INVENTORY: inventory(desk),
    }
    return Starlette(
        routes=[
            *(Route(path, _counted(path, call), methods=["POST"]) for path, call in calls.items()),
            Route("/metrics", partial(_metrics, exchange=exchange), methods=["GET"]),
            Route("/openapi.json", _openapi, methods=["GET"]),
            Route("/health", partial(_health, exchange=exchange), methods=["GET"]),
        ],
        exception_handlers={Problem: _say_problem, HTTPException: _say_http, Exception: _say_bug},
        lifespan=partial(_connected, exchange, watch),
    )


async def _openapi(_: Request) -> Response:
    return Response(text(), media_type="application/json")


async def _health(request: Request, exchange: Exchange) -> Response:  # noqa: ARG001 - starlette's signature
    ready = exchange.is_ready
    return JSONResponse({"live": True, "ready": ready}, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def _metrics(_: Request, exchange: Exchange) -> Response:
    counts.READY.set(exchange.is_ready)
    return Response(generate_latest(counts.GATEWAY), media_type=CONTENT_TYPE_LATEST)


def _counted(path: str, call: Call) -> Call:
    """Every answer is counted, a problem and a bug of ours too."""

    async def answer(request: Request) -> Response:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        with counts.SECONDS.labels(path).time():
            try:
                said = await call(request)
                status = HTTPStatus(said.status_code)
            except Problem as problem:
                status = problem.status
                raise
            finally:
                counts.ANSWERED.labels(path, status.value).inc()
        return said

    return answer


@asynccontextmanager
async def _connected(exchange: Exchange, watch: Watch, _: Starlette) -> AsyncIterator[None]:
    running = [asyncio.create_task(exchange.run()), asyncio.create_task(keep_current(watch))]
    yield
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _say_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _say_http(_: Request, error: Exception) -> Response:
    """Starlette's own: no such path, wrong method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    doors = ", ".join(f"POST {path}" for path in PATHS)
    kind = status.phrase.lower().replace(" ", "-")
    return Problem(
        status, kind, f"this API has {doors}, GET /openapi.json, GET /health, GET /metrics", headers=error.headers
    ).response()


async def _say_bug(_: Request, error: Exception) -> Response:
    log.error("gateway bug", kind=type(error).__name__)
    kind = "internal-error"
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, kind, "our fault; the gateway's log has it").response()
