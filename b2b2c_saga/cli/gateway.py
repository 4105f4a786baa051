"""`b2b2c-saga gateway`: the Enabler API that Omni calls."""

from typing import Annotated

import typer

from b2b2c_saga.cli.shared import settings_of

SECONDS = 10.0


def gateway(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Loopback only. Default: 127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Default: 8280; 0 takes a free one.")] = None,
    wait: Annotated[
        float, typer.Option(min=0, max=300, help="Seconds that a call waits for the saga's answer.")
    ] = SECONDS,
) -> None:
    """Take what the systems upstream say over HTTP: orders, inventory, packs, handovers, cancellations, returns.

    Pack confirmations (step 3) and handovers (step 4) are answered by what becomes of them: a call without an answer
    in time gets 202 PENDING, and repeating it joins it. All others are answered once Kafka has them. All paths with
    examples: docs/publishing.md. Stop with SIGTERM or Ctrl-C: open calls are answered at once.

    Example: `b2b2c-saga gateway --port 8280 --wait 5`
    """
    from b2b2c_saga.bus.topics import load_topics
    from b2b2c_saga.config import load_catalogue
    from b2b2c_saga.config.reload import Watch
    from b2b2c_saga.gateway.serve import listen, serve
    from b2b2c_saga.telemetry import logs

    settings = settings_of(context, gateway_host=host, gateway_port=port)
    logs.configure(settings.log_format)
    topics = load_topics(settings.topic_prefix)
    watch = Watch(settings.config, load_catalogue(settings.config))
    with listen(settings.gateway_host, settings.gateway_port) as listening:
        at = settings.gateway_host
        shown = f"[{at}]" if ":" in at else at
        typer.echo(f"gateway listens on http://{shown}:{listening.getsockname()[1]}")
        serve(settings, topics, listening, wait, watch)
