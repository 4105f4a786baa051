"""Where to look while everything runs, and a first thing to try."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from b2b2c_saga.demo.stage import ENVIRONMENT, Stage


def where(here: Stage, order: str | None) -> Iterator[str]:
    """Lines for the terminal. `order` is one that was played; None: nothing was, and the reader begins."""
    yield ""
    yield f"Kafka        {here.settings.bootstrap}, topics {here.topics.prefix}b2b2c.*"
    yield f"gateway      {here.gateway_url}/v1/pack-confirmations, /v1/handovers, /v1/orders …, /health"
    yield f"sandbox      {here.sandbox_url}/erp/books (rms, wms, marketplace, omni too), /control/faults"
    yield f"logs, books  {here.folder}; for other clients: . {here.folder / ENVIRONMENT}"
    yield ""
    yield "In another shell:"
    ours = _command()
    if order is None:
        yield f"  {ours} publish examples/first-order.jsonl"
        yield f"  {ours} orders"
    else:
        yield f"  {ours} order show {order}"
        yield f"  {ours} prove"
    yield ""
    yield "Ctrl-C stops it all." if order is None else f"To stop it: {ours} down; the broker: {ours} broker down"


def _command() -> str:
    """What to type for `b2b2c-saga`, here: it may lie in a virtual environment that the shell doesn't know."""
    if shutil.which("b2b2c-saga"):
        return "b2b2c-saga"
    script = Path(sys.executable).with_name("b2b2c-saga")
    return str(script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script)
