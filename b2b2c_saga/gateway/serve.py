"""The gateway as a process: listens on loopback, stops without keeping a caller waiting."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.gateway.app import application
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.settings import Settings

DRAIN_WITHIN = 5
"""Seconds that open calls have to end after a stop."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one.

    Raises:
        BadInput: the host is not loopback, or the port is taken.
    """
    if not _is_loopback(host):
        rule = "127.0.0.1, ::1 or localhost until the gateway knows who calls it"
        raise BadInput("the gateway has no authentication yet", field="--host", value=host, rule=rule)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = f"cannot listen: {error.strerror}"
        raise BadInput(
            reason, field="--port", value=port, rule="name another with --port, or 0 for a free one"
        ) from None


def serve(settings: Settings, topics: Topics, listening: socket.socket, wait: float, watch: Watch) -> None:
    """Serve until SIGINT or SIGTERM."""
    exchange = Exchange(settings, topics)
    _Server(application(exchange, wait, watch), exchange).run(sockets=[listening])


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class _Server(uvicorn.Server):
    """Uvicorn, but a stop is told to the exchange at once: open calls end with 202 or 503, not after their wait."""

    def __init__(self, app: ASGIApp, exchange: Exchange) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=DRAIN_WITHIN))
        self._exchange = exchange

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A stop by signal is a good end: unlike uvicorn's own, the signal is not raised again afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self._exchange.stop()
        self.force_exit = self.should_exit  # the second time, at once
        self.should_exit = True
