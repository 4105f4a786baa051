"""Where to look while everything runs, and a first thing to try."""

from collections.abc import Iterator

from b2b2c_saga.demo.stage import ENVIRONMENT, Stage


def where(here: Stage, order: str | None) -> Iterator[str]:
    """Lines for the terminal. `order` is one that was played; None: nothing was, and the reader begins."""
    yield ""
    yield f"Kafka        {here.settings.bootstrap}, topics {here.topics.prefix}b2b2c.*"
    yield f"gateway      {here.gateway_url}/v1/pack-confirmations, /v1/handovers, /health"
    yield f"sandbox      {here.sandbox_url}/erp/books (marketplace, omni, wms too), /control/faults"
    yield f"logs, books  {here.folder}"
    yield ""
    yield "In another shell:"
    yield f"  . {here.folder / ENVIRONMENT}"
    if order is None:
        yield "  b2b2c-saga publish examples/first-order.jsonl"
        yield "  b2b2c-saga orders"
    else:
        yield f"  b2b2c-saga order show {order}"
        yield "  b2b2c-saga prove"
    yield ""
    yield "Ctrl-C stops it all." if order is None else "b2b2c-saga down stops it; b2b2c-saga broker down the broker."
