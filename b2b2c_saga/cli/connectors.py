"""`b2b2c-saga connectors`: carry commands to the outside systems."""

from typing import Annotated

import typer

from b2b2c_saga.cli.shared import settings_of


def connectors(
    context: typer.Context,
    systems: Annotated[str, typer.Option(help="erp,rms,marketplace,wms,omni; all if not given.")] = "",
    call_timeout: Annotated[
        float | None, typer.Option(min=0.01, help="Seconds for one HTTP answer. Default: 10")
    ] = None,
    metrics_port: Annotated[int | None, typer.Option(help="Prometheus metrics on 127.0.0.1 at this port.")] = None,
) -> None:
    """Carry commands to the outside systems over HTTP, and publish their answers as events.

    Addresses: B2B2C_ERP_URL, B2B2C_RMS_URL, B2B2C_MARKETPLACE_URL, B2B2C_WMS_URL, B2B2C_OMNI_URL; limits:
    B2B2C_CONNECTOR_*. All settings: docs/settings.md.
    Run as many as you like; each key has one at a time. Stop with SIGTERM or Ctrl-C.

    Example: `b2b2c-saga connectors --systems erp,wms --call-timeout 3`
    """
    import asyncio

    from b2b2c_saga.connectors.limits import Limits
    from b2b2c_saga.connectors.run import chosen, run
    from b2b2c_saga.telemetry.logs import configure
    from b2b2c_saga.telemetry.serving import serve

    settings = settings_of(context, call_timeout=call_timeout)
    names = chosen(systems)
    configure(settings.log_format)
    if metrics_port is not None:
        serve(metrics_port)
    asyncio.run(run(settings, Limits(), names, lambda: typer.echo(f"connectors run: {', '.join(names)}")))
