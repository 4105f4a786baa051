"""All systems on one port of the loopback, each under its own path."""

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.sandbox.erp import erp
from b2b2c_saga.sandbox.faults import Control
from b2b2c_saga.sandbox.marketplace import marketplace
from b2b2c_saga.sandbox.omni import omni
from b2b2c_saga.sandbox.rms import rms
from b2b2c_saga.sandbox.wms import wms

LOOPBACK = "127.0.0.1"
GRACE_S = 1
SYSTEMS = (marketplace, omni, erp, rms, wms)


def sandbox(folder: Path, control: Control, clock: Callable[[], float] = time.time) -> Starlette:
    """The app; its books are files in `folder`. The clock gives seconds since the epoch."""

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "up"})

    async def faults(request: Request) -> JSONResponse:
        if request.method == "POST":
            try:
                control.change(await request.json())
            except (BadInput, ValueError, AttributeError, TypeError) as error:
                return JSONResponse({"reason": str(error)}, 400)
        return JSONResponse(control.shown())

    async def fix(request: Request) -> JSONResponse:
        order = request.query_params.get("order", "")
        if "/" not in order:
            return JSONResponse({"reason": "order: ACCOUNT/ORDER"}, 400)
        control.fix(order)
        return JSONResponse(control.shown())

    control_routes = [
        Route("/health", health),
        Route("/control/faults", faults, methods=["GET", "POST"]),
        Route("/control/fix", fix, methods=["POST"]),
    ]
    mounts = [Mount(f"/{system.name}", system.app(folder, control, clock)) for system in SYSTEMS]
    return Starlette(routes=[*control_routes, *mounts])


async def serve(folder: Path, control: Control, port: int, listening: Callable[[str], None]) -> None:
    """Serve until told to stop, on a free port if `port` is 0. `listening` hears the address; sandbox.json keeps it.

    Raises:
        OSError: the port is taken.
    """
    bound = socket.create_server((LOOPBACK, port))
    url = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
    config = uvicorn.Config(
        sandbox(folder, control),
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
    )
    (folder / "sandbox.json").write_text(json.dumps({"url": url}))
    listening(url)
    try:
        await uvicorn.Server(config).serve([bound])
    finally:
        bound.close()
