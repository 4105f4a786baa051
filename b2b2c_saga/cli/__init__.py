"""The command line `b2b2c-saga`: one module per group of commands, each registered by one line here.

Commands import the rooms they need inside their functions, so that `--help` answers at once. Nothing imports this.
"""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from b2b2c_saga.cli.broker import app as broker
from b2b2c_saga.cli.chaos_orders import app as chaos
from b2b2c_saga.cli.check import check
from b2b2c_saga.cli.config import app as config_app
from b2b2c_saga.cli.connectors import connectors
from b2b2c_saga.cli.demo import demo, down, up
from b2b2c_saga.cli.diagram import diagram
from b2b2c_saga.cli.gateway import gateway
from b2b2c_saga.cli.openapi import openapi
from b2b2c_saga.cli.orders import order, orders
from b2b2c_saga.cli.prove import prove
from b2b2c_saga.cli.publish import publish
from b2b2c_saga.cli.pull import pull
from b2b2c_saga.cli.replay import app as replay
from b2b2c_saga.cli.sandbox import sandbox
from b2b2c_saga.cli.schemas import schemas
from b2b2c_saga.cli.settings_page import settings
from b2b2c_saga.cli.shared import Polite, settings_from
from b2b2c_saga.cli.topics import app as topics
from b2b2c_saga.cli.worker import worker

app = typer.Typer(
    cls=Polite,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="B2B2C orders as a saga on Apache Kafka.",
    epilog="Each option can also be set as B2B2C_* in the environment or in .env, such as B2B2C_TOPIC_PREFIX.",
)
app.add_typer(broker, name="broker")
app.add_typer(topics, name="topics")
app.add_typer(order, name="order")
app.add_typer(replay, name="replay")
app.add_typer(config_app, name="config")
app.add_typer(chaos, name="chaos")
for command in (
    worker,
    check,
    diagram,
    connectors,
    pull,
    publish,
    orders,
    gateway,
    sandbox,
    schemas,
    openapi,
    settings,
    demo,
    up,
    down,
    prove,
):
    app.command()(command)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"b2b2c-saga {version('b2b2c-saga')}")
        raise typer.Exit


@app.callback()
def main(  # noqa: PLR0917 - as many as options
    context: typer.Context,
    bootstrap_servers: Annotated[
        str | None, typer.Option(help="Kafka at HOST:PORT,...; the embedded broker if not given.")
    ] = None,
    topic_prefix: Annotated[str | None, typer.Option(help="Stands before each topic and group name.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Local data: broker, books, logs. Default: .b2b2c")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration: a folder of YAML files, or one file. Default: config")
    ] = None,
    wants_version: Annotated[  # noqa: ARG001 - the callback says it
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """B2B2C orders as a saga on Apache Kafka."""
    context.obj = lambda: settings_from(
        bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix, data_dir=data_dir, config=config
    )
