"""`b2b2c-saga pull`: the marketplace's orders, where it does not push them."""

from typing import Annotated

import typer

from b2b2c_saga.cli.shared import settings_of


def pull(
    context: typer.Context,
    account: Annotated[
        list[str] | None, typer.Option(help="Only this seller account; may be repeated. Default: all that are pulled.")
    ] = None,
    every: Annotated[float | None, typer.Option(min=0.01, help="Seconds between two looks. Default: 5")] = None,
    page: Annotated[int | None, typer.Option(min=1, max=500, help="Orders at once. Default: 100")] = None,
    metrics_port: Annotated[int | None, typer.Option(help="Prometheus metrics on 127.0.0.1 at this port.")] = None,
) -> None:
    """Poll the marketplace's order list of each seller account with `orders: pulled`, and publish what is new.

    Each page is one Kafka transaction with the cursor behind it: whatever dies, no order is lost or published twice.
    An order that breaks a rule is parked, and the others go on. Run as many as you like: an account is polled by one
    at a time, and when that dies another takes over. Address: B2B2C_MARKETPLACE_URL. Stop with SIGTERM or Ctrl-C.

    Examples: `b2b2c-saga pull`, `b2b2c-saga pull --account YELLOW-WMS --every 30`
    """
    import asyncio

    from b2b2c_saga.config import load_catalogue
    from b2b2c_saga.config.reload import Watch
    from b2b2c_saga.connectors.orders_poller import Pace
    from b2b2c_saga.connectors.orders_pull_run import chosen, run
    from b2b2c_saga.telemetry.logs import configure
    from b2b2c_saga.telemetry.serving import serve

    settings = settings_of(context)
    watch = Watch(settings.config, load_catalogue(settings.config))
    accounts = chosen(watch.held, account or ())
    given = {name: value for name, value in (("every", every), ("page", page)) if value is not None}
    pace = Pace(**given)  # type: ignore[arg-type] # pydantic checks them
    configure(settings.log_format)
    if metrics_port is not None:
        serve(metrics_port)
    asyncio.run(run(settings, pace, watch, account or (), lambda: typer.echo(f"pulls: {', '.join(accounts)}")))
